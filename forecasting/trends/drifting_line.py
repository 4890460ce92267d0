"""A line whose slope drifts: what a trend forecast needs where growth speeds up, slows down or
shifts.

    y(t) = a + b·t + Σ_j v_j·(t − k_j)₊ + Σ_j u_j·exp(−(t − k_j)/τ)·[t ≥ k_j] + e

with knots k_j half a year apart (further on long series: at most 20). v_j are changes of slope,
with variance λ_slope·σ² a year (an integrated random walk: Harvey 1989, Forecasting, Structural
Time Series Models and the Kalman Filter, section 2.3); u_j are shocks that neighbouring points
share and that fade with τ = 0.7 years. λ's are not estimated but averaged over a grid by their
marginal likelihood, so that the doubt about them is in the range; level, slope and σ have flat
priors, so that shifting dates or units moves the forecast only. Points of one year are not
independent: m of them count as m/(1 + ρ·(m − 1)), the design effect of samples drawn in clusters
(Kish 1965, Survey Sampling, section 5.4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from forecasting.arrays import FloatArray, IntArray

#: Candidate variances a year, relative to that of a point about the line.
SHOCK_VARIANCES = (0.0, 0.03, 0.1, 0.3, 1.0)
SLOPE_VARIANCES = (0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2)
_SLACK = 1e-6  # years: dates a rounding error apart are the same date


@dataclass(frozen=True)
class LineSettings:
    """What the line takes for granted; chosen by backtest over many series at once, see
    benchmarks/backtest.py.

    `alikeness` is ρ, the correlation of points of one year; the spread of points is measured with
    weights that halve every `spread_half_life_years`, since later years are spread like the latest
    ones; residuals as many as `shape_prior_points` weigh as much as the normal shape of that
    spread.
    """

    alikeness: float = 0.04
    knot_spacing_years: float = 0.5
    most_knots: int = 20
    shock_fades_years: float = 0.7
    spread_half_life_years: float = 2.0
    shape_prior_points: float = 200.0


@dataclass(frozen=True, eq=False)
class DriftingLine:
    """The posterior of the line over the grid of variances; `origin` is the last date, in decimal
    years.

    Arrays have one row a pair of variances: `weight` sums to 1, `coefficients` (pairs, columns),
    `covariance` (pairs, columns, columns) includes σ²; `noise` is the standard deviation of a point
    in the latest years, `shape` its standardised quantiles at equally spaced shares; `residuals`
    are those of the points at `years` about the trend, shocks included.
    """

    origin: float
    first: float
    knots: FloatArray
    weight: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    shock_variance: FloatArray
    slope_variance: FloatArray
    freedom: float
    noise: float
    shape: FloatArray
    settings: LineSettings
    years: FloatArray
    residuals: FloatArray

    def draws(self, years: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
        """Equally likely values of the trend and of a new point at `years`, both of shape (count,
        years).

        The trend leaves out the shocks that a year's points share. Draws are stratified, and a draw
        has the same luck at all dates.
        """
        share = (np.arange(count) + 0.5) / count
        pair = np.minimum(np.searchsorted(np.cumsum(self.weight), share), self.weight.size - 1)
        luck, noise_luck = (np.random.default_rng(seed).permutation(count) for seed in (1, 2))
        student = stdtrit(self.freedom, share[luck])[:, None]
        smooth_mean, smooth_deviation, mean, deviation = self._moments(years)
        trend = smooth_mean[pair] + student * smooth_deviation[pair]
        point = np.interp(
            share[noise_luck], (np.arange(self.shape.size) + 0.5) / self.shape.size, self.shape
        )
        # Of the past the trend is known and what was a shock is known only near a knot: there
        # points lie about the trend.
        past = years < self.origin
        line = np.where(past, trend, mean[pair] + student * deviation[pair])
        return trend, line + point[:, None] * np.where(
            past, self._past_error_spread(years), self.noise
        )

    def _past_error_spread(self, years: FloatArray) -> FloatArray:
        """The standard deviation of points about the trend around each date."""
        at = np.minimum(years, self.origin)
        # The further back, the wider the window: a few points of one year would make the band of
        # the past jump.
        half_life = (
            self.settings.spread_half_life_years
            + np.minimum(self.origin - at, self.origin - self.first) / 4.0
        )
        apart = np.abs(at[:, None] - self.years) / half_life[:, None]
        # Far from all points every weight would vanish: only their ratios matter.
        weight = 0.5 ** (apart - apart.min(axis=1, keepdims=True))
        spread = np.sqrt(weight @ self.residuals**2 / weight.sum(axis=1))
        result: FloatArray = np.maximum(spread, 1e-3 * self.noise)
        return result

    def lines(self, count: int, span_years: float) -> tuple[FloatArray, FloatArray]:
        """Levels at the origin and mean slopes (OOM a year) over the next `span_years`, each of
        length `count`.
        """
        share = (np.arange(count) + 0.5) / count
        pair = np.minimum(np.searchsorted(np.cumsum(self.weight), share), self.weight.size - 1)
        here = self._columns(np.array([self.origin, self.origin + span_years]), with_shocks=False)
        rows = np.stack([here[0], (here[1] - here[0]) / span_years])
        means = self.coefficients @ rows.T
        covariance = rows @ self.covariance @ rows.T
        covariance[:, 1, 1] += self.slope_variance * span_years / 3.0
        level_deviation = np.sqrt(covariance[:, 0, 0])
        tie = covariance[:, 0, 1] / np.maximum(level_deviation, 1e-300)
        own = np.sqrt(np.maximum(covariance[:, 1, 1] - tie**2, 0.0))
        first, second = (stdtrit(self.freedom, share[order]) for order in line_luck(count))
        return (
            means[pair, 0] + level_deviation[pair] * first,
            means[pair, 1] + tie[pair] * first + own[pair] * second,
        )

    def _moments(self, years: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Mean and deviation, of the trend and of the trend with the year's shock, each of shape
        (pairs, years).
        """
        outside = np.maximum(years - self.origin, 0.0) + np.maximum(self.first - years, 0.0)
        drift = self.slope_variance[:, None] * outside**3 / 3.0
        fades = self.settings.shock_fades_years
        fresh = (
            self.shock_variance[:, None] * (fades / 2.0) * (1.0 - np.exp(-2.0 * outside / fades))
        )
        parts: list[FloatArray] = []
        for with_shocks, more in ((False, drift), (True, drift + fresh)):
            columns = self._columns(years, with_shocks)
            variance = np.einsum("pnk,nk->pn", columns @ self.covariance, columns) + more
            parts += [self.coefficients @ columns.T, np.sqrt(np.maximum(variance, 0.0))]
        return parts[0], parts[1], parts[2], parts[3]

    def _columns(self, years: FloatArray, with_shocks: bool) -> FloatArray:
        columns = _columns(years - self.origin, self.knots, self.settings.shock_fades_years)
        if not with_shocks:
            columns[:, 2 : 2 + self.knots.size] = 0.0
        return columns


