"""The methods that can be judged, by name: from known points to draws of later ones, all in orders
of magnitude (log10).
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.errors import UnknownNameError
from forecasting.evaluation.baselines import BASELINES, Forecaster, yearly_medians
from forecasting.evaluation.statsmodels_baselines import STATSMODELS_BASELINES, state_space_draws
from forecasting.trends.calibrated_trend import calibrated_forecast
from forecasting.trends.pooled_trend import pooled_forecast
from forecasting.trends.state_space import STATE_SPACE_METHODS, require_statsmodels
from forecasting.trends.trend import DEFAULT_METHOD, Kind, fit_trend

FITTED_METHODS = ("pooled", "calibrated", "ols", "robust", "frontier", "record")
#: Methods with a band of the trend itself.
TREND_METHODS: tuple[str, ...] = (*FITTED_METHODS, *STATE_SPACE_METHODS)
#: Every method that can be judged, by name; "default" stands for the first.
METHODS: tuple[str, ...] = (*FITTED_METHODS, *BASELINES, *STATSMODELS_BASELINES)


def forecaster(method: str) -> Forecaster:
    """The method by its name, or "default", as a function from known points to draws; raises
    UnknownNameError.
    """
    name = DEFAULT_METHOD if method == "default" else method
    if name in _AHEAD:
        return partial(_ahead, name)
    if name in FITTED_METHODS:
        return partial(_fitted, name)
    if name in BASELINES:
        return BASELINES[name]
    if name in STATSMODELS_BASELINES:
        require_statsmodels(name)
        return STATSMODELS_BASELINES[name]
    raise UnknownNameError("method", method, ("default", *METHODS))


#: Methods whose forecast is not the line through the points drawn on.
_AHEAD = ("pooled", "calibrated")


def _ahead(
    method: str, years: FloatArray, logs: FloatArray, ahead: FloatArray, kind: Kind = "observation"
) -> FloatArray:
    fit = pooled_forecast if method == "pooled" else calibrated_forecast
    return fit(years, logs).draws(ahead, kind)


def _fitted(
    method: str, years: FloatArray, logs: FloatArray, ahead: FloatArray, kind: Kind = "observation"
) -> FloatArray:
    best: Literal["highest", "lowest"] = (
        "highest" if np.polyfit(years - years.mean(), logs, 1)[0] >= 0.0 else "lowest"
    )
    forecast = fit_trend(years, 10.0**logs, method=method, best=best).forecast(ahead, kind)
    result: FloatArray = np.sort(np.log10(forecast.draws), axis=0)
    return result


def trend_draws(
    method: str, years: FloatArray, logs: FloatArray, ahead: FloatArray, points: FloatArray
) -> FloatArray:
    """Draws of a year's median: the trend, and the sampling error of a median, about 1.25 standard
    deviations over √points.

    Parameters
    ----------
    method : str
        A method of fit_trend.
    years : array of floats, shape (n,)
        Sorted decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    points : array of floats, shape (h,)
        How many points each of those medians is of.
    """
    if method in _AHEAD:
        lines = _ahead(method, years, logs, ahead, "trend")
    elif method in STATE_SPACE_METHODS:
        lines = state_space_draws(method, years, logs, ahead, "trend")
    else:
        lines = _fitted(method, years, logs, ahead, "trend")
    _, _, spread = yearly_medians(years, logs)
    count = lines.shape[0]
    luck = np.random.default_rng(0).permutation(ndtri((np.arange(count) + 0.5) / count))
    result: FloatArray = lines + luck[:, None] * (np.pi / 2.0 / points) ** 0.5 * spread
    return result
