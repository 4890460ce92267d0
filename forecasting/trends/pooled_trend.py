"""The forecast of the method "pooled": two lines that bend, averaged, with bands set by the errors
of many series and of the series itself, wider where the series has few points.

One is the local linear trend (local_trend.py), whose prior says how much growth has changed in many
series; the other is the method "calibrated" (calibrated_trend.py). The mean of two forecasts,
quantile by quantile, scores better than either on series that neither was made for (Bates and
Granger 1969; Lichtendahl, Grushka-Cockayne and Winkler 2013). Around the local linear trend errors
are Student's t with the tails that the errors of all series have had. Its bands are multiplied by
one factor of the series itself: how far off its own forecasts of the last years were, drawn towards
1. Bands that held too much are narrowed too. A series of fewer than 30 points has bands wider than
that, by the fourth root of 30 over its points: a tenth for 20 points, a third for 10.

The constants are learned over many series by `forecasting.evaluation.band_splits`, which also tells
how they do on series that they were not learned on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from forecasting.arrays import FloatArray
from forecasting.trends.calibrated_trend import (
    DRAWS,
    GROWTH_SPAN_YEARS,
    HORIZONS,
    CalibratedForecast,
    calibrated_forecast,
)
from forecasting.trends.drifting_line import DriftingLine, line_luck
from forecasting.trends.local_trend import Seen, TrendPrior, seen_by_year

YEARS_AHEAD = 5.0
#: Errors older than this count less than 1/100 and are not computed.
YEARS_OF_ERRORS = 6
YEARS_BACK = YEARS_OF_ERRORS + int(YEARS_AHEAD)
#: Points that make a year's errors count in full.
FULL_YEAR_POINTS = 3.0
_PAST_HORIZONS = np.linspace(0.0, YEARS_AHEAD, 11)
#: Series with fewer points have wider bands. With the power 1/4, chosen to a step of 1/40 on random
#: halves of 37 families of yearly series cut to 8–29 points, 80% bands hold 80% of what came on the
#: other halves (73–86% in eight of ten splits; 71% with none).
MANY_POINTS = 30
FEW_POINTS_POWER = 0.25
_SLACK = 1e-6  # years: dates a rounding error apart are the same date
#: Orders of magnitude: points on one line exactly are never further off than rounding.
_MIN_DEVIATION = 1e-9
#: Variance of the median of m normal values, relative to that of one value, is about this over m.
_MEDIAN_VARIANCE = np.pi / 2.0


@dataclass(frozen=True)
class OwnErrors:
    """How the errors of the series itself count: one loses half its weight every `half_life_years`;
    "the band was right" weighs as much as `years_to_move` years of errors; an error counts as
    `largest_error` standard deviations at most; the factor stays between `least` and `most`.
    """

    half_life_years: float = 1.0
    years_to_move: float = 0.5
    largest_error: float = 4.0
    least: float = 0.6
    most: float = 2.2


@dataclass(frozen=True)
class PooledSettings:
    """Constants learned over many series.

    `freedom` and `scale` are those of Student's t, the shape of errors in standard deviations;
    `share` is the weight of the local linear trend in the mean of the two forecasts.
    """

    prior: TrendPrior = field(
        default=TrendPrior(-1.5, 0.8, (0.004, 0.07, 0.038, 0.24, 0.049, 0.01, 0.068, 0.391, 0.13))
    )
    errors: OwnErrors = field(default=OwnErrors())
    freedom: float = 4.0
    scale: float = 0.85
    share: float = 0.5


def mixed(
    seen: Seen, log_prior: FloatArray, years: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Of all pairs together: where the points of those `years` centre, the variance of that, and
    the variance of a point about it.

    Parameters
    ----------
    seen : Seen
        What was known.
    log_prior : array of floats, shape (pairs,)
        Log weights of the pairs before any point.
    years : array of floats, shape (h,)
        Decimal years after the last point.
    """
    weight = pair_weights(seen, log_prior)
    means, variances = seen.ahead(years)
    middle = weight @ means
    return (
        middle,
        weight @ (variances + (means - middle) ** 2),
        float(weight @ seen.recent_variance),
    )


def pair_weights(seen: Seen, log_prior: FloatArray) -> FloatArray:
    """The weight of every pair given the points, summing to 1."""
    log = log_prior + seen.evidence
    weight = np.exp(log - log.max())
    result: FloatArray = weight / weight.sum()
    return result


def few_points_factor(points: int) -> float:
    """The factor on the bands of a series of so many points: 1 from MANY_POINTS on."""
    return float(max(1.0, MANY_POINTS / points) ** FEW_POINTS_POWER)


