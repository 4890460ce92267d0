"""Three well-kept peers from statsmodels on yearly medians: exponential smoothing (ETS), the same
with a damped trend, and the local linear trend. They are the methods of the same names of
fit_trend.
"""

from __future__ import annotations

from functools import partial

from forecasting.arrays import FloatArray
from forecasting.evaluation.baselines import Forecaster
from forecasting.trends.state_space import (
    STATE_SPACE_METHODS,
    StateSpaceMethod,
    state_space_forecast,
)
from forecasting.trends.trend import Kind


def state_space_draws(
    method: StateSpaceMethod,
    years: FloatArray,
    logs: FloatArray,
    ahead: FloatArray,
    kind: Kind = "observation",
) -> FloatArray:
    """Draws of a new point, or of the trend, by one of statsmodels' trends.

    Parameters
    ----------
    method : str
        A name of STATE_SPACE_METHODS.
    years : array of floats, shape (n,)
        Decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    kind : str
        "observation" for a new point, "trend" for the trend.
    """
    return state_space_forecast(method, years, logs).draws(ahead, kind)


STATSMODELS_BASELINES: dict[str, Forecaster] = {
    method: partial(state_space_draws, method) for method in STATE_SPACE_METHODS
}
