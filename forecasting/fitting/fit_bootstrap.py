"""The bootstrap of a scaling-law fit: replicates are weights on the same runs, solved together from
the optimum.

Weights are smooth (the Bayesian bootstrap of Rubin 1981) or counts of how often each run was drawn
(Efron 1979). With counts of few runs, some resamples lack the runs that tell exponents apart and
intervals come out too wide; smooth weights leave no run out. Runs that pull the fit towards
themselves have residuals that are too small for their noise: the smooth weight of a run of leverage
h is a gamma variate of shape 1 − h, whose variance 1/(1 − h) makes up for it (as HC2 standard
errors do, MacKinnon & White 1985); with h = 0 it is exponential, as Rubin's.
benchmarks/scaling_coverage.py compares the kinds on runs with known truth. Many resamples of many
runs are solved in blocks, on as many processes or machines as a setting names (stats/parallel.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecasting.arrays import FloatArray, IntArray
from forecasting.fitting.power_law_fit import DEFAULT_DELTA, LossFunction
from forecasting.fitting.power_law_newton import Minima, minimise
from forecasting.fitting.power_law_problem import PowerLawProblem
from forecasting.laws.law_inputs import finite_positive
from forecasting.stats.parallel import parallel_map

Resampling = Literal["smooth", "counts"]

#: Row weights held at a time.
WEIGHT_CELLS = 1_000_000
#: Starts that a replicate which did not converge is given besides the optimum.
SECOND_STARTS = 6
#: Least shape of a smooth weight: a run that the fit must pass through says nothing of its noise.
MIN_SHAPE = 0.15
TOLERANCE = 1e-9


#: What a fit takes on a slow core, in seconds: once, a run, a resample, and a run of a resample
#: (benchmarks/scaling_speed.py measures about half of it). Residuals mostly outside δ take longer.
_ONCE, _A_RUN, _A_RESAMPLE, _A_RUN_OF_A_RESAMPLE = 0.6, 8e-6, 7e-5, 2.5e-7
SLOWER_OUTSIDE_DELTA = 4.0
MAX_REPLICATES = 100_000


def replicates_within(
    seconds: float,
    runs: int,
    *,
    loss_function: LossFunction = "huber",
    delta: float = DEFAULT_DELTA,
) -> int:
    """How many resamples a fit can take within a time on one slow core: at most 100,000, 0 where
    none fit in.

    The same on every machine, so that results are too.

    Parameters
    ----------
    seconds : float
        The time for the whole fit, in seconds, above 0.
    runs : int
        How many runs are fitted.
    loss_function : str
        That of the fit: "huber", "least_squares" or "least_absolute".
    delta : float
        Its δ, in the unit of the residuals; a small one makes resamples slower.
    """
    allowed = float(finite_positive("seconds", seconds, "seconds", "5"))
    count = float(finite_positive("runs", runs, "runs", "240"))
    far_outside = loss_function == "least_absolute" or (
        loss_function == "huber" and delta < 0.3 * DEFAULT_DELTA
    )
    each = (_A_RESAMPLE + _A_RUN_OF_A_RESAMPLE * count) * (
        SLOWER_OUTSIDE_DELTA if far_outside else 1.0
    )
    return max(0, min(MAX_REPLICATES, int((allowed - _ONCE - _A_RUN * count) / each)))


@dataclass(frozen=True, eq=False)
class Replicates:
    """`theta` (replicates, q) of the resamples; `failed` counts those that converged from no start
    (they keep the best found).
    """

    theta: FloatArray
    failed: int


def bootstrap(
    problem: PowerLawProblem,
    optimum: FloatArray,
    starts: FloatArray,
    count: int,
    clusters: IntArray | None,
    resampling: Resampling,
    rng: np.random.Generator,
    bounds: tuple[FloatArray, FloatArray] | None = None,
) -> Replicates:
    """Refits to reweighted rows (or whole clusters), each from the optimum, those that fail from
    the starts too.

    Parameters
    ----------
    problem : PowerLawProblem
        The fit: n rows and q parameters.
    optimum : array of floats, shape (q,)
        The θ that fits all rows best.
    starts : array of floats, shape (starts, q)
        The θ to try where a refit from the optimum fails, best first.
    count : int
        How many refits.
    clusters : array of whole numbers, shape (n,), or None
        The cluster of each row, from 0; None: every row on its own.
    resampling : str
        "smooth" or "counts": what the weights are, see the module.
    rng : np.random.Generator
        What the weights are drawn from.
    bounds : two arrays of floats that broadcast to (count, q), or None
        Least and largest θ; None: those of the problem.
    """
    block = max(1, min(count, WEIGHT_CELLS // problem.rows))
    shapes = np.maximum(1.0 - problem.leverage(optimum), MIN_SHAPE) if clusters is None else None
    # Drawn here, one after the other: the same weights wherever they are solved.
    weights = (
        resampled(problem.rows, min(block, count - first), clusters, resampling, rng, shapes)
        for first in range(0, count, block)
    )
    solve = partial(_solved, problem, optimum, starts, bounds)
    solved = parallel_map(solve, weights) if count > block else list(map(solve, weights))
    return Replicates(
        np.concatenate([np.empty((0, problem.size)), *(each.theta for each in solved)]),
        sum(each.failed for each in solved),
    )


def _solved(
    problem: PowerLawProblem,
    optimum: FloatArray,
    starts: FloatArray,
    bounds: tuple[FloatArray, FloatArray] | None,
    weights: NDArray[np.float32] | NDArray[np.uint8],
) -> Replicates:
    """The refits to some weights."""
    found = minimise(
        problem,
        np.repeat(optimum[None], len(weights), axis=0),
        weights,
        bounds=bounds,
        tolerance=TOLERANCE,
    )
    again = np.flatnonzero(~found.converged)
    if not again.size:
        return Replicates(found.theta, 0)
    theta, failed = _again(problem, starts, weights[again], found, again, bounds)
    found.theta[again] = theta
    return Replicates(found.theta, failed)


def resampled(
    rows: int,
    count: int,
    clusters: IntArray | None,
    resampling: Resampling,
    rng: np.random.Generator,
    shapes: FloatArray | None = None,
) -> NDArray[np.float32] | NDArray[np.uint8]:
    """Weights of shape (count, rows) that sum to about `rows` in each replicate; rows of one
    cluster share theirs.

    Parameters
    ----------
    rows : int
        How many rows are weighted.
    count : int
        How many replicates.
    clusters : array of whole numbers, shape (rows,), or None
        The cluster of each row, from 0; None: every row on its own.
    resampling : str
        "smooth" or "counts": what the weights are, see the module.
    rng : np.random.Generator
        What they are drawn from.
    shapes : array of floats, shape (rows,), or None
        Shapes of the gamma variates that smooth weights of single rows are drawn from; None: 1.
    """
    units = rows if clusters is None else int(clusters.max()) + 1
    weights: NDArray[np.float32] | NDArray[np.uint8]
    if resampling == "smooth":
        if shapes is None:
            weights = rng.standard_exponential((count, units), dtype=np.float32)
        else:
            shape = shapes.astype(np.float32)
            weights = rng.standard_gamma(shape, size=(count, units), dtype=np.float32) / shape
        weights *= units / weights.sum(axis=1, keepdims=True)
    else:
        drawn = rng.integers(0, units, size=(count, units), dtype=np.int32)
        drawn += np.arange(count, dtype=np.int32)[:, None] * np.int32(units)
        # No unit comes up more than 255 times in a resample of as many units as there are.
        weights = (
            np.bincount(drawn.ravel(), minlength=count * units)
            .reshape(count, units)
            .astype(np.uint8)
        )
    return weights if clusters is None else weights[:, clusters]


def _again(
    problem: PowerLawProblem,
    starts: FloatArray,
    weights: NDArray[np.generic],
    first: Minima,
    again: IntArray,
    bounds: tuple[FloatArray, FloatArray] | None,
) -> tuple[FloatArray, int]:
    theta, objective = first.theta[again], first.objective[again]
    solved = np.zeros(len(theta), dtype=bool)
    chosen = starts[np.linspace(0, len(starts) - 1, min(SECOND_STARTS, len(starts))).astype(int)]
    # From all starts at once: a step costs about the same for a few replicates as for many.
    everywhere = np.tile(np.arange(len(theta)), len(chosen))
    found = minimise(
        problem,
        np.repeat(chosen, len(theta), axis=0),
        weights[everywhere],
        bounds=bounds,
        tolerance=TOLERANCE,
    )
    for start in range(len(chosen)):
        part = slice(start * len(theta), (start + 1) * len(theta))
        better = found.objective[part] < objective
        theta[better], objective[better] = found.theta[part][better], found.objective[part][better]
        solved |= found.converged[part] & (found.objective[part] <= objective * (1.0 + 1e-9))
    return theta, int((~solved).sum())
