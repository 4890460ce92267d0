"""The warnings of a fit as records: one class for each thing that a check can find, with the
figures that its sentence names.

The checks are in run_warnings.py and fit_warnings.py, the sentences in
`forecasting.reporting.fitting_notes`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from forecasting.answers import Noted

Kind = Literal[
    "not_identified",
    "at_bound",
    "few_runs",
    "extrapolation",
    "curvature",
    "cut_before_decay",
    "outliers",
    "starts_disagree",
    "resamples_failed",
    "fewer_resamples",
    "last_or_lowest",
    "params_counted",
    "large_residuals",
    "own_flop",
]
#: A quantity of the runs, named as the attribute of TrainingRuns that holds it.
Quantity = Literal["params", "tokens"]


@dataclass(frozen=True)
class FitWarning(Noted):
    """`kind` names the check, `sentence` says what was seen and what to do."""

    kind: ClassVar[Kind]

    @property
    def numbers(self) -> dict[str, float]:
        """The figures of the warning by name."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if isinstance(value, int | float)}


@dataclass(frozen=True)
class FewRuns(FitWarning):
    """Fewer `runs` than the `needed` of reliable intervals."""

    kind: ClassVar[Kind] = "few_runs"
    runs: int
    coefficients: int
    needed: int


@dataclass(frozen=True)
class FewSizes(FitWarning):
    """Too few `distinct` values of a quantity, from `smallest` to `largest`, to identify its
    exponent.
    """

    kind: ClassVar[Kind] = "not_identified"
    quantity: Quantity
    distinct: int
    smallest: float
    largest: float
    needed: int


@dataclass(frozen=True)
class WideExponent(FitWarning):
    """The 90% interval of a quantity's exponent, `low` to `high`, is too wide; the runs span
    `span_oom` orders of magnitude of the quantity.
    """

    kind: ClassVar[Kind] = "not_identified"
    quantity: Quantity
    low: float
    high: float
    span_oom: float


@dataclass(frozen=True)
class OneRatio(FitWarning):
    """90% of the runs have `ratio_low` to `ratio_high` tokens per parameter: nearly one ratio."""

    kind: ClassVar[Kind] = "not_identified"
    ratio_low: float
    ratio_high: float


@dataclass(frozen=True)
class AtBound(FitWarning):
    """The `coefficients` of the law, by name, that lie at the edge of what is allowed."""

    kind: ClassVar[Kind] = "at_bound"
    coefficients: tuple[tuple[str, float], ...]

    @property
    def numbers(self) -> dict[str, float]:
        """The coefficients at the edge by name."""
        return dict(self.coefficients)


@dataclass(frozen=True)
class StartsDisagree(FitWarning):
    """Only so many of the `tried` starts end at the best fit."""

    kind: ClassVar[Kind] = "starts_disagree"
    agreeing: int
    tried: int


@dataclass(frozen=True)
class ResamplesFailed(FitWarning):
    """So many of the `resamples` have no clear best fit."""

    kind: ClassVar[Kind] = "resamples_failed"
    failed: int
    resamples: int


@dataclass(frozen=True)
class FewerResamples(FitWarning):
    """`resamples` were drawn (0: none) in place of those `asked` for, to save time."""

    kind: ClassVar[Kind] = "fewer_resamples"
    resamples: int
    asked: int
    runs: int


@dataclass(frozen=True)
class CutBeforeDecay(FitWarning):
    """`suspected` short runs lie by more than `limit` (a share) above the law, the worst of them
    by `worst_excess` (of ln loss), in row `worst_row` of the runs, counted from 1; `rows` are all
    of them.
    """

    kind: ClassVar[Kind] = "cut_before_decay"
    suspected: int
    limit: float
    worst_excess: float
    worst_row: int
    params: float
    tokens: float
    loss: float
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outliers(FitWarning):
    """Single runs, in `rows` counted from 1, that lie further than `limit` (a share) off the law;
    the worst by `worst_excess` of ln loss, below 0 for a loss below the law.
    """

    kind: ClassVar[Kind] = "outliers"
    limit: float
    worst_excess: float
    params: float
    tokens: float
    loss: float
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Curvature(FitWarning):
    """Squares of ln params and ln tokens explain a share of the residuals; `chance` is the
    probability of as much were the law right, `typical_bend` the share of the loss.
    """

    kind: ClassVar[Kind] = "curvature"
    chance: float
    share_explained: float
    typical_bend: float


@dataclass(frozen=True)
class Extrapolation(FitWarning):
    """How far a prediction lies outside the runs, in orders of magnitude."""

    kind: ClassVar[Kind] = "extrapolation"
    params_oom: float
    tokens_oom: float
    training_flop_oom: float


@dataclass(frozen=True)
class LossesRise(FitWarning):
    """In `rising` of the series of one model size the loss rises with tokens, most by `worst` (of
    ln loss), in row `worst_row` of the runs, counted from 1; `rows` are all that lie above an
    earlier loss of their series.
    """

    kind: ClassVar[Kind] = "last_or_lowest"
    rising: int
    series: int
    worst: float
    worst_row: int
    params: float
    tokens: float
    loss: float
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class ParamsCounted(FitWarning):
    """Parameters by another count, which the label `by` tells, are `smallest` of `params` in the
    smallest run and `largest` in the largest (shares); the fit by it has `alpha_other`.
    """

    kind: ClassVar[Kind] = "params_counted"
    by: Literal["non_embedding_params", "training_flop"]
    smallest: float
    largest: float
    smallest_params: float
    largest_params: float
    alpha: float
    alpha_other: float


@dataclass(frozen=True)
class OwnFlop(FitWarning):
    """Of `runs` runs, `differing` count their compute as something else than 6·N·D, all of them as
    `smallest` to `largest` times that.
    """

    kind: ClassVar[Kind] = "own_flop"
    runs: int
    differing: int
    smallest: float
    largest: float


@dataclass(frozen=True)
class LargeResiduals(FitWarning):
    """The runs lie about the law by `spread`, the root mean square of ln loss, more than the
    `limit` (shares). Where they have `groups` (0: none, or all alike), runs of one group lie about
    a plane of their own by `within` alone.
    """

    kind: ClassVar[Kind] = "large_residuals"
    spread: float
    limit: float
    groups: int
    within: float


@dataclass(frozen=True)
class Undetermined(Noted):
    """Runs that determine no law: of which quantities the loss does not fall (`flat`), and of which
    it falls more steeply than a law can (`steep`).
    """

    flat: tuple[Quantity, ...]
    steep: tuple[Quantity, ...]