@dataclass(frozen=True)
class Factors:
    """The factors on the bands of the trend and of a new point."""

    trend: float
    observation: float


@dataclass(frozen=True, eq=False)
class YearlyErrors:
    """Squared errors of past forecasts in standard deviations, summed by the year in which they
    were made, latest first, and the weights of these sums: each of shape (2, YEARS_OF_ERRORS), for
    yearly medians and for points.
    """

    squares: FloatArray
    weights: FloatArray

    def factors(self, errors: OwnErrors) -> Factors:
        """The root of the mean square by year, recent years first, drawn towards 1."""
        found = []
        for squares, weights in zip(self.squares, self.weights, strict=True):
            known = weights > 0.0
            share = 0.5 ** (np.flatnonzero(known) / errors.half_life_years) * np.minimum(
                1.0, weights[known] / FULL_YEAR_POINTS
            )
            total = errors.years_to_move + float((share * squares[known] / weights[known]).sum())
            factor = (total / (errors.years_to_move + float(share.sum()))) ** 0.5
            found.append(float(min(max(factor, errors.least), errors.most)))
        return Factors(*found)


def yearly_errors(
    years: FloatArray,
    logs: FloatArray,
    past: list[Seen],
    log_prior: FloatArray,
    largest_error: float,
) -> YearlyErrors:
    """How far off forecasts of the series from earlier years were.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years.
    logs : array of floats, shape (n,)
        log10 of the values.
    past : list of Seen
        What was known in earlier years.
    log_prior : array of floats, shape (pairs,)
        Log weights of the pairs before any point.
    largest_error : float
        An error counts as so many standard deviations at most.
    """
    now, most = float(years[-1]), largest_error**2
    squares = np.zeros((2, YEARS_OF_ERRORS))
    weights = np.zeros((2, YEARS_OF_ERRORS))
    for each in past:
        end = int(np.searchsorted(years, each.last + YEARS_AHEAD + _SLACK))
        later, came = years[each.known : end], logs[each.known : end]
        age = np.floor(now - later + _SLACK).astype(np.int64)
        recent = age < YEARS_OF_ERRORS
        later, came, age = later[recent], came[recent], age[recent]
        if not later.size:
            continue
        nodes = each.last + _PAST_HORIZONS
        middle, variance, noise = mixed(each, log_prior, nodes)
        error = came - np.interp(later, nodes, middle)
        spread = np.interp(later, nodes, variance)
        size = np.minimum(error**2 / (spread + noise + _MIN_DEVIATION**2), most)
        squares[1] += np.bincount(age, size, minlength=YEARS_OF_ERRORS)
        weights[1] += np.bincount(age, minlength=YEARS_OF_ERRORS)
        for year in np.unique(age):
            inside = age == year
            count = int(inside.sum())
            off = float(np.median(error[inside])) ** 2 / (
                float(spread[inside].mean()) + _MEDIAN_VARIANCE * noise / count + _MIN_DEVIATION**2
            )
            share = min(1.0, count / FULL_YEAR_POINTS)
            squares[0, year] += share * min(off, most)
            weights[0, year] += share
    return YearlyErrors(squares, weights)


