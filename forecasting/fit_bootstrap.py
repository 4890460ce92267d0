"""The bootstrap of a scaling-law fit: replicates are weights on the same runs, solved together from the optimum.

Weights are smooth (exponential, the Bayesian bootstrap of Rubin 1981) or counts of how often each run was drawn (Efron 1979). With
counts of few runs, some resamples lack the runs that tell exponents apart and intervals come out too wide; smooth weights leave
no run out. benchmarks/scaling_coverage.py compares them on runs with known truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecasting.power_law_newton import FloatArray, Minima, PowerLawProblem, minimise

Resampling = Literal["smooth", "counts"]

#: Row weights held at a time.
WEIGHT_CELLS = 1_000_000
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
    resampling: Resampling,
    rng: np.random.Generator,
    bounds: tuple[FloatArray, FloatArray] | None = None,
) -> Replicates:
    """`count` refits to reweighted rows (or whole clusters), each from `optimum`, those that fail from `starts` too."""
    theta = np.empty((count, problem.size))
    failed = 0
    block = max(1, min(count, WEIGHT_CELLS // problem.rows))
    for first in range(0, count, block):
        part = slice(first, min(first + block, count))
        weights = resampled(problem.rows, part.stop - first, clusters, resampling, rng)
        found = minimise(problem, np.repeat(optimum[None], len(weights), axis=0), weights, bounds=bounds, tolerance=TOLERANCE)
        again = np.flatnonzero(~found.converged)
        if again.size:
            solved, still_failing = _again(problem, starts, weights[again], found, again, bounds)
            found.theta[again] = solved
            failed += still_failing
        theta[part] = found.theta
    return Replicates(theta, failed)


def resampled(
    rows: int, count: int, clusters: NDArray[np.intp] | None, resampling: Resampling, rng: np.random.Generator
) -> NDArray[np.float32] | NDArray[np.uint8]:
    """Weights of shape (count, rows) that sum to about `rows` in each replicate; rows of one cluster share theirs."""
    units = rows if clusters is None else int(clusters.max()) + 1
    weights: NDArray[np.float32] | NDArray[np.uint8]
    if resampling == "smooth":
        weights = rng.standard_exponential((count, units), dtype=np.float32)
        weights *= units / weights.sum(axis=1, keepdims=True)
    else:
        drawn = rng.integers(0, units, size=(count, units), dtype=np.int32)
        drawn += np.arange(count, dtype=np.int32)[:, None] * np.int32(units)
        # No unit comes up more than 255 times in a resample of as many units as there are.
        weights = np.bincount(drawn.ravel(), minlength=count * units).reshape(count, units).astype(np.uint8)
    return weights if clusters is None else weights[:, clusters]


def _again(
    problem: PowerLawProblem,
    starts: FloatArray,
    weights: NDArray[np.generic],
    first: Minima,
    again: NDArray[np.intp],
    bounds: tuple[FloatArray, FloatArray] | None,
) -> tuple[FloatArray, int]:
    theta, objective = first.theta[again], first.objective[again]
    solved = np.zeros(len(theta), dtype=bool)
    for start in starts[np.linspace(0, len(starts) - 1, min(SECOND_STARTS, len(starts))).astype(int)]:
        found = minimise(problem, np.repeat(start[None], len(theta), axis=0), weights, bounds=bounds, tolerance=TOLERANCE)
        better = found.objective < objective
        theta[better], objective[better] = found.theta[better], found.objective[better]
        solved |= found.converged & (found.objective <= objective * (1.0 + 1e-9))
    return theta, int((~solved).sum())
