"""IsoFLOP analysis (Hoffmann et al. 2022, approach 2): at each compute budget the curve of loss
over model size, its lowest point, and how the lowest points move with compute.

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
from forecasting.fitting.isoflop_curves import Budget, JointFit, held, joint_fit
from forecasting.fitting.isoflop_parabolas import parabola_exponent
from forecasting.fitting.training_runs import FlopFactor, TrainingRuns
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, finite_positive
from forecasting.stats.estimate import Estimate

MIN_RUNS_A_SLICE, MIN_SIZES_A_SLICE = 5, 4
#: Runs further apart in compute than this factor, with none between, are of different budgets.
BUDGET_GAP = 1.2
#: Runs without such a gap are one budget up to this factor of compute; beyond it, windows of
#: BUDGET_WIDTH that hold most runs are.
WIDEST_BUDGET, BUDGET_WIDTH = 1.6, 1.25
#: A lowest point is not determined when a smaller share of its draws lies inside the sizes run:
#: where the lowest loss measured is that of the smallest or largest size, and where it is inside.
MIN_SHARE_AT_EDGE, MIN_SHARE_INSIDE = 0.75, 0.5
#: This share of budgets, those whose lowest points are known best, counts alike in the line, as all
#: do in published exponents; the others by the inverse of their variance.
ALIKE_SHARE = 0.75
#: Lowest points scatter about their line when chance would do it with less than this probability.
SCATTER_CHANCE = 0.05


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
class OutsideSizes(Refusal):
    """The lowest loss is that of the smallest or (`is_largest`) largest size run, `params`, and
    the curve still falls there.
    """

    params: float
    is_largest: bool


@dataclass(frozen=True)
class VagueLowestPoint(Refusal):
    """The lowest loss measured is at `params`, but only `share_inside` of the draws of the lowest
    point lie inside the sizes run.
    """

    params: float
    share_inside: float


@dataclass(frozen=True, eq=False)
class IsoFlopCurve:
    """The best fit of a budget: e + u·(N/`centre`)^−alpha + v·(N/`centre`)^beta, `coefficients` e,
    u and v.
    """

    centre: float
    alpha: float
    beta: float
    coefficients: tuple[float, float, float]

    def loss(self, params: FloatArray) -> FloatArray:
        """The curve's loss at `params`."""
        level, falling, rising = self.coefficients
        size = np.asarray(params, dtype=np.float64) / self.centre
        result: FloatArray = level + falling * size**-self.alpha + rising * size**self.beta
        return result


@dataclass(frozen=True, eq=False)
class IsoFlopSlice:
    """One budget: `training_flop` (geometric mean), the runs' `sizes` and `losses`, and the `curve`
    that fits them best (None for too few sizes).

    `params` and `tokens` at the lowest loss, with draws, and that `loss`; None, with the reason as
    `refusal`, where the runs show no lowest point inside the sizes run.
    """

    training_flop: float
    sizes: FloatArray
    losses: FloatArray
    curve: IsoFlopCurve | None
    params: Estimate | None
    tokens: Estimate | None
    loss: float | None
    refusal: Refusal | None

    @property
    def refused(self) -> str | None:
        """The refusal in a sentence; None where there is a lowest point."""
        return None if self.refusal is None else self.refusal.sentence

    @property
    def lowest_run(self) -> float:
        """The size of the lowest loss measured."""
        return float(self.sizes[np.argmin(self.losses)])


@dataclass(frozen=True, eq=False)
class IsoFlopAnalysis:
    """All budgets, and the line ln N* = level + exponent·ln(C/`reference_flop`) through the lowest
    points of those not refused.

    `level` (ln of parameters) and `params_exponent` have draws; both are None with fewer than two
    usable budgets. `flop_factor` is the runs' own compute in multiples of 6·N·D;
    `parabola_exponent` is what papers that fit parabolas through all sizes would publish.
    """

    slices: tuple[IsoFlopSlice, ...]
    reference_flop: float
    level: Estimate | None
    params_exponent: Estimate | None
    flop_factor: FlopFactor
    parabola_exponent: float | None
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
        return params, _tokens(flop, params, self.flop_factor)


