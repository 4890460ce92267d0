"""The local linear trend: level and growth that both change, for every size of change at once.

    y(t) = a(t) + s(t) + e,   da = b dt,   db = √q dW,   ds = −s/τ dt + √u dW'

a is the level in log10, b growth in OOM a year, s a shock that points of neighbouring dates share
and that fades with τ (τ = ∞: it stays), e the scatter of single points with variance σ² (Harvey
1989, Forecasting, Structural Time Series Models and the Kalman Filter, section 2.3). q and u are
not known: the Kalman filter runs over all their pairs of a grid at once, in units of σ², and each
pair counts by its prior times the likelihood of the points. The prior is learned over many series,
`TrendPrior`. One pass over the points gives the forecast from every earlier date too, since a
filter has seen only what came before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forecasting.arrays import FloatArray, IntArray
from forecasting.stats.budget import check_budget

#: Standard deviations of growth's change in a year, √q, in units of σ.
GROWTH_CHANGES = 10.0 ** np.arange(-2.5, 0.26, 0.25)
#: Variance a year in units of σ² and fading time in years of the shared shocks.
SHOCKS = (
    (0.0, 0.7),
    (0.1, 0.7),
    (0.3, 0.7),
    (1.0, 0.7),
    (3.0, 0.7),
    (0.01, np.inf),
    (0.03, np.inf),
    (0.1, np.inf),
    (10.0, np.inf),
)
#: Points of a month are taken together; of a series shorter than two years, of a 24th of it.
_BINS_A_YEAR = 12.0
_MIN_BINS = 24.0
#: Variance, in units of σ², of what is not known before the first point.
_VAGUE = 1e6
_SLACK = 1e-6  # years: dates a rounding error apart are the same date

_DRIFT = np.repeat(GROWTH_CHANGES**2, len(SHOCKS))
_SHOCK = np.tile([variance for variance, _ in SHOCKS], GROWTH_CHANGES.size)
_FADES = np.tile([fades for _, fades in SHOCKS], GROWTH_CHANGES.size)
_STAYS = np.isinf(_FADES)
_STATIONARY = _SHOCK * np.where(_STAYS, 0.0, _FADES) / 2.0
PAIRS = _DRIFT.size


@dataclass(frozen=True)
class TrendPrior:
    """How much growth changes and which shocks occur, over series.

    √q/σ is lognormal: `change_log10` and `change_spread` are mean and standard deviation of its
    log10; `shock_shares` are the shares of SHOCKS, summing to 1.
    """

    change_log10: float
    change_spread: float
    shock_shares: tuple[float, ...]

    def log_weights(self) -> FloatArray:
        """The log of the prior weight of every pair, shape (PAIRS,)."""
        distance = (np.log10(GROWTH_CHANGES) - self.change_log10) / self.change_spread
        change = np.exp(-0.5 * distance**2)
        pairs = np.multiply.outer(change / change.sum(), np.array(self.shock_shares))
        result: FloatArray = np.log(np.maximum(pairs.ravel(), 1e-300))
        return result


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known at one date, for every pair: `evidence` is the log likelihood but for a
    constant, `state` (3, pairs) level, growth and shock, `covariance` (3, 3, pairs) in units of σ²,
    `variance` and `recent_variance` (pairs,) two estimates of σ², of all points alike and of recent
    ones first. `last` is the date of the latest points in decimal years, `known` how many points
    were known, `freedom` the degrees of freedom of σ².
    """

    last: float
    known: int
    evidence: FloatArray
    state: FloatArray
    covariance: FloatArray
    variance: FloatArray
    recent_variance: FloatArray
    freedom: float

    def ahead(self, years: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means and variances of where the points of those `years` centre, shape (pairs, years)."""
        since = (years - self.last)[None, :]
        shock_left, fresh = _fading(since)
        p = self.covariance[..., None]
        mean = self.state[0][:, None] + self.state[1][:, None] * since
        mean = mean + shock_left * self.state[2][:, None]
        variance = (
            p[0, 0]
            + since * (2.0 * p[0, 1] + since * p[1, 1])
            + _DRIFT[:, None] * since**3 / 3.0
            + shock_left * (2.0 * (p[0, 2] + since * p[1, 2]) + shock_left * p[2, 2])
            + fresh
        )
        return mean, np.maximum(variance, 0.0) * self.variance[:, None]

    def between(self, years: FloatArray) -> FloatArray:
        """The covariance of where points centre now (years[0], the last date) and later (years[1]),
        shape (pairs,): a year's shock, level and growth are shared, what comes new is not.
        """
        since = (years - self.last)[None, :]
        left, _ = _fading(since)
        rows = np.stack([np.ones_like(left), np.broadcast_to(since, left.shape), left])
        shared = np.einsum("ip,ijp,jp->p", rows[..., 0], self.covariance, rows[..., 1])
        # What comes new between the last points' mean date and the last date, at most a month, is
        # left out.
        result: FloatArray = shared * self.variance
        return result


def _fading(since: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What is left of a shock after so many years, and the variance of what comes new."""
    left = np.exp(-since / _FADES[:, None])
    fresh = np.where(
        _STAYS[:, None], _SHOCK[:, None] * since, _STATIONARY[:, None] * (1.0 - left**2)
    )
    return left, fresh


@dataclass(frozen=True, eq=False)
class _Bins:
    """Points taken together by month, counted back from the last: dates, means, numbers of points
    sums of squares about the mean and years before the last point, oldest first.
    """

    date: FloatArray
    mean: FloatArray
    count: FloatArray
    squares: FloatArray
    age_years: FloatArray


def _bins(years: FloatArray, values: FloatArray) -> _Bins:
    last = float(years[-1])
    width = min(1.0 / _BINS_A_YEAR, max((last - float(years[0])) / _MIN_BINS, _SLACK))
    number, row = np.unique(-np.floor((last - years) / width + _SLACK), return_inverse=True)
    count = np.bincount(row).astype(np.float64)
    mean = np.bincount(row, values) / count
    return _Bins(
        np.bincount(row, years) / count,
        mean,
        count,
        np.bincount(row, (values - mean[row]) ** 2).astype(np.float64),
        -number * width,
    )


def seen_by_year(
    years: FloatArray, logs: FloatArray, years_back: int, half_life_years: float = 2.0
) -> list[Seen]:
    """What was known at the last point and whole years before it, latest first.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years, n ≥ 5.
    logs : array of floats, shape (n,)
        log10 of the values.
    years_back : int
        How many years back at most; dates with fewer than 6 points before them are left out.
    half_life_years : float
        In which a point loses half its weight in the recent estimate of σ².
    """
    return _seen(
        np.ascontiguousarray(years).tobytes(),
        np.ascontiguousarray(logs).tobytes(),
        years_back,
        half_life_years,
    )


@lru_cache(maxsize=8)
def _seen(years: bytes, logs: bytes, years_back: int, half_life_years: float) -> list[Seen]:
    """One pass of the filter; the same series is asked for again by the next date or kind."""
    dates, raw = np.frombuffer(years), np.frombuffer(logs)
    # Around the middle and in units of the spread: the sums below must not lose digits to either.
    middle = float(raw.mean())
    unit = max(float(raw.std()), 1e-12 * max(1.0, abs(middle)))
    bins = _bins(dates, (raw - middle) / unit)
    known = np.cumsum(bins.count)
    stops: dict[int, int] = {}
    for back in range(years_back + 1):
        inside = np.flatnonzero(bins.age_years >= back - _SLACK)
        if inside.size and (back == 0 or (known[inside[-1]] >= 6 and inside.size > 4)):
            stops.setdefault(int(inside[-1]), back)
    seen = _filter(bins, half_life_years, np.array(sorted(stops)))
    return [
        Seen(
            each.last,
            each.known,
            each.evidence,
            np.stack([each.state[0] * unit + middle, each.state[1] * unit, each.state[2] * unit]),
            each.covariance,
            each.variance * unit**2,
            each.recent_variance * unit**2,
            each.freedom,
        )
        for each in reversed(seen)
    ]


def _filter(bins: _Bins, half_life_years: float, stops: IntArray) -> list[Seen]:
    """The Kalman filter over all pairs; what is known after each of the bins `stops`."""
    state = np.zeros((3, PAIRS))
    state[0] = bins.mean[0]
    p = np.zeros((3, 3, PAIRS))
    p[0, 0] = p[1, 1] = _VAGUE
    p[2, 2] = _STATIONARY
    squares, recent, scaled = np.zeros(PAIRS), np.zeros(PAIRS), np.zeros(PAIRS)
    freedom = recent_freedom = 0.0
    seen: list[Seen] = []
    wanted = set(stops.tolist())
    gaps = np.diff(bins.date, prepend=bins.date[0])
    left, fresh = _fading(gaps[None, :])
    for at in range(int(stops[-1]) + 1):
        check_budget()
        gap = gaps[at]
        if at:
            fade = left[:, at]
            state = np.stack([state[0] + gap * state[1], state[1], fade * state[2]])
            moved = np.stack([p[0] + gap * p[1], p[1], fade * p[2]])
            p = np.stack([moved[:, 0] + gap * moved[:, 1], moved[:, 1], fade * moved[:, 2]], axis=1)
            p[0, 0] += _DRIFT * gap**3 / 3.0
            p[0, 1] += _DRIFT * gap**2 / 2.0
            p[1, 0] = p[0, 1]
            p[1, 1] += _DRIFT * gap
            p[2, 2] += fresh[:, at]
            forget = 0.5 ** (gap / half_life_years)
            recent, recent_freedom = recent * forget, recent_freedom * forget
        error = bins.mean[at] - state[0] - state[2]
        pull = p[:, 0] + p[:, 2]
        spread = pull[0] + pull[2] + 1.0 / bins.count[at]
        gain = pull / spread
        state = state + gain * error
        p = p - gain[:, None] * pull[None]
        more, degrees = bins.squares[at], bins.count[at] - 1.0
        # Level and growth take up the first two.
        if at >= 2:
            surprise = error**2 / spread
            squares, recent, degrees = squares + surprise, recent + surprise, degrees + 1.0
            scaled = scaled - 0.5 * np.log(spread)
        squares, recent = squares + more, recent + more
        freedom, recent_freedom = freedom + degrees, recent_freedom + degrees
        if at in wanted:
            seen.append(
                Seen(
                    float(bins.date[at]),
                    round(float(bins.count[: at + 1].sum())),
                    scaled - freedom / 2.0 * np.log(np.maximum(squares, 1e-12)),
                    state,
                    p,
                    np.maximum(squares, 1e-12) / max(freedom, 1.0),
                    np.maximum(recent, 1e-12) / max(recent_freedom, 1e-3),
                    freedom,
                )
            )
    return seen
