"""A small model many times, or a large one once, at equal cost?

`size_comparison` sets the seven Pythia sizes side by side: a try costs in proportion to parameters
(2 FLOP per parameter and token, answers of equal length), coverage is counted. `swe_bench_case` has
the published prices of three models on SWE-bench Lite (Brown et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.inference.coverage import by_size, params_of
from forecasting.inference.coverage_laws import CoveragePowerLaw
from forecasting.inference.repeated_sampling import coverage_of, pass_at_k, tries_grid
from forecasting.inference.sampled_model import sampled_models
from forecasting.inference.selection import BinaryVerifier, VerifierInputs, averaged
from forecasting.ingest.sample_counts import bundled_counts
from forecasting.scenario import Inputs, quantity
from forecasting.stats.least_squares import least_squares_lines

#: Issues of SWE-bench Lite.
SWE_BENCH_ISSUES = 300


@dataclass(frozen=True, eq=False)
class SizeCurve:
    """One model: its `tries`, what they cost in tries of the large model, and the share of problems
    solved, checked perfectly or not.
    """

    model: str
    tries: FloatArray
    cost: FloatArray
    solved: FloatArray
    with_verifier: FloatArray


class SizeInputs(VerifierInputs):
    """Inputs of a small model tried often against a large one tried once."""

    TABLES: ClassVar[tuple[str, ...]] = ("repeated_sampling_counts",)

    small_model: str = quantity(
        "Pythia 1B",
        unit="name",
        label="Small model",
        why="Sizes in the table; the cost of a try is proportional to parameters.",
    )
    big_model: str = quantity("Pythia 12B", unit="name", label="Large model")

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The models that were sampled."""
        if field in ("small_model", "big_model"):
            return sampled_models(data)
        return super().choices(field, data)