@dataclass(frozen=True, eq=False)
class PooledForecast:
    """Quantiles ahead of the last point and along the points; everything is in log10 of the values.

    `calibrated` is the other forecast, with which this one is averaged; `now` is what the local
    linear trend knows at the last point, `factors` what the series' own errors make of its bands.
    """

    calibrated: CalibratedForecast
    now: Seen
    factors: Factors
    settings: PooledSettings

    @property
    def line(self) -> DriftingLine:
        """The line along the points."""
        return self.calibrated.line

    @property
    def origin(self) -> float:
        """The last date."""
        return self.calibrated.line.origin

    def draws(self, years: FloatArray, kind: Literal["trend", "observation"]) -> FloatArray:
        """Equally likely values at `years`, sorted, of shape (999, years).

        Of the past they are those of the line along the points; over the last year before the last
        point they go over into the mean of the two forecasts.
        """
        other = self.calibrated.draws(years, kind)
        since = years - self.origin
        entered = np.clip(1.0 + since, 0.0, 1.0)
        if not entered.any():
            return other
        share = self.settings.share * entered
        mean: FloatArray = share * self._local(since, kind) + (1.0 - share) * other
        if self._few_points == 1.0:
            return mean
        middle = mean[DRAWS // 2]
        result: FloatArray = middle + self._few_points**entered * (mean - middle)
        return result

    def lines(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Equally likely levels at the last point and growth over the years after it (OOM a year),
        each of length `count`.
        """
        order = rng.permutation(count)
        settings = self.settings
        other = [part[order] for part in self.calibrated.lines_by_luck(count)]
        own = [part[order] for part in self._local_lines(count)]
        levels, slopes = (
            self._widened(settings.share * mine + (1.0 - settings.share) * theirs)
            for mine, theirs in zip(own, other, strict=True)
        )
        return levels, slopes

    @property
    def _few_points(self) -> float:
        return few_points_factor(self.now.known)

    def _widened(self, draws: FloatArray) -> FloatArray:
        middle = float(np.median(draws))
        result: FloatArray = middle + self._few_points * (draws - middle)
        return result

    def _local(self, since: FloatArray, kind: Literal["trend", "observation"]) -> FloatArray:
        """Draws of the local linear trend, shape (999, years); before the last point its line goes
        on straight, with the spread at the last point.
        """
        log_prior = self.settings.prior.log_weights()
        origin = self.origin
        middle, variance, noise = mixed(self.now, log_prior, origin + HORIZONS)
        if kind == "observation":
            variance = variance + noise
        # A band never narrows again: what is uncertain in three years is no surer in four.
        deviation = np.maximum.accumulate(np.sqrt(np.maximum(variance, 0.0)))
        factor = self.factors.trend if kind == "trend" else self.factors.observation
        slope = (middle[1] - middle[0]) / HORIZONS[1]
        at = np.interp(since, HORIZONS, middle) + slope * np.minimum(since, 0.0)
        beyond = np.maximum(since - HORIZONS[-1], 0.0)
        last = HORIZONS[-1] - HORIZONS[-2]
        at = at + beyond * (middle[-1] - middle[-2]) / last
        spread = np.interp(since, HORIZONS, deviation)
        spread = spread + beyond * (deviation[-1] - deviation[-2]) / last
        result: FloatArray = at + self._shape(DRAWS)[:, None] * (factor * spread)
        return result

    def _shape(self, count: int) -> FloatArray:
        """Quantiles of an error in standard deviations, at equally spaced shares."""
        freedom = min(self.settings.freedom, max(self.now.freedom, 2.0))
        result: FloatArray = self.settings.scale * stdtrit(
            freedom, (np.arange(count) + 0.5) / count
        )
        return result

    def _local_lines(self, count: int) -> tuple[FloatArray, FloatArray]:
        """Levels at the last point and growth over the next years, with the luck of each draw that
        the other forecast's lines have.
        """
        origin = self.origin
        ends = origin + np.array([0.0, GROWTH_SPAN_YEARS])
        weight = pair_weights(self.now, self.settings.prior.log_weights())
        means, variances = self.now.ahead(ends)
        growth = (means[:, 1] - means[:, 0]) / GROWTH_SPAN_YEARS
        level = float(weight @ means[:, 0])
        pace = float(weight @ growth)
        between = self.now.between(ends)
        level_variance = float(weight @ (variances[:, 0] + (means[:, 0] - level) ** 2))
        pace_variance = float(
            weight
            @ (
                (variances[:, 0] + variances[:, 1] - 2.0 * between) / GROWTH_SPAN_YEARS**2
                + (growth - pace) ** 2
            )
        )
        joint = float(
            weight
            @ (
                (between - variances[:, 0]) / GROWTH_SPAN_YEARS
                + (means[:, 0] - level) * (growth - pace)
            )
        )
        deviation = max(level_variance, _MIN_DEVIATION**2) ** 0.5
        tie = joint / deviation
        own = max(pace_variance - tie**2, 0.0) ** 0.5
        shape = self._shape(count) * self.factors.trend
        first, second = (shape[order] for order in line_luck(count))
        return level + deviation * first, pace + tie * first + own * second


def pooled_forecast(
    years: FloatArray, logs: FloatArray, settings: PooledSettings | None = None
) -> PooledForecast:
    """Fit both lines to a series, and the factors from its own past errors.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Decimal years in any order, n ≥ 5.
    logs : array of floats, shape (n,)
        log10 of the values.
    settings : PooledSettings or None
        The constants; None: those learned over many series.
    """
    settings = settings or PooledSettings()
    order = np.lexsort((logs, years))
    ordered, values = np.ascontiguousarray(years[order]), np.ascontiguousarray(logs[order])
    now, *past = seen_by_year(ordered, values, YEARS_BACK)
    errors = settings.errors
    off = yearly_errors(ordered, values, past, settings.prior.log_weights(), errors.largest_error)
    return PooledForecast(calibrated_forecast(ordered, values), now, off.factors(errors), settings)
