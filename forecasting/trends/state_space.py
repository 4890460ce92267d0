r"""Trends of statsmodels on yearly medians: the local linear trend, an unobserved-components model,
and exponential smoothing (ETS), damped or not.

Local linear trend (Harvey 1989), level and slope that both walk at random:

.. math:: y_t = \mu_t + \varepsilon_t,\quad \mu_{t+1} = \mu_t + \beta_t + \eta_t,\quad
   \beta_{t+1} = \beta_t + \zeta_t

ETS with additive error and trend (Hyndman et al. 2008), of which each step's share of the error
moves level and slope; damped (Gardner and McKenzie 1985) with φ below 1:

.. math:: y_t = \mu_{t-1} + \phi\,\beta_{t-1} + e_t,\quad
   \mu_t = \mu_{t-1} + \phi\,\beta_{t-1} + a\,e_t,\quad \beta_t = \phi\,\beta_{t-1} + b\,e_t

Points at irregular dates are taken together by years counted back from the last one: their median,
each moved along the line through all points to the same time of its year, the mean one of all.
Years without a point stay open: the Kalman filter steps over them, its doubt growing; none is
filled in. How much level and slope walk is that of maximum likelihood and taken for known, so that
bands of short series are too narrow. A new point lies about the median of its year as the points of
a year have.

statsmodels takes seconds to import: it is imported when the first such trend is fitted.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import InputError, NotEnoughYearsError

StateSpaceMethod = Literal["local_linear_trend", "ets", "damped_ets"]
STATE_SPACE_METHODS: tuple[StateSpaceMethod, ...] = ("local_linear_trend", "ets", "damped_ets")
MIN_YEARS = 5
#: Growth "from here on" is the mean growth over these years.
GROWTH_SPAN_YEARS = 5
DRAWS = 399
SHARES: FloatArray = (np.arange(DRAWS) + 0.5) / DRAWS
#: Shares of the error that move level and slope where the search for the likelihood's top begins:
#: that of ETS often has two, a trend that stands and one that follows the points.
_STARTS = ((0.2, 0.05), (0.6, 0.1))
#: A variance so large, for residuals of size 1, that nothing is known.
_DIFFUSE = 1e6
#: Where the level stands in the state, by statsmodels' order: after the error in ETS.
_LEVEL = {"local_linear_trend": 0, "ets": 1, "damped_ets": 1}


@dataclass(frozen=True, eq=False)
class StateSpaceForecast:
    """A fitted trend in log10 of the values, along the years of the points and ahead of them.

    `years` are the dates of the years counted back from `origin`, the last date; `has_points`
    which of them have points, `level` and `variance` the trend in each and its doubt. `spread` is
    that of points about the median of their year, `noise` the variance of a median about the level.
    `state` and `covariance` are those of the last year, which `transition` and `shocks` (a
    covariance) carry on by a year.
    """

    method: StateSpaceMethod
    origin: float
    years: FloatArray
    has_points: BoolArray
    level: FloatArray
    variance: FloatArray
    spread: float
    noise: float
    state: FloatArray
    covariance: FloatArray
    transition: FloatArray
    shocks: FloatArray
    design: FloatArray
    observation_noise: float

    def draws(self, years: FloatArray, kind: Literal["trend", "observation"]) -> FloatArray:
        """Equally likely values at `years`, sorted, of shape (399, years)."""
        steps = max(1, math.ceil(float(np.max(years)) - self.years[-1]))
        ahead, doubt = self._ahead(steps, kind)
        past = self.variance + (self.noise if kind == "observation" else 0.0)
        level = np.concatenate([self.level, ahead])
        variance = np.concatenate([past, doubt])
        at = self.years[0] + np.arange(level.size)
        # Before the first year the trend goes on backwards.
        before = np.minimum(years - at[0], 0.0) * (level[1] - level[0])
        middle = np.interp(years, at, level) + before
        spread = self.spread**2 if kind == "observation" else 0.0
        deviation = np.sqrt(np.interp(years, at, np.maximum(variance, 0.0)) + spread)
        result: FloatArray = middle + ndtri(SHARES)[:, None] * deviation
        return result

    def lines(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Equally likely levels at the last date and mean growth over the five years after it (OOM
        a year), each of length `count`.
        """
        # The last date lies between two nodes.
        means, joint = self._joint_levels((0, 1, GROWTH_SPAN_YEARS, GROWTH_SPAN_YEARS + 1))
        since = self.origin - float(self.years[-1])
        between = np.kron(np.eye(2), [1.0 - since, since])
        ends = between @ joint @ between.T
        # Between nodes the level walks on, as the variances of `draws` do.
        ends += np.diag(between @ np.diag(joint) - np.diag(ends))
        growth = np.array([[1.0, 0.0], [-1.0 / GROWTH_SPAN_YEARS, 1.0 / GROWTH_SPAN_YEARS]])
        middle, doubt = growth @ between @ means, growth @ ends @ growth.T
        values, vectors = np.linalg.eigh(doubt)
        shares = (np.arange(count) + 0.5) / count
        normal = np.stack([ndtri(rng.permutation(shares)) for _ in range(2)])
        levels, slopes = middle[:, None] + (vectors * np.sqrt(np.maximum(values, 0.0))) @ normal
        return levels, slopes

    def _ahead(self, steps: int, kind: str) -> tuple[FloatArray, FloatArray]:
        """Middles and variances of the level, or of a year's median, 1 to `steps` years on."""
        row = self.design if kind == "observation" else self._level_row
        extra = self.observation_noise if kind == "observation" else 0.0
        state, covariance = self.state, self.covariance
        middles, variances = np.empty(steps), np.empty(steps)
        for step in range(steps):
            state = self.transition @ state
            covariance = self.transition @ covariance @ self.transition.T + self.shocks
            middles[step] = row @ state
            variances[step] = row @ covariance @ row + extra
        return middles, variances

    def _joint_levels(self, nodes: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
        """Means and covariance of the level so many years after the last."""
        row = self._level_row
        states, covariances = [self.state], [self.covariance]
        for _ in range(max(nodes)):
            states.append(self.transition @ states[-1])
            carried = self.transition @ covariances[-1] @ self.transition.T
            covariances.append(carried + self.shocks)
        means = np.array([row @ states[node] for node in nodes])
        covariance = np.empty((len(nodes), len(nodes)))
        for i, early in enumerate(nodes):
            for j, late in enumerate(nodes[i:], start=i):
                power = np.linalg.matrix_power(self.transition, late - early)
                covariance[i, j] = covariance[j, i] = row @ power @ covariances[early] @ row
        return means, covariance

    @property
    def _level_row(self) -> FloatArray:
        row = np.zeros(self.state.size)
        row[_LEVEL[self.method]] = 1.0
        return row


def state_space_forecast(
    method: StateSpaceMethod, years: FloatArray, logs: FloatArray
) -> StateSpaceForecast:
    """Fit one of statsmodels' trends to the yearly medians of a series.

    Parameters
    ----------
    method : str
        A name of STATE_SPACE_METHODS.
    years : array of floats, shape (n,)
        Decimal years in any order.
    logs : array of floats, shape (n,)
        log10 of the values.

    Raises
    ------
    NotEnoughYearsError
        For points of fewer than 5 years.
    InputError
        Where statsmodels is not installed.
    """
    require_statsmodels(method)
    dates, medians, spread = _by_year(years, logs)
    if dates.size < MIN_YEARS:
        raise NotEnoughYearsError(dates.size, MIN_YEARS)
    count = round(float(dates[-1] - dates[0])) + 1
    grid = dates[-1] - np.arange(count - 1, -1, -1.0)
    values = np.full(count, np.nan)
    values[np.rint(dates - grid[0]).astype(int)] = medians
    # Residuals of one size suit the optimiser, whatever the series.
    known = np.isfinite(values)
    straight = np.polynomial.Polynomial.fit(grid[known], values[known], 1)
    size = max(float(np.std(values[known] - straight(grid[known]))), 1e-6)
    found = _smoothed(method, (values - values[0]) / size)
    row = _LEVEL[method]
    transition, selection = found.transition[:, :, 0], found.selection[:, :, 0]
    shocks = selection @ found.state_cov[:, :, 0] @ selection.T * size**2
    observed = float(found.obs_cov[0, 0, 0]) * size**2
    state = found.filtered_state[:, -1] * size
    state[row] += values[0]
    return StateSpaceForecast(
        method,
        float(np.max(years)),
        grid,
        known,
        found.smoothed_state[row] * size + values[0],
        np.maximum(found.smoothed_state_cov[row, row] * size**2, 0.0),
        spread,
        observed if method == "local_linear_trend" else float(shocks[0, 0]),
        state,
        found.filtered_state_cov[:, :, -1] * size**2,
        transition,
        shocks,
        found.design[0, :, 0],
        observed,
    )


def _smoothed(method: StateSpaceMethod, values: FloatArray) -> Any:
    """statsmodels' smoother of a yearly series, NaN where a year has no point, at the parameters of
    maximum likelihood.
    """
    with warnings.catch_warnings():
        # Some series have no noise, or no walk: the optimiser says so, and its result stands.
        warnings.simplefilter("ignore")
        if method == "local_linear_trend":
            module = importlib.import_module("statsmodels.tsa.statespace.structural")
            return module.UnobservedComponents(values, "lltrend").fit(disp=False).smoother_results
        return _unknown_start(_exponential_smoothing(method, values), values)


def _exponential_smoothing(method: StateSpaceMethod, values: FloatArray) -> Any:
    """statsmodels' fit of ETS, its first level and slope among the parameters."""
    module = importlib.import_module("statsmodels.tsa.statespace.exponential_smoothing")
    model = module.ExponentialSmoothing(
        values,
        trend=True,
        damped_trend=method == "damped_ets",
        initialization_method="estimated",
        concentrate_scale=True,
    )
    fits = [model.fit(_start(values, shares, method), disp=False) for shares in _STARTS]
    return max(fits, key=lambda fit: float(fit.llf))


def _unknown_start(fit: Any, values: FloatArray) -> Any:
    """The smoother of a fit of ETS with its first level and slope unknown, as they are: taken for
    known, a trend that stands would have no band at all. They take two degrees of freedom.
    """
    module = importlib.import_module("statsmodels.tsa.statespace.kalman_smoother")
    found = fit.filter_results
    transition, selection = found.transition[:, :, 0], found.selection[:, :, 0]
    count = int(np.isfinite(values).sum())
    shock = found.state_cov[:, :, 0] * count / (count - 2.0)
    smoother = module.KalmanSmoother(k_endog=1, k_states=transition.shape[0], k_posdef=1)
    smoother.bind(np.ascontiguousarray(values))
    smoother["design"], smoother["transition"] = found.design[:, :, 0], transition
    smoother["selection"], smoother["state_cov"] = selection, shock
    unknown = np.diag([0.0, _DIFFUSE, _DIFFUSE])
    smoother.initialize_known(
        np.zeros(transition.shape[0]),
        transition @ unknown @ transition.T + selection @ shock @ selection.T,
    )
    return smoother.smooth()


def _start(values: FloatArray, shares: tuple[float, float], method: StateSpaceMethod) -> FloatArray:
    """Where the likelihood of ETS is searched from: shares of the error, φ, first level and
    slope.
    """
    known = np.flatnonzero(np.isfinite(values))
    slope = (values[known[-1]] - values[known[0]]) / (known[-1] - known[0])
    damping = [0.95] if method == "damped_ets" else []
    return np.array([*shares, *damping, values[known[0]] - slope, slope])


def _by_year(years: FloatArray, logs: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """The dates of years with points (oldest first), their medians, and the spread of points about
    them.
    """
    block = np.floor(years.max() - years + 1e-6)
    numbers, row = np.unique(-block, return_inverse=True)
    dates = numbers + float(np.mean(years - numbers[row]))
    pace = float(np.polynomial.polynomial.polyfit(years - years.mean(), logs, 1)[1])
    moved = logs + pace * (dates[row] - years)
    medians = np.array([np.median(moved[row == each]) for each in range(numbers.size)])
    left = moved - medians[row]
    spread = float(np.sqrt(np.sum(left**2) / max(1.0, logs.size - numbers.size)))
    return dates, medians, spread


def require_statsmodels(method: str) -> None:
    """Raises InputError where the package is missing, as in an installation by hand."""
    if importlib.util.find_spec("statsmodels") is None:
        raise InputError("method", method, "It needs statsmodels: pip install statsmodels.")
