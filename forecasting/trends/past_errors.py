"""How far off were we? Forecasts from earlier dates of the same series say how much wider its bands
have to be.

At each full year since the first point the line is fitted to what was known then, and the points of
the next five years are held against its 80% band. Errors are gathered by the year in which they
were made: an error made this year by any earlier forecast counts fully, one made a year ago half.
Few years of errors say little, so the result is drawn towards no change; and bands that held too
much are not narrowed, since quiet years come before unquiet ones and a range that is too narrow
costs more than one that is too wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.trends.drifting_line import LineSettings, fit_drifting_line

MIN_KNOWN = 10
MIN_KNOWN_YEARS = 4
YEARS_AHEAD = 5.0
#: Older errors than this weigh less than 1/2000 and are not computed.
YEARS_BACK = 11
#: An error counts as this many standard deviations at most.
LARGEST_ERROR = 5.0
#: Points that make a year's errors count in full.
FULL_YEAR_POINTS = 3.0
_TENTH = float(ndtri(0.9))
_DRAWS = 400
_MIN_WIDTH = (
    1e-9  # orders of magnitude: points on one line exactly are never further off than rounding
)
_HORIZONS = np.linspace(0.0, YEARS_AHEAD, 11)
_SLACK = 1e-6  # years: dates a rounding error apart are the same date
#: Variance of the median of m normal values, relative to that of one value, is about this over m.
_MEDIAN_VARIANCE = np.pi / 2.0


@dataclass(frozen=True)
class ErrorSettings:
    """How past errors count; chosen by backtest over many series at once, see
    benchmarks/backtest.py.

    An error loses half its weight every `half_life_years`. "The band was right" weighs as much as
    `years_to_widen` years of errors. The factor stays between 1 and `most`; since widening alone
    would make bands too wide on the whole, it is one on bands of `start` times their width.
    """

    half_life_years: float = 1.0
    years_to_widen: float = 0.5
    start: float = 0.94
    most: float = 2.0


@dataclass(frozen=True)
class Widening:
    """Factors on the half-widths of the bands of the trend and of a new point; `years` is how many
    years of errors they rest on.
    """

    trend: float
    observation: float
    years: int


def widening(
    years: FloatArray,
    logs: FloatArray,
    settings: ErrorSettings | None = None,
    line_settings: LineSettings | None = None,
) -> Widening:
    """The factors from the past errors of the series itself.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Decimal years, sorted.
    logs : array of floats, shape (n,)
        log10 of the values.
    settings : ErrorSettings or None
        How past errors count; None: the defaults.
    line_settings : LineSettings or None
        How the line is fitted at each past date; None: the defaults.
    """
    settings, line_settings = settings or ErrorSettings(), line_settings or LineSettings()
    first, now = float(years[0]), float(years[-1])
    ages: list[FloatArray] = []
    errors: list[FloatArray] = []
    year_ages: list[float] = []
    year_errors: list[float] = []
    year_weights: list[float] = []
    latest = np.floor(now - first - _SLACK)
    for since in np.arange(max(1.0, latest - YEARS_BACK - YEARS_AHEAD + 1.0), latest + 1.0):
        origin = first + since
        known = int(np.searchsorted(years, origin + _SLACK))
        end = int(np.searchsorted(years, origin + YEARS_AHEAD + _SLACK))
        if (
            end == known
            or known < MIN_KNOWN
            or np.unique(np.floor(years[:known] - first)).size < MIN_KNOWN_YEARS
        ):
            continue
        seen = _seen_from(years[:known].tobytes(), logs[:known].tobytes(), line_settings)
        later, values = years[known:end], logs[known:end]
        ahead = np.minimum(later - years[known - 1], YEARS_AHEAD)
        middle, above, below = (
            np.interp(ahead, _HORIZONS, row) for row in (seen.middle, seen.above, seen.below)
        )
        above, below = np.maximum(above, _MIN_WIDTH), np.maximum(below, _MIN_WIDTH)
        error = values - middle
        errors.append(np.abs(np.where(error > 0.0, error / above, error / below)) * _TENTH)
        age = np.floor(now - later + _SLACK)
        ages.append(age)
        for year in np.unique(age):
            inside = age == year
            at = float(np.mean(ahead[inside]))
            level, deviation = (
                float(np.interp(at, _HORIZONS, row)) for row in (seen.trend, seen.trend_deviation)
            )
            spread = (
                deviation**2 + _MEDIAN_VARIANCE * seen.noise**2 / int(inside.sum()) + _MIN_WIDTH**2
            )
            year_ages.append(float(year))
            year_errors.append(abs(float(np.median(values[inside])) - level) / spread**0.5)
            year_weights.append(min(1.0, int(inside.sum()) / FULL_YEAR_POINTS))
    if not errors:
        return Widening(settings.start, settings.start, 0)
    age, size = np.concatenate(ages), np.concatenate(errors)
    return Widening(
        trend=_factor(np.array(year_ages), np.array(year_errors), np.array(year_weights), settings),
        observation=_factor(age, size, np.ones(age.size), settings),
        years=int(np.unique(age).size),
    )


def _factor(
    age: FloatArray, size: FloatArray, weight: FloatArray, settings: ErrorSettings
) -> float:
    """One factor from standardised errors: the root mean square by year, recent years first, drawn
    towards 1 and never below it.
    """
    total = squares = 0.0
    for year in np.unique(age):
        inside = age == year
        mass = float(weight[inside].sum())
        share = 0.5 ** (float(year) / settings.half_life_years) * min(1.0, mass / FULL_YEAR_POINTS)
        squares += (
            share * float(weight[inside] @ np.minimum(size[inside], LARGEST_ERROR) ** 2) / mass
        )
        total += share
    factor = ((settings.years_to_widen + squares) / (settings.years_to_widen + total)) ** 0.5
    return settings.start * min(max(float(factor), 1.0), settings.most)


@dataclass(frozen=True)
class _Seen:
    """What was forecast from one date, at _HORIZONS after its last point; all in log10."""

    middle: FloatArray
    above: FloatArray
    below: FloatArray
    trend: FloatArray
    trend_deviation: FloatArray
    noise: float


@lru_cache(maxsize=4096)
def _seen_from(years: bytes, logs: bytes, settings: LineSettings) -> _Seen:
    """The forecast from these points alone. Forecasts from later dates ask for it again, hence the
    cache.
    """
    line = fit_drifting_line(np.frombuffer(years), np.frombuffer(logs), settings)
    trend, point = line.draws(line.origin + _HORIZONS, _DRAWS)
    low, middle, high = np.quantile(point, (0.1, 0.5, 0.9), axis=0)
    return _Seen(
        middle, high - middle, middle - low, np.median(trend, axis=0), trend.std(axis=0), line.noise
    )