def isoflop_analysis(runs: object, *, bootstrap: int = 1000, seed: int = 0) -> IsoFlopAnalysis:
    """Groups runs by compute and finds where each budget's loss is lowest.

    Compute is what the runs' authors count (a column training_flop), 6·N·D where they don't say.
    A budget ends where compute leaps by 20% or more, so that rounding parts none; where runs have
    no such gap, it is where at least 5 of them lie within 25%, and runs between budgets are left
    aside. All budgets are fitted together, as isoflop_curves says, with draws that count noise,
    window and shape. A budget is refused, with the reason, for fewer than 4 sizes, and where its
    lowest point is not determined to lie inside the sizes run. Ill-determined lowest points weigh
    less in the line, whose draws include the scatter about it that noise does not explain
    (DerSimonian and Laird 1986).

    Parameters
    ----------
    runs : TrainingRuns, or a table of them
        Columns params, tokens and loss (nats per token), a row a run; training_flop if counted.
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
    grouped = [table.take(rows) for rows in _budgets(table.training_flop)]
    if not grouped:
        most = int(_window_counts(np.sort(table.training_flop)).max(initial=0))
        raise NotEnoughDataError(
            most,
            MIN_RUNS_A_SLICE,
            "An IsoFLOP analysis needs several model sizes at the same training compute.",
        )
    reference = math.exp(float(np.mean(np.log(table.training_flop))))
    factor = table.flop_factor
    fitted = [group for group in grouped if _sizes(group) >= MIN_SIZES_A_SLICE]
    budgets = [_budget(group) for group in fitted]
    joint = joint_fit(budgets, bootstrap, rng) if budgets else None
    parts = [_too_few(group) for group in grouped if _sizes(group) < MIN_SIZES_A_SLICE]
    flops, minima, points = [], [], []
    for index, (group, budget) in enumerate(zip(fitted, budgets, strict=True)):
        assert joint is not None
        part, point, draws = _slice(group, budget, joint, index, factor, rng)
        parts.append(part)
        if part.refusal is None:
            flops.append(math.log(part.training_flop / reference))
            points.append(point)
            minima.append(draws)
    parts.sort(key=lambda part: part.training_flop)
    parabolas = parabola_exponent(fitted)
    if len(points) < 2:
        none = np.empty((0, 2))
        return IsoFlopAnalysis(tuple(parts), reference, None, None, factor, parabolas, none)
    line, lines = _line(np.array(flops), np.array(points), np.stack(minima, axis=1), rng)
    return IsoFlopAnalysis(
        tuple(parts),
        reference,
        Estimate(float(line[0]), lines[:, 0]),
        Estimate(float(line[1]), lines[:, 1]),
        factor,
        parabolas,
        lines,
    )


def _line(
    flop: FloatArray, points: FloatArray, draws: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """The line through lowest points (ln N at ln C), with its draws."""
    from scipy.special import chdtrc

    columns = np.stack([np.ones(flop.size), flop], axis=1)
    variance = np.maximum(np.var(draws, axis=0), 1e-12)
    weights = 1.0 / variance
    off_line = points - columns @ (_projector(columns, weights) @ points)
    statistic, freedom = float(np.sum(weights * off_line**2)), flop.size - 2
    if freedom > 0 and float(chdtrc(freedom, statistic)) < SCATTER_CHANCE:
        typical = weights.sum() - np.sum(weights**2) / weights.sum()
        scatter = max((statistic - freedom) / float(typical), 0.0)
        variance = variance + scatter
        draws = draws + math.sqrt(scatter) * rng.standard_normal(draws.shape)
    # A few budgets that look far better known than the others may not be.
    projector = _projector(columns, 1.0 / np.maximum(variance, np.quantile(variance, ALIKE_SHARE)))
    lines: FloatArray = draws @ projector.T
    return projector @ points, lines


def _projector(columns: FloatArray, weights: FloatArray) -> FloatArray:
    """What turns values into weighted least squares' coefficients."""
    weighted = columns.T * weights
    return np.asarray(np.linalg.solve(weighted @ columns, weighted), dtype=np.float64)


