"""Exponential trends: log10 y(t) = a + b·t + e, fitted, projected, with intervals that do not take
errors for independent.

trend = fit_trend(dates, values, seed=0)
trend.growth_per_year.interval(0.95), trend.doubling_time_years.value
trend.forecast([2030, 2035], kind="observation").quantile([0.1, 0.5, 0.9])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, UnknownNameError
from forecasting.stats.dated_series import checked_dates, checked_series, require_points
from forecasting.stats.estimate import Estimate
from forecasting.stats.least_squares import least_squares_lines
from forecasting.stats.quantiles import checked_quantiles, quantile_of
from forecasting.stats.record_setters import Best, running_best
from forecasting.trends.block_bootstrap import (
    block_weights,
    calendar_blocks,
    likeness_of_neighbours,
    spread_factors,
    stretched,
)
from forecasting.trends.calibrated_trend import calibrated_forecast
from forecasting.trends.pooled_trend import pooled_forecast
from forecasting.trends.quantile_line import quantile_line, quantile_lines
from forecasting.trends.robust_line import TUNING, robust_line, robust_lines
from forecasting.trends.state_space import (
    STATE_SPACE_METHODS,
    StateSpaceMethod,
    state_space_forecast,
)

Method = Literal["pooled", "calibrated", "ols", "robust", "frontier", "record", StateSpaceMethod]
Errors = Literal["year_blocks", "independent"]
Kind = Literal["trend", "observation"]

#: The method that "default" stands for, whatever the series: the one that has done best where the
#: outcome is known (track record).
DEFAULT_METHOD: Method = "pooled"
MIN_REPLICATES = 20
#: Residuals drawn for each line of an observation forecast, so that its quantiles are smooth.
RESIDUALS_A_LINE = 8


class Ahead(Protocol):
    """A forecast of a method's own, in log10, for which the fitted line is not drawn on."""

    @property
    def origin(self) -> float:
        """The last date."""
        ...

    def draws(self, years: FloatArray, kind: Kind) -> FloatArray:
        """Equally likely values at `years`, sorted, of shape (draws, years)."""
        ...

    def lines(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """`count` levels at `origin` and growths over the five years after it."""
        ...


@dataclass(frozen=True, eq=False)
class Forecast:
    """A trend at given dates. `draws` has shape (draws, dates), in the series' own unit; dates are
    decimal years.
    """

    dates: FloatArray
    kind: Kind
    _log_draws: FloatArray | None
    _student: tuple[FloatArray, FloatArray, float] | None

    @cached_property
    def draws(self) -> FloatArray:
        """Equally likely values, shape (draws, dates); of a textbook forecast its 999 permilles."""
        log_draws = (
            self._log_quantile(np.arange(1, 1000) / 1000)
            if self._log_draws is None
            else self._log_draws
        )
        return _power_of_ten(log_draws)

    def quantile(self, q: ArrayLike) -> FloatArray:
        """The value that a share `q` (0 to 1) of outcomes stays below: shape q.shape + (dates,)."""
        return _power_of_ten(self._log_quantile(q))

    @property
    def median(self) -> FloatArray:
        """The middle of the outcomes, one a date."""
        return self.quantile(0.5)

    def _log_quantile(self, q: ArrayLike) -> FloatArray:
        if self._log_draws is not None:
            return quantile_of(self._log_draws, q)
        assert self._student is not None
        mean, error, freedom = self._student
        result: FloatArray = mean + np.multiply.outer(stdtrit(freedom, checked_quantiles(q)), error)
        return result


@dataclass(frozen=True, eq=False)
class Trend:
    """A fitted line through log10 of the values, and equally likely lines around it.

    `method` and `errors` are concrete names; `dates` (decimal years) and `values` are the n points
    used, for "record" the records alone. Lines are held as level at `reference_year` and slope in
    OOM a year: far from the year 0, an intercept says nothing. They describe the points used. Of
    "pooled", "calibrated", "local_linear_trend", "ets" and "damped_ets" the forecast is not this
    line drawn on: its slope drifts, see `growth_ahead_per_year`.
    """

    method: Method
    errors: Errors
    dates: FloatArray
    values: FloatArray
    reference_year: float
    level: float
    slope: float
    level_draws: FloatArray
    slope_draws: FloatArray
    _textbook: tuple[float, float, float] | None
    _ahead: Ahead | None = None

    @property
    def n(self) -> int:
        """How many points the line was fitted to."""
        return int(self.dates.size)

    @property
    def slope_oom_per_year(self) -> Estimate:
        """b, in orders of magnitude a year."""
        return Estimate(self.slope, self.slope_draws)

    @property
    def growth_per_year(self) -> Estimate:
        """10^b, the factor by which the value grows in a year."""
        return Estimate(float(_power_of_ten(self.slope)), _power_of_ten(self.slope_draws))

    @property
    def growth_ahead_per_year(self) -> Estimate:
        """The factor a year expected over the next five years; of a plain line the growth of the
        past.
        """
        if self._ahead is None:
            return self.growth_per_year
        _, slopes = self._ahead.lines(self.slope_draws.size, np.random.default_rng(0))
        return Estimate(float(_power_of_ten(np.median(slopes))), _power_of_ten(slopes))

    @property
    def doubling_time_years(self) -> Estimate:
        """log10(2)/b; infinite where the line does not rise, so that an interval that allows for no
        growth has an infinite end.
        """
        return Estimate(
            float(_time_to_double(np.array(self.slope))), _time_to_double(self.slope_draws)
        )

    @property
    def halving_time_years(self) -> Estimate:
        """−log10(2)/b; infinite where the line does not fall."""
        return Estimate(
            float(_time_to_double(np.array(-self.slope))), _time_to_double(-self.slope_draws)
        )

    @property
    def residuals(self) -> FloatArray:
        """log10 of value over line, length n."""
        result: FloatArray = (
            np.log10(self.values) - self.level - self.slope * (self.dates - self.reference_year)
        )
        return result

    def draw_lines(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """`count` equally likely lines: levels (log10 at `reference_year`) and slopes (OOM a year),
        each of length `count`.

        They are for projections: of methods whose slope drifts they go through the last date with
        the growth of the five years after it. Every line comes up equally often, as far as `count`
        allows, so that few draws do not add noise of their own.
        """
        if count < 1:
            raise InputError("count", count, "Give a whole number of at least 1.")
        if self._ahead is not None:
            levels, slopes = self._ahead.lines(count, rng)
            return levels + slopes * (self.reference_year - self._ahead.origin), slopes
        pool = self.slope_draws.size
        rows = np.concatenate([rng.permutation(pool) for _ in range(math.ceil(count / pool))])[
            :count
        ]
        return self.level_draws[rows], self.slope_draws[rows]

    def forecast(self, dates: ArrayLike, kind: Kind = "observation", seed: int = 0) -> Forecast:
        """The line itself or a new point of the series at dates of one's choice.

        A new point is a line plus a residual of the points used, scaled by √(n/(n − 2)); for
        "frontier" it may lie far below the frontier, as most points do. Methods whose slope drifts
        have bands of their own for either kind, which widen with the horizon.

        Parameters
        ----------
        dates : array-like of datetime64, ISO strings or decimal years
            The dates, in any order, also past ones.
        kind : str
            "trend" for the line, "observation" for a new point.
        seed : int
            Seed of the order in which residuals meet lines.

        Raises
        ------
        InputError
            For dates that can't be read.
        UnknownNameError
            For another kind.
        """
        if kind not in get_args(Kind):
            raise UnknownNameError("kind", kind, get_args(Kind))
        years = checked_dates(dates)
        if self._ahead is not None:
            return Forecast(years, kind, self._ahead.draws(years, kind), None)
        since = years - self.reference_year
        if self._textbook is not None:
            deviation, level_error, slope_error = self._textbook
            variance = (
                level_error**2
                + (slope_error * since) ** 2
                + (deviation**2 if kind == "observation" else 0.0)
            )
            return Forecast(
                years,
                kind,
                None,
                (self.level + self.slope * since, np.sqrt(variance), self.n - 2.0),
            )
        lines = self.level_draws[:, None] + self.slope_draws[:, None] * since
        if kind == "trend":
            return Forecast(years, kind, lines, None)
        rng = np.random.default_rng(seed)
        count = lines.shape[0] * RESIDUALS_A_LINE
        shares = (rng.permutation(count) + 0.5) / count
        residual = quantile_of(self.residuals, shares) * math.sqrt(self.n / (self.n - 2.0))
        return Forecast(
            years, kind, np.repeat(lines, RESIDUALS_A_LINE, axis=0) + residual[:, None], None
        )


def fit_trend(
    dates: ArrayLike,
    values: ArrayLike,
    *,
    method: str = "default",
    seed: int = 0,
    replicates: int = 500,
    quantile: float = 0.9,
    best: Best = "highest",
    errors: Errors = "year_blocks",
) -> Trend:
    """Fit an exponential trend to a dated series of positive values.

    Methods:

        pooled      least squares for the past; ahead the mean of "calibrated" and a local linear
                    trend, with bands set by the errors of many series and of its own
        calibrated  least squares for the past; ahead a line whose slope drifts, its bands widened
                    by the series' own past errors
        ols         least squares on log10 of the values
        robust      Huber's M-estimator (tuning 1.345), which outliers cannot pull far
        frontier    quantile regression at `quantile` (for best="lowest" at 1 − quantile)
        record      least squares through the record-setters
        local_linear_trend, ets, damped_ets
                    least squares for the past; ahead statsmodels' unobserved components or
                    exponential smoothing of yearly medians, see state_space
        default     the one method for any unnamed series: pooled, with independent errors ols

    Intervals come from lines fitted to resamples of whole calendar years, widened for few and for
    alike years. Those for independent errors are textbook Student t intervals, too narrow for most
    series.

    Parameters
    ----------
    dates : array-like of datetime64, ISO strings or decimal years, shape (n,)
        Dates in any order, n ≥ 5.
    values : array-like of floats, shape (n,)
        Values above 0.
    method : str
        One of the above.
    seed : int
        Seed of the resamples.
    replicates : int
        How many resamples, at least 20.
    quantile : float
        The level of "frontier", between 0 and 1.
    best : str
        Whether records are "highest" or "lowest".
    errors : str
        "year_blocks", or "independent" for ols and record only.

    Raises
    ------
    InputError
        For dates, values or numbers that can't be used.
    UnknownNameError
        For another name.
    NotEnoughDataError
        For fewer than 5 points, or points of fewer than 5 years for a method of yearly medians.
    """
    if method == "default":
        method = "ols" if errors == "independent" else DEFAULT_METHOD
    name = _checked_method(method)
    years, numbers = checked_series(dates, values)
    require_points(years)
    if best not in get_args(Best):
        raise UnknownNameError("best", best, get_args(Best))
    if not 0.0 < quantile < 1.0:
        raise InputError(
            "quantile", quantile, "Give a share between 0 and 1 (exclusive), such as 0.9."
        )
    if errors not in get_args(Errors):
        raise UnknownNameError("errors", errors, get_args(Errors))
    if errors == "independent" and name not in ("ols", "record"):
        raise InputError(
            "errors",
            errors,
            f"Textbook intervals exist for “ols” and “record” only; the method is “{name}”.",
        )
    if replicates < MIN_REPLICATES:
        raise InputError(
            "replicates",
            replicates,
            f"Give at least {MIN_REPLICATES}: fewer can't show an interval.",
        )
    if name == "record":
        records = running_best(years, numbers, best)
        years, numbers = years[records], numbers[records]
        require_points(
            years, "Only record-setters count here: widen the dates or choose another estimator."
        )
    centre = float(years.mean())
    t, y = years - centre, np.log10(numbers)
    if errors == "independent":
        level, slope, level_draws, slope_draws, textbook = _student_lines(t, y, replicates, seed)
    else:
        tau = quantile if best == "highest" else 1.0 - quantile
        level, slope, level_draws, slope_draws = _resampled_lines(
            name, t, y, years, tau, replicates, seed
        )
        textbook = None
    ahead: Ahead | None = None
    if name == "pooled":
        ahead = pooled_forecast(years, y)
    elif name == "calibrated":
        ahead = calibrated_forecast(years, y)
    elif name in STATE_SPACE_METHODS:
        ahead = state_space_forecast(name, years, y)
    return Trend(
        name,
        errors,
        years,
        numbers,
        centre,
        level,
        slope,
        level_draws,
        slope_draws,
        textbook,
        ahead,
    )


def _checked_method(name: str) -> Method:
    for known in get_args(Method):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise UnknownNameError("method", name, ("default", *get_args(Method)))


def _resampled_lines(
    method: Method,
    t: FloatArray,
    y: FloatArray,
    years: FloatArray,
    tau: float,
    replicates: int,
    seed: int,
) -> tuple[float, float, FloatArray, FloatArray]:
    """The line of a method and its draws: whole years resampled, deviations widened for few years
    and for alike neighbours.
    """
    rng = np.random.default_rng(seed)
    blocks = calendar_blocks(years)
    weights = block_weights(rng, blocks, replicates)
    level, slope, influence, refit = _FITTERS.get(method, _least_squares)(t, y, tau)
    levels, slopes = refit(weights)
    likeness = likeness_of_neighbours(t, influence, blocks)
    factors = spread_factors(rng, blocks, likeness, replicates)
    # Centred on the fitted line: the mean of resampled lines differs from it by chance alone.
    levels = stretched(levels - levels.mean() + level, level, factors * likeness.level_factor)
    slopes = stretched(slopes - slopes.mean() + slope, slope, factors * likeness.slope_factor)
    return level, slope, levels, slopes


_Refit = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
_Fitted = tuple[float, float, FloatArray, _Refit]


def _least_squares(t: FloatArray, y: FloatArray, tau: float) -> _Fitted:
    del tau
    levels, slopes = least_squares_lines(t, y, np.ones((1, t.size)))
    level, slope = float(levels[0]), float(slopes[0])
    return level, slope, y - level - slope * t, lambda weights: least_squares_lines(t, y, weights)


def _robust(t: FloatArray, y: FloatArray, tau: float) -> _Fitted:
    del tau
    level, slope, scale = robust_line(t, y)
    influence = np.clip(y - level - slope * t, -TUNING * scale, TUNING * scale)
    return level, slope, influence, lambda weights: robust_lines(t, y, weights, (level, slope))


def _frontier(t: FloatArray, y: FloatArray, tau: float) -> _Fitted:
    level, slope = quantile_line(t, y, tau)
    influence: FloatArray = tau - (y < level + slope * t).astype(np.float64)
    return (
        level,
        slope,
        influence,
        lambda weights: quantile_lines(t, y, weights, tau, (level, slope)),
    )


#: Of the methods that fit another line than that of least squares.
_FITTERS: dict[Method, Callable[[FloatArray, FloatArray, float], _Fitted]] = {
    "robust": _robust,
    "frontier": _frontier,
}


def _student_lines(
    t: FloatArray, y: FloatArray, replicates: int, seed: int
) -> tuple[float, float, FloatArray, FloatArray, tuple[float, float, float]]:
    """The least-squares line with textbook errors; draws are the quantiles of Student's t in random
    order.
    """
    levels, slopes = least_squares_lines(t, y, np.ones((1, t.size)))
    level, slope = float(levels[0]), float(slopes[0])
    freedom = t.size - 2.0
    deviation = math.sqrt(float(np.sum((y - level - slope * t) ** 2)) / freedom)
    level_error, slope_error = deviation / math.sqrt(t.size), deviation / math.sqrt(float(t @ t))
    rng = np.random.default_rng(seed)
    student = stdtrit(freedom, (np.arange(replicates) + 0.5) / replicates)
    level_draws = level + level_error * rng.permutation(student)
    slope_draws = slope + slope_error * rng.permutation(student)
    return level, slope, level_draws, slope_draws, (deviation, level_error, slope_error)


def _power_of_ten(logs: ArrayLike) -> FloatArray:
    """10 to these powers; infinite, without a warning, where that is beyond the largest number."""
    with np.errstate(over="ignore"):
        result: FloatArray = np.power(10.0, np.asarray(logs, dtype=np.float64))
    return result


def _time_to_double(slopes: FloatArray) -> FloatArray:
    times: FloatArray = np.divide(
        math.log10(2.0), slopes, out=np.full(np.shape(slopes), np.inf), where=slopes > 0.0
    )
    return times
