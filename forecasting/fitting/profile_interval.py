"""Profiles: how much worse the best fit gets when one coefficient is held. A second opinion on the
bootstrap's intervals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.fitting.power_law_newton import minimise
from forecasting.fitting.power_law_problem import PowerLawProblem
from forecasting.stats.estimate import checked_level

PROFILED = ("E", "alpha", "beta")
POINTS_A_SIDE = 24
#: The profile runs until the fit is this many standard errors worse.
REACH = 4.0
#: At least this share of the residuals, and this many, tell the density of residuals at zero.
CENTRAL_SHARE, CENTRAL_ROWS = 0.3, 10


@dataclass(frozen=True, eq=False)
class Profile:
    """`values` of the coefficient (rising) and the `objective` of the best fit that holds each;
    `scale` turns it into a χ² statistic.

    `statistic` is 2·(objective − lowest)/scale, about χ² with one degree of freedom at the truth.
    For a Huber loss the scale is mean(ψ²)/mean(ψ′), as for robust likelihood ratios (Heritier &
    Ronchetti 1994), corrected for the fitted parameters.
    """

    name: str
    values: FloatArray
    objective: FloatArray
    scale: float
    freedom: int

    @property
    def statistic(self) -> FloatArray:
        """2·(objective − lowest)/scale at each value."""
        result: FloatArray = 2.0 * (self.objective - self.objective.min()) / self.scale
        return result

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The values at which the statistic stays below Student's t² for `level`; an end of the
        profile where it never gets there.
        """
        from scipy.special import stdtrit

        cut = float(stdtrit(self.freedom, 0.5 + checked_level(level) / 2.0)) ** 2
        root, best = np.sqrt(self.statistic), int(np.argmin(self.objective))
        left = _crossing(root[best::-1], self.values[best::-1], math.sqrt(cut))
        return left, _crossing(root[best:], self.values[best:], math.sqrt(cut))


def profile_of(problem: PowerLawProblem, theta: FloatArray, name: str) -> Profile:
    """The profile of one coefficient of a two-term law.

    Parameters
    ----------
    problem : PowerLawProblem
        The fit, each term with its own exponent.
    theta : array of floats, shape (5,)
        Its optimum (a_1, α_1, a_2, α_2, E).
    name : str
        "alpha", "beta" or "E": the coefficient.
    """
    index = {"alpha": 1, "beta": 3, "E": 4}[name]
    scale = profile_scale(problem, theta)
    metric = problem.derivatives(theta[None], np.ones((1, problem.rows)))
    low, high = problem.bounds
    lowest = problem.objective(theta[None])[0]
    width = _error_of(metric.metric[0], index, scale)
    values, objective = [theta[index]], [lowest]
    for side in (-1.0, 1.0):
        start, reach = theta, width * REACH
        for _ in range(4):
            end = float(np.clip(theta[index] + side * reach, low[index], high[index]))
            grid = np.linspace(theta[index], end, POINTS_A_SIDE + 1)[1:]
            found = _held(problem, start, index, grid)
            if 2.0 * (found.max() - lowest) / scale >= REACH**2 or end in (low[index], high[index]):
                break
            reach *= 2.0
        values.extend(grid)
        objective.extend(found)
    order = np.argsort(values, kind="stable")
    return Profile(
        name,
        np.asarray(values)[order],
        np.asarray(objective)[order],
        scale,
        max(problem.rows - problem.size, 1),
    )


def profile_scale(problem: PowerLawProblem, theta: FloatArray) -> float:
    """mean(ψ²)/mean(ψ′) of the residuals, times n/(n − p); ψ′ from the residuals nearest zero where
    few lie inside δ.
    """
    r = np.abs(problem.residuals_of(theta[None])[0])
    psi = np.minimum(r, problem.delta)
    freedom = max(problem.rows - problem.size, 1)
    central = max(math.ceil(CENTRAL_SHARE * problem.rows), CENTRAL_ROWS, problem.size + 1)
    # The p rows that a fit of this kind passes through lie at zero whatever the noise: they tell
    # nothing of its density.
    window = float(np.sort(r)[min(central, problem.rows) - 1])
    inside = float(np.mean(r <= problem.delta))
    if window > problem.delta:
        inside = (
            (min(central, problem.rows) - problem.size / 2) / problem.rows * problem.delta / window
        )
    return float(np.sum(psi**2) / freedom / max(inside, 1e-12)) + 1e-300


def _held(
    problem: PowerLawProblem, theta: FloatArray, index: int, values: FloatArray
) -> FloatArray:
    low, high = (np.repeat(end[None], len(values), axis=0) for end in problem.bounds)
    low[:, index] = high[:, index] = values
    start = np.repeat(theta[None], len(values), axis=0)
    start[:, index] = values
    return minimise(problem, start, bounds=(low, high), tolerance=1e-11).objective


def _error_of(metric: FloatArray, index: int, scale: float) -> float:
    size = np.sqrt(np.diag(metric))
    inverse = np.linalg.pinv(metric / np.outer(size, size))[index, index] / size[index] ** 2
    return float(math.sqrt(max(inverse, 1e-300) * scale)) or 1e-12


def _crossing(root: FloatArray, values: FloatArray, cut: float) -> float:
    above = np.flatnonzero(root >= cut)
    if not above.size:
        return float(values[-1])
    i = int(above[0])
    if i == 0:
        return float(values[0])
    return float(
        values[i - 1] + (values[i] - values[i - 1]) * (cut - root[i - 1]) / (root[i] - root[i - 1])
    )
