"""IsoFLOP analysis (Hoffmann et al. 2022, approach 2): at each compute budget the parabola of loss
in ln N, its lowest point, and how the lowest points move with compute.

analysis = isoflop_analysis(runs)
analysis.slices[0].params.interval(0.9), analysis.params_exponent, analysis.optimal(5.76e23)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from forecasting.answers import Noted
from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, finite_positive
from forecasting.stats.estimate import Estimate

MIN_RUNS_A_SLICE, MIN_SIZES_A_SLICE = 5, 4
#: Runs of one budget lie within this factor of compute of each other.
BUDGET_WIDTH = 1.25
#: What is left of a budget's spread of compute is taken out by a slope, where it is above this (in
#: ln) and runs are enough.
MIN_SPREAD, MIN_FOR_SLOPE = 0.005, 8
#: A slice's lowest point is not determined when fewer of its draws than this lie inside the sizes
#: seen.
MIN_SHARE_INSIDE = 0.9


@dataclass(frozen=True)
class Refusal(Noted):
    """Why the budget of `training_flop` has no lowest point inside the sizes run."""

    training_flop: float


@dataclass(frozen=True)
class FewModelSizes(Refusal):
    """Fewer model `sizes` than the `needed`."""

    sizes: int
    needed: int


@dataclass(frozen=True)
class OpensDownward(Refusal):
    """The parabola has no lowest point."""


@dataclass(frozen=True)
class OutsideSizes(Refusal):
    """The lowest point would lie at `params`, above (or else below) all sizes run."""

    params: float
    is_above: bool


@dataclass(frozen=True)
class VagueLowestPoint(Refusal):
    """Only `share_inside` of the draws of the lowest point lie inside the sizes run."""

    share_inside: float


@dataclass(frozen=True, eq=False)
class IsoFlopSlice:
    """One budget: `training_flop` (geometric mean), the runs' `sizes` and `losses`, the parabola's
    coefficients in ln N − `centre`.

    `params` and `tokens` at the lowest loss, with draws, and that `loss`; None, with the reason as
    `refusal`, where the parabola has no lowest point inside the sizes seen.
    """

    training_flop: float
    sizes: FloatArray
    losses: FloatArray
    centre: float
    parabola: FloatArray
    params: Estimate | None
    tokens: Estimate | None
    loss: float | None
    refusal: Refusal | None

    @property
    def refused(self) -> str | None:
        """The refusal in a sentence; None where there is a lowest point."""
        return None if self.refusal is None else self.refusal.sentence

    def curve(self, params: FloatArray) -> FloatArray:
        """The parabola's loss at `params`."""
        z = np.log(params) - self.centre
        result: FloatArray = self.parabola[0] + self.parabola[1] * z + self.parabola[2] * z * z
        return result


@dataclass(frozen=True, eq=False)
class IsoFlopAnalysis:
    """All budgets, and the line ln N* = level + exponent·ln(C/`reference_flop`) through the lowest
    points of those not refused.

    `level` (ln of parameters) and `params_exponent` have draws; both are None with fewer than two
    usable budgets.
    """

    slices: tuple[IsoFlopSlice, ...]
    reference_flop: float
    level: Estimate | None
    params_exponent: Estimate | None
    _lines: FloatArray = field(repr=False)

    @property
    def usable(self) -> tuple[IsoFlopSlice, ...]:
        """The budgets whose lowest point lies inside the sizes seen."""
        return tuple(part for part in self.slices if part.refusal is None)

    def optimal(self, training_flop: float) -> tuple[Estimate, Estimate]:
        """Parameters and tokens of least loss at a compute, from the line, with draws; raises with
        fewer than two usable budgets.
        """
        flop = float(finite_positive("training_flop", training_flop, "FLOP", "5.76e23"))
        if self.level is None or self.params_exponent is None:
            raise NotEnoughDataError(
                len(self.usable),
                2,
                "Add budgets whose lowest loss lies inside the model sizes run.",
            )
        span = math.log(flop / self.reference_flop)
        params = Estimate(
            math.exp(self.level.value + self.params_exponent.value * span),
            np.exp(self._lines[:, 0] + self._lines[:, 1] * span),
        )
        product = flop / FLOP_PER_PARAM_AND_TOKEN
        return params, Estimate(product / params.value, product / params.draws)