def line_luck(count: int) -> tuple[IntArray, IntArray]:
    """Which of `count` equally likely errors of level and of growth each line has."""
    first, second = (np.random.default_rng(seed).permutation(count) for seed in (1, 3))
    return first, second


def fit_drifting_line(
    years: FloatArray, logs: FloatArray, settings: LineSettings | None = None
) -> DriftingLine:
    """Fit the line to a series.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Decimal years in any order, n ≥ 5.
    logs : array of floats, shape (n,)
        log10 of the values.
    settings : LineSettings or None
        How the line is fitted; None: the defaults.
    """
    settings = settings or LineSettings()
    origin, first = float(years.max()), float(years.min())
    spacing = max(settings.knot_spacing_years, (origin - first) / settings.most_knots)
    t = years - origin
    # As many, whatever the rounding of the dates: the first date itself is no knot.
    knots = -spacing * np.arange(1.0, math.ceil((origin - first) / spacing - _SLACK))
    columns = _columns(t, knots, settings.shock_fades_years)
    counts = _downweight_similar_points(t, settings.alikeness)
    n = max(4.0, float(counts.sum()))
    shock, slope = (
        grid.ravel() for grid in np.meshgrid(SHOCK_VARIANCES, SLOPE_VARIANCES, indexing="ij")
    )
    precision = np.zeros((shock.size, columns.shape[1]))
    precision[:, 2 : 2 + knots.size] = 1.0 / np.maximum(shock * spacing, 1e-9)[:, None]
    precision[:, 2 + knots.size :] = 1.0 / np.maximum(slope * spacing, 1e-12)[:, None]
    matrix = np.repeat((columns.T @ (columns * counts[:, None]))[None], shock.size, axis=0)
    diagonal = np.arange(columns.shape[1])
    matrix[:, diagonal, diagonal] += precision
    # Around the middle and in units of the spread: the sums of squares below must not lose digits
    # to either.
    middle = float(logs.mean())
    unit = max(float(logs.std()), 1e-12 * max(1.0, abs(middle)))
    values = (logs - middle) / unit
    pull = columns.T @ (counts * values)
    inverse = np.linalg.inv(matrix)
    coefficients: FloatArray = inverse @ pull
    left = np.maximum((counts * values) @ values - coefficients @ pull, 1e-12 * n)
    evidence = -0.5 * (np.linalg.slogdet(matrix)[1] - np.log(precision[:, 2:]).sum(axis=1)) - (
        n - 2.0
    ) / 2.0 * np.log(left)
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    variance = left / (n - 2.0) * unit**2
    mean = weight @ coefficients
    residuals = values - columns @ mean
    shocks = columns[:, 2 : 2 + knots.size] @ mean[2 : 2 + knots.size]
    recency = 0.5 ** (-t / settings.spread_half_life_years)
    noise = math.sqrt(max(float(recency @ residuals**2 / recency.sum()), 1e-12))
    in_logs = coefficients * unit
    in_logs[:, 0] += middle
    return DriftingLine(
        origin=origin,
        first=first,
        knots=knots,
        weight=weight,
        coefficients=in_logs,
        covariance=inverse * variance[:, None, None],
        shock_variance=shock * variance,
        slope_variance=slope * variance,
        freedom=n - 2.0,
        noise=noise * unit,
        shape=_shape(residuals / noise, recency, n - 2.0, settings.shape_prior_points),
        settings=settings,
        years=years,
        residuals=(residuals + shocks) * unit,
    )


