"""What does choosing one of many tries reach? Accuracy against tries for each way to choose, and
the ceiling of each.

A perfect checker's accuracy is coverage. Over counted problems it is the unbiased pass@k of
`repeated_sampling`, as far as tries were made. The other ways have no such estimate that is simple:
they take each problem's counted rate as if it were known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.inference.coverage import counts_of
from forecasting.inference.repeated_sampling import coverage_of, tries_grid
from forecasting.inference.sampled_model import SampledModelInputs
from forecasting.inference.selection import (
    BinaryVerifier,
    MajorityVote,
    PerfectVerifier,
    ScoreVerifier,
    Selector,
    VerifierInputs,
    averaged,
)
from forecasting.ingest.sample_counts import ProblemCounts
from forecasting.scenario import quantity

MAX_TRIES_SHOWN = 10_000
TITLES = {
    "perfect": "perfect checker",
    "binary": "yes-or-no verifier",
    "score": "score verifier",
    "majority": "majority vote",
}


@dataclass(frozen=True, eq=False)
class ChoiceCurve:
    """One way to choose: `accuracy` at each number of tries, averaged over problems, NaN beyond
    what was counted; and its `ceiling`.
    """

    name: str
    accuracy: FloatArray
    ceiling: float
    is_worse_than_chance: bool

    @property
    def title(self) -> str:
        """The way in words."""
        return TITLES[self.name]

    @property
    def last(self) -> int:
        """The place of the most tries at which its accuracy is known."""
        return int(np.flatnonzero(np.isfinite(self.accuracy))[-1])


class SelectionInputs(SampledModelInputs, VerifierInputs):
    """Inputs of choosing one of many tries."""

    TABLES: ClassVar[tuple[str, ...]] = ("verifier_selection_published",)

    solve_rates: Literal["model", "one"] = quantity(
        "model",
        unit="name",
        label="Problems",
        why=(
            "An average over problems of all difficulties, or one problem with a solve rate of its"
            " own."
        ),
    )
    solve_rate: float = quantity(
        0.3, unit="share", label="Chance that one try is right", ge=0.0, le=1.0
    )
    separation: float = quantity(
        1.5,
        unit="standard deviations",
        label="Score verifier: separation of right from wrong",
        why=(
            "How far apart the mean scores of right and wrong answers lie (d′). 0 is blind; below 0"
            " is worse than chance."
        ),
        ge=-5.0,
        le=10.0,
    )


@dataclass(frozen=True, eq=False)
class BestOfMany(Answered):
    """Accuracy of the one answer given, against how many were tried, for every way to choose it.

    `solve_rates` are the problems' chances that one try is right; each of `curves` has a share for
    each of `tries`. `published` holds measured results: what was done, tries, share.
    """

    scenario: SelectionInputs
    problems: str
    solve_rates: FloatArray
    tries: FloatArray
    curves: tuple[ChoiceCurve, ...]
    published: tuple[tuple[str, float, float], ...]

    def curve(self, name: str) -> ChoiceCurve:
        """The curve of one way to choose."""
        return next(curve for curve in self.curves if curve.name == name)

    @property
    def one_try(self) -> float:
        """Accuracy of a single try."""
        return float(self.solve_rates.mean())

    @property
    def tries_to_nine_tenths(self) -> float:
        """Tries after which the yes-or-no verifier has come nine tenths of its way from one try to
        its ceiling.
        """
        binary = self.curve("binary")
        way = np.abs(binary.accuracy - self.one_try) >= 0.9 * abs(binary.ceiling - self.one_try)
        return float(self.tries[np.argmax(way)]) if way.any() else float("inf")

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a number of tries: accuracy of each way to choose, shares; the last row holds the
        ceilings.
        """
        columns = {
            f"{curve.name}_share": np.append(curve.accuracy, curve.ceiling) for curve in self.curves
        }
        return pd.DataFrame({"tries": np.append(self.tries, np.inf)} | columns)


def best_of_many(scenario: SelectionInputs, *, data: DataOrContext | None = None) -> BestOfMany:
    """Accuracy for one problem of the scenario's solve rate, or averaged over the problems of the
    sampled model.
    """
    context = context_of(data)
    counts: ProblemCounts | None = None
    if scenario.solve_rates == "one":
        rates, problems = (
            np.array([scenario.solve_rate]),
            f"a problem solved in {scenario.solve_rate:.0%} of tries",
        )
    else:
        counts = counts_of(scenario, context)
        rates, problems = (
            counts.solve_rates,
            f"{counts.name}'s accuracy over {len(counts):,} problems",
        )
    tries = tries_grid(MAX_TRIES_SHOWN, 61)
    selectors: dict[str, Selector] = {
        "perfect": PerfectVerifier(),
        "binary": BinaryVerifier(
            true_positive=scenario.true_positive, false_positive=scenario.false_positive
        ),
        "score": ScoreVerifier(separation=scenario.separation),
        "majority": MajorityVote(),
    }
    curves = []
    for name, selector in selectors.items():
        accuracy, ceiling = averaged(selector, rates, tries)
        if name == "perfect" and counts is not None:
            made = tries <= counts.fewest_samples
            accuracy = np.full(tries.size, np.nan)
            accuracy[made] = coverage_of(counts, tries[made])
        curves.append(ChoiceCurve(name, accuracy, ceiling, selector.is_worse_than_chance))
    published = context.data["verifier_selection_published"]
    rows = tuple(
        (str(method), float(n), float(percent) / 100.0)
        for method, n, percent in zip(
            published["method"], published["n"], published["accuracy_pct"], strict=True
        )
    )
    return BestOfMany(
        scenario=scenario,
        problems=problems,
        solve_rates=rates,
        tries=tries,
        curves=tuple(curves),
        published=rows,
    )
