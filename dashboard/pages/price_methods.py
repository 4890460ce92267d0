"""The methods by which prices are projected, in words, for the pages that ask for one."""

from __future__ import annotations

PRICE_METHODS = {
    "pooled": "Pooled over series",
    "calibrated": "Calibrated by past errors",
    "ols": "Least squares",
    "local_linear_trend": "Local linear trend (statsmodels)",
    "ets": "ETS (statsmodels)",
    "damped_ets": "Damped ETS (statsmodels)",
}
