"""Three well-kept peers from statsmodels on yearly medians: exponential smoothing (ETS), the same
with a damped trend, and the local linear trend.

statsmodels takes seconds to import: it is imported when one of them is first judged. Years without
a point are missing values to the state-space model; ETS can't take them, so they are filled in
along a straight line.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.evaluation.baselines import SHARES, Forecaster, yearly_medians

MIN_YEARS = 5


def exponential_smoothing(
    years: FloatArray, logs: FloatArray, ahead: FloatArray, *, is_damped: bool = False
) -> FloatArray:
    """ETS with additive error and additive trend (Hyndman et al. 2008), maximum likelihood.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    is_damped : bool
        Whether the trend dies down (Gardner and McKenzie 1985).
    """
    grid, medians, spread = _regular(years, logs)
    known = np.isfinite(medians)
    filled = np.interp(grid, grid[known], medians[known])
    steps = _steps(grid, ahead)
    module = importlib.import_module("statsmodels.tsa.exponential_smoothing.ets")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = module.ETSModel(
            pd.Series(filled),
            error="add",
            trend="add",
            damped_trend=is_damped,
            initialization_method="estimated",
        ).fit(disp=False)
        predicted = fitted.get_prediction(start=grid.size, end=grid.size + steps - 1)
        mean, variance = (
            np.asarray(predicted.predicted_mean),
            np.asarray(predicted.forecast_variance),
        )
    return _points(grid, ahead, mean, variance, spread)


def local_linear_trend(years: FloatArray, logs: FloatArray, ahead: FloatArray) -> FloatArray:
    """Level and slope that both walk at random (Harvey 1989), maximum likelihood by the Kalman
    filter.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    """
    grid, medians, spread = _regular(years, logs)
    steps = _steps(grid, ahead)
    module = importlib.import_module("statsmodels.tsa.statespace.structural")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = module.UnobservedComponents(medians, "lltrend").fit(disp=False)
        predicted = fitted.get_forecast(steps)
        mean, variance = np.asarray(predicted.predicted_mean), np.asarray(predicted.var_pred_mean)
    return _points(grid, ahead, mean, variance, spread)


def require_statsmodels(method: str) -> None:
    """Raises InputError where the package is missing, as in an installation by hand."""
    if importlib.util.find_spec("statsmodels") is None:
        raise InputError("method", method, "It needs statsmodels: pip install statsmodels.")


def _regular(years: FloatArray, logs: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    middles, medians, spread = yearly_medians(years, logs)
    if middles.size < MIN_YEARS:
        raise NotEnoughDataError(
            middles.size,
            MIN_YEARS,
            f"{middles.size} years with points are known, {MIN_YEARS} are needed: choose later"
            " cut-offs.",
        )
    count = round(float(middles[-1] - middles[0])) + 1
    grid = middles[-1] - np.arange(count - 1, -1, -1.0)
    values = np.full(count, np.nan)
    values[np.rint(middles - grid[0]).astype(int)] = medians
    return grid, values, spread


def _steps(grid: FloatArray, ahead: FloatArray) -> int:
    return max(1, int(np.ceil(float(ahead.max() - grid[-1]))))


def _points(
    grid: FloatArray, ahead: FloatArray, mean: FloatArray, variance: FloatArray, spread: float
) -> FloatArray:
    """Values of new points: the median of their year, between years along a straight line, and the
    spread within a year.
    """
    at = grid[-1] + 1.0 + np.arange(mean.size)
    deviation = np.sqrt(np.interp(ahead, at, np.maximum(variance, 0.0)) + spread**2)
    result: FloatArray = np.interp(ahead, at, mean) + ndtri(SHARES)[:, None] * deviation
    return result


STATSMODELS_BASELINES: dict[str, Forecaster] = {
    "ets": exponential_smoothing,
    "damped_ets": partial(exponential_smoothing, is_damped=True),
    "local_linear_trend": local_linear_trend,
}
