"""Starts of a scaling-law fit: for given exponents the law is linear in its other parameters, so
only exponents need a grid.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.fitting.power_law_problem import SMALLEST_TERM, PowerLawProblem

#: Exponents of the grid of a single-term and of each term of a two-term law.
GRID_OF_ONE = np.geomspace(0.03, 2.0, 32)
GRID_OF_TWO = np.geomspace(0.04, 1.6, 12)


def projected_starts(problem: PowerLawProblem) -> FloatArray:
    """One start for each combination of grid exponents, best first: shape (starts, q).

    The floor and the sizes of the terms solve the least squares of the relative residuals (L(θ) −
    L)/L, none of them negative (every set of parameters held at zero is tried and the best allowed
    one kept). Golub & Pereyra 1973.
    """
    exponents = _grid(problem)
    levels, which = zip(
        *(np.unique(exponents[:, k], return_inverse=True) for k in range(problem.terms)),
        strict=True,
    )
    # In units of the mean loss, so that no scale of the losses takes the sums below to zero or
    # infinity.
    relative = problem.mean_loss / problem.losses
    columns = [
        np.exp(np.outer(-levels[k], problem.covariates[k])) * relative for k in range(problem.terms)
    ]
    size = problem.terms + 1
    gram = np.empty((len(exponents), size, size))
    right = np.empty((len(exponents), size))
    for k in range(problem.terms):
        for j in range(k, problem.terms):
            gram[:, k, j] = gram[:, j, k] = (columns[k] @ columns[j].T)[which[k], which[j]]
        gram[:, k, -1] = gram[:, -1, k] = (columns[k] @ relative)[which[k]]
        right[:, k] = columns[k].sum(axis=1)[which[k]]
    gram[:, -1, -1], right[:, -1] = relative @ relative, relative.sum()
    sizes, misfit = _nonnegative(gram, right)
    sizes *= problem.mean_loss
    # A term at zero has no slope in its logarithm: it starts small instead.
    smallest = max(1e-4, SMALLEST_TERM) * problem.mean_loss
    full = np.empty((len(exponents), 2 * problem.terms + 1))
    for k in range(problem.terms):
        full[:, 2 * k] = np.log(np.maximum(sizes[:, k], smallest))
        full[:, 2 * k + 1] = exponents[:, k]
    full[:, -1] = sizes[:, -1]
    return problem.reduced(full[np.argsort(misfit, kind="stable")])


def _grid(problem: PowerLawProblem) -> FloatArray:
    if problem.terms == 1:
        return GRID_OF_ONE[:, None]
    if problem.shared_exponent:
        return np.repeat(GRID_OF_ONE[:, None], problem.terms, axis=1)
    return np.stack(
        [axis.ravel() for axis in np.meshgrid(*[GRID_OF_TWO] * problem.terms, indexing="ij")],
        axis=1,
    )


def _nonnegative(gram: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Nonnegative least squares of many small systems: solutions (r, m) and misfits (r) up to a
    constant.
    """
    count, m = right.shape
    best = np.zeros((count, m))
    misfit = np.zeros(count)
    ridge = 1e-12 * np.trace(gram, axis1=1, axis2=2)[:, None, None]
    for used in range(1, m + 1):
        for chosen in combinations(range(m), used):
            part = (slice(None), np.array(chosen)[:, None], np.array(chosen))
            solution = _solved(gram[part] + ridge * np.eye(used), right[:, chosen, None])[..., 0]
            value = -np.einsum("ri,ri->r", solution, right[:, chosen])
            better = (solution >= 0.0).all(axis=1) & (value < misfit)
            misfit[better] = value[better]
            rows = np.flatnonzero(better)
            best[rows] = 0.0
            best[rows[:, None], np.array(chosen)] = solution[rows]
    return best, misfit


def _solved(systems: FloatArray, right: FloatArray) -> FloatArray:
    """The solutions of many small systems, of the least size where one is singular. Raises
    InputError where they hold no numbers.
    """
    if not (np.isfinite(systems).all() and np.isfinite(right).all()):
        raise InputError(
            "loss",
            "too far apart in these runs to compute with",
            "Give losses in nats per token, such as 2.87.",
        )
    try:
        return np.asarray(np.linalg.solve(systems, right), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(systems, hermitian=True) @ right, dtype=np.float64)
