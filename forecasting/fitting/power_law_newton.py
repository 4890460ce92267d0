"""Many fits of one sum of power laws at once: damped Newton steps on all replicates together.

Replicates (starts, bootstrap resamples, points of a profile) share the rows of a PowerLawProblem
and differ in start, row weights and bounds, so that every step is a few passes over a (replicates ×
rows) array.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.fitting.power_law_problem import Derivatives, PowerLawProblem, ResidualsIn
from forecasting.stats.budget import check_budget

#: Cells of a (replicates × rows) block that is worked on at a time: all its temporaries then stay
#: in the processor's cache.
BLOCK_CELLS = 24_576
_FIRST_DAMPING = 1e-2
_REJECTIONS_ALLOWED = 18


@dataclass(frozen=True, eq=False)
class Minima:
    """Where the steps ended: `theta` (r, q), `objective` (r), whether each converged, and the steps
    taken.
    """

    theta: FloatArray
    objective: FloatArray
    converged: BoolArray
    steps: int = field(repr=False)


def minimise(
    problem: PowerLawProblem,
    start: FloatArray,
    weights: NDArray[np.generic] | None = None,
    *,
    bounds: tuple[FloatArray, FloatArray] | None = None,
    tolerance: float = 1e-10,
    most_steps: int = 120,
) -> Minima:
    """Minimises every replicate from its own start.

    Newton steps use the exact Hessian (for a finite delta the generalised one) plus the safe metric
    times a damping that falls with success and rises with failure; a bound that holds a parameter
    takes it out of the step (projected Newton, Bertsekas 1982).

    Parameters
    ----------
    problem : PowerLawProblem
        The n rows and q parameters.
    start : array of floats, shape (r, q)
        The θ that each of r replicates starts from.
    weights : array of numbers of any type, shape (r, n), or None
        Weight of each row in each replicate; None: 1.
    bounds : two arrays of floats that broadcast to (r, q), or None
        Least and largest θ, equal ends hold a parameter fixed; None: those of the problem.
    tolerance : float
        A replicate has converged when a step promises less than this share of its objective.
    most_steps : int
        Steps after which a replicate that has not converged is given up.
    """
    low, high = (
        np.broadcast_to(end, start.shape) for end in (problem.bounds if bounds is None else bounds)
    )
    theta = np.clip(start, low, high)
    state = _in_blocks(problem, theta, weights, np.arange(len(theta)))
    objective = state.objective.copy()
    converged = np.zeros(len(theta), dtype=bool)
    active = np.arange(len(theta))
    damping = np.full(len(theta), _FIRST_DAMPING)
    rejected = np.zeros(len(theta), dtype=np.int64)
    # A perfect fit ends in rounding: below this the objective is zero.
    unit = 1.0 if problem.residuals == "log" else problem.mean_loss
    nothing = 1e-26 * problem.rows * unit**2
    # What rounding of the residuals does to an objective: ε·Σ|ψ|, and Σ|ψ| is at most
    # √(2·n·objective).
    rounding = 4e-16 * unit * np.sqrt(2.0 * problem.rows)
    step_number = 0
    while active.size and step_number < most_steps:
        check_budget()
        step_number += 1
        here = theta[active]
        lower, upper = low[active], high[active]
        free = ~(
            ((here <= lower) & (state.gradient >= 0.0))
            | ((here >= upper) & (state.gradient <= 0.0))
        )
        step, promised = _damped_step(state, damping, free)
        with np.errstate(over="ignore"):
            step *= np.minimum(
                1.0, 1.0 / np.maximum(np.max(np.abs(step) / problem.longest_step, axis=1), 1e-300)
            )[:, None]
        there = np.clip(here + step, lower, upper)
        new = _in_blocks(problem, there, weights, active)
        better = new.objective <= state.objective + rounding * np.sqrt(state.objective)
        theta[active[better]] = there[better]
        small = promised <= tolerance * state.objective + nothing
        state.put(better, new.take(better))
        objective[active] = state.objective
        rejected = np.where(better, 0, rejected + 1)
        done = (small & better & (damping <= 0.1)) | (state.objective <= nothing)
        stalled = rejected > _REJECTIONS_ALLOWED
        # No shorter step helps any more: rounding, or a kink of the loss. Converged if even the
        # undamped promise is small.
        converged[active[done | (stalled & (promised <= 1e-6 * state.objective))]] = True
        damping = np.where(
            better, np.maximum(damping * 0.1, 1e-12), np.maximum(damping, 1e-4) * 6.0
        )
        keep = ~(done | stalled)
        if not keep.all():
            active, damping, rejected, state = (
                active[keep],
                damping[keep],
                rejected[keep],
                state.take(keep),
            )
    return Minima(theta, objective, converged, step_number)


def _in_blocks(
    problem: PowerLawProblem,
    theta: FloatArray,
    weights: NDArray[np.generic] | None,
    which: IntArray,
) -> Derivatives:
    """Derivatives at `theta`, whose rows belong to the replicates `which`, a cache-sized block at a
    time.
    """
    count, q = theta.shape
    result = Derivatives(
        np.empty(count), np.empty((count, q)), np.empty((count, q, q)), np.empty((count, q, q))
    )
    block = max(1, BLOCK_CELLS // problem.rows)
    for first in range(0, count, block):
        check_budget()
        part = slice(first, min(first + block, count))
        used = (
            np.ones((part.stop - first, problem.rows))
            if weights is None
            else weights[which[part]].astype(np.float64)
        )
        found = problem.derivatives(theta[part], used)
        result.objective[part], result.gradient[part] = found.objective, found.gradient
        result.hessian[part], result.metric[part] = found.hessian, found.metric
    return result


def _damped_step(
    state: Derivatives, damping: FloatArray, free: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """The step −(H + damping·M)⁻¹·g of the free parameters, and the decrease of the objective that
    it promises.

    Solved for all replicates at once by LDLᵀ on the matrix scaled to a unit metric; a pivot that is
    not positive is replaced by its size, so that the step always leads downhill.
    """
    q = state.gradient.shape[1]
    scale = np.sqrt(np.maximum(np.einsum("rii->ri", state.metric), 1e-300))
    matrix = state.hessian + damping[:, None, None] * state.metric
    matrix /= scale[:, :, None]
    matrix /= scale[:, None, :]
    both = free[:, :, None] & free[:, None, :]
    matrix *= both
    held = np.einsum("rii->ri", matrix)
    held[~free] = 1.0
    right = np.where(free, state.gradient / scale, 0.0)
    # Replicates last: every entry of the factor is then one contiguous vector.
    columns = np.ascontiguousarray(np.moveaxis(matrix, 0, -1))
    solution = np.ascontiguousarray(right.T)
    pivots = np.empty((q, len(right)))
    for j in range(q):
        pivot = columns[j, j]
        size = np.abs(pivot)
        pivots[j] = np.where(pivot > 1e-12, pivot, np.maximum(size, 1e-6))
        for i in range(j + 1, q):
            factor = columns[i, j] / pivots[j]
            for k in range(j + 1, i + 1):
                columns[i, k] -= factor * columns[k, j]
            solution[i] -= factor * solution[j]
    promised = 0.5 * np.sum(solution**2 / pivots, axis=0)
    solution /= pivots
    for j in range(q - 1, -1, -1):
        for i in range(j + 1, q):
            solution[j] -= columns[i, j] / pivots[j] * solution[i]
    return -solution.T / scale, promised


__all__ = ["FloatArray", "Minima", "PowerLawProblem", "ResidualsIn", "minimise"]