def isoflop_analysis(runs: object, *, bootstrap: int = 1000, seed: int = 0) -> IsoFlopAnalysis:
    """Groups runs by compute (6·N·D) and finds the lowest point of each budget's parabola.

    A budget is where at least 5 runs lie within 25% of compute, the fullest first; runs between
    budgets are left aside. Parabolas are least squares of loss on ln N (and on ln C where a
    budget's compute varies); draws reweight its runs (Bayesian bootstrap). A budget is refused,
    with the reason, for fewer than 4 sizes, a parabola that opens downward, or a lowest point
    outside the sizes run or not determined.

    Parameters
    ----------
    runs : TrainingRuns, or a table of them
        Columns params, tokens and loss (nats per token), a row a run.
    bootstrap : int
        How many draws, at least 100.
    seed : int
        Seed of the draws.

    Raises
    ------
    InputError
        For fewer draws.
    NotEnoughDataError
        When there is no budget.
    """
    table = TrainingRuns.of(runs)
    if not isinstance(bootstrap, int) or bootstrap < 100:
        raise InputError("bootstrap", bootstrap, "Give a whole number of draws of at least 100.")
    rng = np.random.default_rng(seed)
    budgets = _budgets(table.training_flop)
    if not budgets:
        most = int(_window_counts(np.sort(table.training_flop)).max(initial=0))
        raise NotEnoughDataError(
            most,
            MIN_RUNS_A_SLICE,
            "An IsoFLOP analysis needs several model sizes at the same training compute.",
        )
    parts, minima = [], []
    for rows in budgets:
        part, draws = _slice(table.take(rows), bootstrap, rng)
        parts.append(part)
        if draws is not None:
            minima.append(draws)
    usable = [part for part in parts if part.refusal is None]
    reference = math.exp(float(np.mean(np.log(table.training_flop))))
    if len(usable) < 2:
        return IsoFlopAnalysis(tuple(parts), reference, None, None, np.empty((0, 2)))
    flop = np.log([part.training_flop for part in usable]) - math.log(reference)
    points = np.array([math.log(part.params.value) for part in usable if part.params is not None])
    columns = np.stack([np.ones(flop.size), flop], axis=1)
    projector = np.linalg.pinv(columns)
    line = projector @ points
    # Two sources of scatter: that of each lowest point, and that of the points about the line
    # (beyond three of them).
    lines = np.asarray(np.stack(minima, axis=1) @ projector.T, dtype=np.float64)
    if len(usable) > 2:
        off_line = points - columns @ line
        spread = math.sqrt(float(np.sum(off_line**2)) / (len(usable) - 2))
        within = math.sqrt(float(np.mean([np.var(draws) for draws in minima])))
        extra = math.sqrt(max(spread**2 - within**2, 0.0))
        lines = lines + extra * rng.standard_normal((len(lines), len(usable))) @ projector.T
    return IsoFlopAnalysis(
        tuple(parts),
        reference,
        Estimate(float(line[0]), lines[:, 0]),
        Estimate(float(line[1]), lines[:, 1]),
        lines,
    )


def _window_counts(ordered: FloatArray) -> IntArray:
    """How many of the ordered computes lie from each one up to 25% above it."""
    counts: IntArray = np.searchsorted(ordered, ordered * BUDGET_WIDTH, side="right") - np.arange(
        ordered.size
    )
    return counts


def _budgets(flop: FloatArray) -> list[IntArray]:
    """The rows of each budget, lowest compute first: windows that hold most runs, taken one after
    another without overlap.
    """
    order = np.argsort(flop, kind="stable")
    taken: list[IntArray] = []
    free = [order]
    while free:
        rows = free.pop()
        counts = _window_counts(flop[rows])
        if rows.size < MIN_RUNS_A_SLICE or counts.max() < MIN_RUNS_A_SLICE:
            continue
        first = int(np.argmax(counts))
        last = first + int(counts[first])
        taken.append(rows[first:last])
        free += [rows[:first], rows[last:]]
    return sorted(taken, key=lambda rows: float(flop[rows[0]]))


def _slice(
    runs: TrainingRuns, bootstrap: int, rng: np.random.Generator
) -> tuple[IsoFlopSlice, FloatArray | None]:
    flop = math.exp(float(np.mean(np.log(runs.training_flop))))
    centre = float(np.mean(np.log(runs.params)))
    z = np.log(runs.params) - centre

    def refused(why: Refusal, parabola: FloatArray) -> tuple[IsoFlopSlice, None]:
        return (
            IsoFlopSlice(flop, runs.params, runs.loss, centre, parabola, None, None, None, why),
            None,
        )

    sizes = np.unique(runs.params).size
    if sizes < MIN_SIZES_A_SLICE:
        return refused(FewModelSizes(flop, sizes, MIN_SIZES_A_SLICE), np.full(3, np.nan))
    weights = np.concatenate(
        [np.ones((1, len(runs))), rng.standard_exponential((bootstrap, len(runs)))]
    )
    fits = _parabolas(z, np.log(runs.training_flop / flop), runs.loss, weights)
    slope, bend = fits[:, 1], fits[:, 2]
    if bend[0] <= 0.0:
        return refused(OpensDownward(flop), fits[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = np.where(bend > 0.0, -slope / (2.0 * bend), np.where(slope > 0.0, -np.inf, np.inf))
    if not z.min() < lowest[0] < z.max():
        params_there = math.exp(min(centre + lowest[0], 700.0))
        return refused(OutsideSizes(flop, params_there, bool(lowest[0] >= z.max())), fits[0])
    share = float(np.mean((lowest[1:] > z.min()) & (lowest[1:] < z.max())))
    if share < MIN_SHARE_INSIDE:
        return refused(VagueLowestPoint(flop, share), fits[0])
    draws = centre + np.clip(lowest[1:], z.min(), z.max())
    params = Estimate(math.exp(centre + lowest[0]), np.exp(draws))
    tokens = Estimate(
        flop / FLOP_PER_PARAM_AND_TOKEN / params.value,
        flop / FLOP_PER_PARAM_AND_TOKEN / params.draws,
    )
    loss = float(fits[0, 0] - slope[0] ** 2 / (4.0 * bend[0]))
    return (
        IsoFlopSlice(flop, runs.params, runs.loss, centre, fits[0], params, tokens, loss, None),
        draws,
    )


def _parabolas(
    z: FloatArray, log_flop: FloatArray, losses: FloatArray, weights: FloatArray
) -> FloatArray:
    """Weighted least squares of losses on 1, z, z² (and ln C where it varies), one fit a row of
    weights: shape (rows, 3).
    """
    columns = [np.ones(z.size), z, z * z]
    if z.size >= MIN_FOR_SLOPE and float(np.std(log_flop)) > MIN_SPREAD:
        columns.append(log_flop)
    design = np.stack(columns, axis=1)
    products = design[:, :, None] * design[:, None, :]
    gram = np.tensordot(weights, products, axes=(1, 0))
    solved = np.linalg.solve(gram, (weights @ (design * losses[:, None]))[..., None])[..., 0]
    return np.asarray(solved[:, :3], dtype=np.float64)