def _downweight_similar_points(t: FloatArray, alikeness: float) -> FloatArray:
    """For how many independent points each one counts: one of m in the same year (counted back from
    the last) for 1/(1 + ρ(m − 1)).
    """
    _, row, members = np.unique(np.floor(_SLACK - t), return_inverse=True, return_counts=True)
    result: FloatArray = 1.0 / (1.0 + alikeness * (members[row].astype(np.float64) - 1.0))
    return result


def _columns(t: FloatArray, knots: FloatArray, fades: float) -> FloatArray:
    """The design: 1, t, a fading shock a knot, a hinge a knot; shape (n, 2 + 2·knots)."""
    since = t[:, None] - knots
    # On its own knot a point lies after it, whatever the rounding of its date.
    shocks = np.where(since >= -_SLACK, np.exp(-np.maximum(since, 0.0) / fades), 0.0)
    return np.concatenate(
        [np.ones((t.size, 1)), t[:, None], shocks, np.maximum(since, 0.0)], axis=1
    )


def _shape(
    residuals: FloatArray, recency: FloatArray, freedom: float, prior_points: float
) -> FloatArray:
    """Standardised quantiles of a point about the line: those of the residuals, drawn towards
    Student's t where these are few.
    """
    share = (np.arange(200) + 0.5) / 200
    order = np.argsort(residuals, kind="stable")
    reached = (np.cumsum(recency[order]) - 0.5 * recency[order]) / recency.sum()
    points = float(recency.sum() ** 2 / (recency**2).sum())
    trust = points / (points + prior_points)
    result: FloatArray = trust * np.interp(share, reached, residuals[order]) + (
        1.0 - trust
    ) * stdtrit(freedom, share)
    return result