@dataclass(frozen=True, eq=False)
class SizeComparison(Answered):
    """Models of several sizes at equal cost: what `tries_for_one` tries of the small one solve for
    the price of one of the large.

    Shares of problems solved: `big_once` by one try of the large model, `small_at_equal_cost` with
    a perfect checker, `small_with_verifier` with the scenario's. `tries_to_match` and
    `cost_to_match` (in tries of the large model) bring the small one level, infinite where nothing
    does; `small_ahead` are the costs between which it leads, `best_at` the best size by cost.
    """

    scenario: SizeInputs
    curves: tuple[SizeCurve, ...]
    tries_for_one: int
    big_once: float
    small_at_equal_cost: float
    small_with_verifier: float
    tries_to_match: float
    cost_to_match: float
    small_ahead: tuple[float, float] | None
    best_at: tuple[tuple[float, str, float], ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a model and number of tries: cost in tries of the large model, shares solved."""
        frames = [
            pd.DataFrame(
                {
                    "model": curve.model,
                    "tries_per_problem": curve.tries,
                    "cost_in_tries_of_large_model": curve.cost,
                    "solved_share_perfect_checker": curve.solved,
                    "solved_share_verifier": curve.with_verifier,
                }
            )
            for curve in self.curves
        ]
        return pd.concat(frames, ignore_index=True)


def size_comparison(scenario: SizeInputs, *, data: DataOrContext | None = None) -> SizeComparison:
    """The sizes of the table over cost. Raises InputError where the small and the large model are
    the same.
    """
    tables = context_of(data).data
    if params_of(scenario.small_model) >= params_of(scenario.big_model):
        raise InputError(
            "small_model",
            scenario.small_model,
            f"Choose a model smaller than the large one, {scenario.big_model}.",
        )
    verifier = BinaryVerifier(
        true_positive=scenario.true_positive, false_positive=scenario.false_positive
    )
    unit = params_of(scenario.big_model)
    curves = []
    for model in by_size(tables):
        counts = bundled_counts(model, tables)
        tries = tries_grid(counts.fewest_samples, 61)
        curves.append(
            SizeCurve(
                model=model,
                tries=tries,
                cost=tries * params_of(model) / unit,
                solved=coverage_of(counts, tries),
                with_verifier=averaged(verifier, counts.solve_rates, tries)[0],
            )
        )
    small, big = (
        bundled_counts(scenario.small_model, tables),
        bundled_counts(scenario.big_model, tables),
    )
    ratio = unit / params_of(scenario.small_model)
    tries_for_one = min(int(ratio), small.fewest_samples)
    big_once = pass_at_k(samples=big.samples, correct=big.correct, k=1)
    by_model = {curve.model: curve for curve in curves}
    small_curve = by_model[scenario.small_model]
    enough = np.flatnonzero(small_curve.solved >= big_once)
    return SizeComparison(
        scenario=scenario,
        curves=tuple(curves),
        tries_for_one=tries_for_one,
        big_once=big_once,
        small_at_equal_cost=pass_at_k(
            samples=small.samples, correct=small.correct, k=tries_for_one
        ),
        small_with_verifier=float(averaged(verifier, small.solve_rates, [tries_for_one])[0][0]),
        tries_to_match=float(small_curve.tries[enough[0]]) if enough.size else float("inf"),
        cost_to_match=float(small_curve.cost[enough[0]]) if enough.size else float("inf"),
        small_ahead=_ahead(small_curve, by_model[scenario.big_model]),
        best_at=_best_at(curves),
    )


@dataclass(frozen=True)
class PublishedCase:
    """A model on SWE-bench Lite: `tries` an issue at `usd_per_try`; solved share, and what 300
    issues cost.
    """

    model: str
    tries: int
    usd_per_try: float
    solved: float

    @property
    def usd_per_issue(self) -> float:
        """USD an issue."""
        return self.tries * self.usd_per_try

    @property
    def usd_total(self) -> float:
        """USD for all issues."""
        return self.usd_per_issue * SWE_BENCH_ISSUES


class SweBenchInputs(Inputs):
    """Inputs of the published cases on SWE-bench Lite."""

    TABLES: ClassVar[tuple[str, ...]] = ("repeated_sampling_published",)

    budget_usd_per_task: float = quantity(
        0.5,
        unit="USD",
        label="Budget per task",
        why="SWE-bench Lite: all three published cases cost under $0.20 per issue.",
        ge=1e-6,
        le=1e6,
    )


@dataclass(frozen=True, eq=False)
class SweBenchCase(Answered):
    """Published cases of SWE-bench Lite, shares solved over USD an issue, and the cheap model's
    coverage by a power law.

    `law` goes through the `coverage_points` (tries, share) of the cheap model; `best_single` is the
    best share of one try, by `best_single_name`. Source: Brown et al. 2024, arXiv:2407.21787.
    """

    scenario: SweBenchInputs
    cases: tuple[PublishedCase, ...]
    coverage_points: tuple[tuple[int, float], ...]
    law: CoveragePowerLaw
    best_single: float
    best_single_name: str

    @property
    def cheap(self) -> PublishedCase:
        """The model that tries often."""
        return self.cases[0]

    @property
    def tries_in_budget(self) -> int:
        """Tries of the cheap model that the budget of a task pays for."""
        return int(self.scenario.budget_usd_per_task / self.cheap.usd_per_try + 1e-9)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a case: tries, USD an issue and in all, share solved."""
        return pd.DataFrame(
            {
                "model": [case.model for case in self.cases],
                "tries_per_issue": [case.tries for case in self.cases],
                "usd_per_try": [case.usd_per_try for case in self.cases],
                "usd_per_issue": [case.usd_per_issue for case in self.cases],
                "usd_for_300_issues": [case.usd_total for case in self.cases],
                "solved_share": [case.solved for case in self.cases],
            }
        )


def swe_bench_case(scenario: SweBenchInputs, *, data: DataOrContext | None = None) -> SweBenchCase:
    """The published cases of SWE-bench Lite, cheapest try first."""
    tables = context_of(data).data
    table = tables["repeated_sampling_published"]
    rows = table[table["benchmark"] == "SWE-bench Lite"]
    prices, rates = (
        rows[rows["quantity"] == "cost per attempt"],
        rows[rows["quantity"] == "solve rate"],
    )
    usd = dict(zip(prices["model"], prices["value"], strict=True))
    cases = [
        PublishedCase(
            str(model).removesuffix("-Instruct"), int(k), float(usd[model]), float(percent) / 100.0
        )
        for model, k, percent in zip(rates["model"], rates["k"], rates["value"], strict=True)
        if model in usd
    ]
    cases.sort(key=lambda case: case.usd_per_try)
    # What the cheap model solves in several tries was judged by the benchmark's own tests: it is
    # coverage too.
    covered = rows[
        rows["quantity"].isin(["coverage", "solve rate"])
        & rows["model"].str.startswith(cases[0].model)
    ].sort_values("k")
    coverage_points = tuple(
        (int(k), float(percent) / 100.0)
        for k, percent in zip(covered["k"], covered["value"], strict=True)
    )
    law = _law_through(coverage_points)
    single = rates[~rates["model"].isin(list(usd))]
    return SweBenchCase(
        scenario=scenario,
        cases=tuple(cases),
        coverage_points=coverage_points,
        law=law,
        best_single=float(single["value"].iloc[0]) / 100.0,
        best_single_name=str(single["model"].iloc[0])
        .removeprefix("single-attempt SOTA (")
        .removesuffix(")"),
    )


def _law_through(points: tuple[tuple[int, float], ...]) -> CoveragePowerLaw:
    """Least squares of ln(−ln coverage) on ln k."""
    log_k = np.log([k for k, _ in points])
    y = np.log([-np.log(share) for _, share in points])
    intercept, slope = least_squares_lines(log_k, y, np.ones((1, len(points))))
    return CoveragePowerLaw(-np.exp(intercept), slope)


def _ahead(small: SizeCurve, big: SizeCurve) -> tuple[float, float] | None:
    """The budgets from one try of the large model on, at which the small one solves more for the
    same money; None where at none.
    """
    costs = (
        np.geomspace(1.0, min(float(small.cost[-1]), float(big.cost[-1])), 200)
        if small.cost[-1] > 1.0
        else np.array([1.0])
    )
    solved = []
    for curve in (small, big):
        tries = np.maximum(1.0, np.floor(costs / curve.cost[0] + 1e-9))  # whole tries only
        solved.append(np.interp(np.log(tries), np.log(curve.tries), curve.solved))
    ahead = costs[solved[0] > solved[1]]
    return (float(ahead[0]), float(ahead[-1])) if ahead.size else None


def _best_at(curves: list[SizeCurve]) -> tuple[tuple[float, str, float], ...]:
    """For budgets from a hundredth of a try of the large model to 1,000 tries: which size solves
    most, and how much.
    """
    best = []
    for budget in (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0):
        solved = {
            curve.model: float(np.interp(np.log(budget), np.log(curve.cost), curve.solved))
            for curve in curves
            if curve.cost[0] <= budget <= curve.cost[-1]
        }
        if solved:
            model = max(solved, key=lambda name: solved[name])
            best.append((budget, model, solved[model]))
    return tuple(best)
