"""How often bands that are exactly right would meet a goal for coverage, series by series.

A band of 80% that is right in every respect does not hold 80% of the points of one series: its
errors are few, and those of neighbouring cut-offs and horizons are alike. This module asks what
share of series would lie within a goal if the forecaster knew each series' law and its constants,
which no method can. It simulates series with the dates of the real ones from laws that they may
follow, the local linear trends of local_trend.py, and forecasts them from the protocol's cut-offs
with that same law (generalised least squares for level and growth, which nobody knows before the
points; Cressie 1993, Statistics for Spatial Data, section 3.4). What it finds is a ceiling for
goals, not a forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtri

from forecasting.arrays import BoolArray, FloatArray
from forecasting.evaluation.backtest import CutOffs, cut_offs_of
from forecasting.trends.local_trend import GROWTH_CHANGES, SHOCKS, TrendPrior, seen_by_year

_SLACK = 1e-9


@dataclass(frozen=True)
class Law:
    """A local linear trend in units of the scatter of single points: how much growth changes in a
    year (a standard deviation), the shocks' variance a year, and their fading time in years.
    """

    growth_change: float
    shock: float
    fades_years: float

    def covariance(self, years: FloatArray) -> FloatArray:
        """Of points at `years` (n,), given level and growth at the first: shape (n, n)."""
        since = years - years[0]
        early = np.minimum.outer(since, since)
        late = np.maximum.outer(since, since)
        drift = self.growth_change**2 * early**2 * (3.0 * late - early) / 6.0
        if np.isinf(self.fades_years):
            shock = self.shock * early
        else:
            apart = np.abs(np.subtract.outer(years, years))
            shock = 0.5 * self.shock * self.fades_years * np.exp(-apart / self.fades_years)
        result: FloatArray = drift + shock + np.eye(years.size)
        return result


def likely_laws(
    years: FloatArray, logs: FloatArray, prior: TrendPrior, count: int, rng: np.random.Generator
) -> list[Law]:
    """Laws that a series may follow, drawn by prior times likelihood.

    Parameters
    ----------
    years, logs : array of floats, shape (n,)
        Sorted decimal years and log10 of the values.
    prior : TrendPrior
        How likely laws are before any point.
    count : int
        How many to draw.
    rng : Generator
        Source of randomness.
    """
    weights = prior.log_weights() + seen_by_year(years, logs, 0)[0].evidence
    shares = np.exp(weights - weights.max())
    drawn = rng.choice(shares.size, size=count, p=shares / shares.sum())
    return [
        Law(float(GROWTH_CHANGES[pair // len(SHOCKS)]), *SHOCKS[pair % len(SHOCKS)])
        for pair in drawn
    ]


@dataclass(frozen=True, eq=False)
class IdealErrors:
    """Errors of the ideal forecaster in its own standard deviations, shape (simulations, m), and
    the years ahead of each, length m.
    """

    errors: FloatArray
    horizon: FloatArray

    def held(self, level: float, beyond_years: float = 0.0) -> FloatArray:
        """The share of points that bands of a level hold, a simulated series each; nan where no
        point is so far ahead.
        """
        far = self.horizon > beyond_years
        if not far.any():
            return np.full(self.errors.shape[0], np.nan)
        edge = float(ndtri(0.5 + 0.5 * level))
        result: FloatArray = (np.abs(self.errors[:, far]) <= edge).mean(axis=1)
        return result


def ideal_errors(
    years: FloatArray, law: Law, plan: CutOffs, simulations: int, rng: np.random.Generator
) -> IdealErrors:
    """What the forecaster who knows the law gets wrong on series that follow it.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Sorted decimal years of the points.
    law : Law
        The law.
    plan : CutOffs
        Where the series is cut.
    simulations : int
        How many series to simulate.
    rng : Generator
        Source of randomness.

    Raises
    ------
    NotEnoughDataError
        For a series too short to judge.
    """
    covariance = law.covariance(years)
    basis = np.stack([np.ones_like(years), years - years[0]], axis=1)
    noise = rng.standard_normal((years.size, simulations))
    simulated = np.linalg.cholesky(covariance) @ noise
    errors, horizons = [], []
    for cut_off in cut_offs_of(years, plan)[0]:
        known = int(np.searchsorted(years, cut_off + _SLACK, side="right"))
        end = int(np.searchsorted(years, cut_off + plan.years_ahead + _SLACK, side="right"))
        middle, deviation = _forecast(covariance, basis, known, end, simulated[:known])
        errors.append((simulated[known:end] - middle) / deviation[:, None])
        horizons.append(years[known:end] - cut_off)
    return IdealErrors(np.concatenate(errors).T, np.concatenate(horizons))


def _forecast(
    covariance: FloatArray, basis: FloatArray, known: int, end: int, points: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Means (h, simulations) and standard deviations (h,) of the points from `known` to `end`."""
    factor = cho_factor(covariance[:known, :known])
    across = covariance[:known, known:end]
    solved_basis = cho_solve(factor, basis[:known])
    information = basis[:known].T @ solved_basis
    line = np.linalg.solve(information, solved_basis.T @ points)
    gain = cho_solve(factor, across)
    middle = basis[known:end] @ line + gain.T @ (points - basis[:known] @ line)
    unexplained = basis[known:end].T - basis[:known].T @ gain
    variance = (
        np.diag(covariance)[known:end]
        - np.einsum("kh,kh->h", across, gain)
        + np.einsum("ph,ph->h", unexplained, np.linalg.solve(information, unexplained))
    )
    return middle, np.sqrt(variance)


@dataclass(frozen=True)
class Goal:
    """A goal for one series: bands of `level` hold between `low` and `high` of its points more than
    `beyond_years` ahead.
    """

    name: str
    level: float
    low: float
    high: float
    beyond_years: float = 0.0

    def met(self, held: FloatArray) -> BoolArray:
        """Which shares lie within."""
        result: BoolArray = (held >= self.low - _SLACK) & (held <= self.high + _SLACK)
        return result


def share_meeting(goal: Goal, series: Sequence[IdealErrors]) -> float:
    """The share of series that meet a goal under perfect bands, expected over their simulations;
    those without a point so far ahead are left out. nan where none is left.
    """
    shares = (each.held(goal.level, goal.beyond_years) for each in series)
    known = [float(goal.met(held).mean()) for held in shares if np.isfinite(held).all()]
    return float(np.mean(known)) if known else float("nan")