def _window_counts(ordered: FloatArray) -> IntArray:
    """How many of the ordered computes lie from each one up to 25% above it."""
    counts: IntArray = np.searchsorted(ordered, ordered * BUDGET_WIDTH, side="right") - np.arange(
        ordered.size
    )
    return counts


def _budgets(flop: FloatArray) -> list[IntArray]:
    """The rows of each budget, lowest compute first: parted by gaps, and where those leave more
    than one, windows that hold most runs, taken one after another without overlap.
    """
    order = np.argsort(flop, kind="stable")
    gaps = np.flatnonzero(np.diff(np.log(flop[order])) > math.log(BUDGET_GAP)) + 1
    taken: list[IntArray] = []
    free: list[IntArray] = []
    for rows in np.split(order, gaps):
        if rows.size < MIN_RUNS_A_SLICE:
            continue
        within = flop[rows[-1]] <= WIDEST_BUDGET * flop[rows[0]]
        (taken if within else free).append(rows)
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


def _sizes(runs: TrainingRuns) -> int:
    return int(np.unique(runs.params).size)


def _flop(runs: TrainingRuns) -> float:
    return math.exp(float(np.mean(np.log(runs.training_flop))))


def _budget(runs: TrainingRuns) -> Budget:
    size, flop = np.log(runs.params), np.log(runs.training_flop)
    return Budget(size - size.mean(), flop - flop.mean(), runs.loss)


def _too_few(runs: TrainingRuns) -> IsoFlopSlice:
    flop = _flop(runs)
    refusal = FewModelSizes(flop, _sizes(runs), MIN_SIZES_A_SLICE)
    return IsoFlopSlice(flop, runs.params, runs.loss, None, None, None, None, refusal)


def _slice(
    runs: TrainingRuns,
    budget: Budget,
    joint: JointFit,
    index: int,
    factor: FlopFactor,
    rng: np.random.Generator,
) -> tuple[IsoFlopSlice, float, FloatArray]:
    """One budget of the joint fit, with its lowest point and draws of it in ln N."""
    flop, centre = _flop(runs), float(np.mean(np.log(runs.params)))
    window, shape = joint.best
    alpha, beta = joint.curves[index].shapes[shape]
    level, falling, rising = joint.curves[index].coefficients[window, shape, :3]
    curve = IsoFlopCurve(
        math.exp(centre), float(alpha), float(beta), (float(level), float(falling), float(rising))
    )
    low, high = budget.span
    at_edge = not low < budget.lowest < high
    needed = MIN_SHARE_AT_EDGE if at_edge else MIN_SHARE_INSIDE
    # Where all sizes together show no lowest point, those nearest to the lowest loss may.
    for value, drawn in (
        (joint.values[index], joint.draws[index]),
        (joint.near_values[index], joint.near_draws[index]),
    ):
        share = float(np.mean((drawn > low) & (drawn < high)))
        if low < value < high and share >= needed:
            break
    else:
        lowest = math.exp(centre + budget.lowest)
        refusal = (
            OutsideSizes(flop, lowest, budget.lowest >= high)
            if at_edge
            else VagueLowestPoint(flop, lowest, share)
        )
        return (
            IsoFlopSlice(flop, runs.params, runs.loss, curve, None, None, None, refusal),
            math.nan,
            np.empty(0),
        )
    draws = centre + held(drawn, budget, rng)
    point = centre + float(value)
    params = Estimate(math.exp(point), np.exp(draws))
    loss = float(curve.loss(np.array([params.value]))[0])
    tokens = _tokens(flop, params, factor)
    return (
        IsoFlopSlice(flop, runs.params, runs.loss, curve, params, tokens, loss, None),
        point,
        draws,
    )


def _tokens(flop: float, params: Estimate, factor: FlopFactor) -> Estimate:
    """Tokens that a compute leaves for so many parameters."""
    each = flop / FLOP_PER_PARAM_AND_TOKEN
    return Estimate(
        each / (params.value * float(factor.at(params.value))),
        each / (params.draws * factor.at(params.draws)),
    )
