"""The best fit of a sum of power laws from many starts, by Huber loss, least squares or least
absolute deviations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, UnknownNameError
from forecasting.fitting.power_law_newton import minimise
from forecasting.fitting.power_law_problem import PowerLawProblem, ResidualsIn
from forecasting.fitting.variable_projection import projected_starts

LossFunction = Literal["huber", "least_squares", "least_absolute"]

#: δ of the Huber loss on ln loss, as Hoffmann et al. 2022 chose it.
DEFAULT_DELTA = 1e-3
#: Start points are all carried to the end as long as starts × rows stays below this; beyond, on a
#: sample of the rows.
START_CELLS = 300_000
SAMPLE_ROWS = 2000
FINAL_TOLERANCE = 1e-22
#: Least absolute deviations are the Huber loss with δ a small share of the typical residual,
#: approached in these steps.
ABSOLUTE_STEPS = (1.0, 0.1, 1e-2, 3e-3)
ABSOLUTE_END = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)


@dataclass(frozen=True, eq=False)
class BestFit:
    """`theta` (q) is the optimum, `objective` its summed loss; `agreeing` of `tried` starts end
    within 1e-6 of that objective.

    `problem` is what a bootstrap should solve (the same loss function); `starts` (tried, q) are the
    projected starts, best first.
    """

    problem: PowerLawProblem
    theta: FloatArray
    objective: float
    tried: int
    agreeing: int
    converged: bool
    starts: FloatArray


def checked_loss_function(loss_function: str, delta: float, residuals: str) -> float:
    """The δ that stands for a loss function; infinite: least squares, 0: least absolute.

    Parameters
    ----------
    loss_function : str
        "huber", "least_squares" or "least_absolute".
    delta : float
        δ of the Huber loss, in the unit of the residuals, above 0; the others don't use it.
    residuals : str
        "log" or "loss": what the residuals are of, ln L or L.

    Raises
    ------
    InputError
        For a δ of 0 or below.
    UnknownNameError
        For another name.
    """
    if loss_function not in get_args(LossFunction):
        raise UnknownNameError("loss_function", loss_function, get_args(LossFunction))
    if residuals not in get_args(ResidualsIn):
        raise UnknownNameError("residuals", residuals, get_args(ResidualsIn))
    if loss_function == "least_squares":
        return np.inf
    if loss_function == "least_absolute":
        return 0.0
    if not (isinstance(delta, int | float) and delta > 0.0):
        raise InputError(
            "delta",
            delta,
            "Give a residual size above 0, such as 0.001; or loss_function=“least_absolute”.",
        )
    return float(delta)


def best_fit(
    problem: PowerLawProblem, bounds: tuple[FloatArray, FloatArray] | None = None
) -> BestFit:
    """The lowest minimum that any start of the exponent grid leads to. A `problem.delta` of 0 means
    least absolute deviations.
    """
    if problem.delta == 0.0:
        return _least_absolute(problem, bounds)
    starts = projected_starts(problem)
    low, high = problem.bounds if bounds is None else bounds
    starts = np.clip(starts, low, high)
    if len(starts) * problem.rows <= START_CELLS:
        found = minimise(problem, starts, bounds=bounds, tolerance=1e-13)
    else:
        # Many rows: which minimum is lowest shows on a sample of them; its best few are then
        # carried on with all rows.
        rows = np.sort(
            np.random.default_rng(0).choice(
                problem.rows, min(SAMPLE_ROWS, problem.rows), replace=False
            )
        )
        sample = replace(
            problem, covariates=problem.covariates[:, rows], losses=problem.losses[rows]
        )
        found = minimise(sample, starts, bounds=bounds, tolerance=1e-9)
    order = np.argsort(found.objective, kind="stable")
    lowest = found.objective[order[0]]
    agreeing = int((found.objective <= lowest * (1.0 + 1e-6) + 1e-300).sum())
    final = minimise(
        problem, found.theta[order[:3]], bounds=bounds, tolerance=FINAL_TOLERANCE, most_steps=300
    )
    best = int(np.argmin(final.objective))
    return BestFit(
        problem,
        final.theta[best],
        float(final.objective[best]),
        len(starts),
        agreeing,
        bool(final.converged[best]),
        starts,
    )


def _least_absolute(
    problem: PowerLawProblem, bounds: tuple[FloatArray, FloatArray] | None
) -> BestFit:
    squares = best_fit(replace(problem, delta=np.inf), bounds)
    spread = float(np.median(np.abs(problem.residuals_of(squares.theta[None])[0])))
    spread = max(spread, 1e-12 * (1.0 if problem.residuals == "log" else problem.mean_loss))
    first = replace(problem, delta=spread)
    fit = best_fit(first, bounds)
    theta = fit.theta[None]
    starts = np.concatenate([theta, fit.starts])
    for share in ABSOLUTE_STEPS[1:]:
        first = replace(problem, delta=share * spread)
        theta = minimise(first, theta, bounds=bounds, tolerance=1e-12, most_steps=300).theta
    converged = True
    for share in ABSOLUTE_END:
        final = minimise(
            replace(problem, delta=share * spread),
            theta,
            bounds=bounds,
            tolerance=1e-14,
            most_steps=300,
        )
        theta, converged = final.theta, bool(final.converged[0])
    objective = float(np.abs(problem.residuals_of(theta)).sum())
    return BestFit(first, theta[0], objective, fit.tried, fit.agreeing, converged, starts)
