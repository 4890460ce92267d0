"""Straight lines that outliers can't pull far: Huber's M-estimator, many weightings in one go."""

from __future__ import annotations

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.stats.budget import check_budget
from forecasting.stats.least_squares import least_squares_lines

TUNING = 1.345  # 95% of least squares' precision when errors are normal (Huber 1981, section 7.3)
# median of |z| for a standard normal z, so that the scale estimates its deviation
MEDIAN_OF_NORMAL_SIZE = 0.6744897501960817
_MIN_SHARE = 0.01  # the scale is at least this share of the residuals' root mean square
_MAX_ITERATIONS = 200
# replicates a pass: 64 rows of some hundred points stay in the processor's second-level cache
_CHUNK = 64


def robust_line(t: FloatArray, y: FloatArray) -> tuple[float, float, float]:
    """Intercept, slope and residual scale of Huber's estimator with tuning 1.345.

    `t` and `y` have length n; the scale is the median absolute residual over 0.6745, updated with
    the line until both stand still (Huber 1981, chapter 7; the same as statsmodels' RLM with
    HuberT). Where most points lie on one line exactly, that median is 0 and says nothing of the
    rest: the scale is then 1% of the root mean square of the least-squares residuals.
    """
    ones = np.ones((1, t.size))
    intercept, slope = least_squares_lines(t, y, ones)
    floor = _least_scale(y, y - intercept[0] - slope[0] * t)
    scale = floor
    for _ in range(_MAX_ITERATIONS):
        size = np.abs(y - intercept[0] - slope[0] * t)
        scale = max(float(np.median(size)) / MEDIAN_OF_NORMAL_SIZE, floor)
        weight = np.minimum(1.0, TUNING * scale / np.maximum(size, floor))
        new_intercept, new_slope = least_squares_lines(t, y, weight[None, :])
        moved = np.abs(new_intercept - intercept + (new_slope - slope) * t).max()
        intercept, slope = new_intercept, new_slope
        if moved <= 1e-11 * scale:
            break
    return float(intercept[0]), float(slope[0]), scale


def robust_lines(
    t: FloatArray, y: FloatArray, weights: FloatArray, start: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Intercepts and slopes, each of shape (R,), of Huber's estimator.

    A row's scale is the weighted median absolute residual from the starting line: its line moves
    little from there, and scale and line are nearly independent, so one sorting serves all rows.
    Iteratively reweighted least squares until the lines no longer change.

    Parameters
    ----------
    t : array of floats, shape (n,)
        Dates in years from their mean.
    y : array of floats, shape (n,)
        Values, such as log10 of a quantity.
    weights : array of floats, shape (R, n)
        Weight of each point in each replicate, 0 or more.
    start : (float, float)
        Intercept and slope of the line that each is iterated from.
    """
    size = np.abs(y - start[0] - start[1] * t)
    order = np.argsort(size)
    floor = _least_scale(y, size)
    intercepts, slopes = np.empty(len(weights)), np.empty(len(weights))
    for first in range(0, len(weights), _CHUNK):
        check_budget()
        part = weights[first : first + _CHUNK]
        reached = np.cumsum(part[:, order], axis=1)
        middle = np.argmax(reached >= reached[:, -1:] / 2.0, axis=1)
        scale = np.maximum(size[order][middle] / MEDIAN_OF_NORMAL_SIZE, floor)
        a, b = np.full(len(part), start[0]), np.full(len(part), start[1])
        for _ in range(60):
            residual = np.abs(y - a[:, None] - b[:, None] * t)
            np.maximum(residual, floor, out=residual)
            np.divide((TUNING * scale)[:, None], residual, out=residual)
            np.minimum(residual, 1.0, out=residual)
            residual *= part
            new_a, new_b = least_squares_lines(t, y, residual)
            moved = np.abs(new_a - a) + np.abs(new_b - b) * float(np.abs(t).max())
            a, b = new_a, new_b
            if (
                moved <= 1e-4 * scale
            ).all():  # far below the spread between replicates, which is what the rows are for
                break
        intercepts[first : first + _CHUNK], slopes[first : first + _CHUNK] = a, b
    return intercepts, slopes


def _least_scale(y: FloatArray, residual: FloatArray) -> float:
    """A floor under the scale, in the units of `y`; above rounding errors even if all points lie on
    one line.
    """
    return _MIN_SHARE * float(np.sqrt(np.mean(residual**2))) + 1e-13 * max(
        1.0, float(np.abs(y).max())
    )
