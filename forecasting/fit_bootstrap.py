"""The bootstrap of a scaling-law fit: replicates are counts of how often each run was drawn, solved together from the optimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.power_law_newton import FloatArray, PowerLawProblem, minimise

#: Row weights held at a time, in bytes: one each.
WEIGHT_CELLS = 4_000_000
#: Starts that a replicate which did not converge is given besides the optimum.
SECOND_STARTS = 6
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Replicates:
    """`theta` (replicates, q) of the resamples; `failed` counts those that converged from no start (they keep the best found)."""

    theta: FloatArray
    failed: int


def bootstrap(
    problem: PowerLawProblem,
    optimum: FloatArray,
    starts: FloatArray,
    count: int,
    clusters: NDArray[np.intp] | None,
    rng: np.random.Generator,
) -> Replicates:
    """`count` refits to rows drawn with replacement (or to whole clusters), each from `optimum`, those that fail from `starts` too."""
    theta = np.empty((count, problem.size))
    failed = 0
    block = max(1, min(count, WEIGHT_CELLS // problem.rows))
    for first in range(0, count, block):
        part = slice(first, min(first + block, count))
        weights = resampled(problem.rows, part.stop - first, clusters, rng)
        found = minimise(problem, np.repeat(optimum[None], len(weights), axis=0), weights, tolerance=TOLERANCE)
        again = np.flatnonzero(~found.converged)
        if again.size:
            solved, still_failing = _again(problem, starts, weights[again], found.theta[again], found.objective[again])
            found.theta[again] = solved
            failed += still_failing
        theta[part] = found.theta
    return Replicates(theta, failed)


def resampled(rows: int, count: int, clusters: NDArray[np.intp] | None, rng: np.random.Generator) -> NDArray[np.uint8]:
    """How often each row is drawn, shape (count, rows): as many rows, or clusters, as there are, with replacement."""
    units = rows if clusters is None else int(clusters.max()) + 1
    drawn = rng.integers(0, units, size=(count, units), dtype=np.int32)
    drawn += np.arange(count, dtype=np.int32)[:, None] * units
    # A row drawn more than 255 times of n would need a resample that never comes up.
    counts = np.bincount(drawn.ravel(), minlength=count * units).reshape(count, units).astype(np.uint8)
    return counts if clusters is None else counts[:, clusters]


def _again(
    problem: PowerLawProblem, starts: FloatArray, weights: NDArray[np.uint8], theta: FloatArray, objective: FloatArray
) -> tuple[FloatArray, int]:
    theta, objective = theta.copy(), objective.copy()
    solved = np.zeros(len(theta), dtype=bool)
    for start in starts[np.linspace(0, len(starts) - 1, min(SECOND_STARTS, len(starts))).astype(int)]:
        found = minimise(problem, np.repeat(start[None], len(theta), axis=0), weights, tolerance=TOLERANCE)
        better = found.objective < objective
        theta[better], objective[better] = found.theta[better], found.objective[better]
        solved |= found.converged & (found.objective <= objective * (1.0 + 1e-9))
    return theta, int((~solved).sum())
