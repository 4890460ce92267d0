"""What any forecast has to beat: nothing changes, it drifts on at its mean pace, the textbook line.

A forecaster takes sorted decimal years, log10 values and the years ahead, and gives equally likely
log10 values of a new point, shape (draws, years ahead), sorted. These take the points of a year
together, since the series are irregular: the walk is that of yearly medians, and a new point lies
about it as the points of a year lie about their median.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import stdtrit

from forecasting.arrays import FloatArray
from forecasting.stats.least_squares import least_squares_lines

Forecaster = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]

DRAWS = 399
SHARES = (np.arange(DRAWS) + 0.5) / DRAWS


def textbook_line(years: FloatArray, logs: FloatArray, ahead: FloatArray) -> FloatArray:
    """Least squares with the Student t interval of a new observation, as in any textbook: errors
    taken for independent.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years, n ≥ 3.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    """
    centre = float(years.mean())
    t, since = years - centre, ahead - centre
    levels, slopes = least_squares_lines(t, logs, np.ones((1, t.size)))
    freedom = t.size - 2.0
    variance = float(np.sum((logs - levels[0] - slopes[0] * t) ** 2)) / freedom
    deviation = np.sqrt(variance * (1.0 + 1.0 / t.size + since**2 / float(t @ t)))
    return _student(levels[0] + slopes[0] * since, freedom, deviation)


def no_change(years: FloatArray, logs: FloatArray, ahead: FloatArray) -> FloatArray:
    """The median of the latest year goes on; its error grows with the root of the horizon, as
    yearly medians have changed.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    """
    return _walk(years, logs, ahead, drift=False)


def random_walk_with_drift(years: FloatArray, logs: FloatArray, ahead: FloatArray) -> FloatArray:
    """The median of the latest year, moved on by the mean yearly change.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    ahead : array of floats, shape (h,)
        Decimal years to forecast; the result has shape (draws, h).
    """
    return _walk(years, logs, ahead, drift=True)


def yearly_medians(years: FloatArray, logs: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Of years counted back from the last point: their middles, their medians (oldest first), and
    the spread of points about them.
    """
    origin = float(years.max())
    block = np.floor(origin - years + 1e-6)
    numbers, row = np.unique(-block, return_inverse=True)
    medians = np.array([np.median(logs[row == each]) for each in range(numbers.size)])
    left = logs - medians[row]
    spread = float(np.sqrt(np.sum(left**2) / max(1.0, logs.size - numbers.size)))
    return origin + numbers - 0.5, medians, spread


def _walk(years: FloatArray, logs: FloatArray, ahead: FloatArray, *, drift: bool) -> FloatArray:
    middles, medians, spread = yearly_medians(years, logs)
    gaps, steps = np.diff(middles), np.diff(medians)
    if steps.size == 0:
        middle, freedom, deviation = (
            medians[-1] + 0.0 * ahead,
            max(1.0, logs.size - 1.0),
            spread + 0.0 * ahead,
        )
        return _student(middle, freedom, deviation)
    pace = float(steps.sum() / gaps.sum()) if drift else 0.0
    freedom = max(1.0, steps.size - float(drift))
    variance_a_year = float(np.sum((steps - pace * gaps) ** 2 / gaps) / freedom)
    since = ahead - middles[-1]
    doubt = since**2 / float(gaps.sum()) if drift else 0.0
    deviation = np.sqrt(variance_a_year * (since + doubt) + spread**2)
    return _student(medians[-1] + pace * since, freedom, deviation)


def _student(middle: FloatArray, freedom: float, deviation: FloatArray) -> FloatArray:
    result: FloatArray = middle + stdtrit(freedom, SHARES)[:, None] * deviation
    return result


BASELINES: dict[str, Forecaster] = {
    "textbook": textbook_line,
    "no_change": no_change,
    "drift": random_walk_with_drift,
}
