"""What it takes to reach a goal: the budget that a quality or a loss needs in each year, the
cheapest year, and whether to wait.

needed(t)  the yearly budget at which the best split of year t reaches the goal (quality rises with
           the budget, so there is one)
cheapest   the year of the plan of least needed(t)·(1 + cost of a year's delay)^(t − first year)
waiting    the first year t in which needed(t) has fallen to the budget of the first year, or to
           that of the plan
longest    with costs of the same run falling by a factor e^r a year, a run of d years started after
           w years ends at w + d·e^(−r·w):
           a later start overtakes it while d > 1/r (Sevilla et al. 2022, The longest training run)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.inflation import price_year_in_use
from forecasting.errors import InputError
from forecasting.planning.input_groups import FIRST_YEAR, LAST_YEAR, SplitInputs
from forecasting.planning.plan_inputs import (
    PlanInputs,
    drawn_inputs,
    log_ceiling,
    log_passes,
    split_problem,
    with_answers,
)
from forecasting.planning.split_solver import LN10, SplitProblem, best_splits
from forecasting.scenario import quantity
from forecasting.stats.bands import QUANTILES, Bands, Range, quantile_columns
from forecasting.stats.quantiles import quantile_of
from forecasting.stats.rootfind import find_roots
from forecasting.units import DAYS_PER_YEAR

#: Budgets are looked for between these, in USD a year; beyond the upper one the goal counts as out
#: of reach.
MIN_USD, MAX_USD = 1.0, 1e18
#: How closely ln of a budget is found.
GOAL_FOUND = 1e-6
#: Goals are worked out on so many draws: each takes about ten plans.
DRAWS = 300


class GoalInputs(SplitInputs):
    """Inputs of what a goal takes: the goal, its year, and the cost of delay."""

    goal: Literal["quality", "loss"] = quantity(
        "quality",
        unit="name",
        label="Reach",
        why=(
            "Quality counts the compute of answers and better algorithms; a loss is that of one"
            " pass."
        ),
    )
    goal_flop: float = quantity(
        1e29,
        unit="FLOP",
        label="Quality of a run of",
        why=(
            "Equivalent training compute with the algorithms of the first year and one pass per"
            " answer; GPT-4 took about 2.1 × 10²⁵ FLOP."
        ),
        ge=1e18,
        le=1e45,
    )
    goal_loss: float = quantity(
        1.86,
        unit="nats per token",
        label="Loss",
        why="The default law never goes below 1.82, its irreducible loss.",
        ge=0.1,
        le=10.0,
    )
    goal_year: int = quantity(2030, unit="year", label="By the year", ge=FIRST_YEAR, le=LAST_YEAR)
    delay_cost: float = quantity(
        0.25,
        unit="share per year",
        label="Cost of a year's delay (share of the budget needed)",
        why=(
            "An assumption: the cost of a year without the model, as a share of its own cost. With"
            " 0, waiting is always cheapest."
        ),
        ge=0.0,
        le=10.0,
    )


@dataclass(frozen=True)
class GoalResult(Answered):
    """What a goal takes. `needed` are bands of USD per year over the plan's years (infinite: out of
    reach in that draw).

    `by_year` is the budget needed in the goal's year, `reachable` the share of draws in which any
    budget reaches it, `cheapest` the cheapest year, `reached` the first year in which what is
    needed has fallen to the first year's budget, and `reached_growing` to the budget of the plan,
    which grows (both infinite: not in this plan); `longest_run_days` is what 1/r comes to. Money is
    in USD of `price_year`, or nominal; `first_budget_usd` is the plan's first year's.
    """

    scenario: GoalInputs
    years: FloatArray
    needed: Bands
    by_year: Range
    reachable: float
    cheapest: Range
    reached: Range
    reached_growing: Range
    longest_run_days: Range
    price_year: int
    first_budget_usd: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a year: quantiles of the budget needed."""
        return pd.DataFrame(
            {
                "year": self.years.astype(np.int64),
                **quantile_columns("needed_usd_per_year", self.needed.values),
            }
        )


def goal_seek(scenario: GoalInputs, *, data: DataOrContext | None = None) -> GoalResult:
    """What the scenario's goal takes. Raises InputError for a goal's year outside the plan."""
    if not scenario.first_year <= scenario.goal_year <= scenario.last_year:
        raise InputError(
            "goal_year",
            scenario.goal_year,
            f"Use a year of the plan, {scenario.first_year} to {scenario.last_year}.",
        )
    context = context_of(data)
    # The plan's own budget plays no part in what is needed, so neither does whether it can serve
    # the demand: nothing is checked.
    inputs = drawn_inputs(scenario.replaced(draws=min(scenario.draws, DRAWS)), data=context)
    inputs = with_answers(scenario, inputs, context, partial(_best_at_goal, scenario))
    needed = needed_usd(scenario, inputs)
    at = scenario.goal_year - scenario.first_year
    with_delay = needed * (1.0 + scenario.delay_cost) ** (inputs.years - inputs.years[0])
    cheapest = np.where(
        np.isfinite(needed).any(axis=1), inputs.years[np.argmin(with_delay, axis=1)], np.inf
    )
    bands = Bands(inputs.years, quantile_of(needed, QUANTILES))
    return GoalResult(
        scenario=scenario,
        years=inputs.years,
        needed=bands,
        by_year=bands.range_at(at, "USD per year"),
        reachable=float(np.mean(np.isfinite(needed[:, at]))),
        cheapest=Range.of_draws(cheapest, "year"),
        reached=_reached(bands, float(np.median(inputs.budget_usd[:, 0]))),
        first_budget_usd=float(np.median(inputs.budget_usd[:, 0])),
        reached_growing=_reached(
            Bands(inputs.years, quantile_of(needed / inputs.budget_usd, QUANTILES)), 1.0
        ),
        longest_run_days=Range.of_draws(DAYS_PER_YEAR / _progress(inputs), "days"),
        price_year=price_year_in_use(scenario.price_year, context.data),
    )


def needed_usd(scenario: GoalInputs, inputs: PlanInputs) -> FloatArray:
    """The yearly budget that reaches the goal, shape (draws, years); infinite where none up to
    MAX_USD does.
    """
    problem, ceiling = split_problem(scenario, inputs), log_ceiling(inputs)
    target = goal_score(scenario, inputs)
    if scenario.goal == "loss":
        problem = problem.replaced(log_span=np.zeros(len(problem)))

    def beyond(log_budget: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = best_splits(problem.replaced(log_budget=log_budget), ceiling)
        return found.score - target, found.worth_of_budget / LN10

    reachable = np.isfinite(target) & (beyond(np.full(len(problem), math.log(MAX_USD)))[0] >= 0.0)
    rows = np.flatnonzero(reachable)
    needed = np.full(len(problem), np.inf)
    if rows.size:
        problem, ceiling, target = problem.rows(rows), ceiling[rows], target[rows]
        low, high = np.full(rows.size, math.log(MIN_USD)), np.full(rows.size, math.log(MAX_USD))
        needed[rows] = np.exp(
            find_roots(beyond, low, high, start=_start(problem, target), tolerance=GOAL_FOUND)
        )
    result: FloatArray = needed.reshape(inputs.budget_usd.shape)
    return result


def _best_at_goal(scenario: GoalInputs, inputs: PlanInputs) -> tuple[FloatArray, FloatArray]:
    """ln N and ln k at the budgets that reach the goal; at MAX_USD where none does."""
    budget = np.minimum(needed_usd(scenario, inputs), MAX_USD)
    problem = split_problem(scenario, replace(inputs, budget_usd=budget))
    if scenario.goal == "loss":
        problem = problem.replaced(log_span=np.zeros(len(problem)))
    best = best_splits(problem, log_ceiling(inputs))
    return best.n.reshape(budget.shape), log_passes(inputs, best).reshape(budget.shape)


def goal_score(scenario: GoalInputs, inputs: PlanInputs) -> FloatArray:
    """The score of the solver (without algorithmic gain) at which each row has reached the goal;
    infinite where no score does.
    """
    if scenario.goal == "quality":
        goal = np.full(inputs.budget_usd.shape, math.log10(scenario.goal_flop))
    else:
        left = (scenario.goal_loss - inputs.laws.E) / inputs.laws.K
        goal = np.broadcast_to(
            np.where(
                left > 0.0, -np.log10(np.where(left > 0.0, left, 1.0)) / inputs.laws.gamma, np.inf
            )[:, None],
            inputs.budget_usd.shape,
        )
    result: FloatArray = (goal - inputs.log_gain).ravel()
    return result


def _start(problem: SplitProblem, target: FloatArray) -> FloatArray:
    """A first guess: twice what compute-optimal training to the goal costs."""
    return np.clip(
        target * LN10 + problem.log_train - math.log(3.0), math.log(MIN_USD), math.log(MAX_USD)
    )


def _reached(needed: Bands, budget: float) -> Range:
    """The first year in which the median of what is needed is within the budget, and the first
    years for the ends of its ranges.
    """

    def first(line: FloatArray) -> float:
        within = line <= budget
        return float(needed.x[int(np.argmax(within))]) if within.any() else math.inf

    return Range.of_quantiles(tuple(first(line) for line in needed.values), "year")


def _progress(inputs: PlanInputs) -> FloatArray:
    """By how much a year, as an exponent, the same run gets cheaper: cheaper compute and better
    algorithms.
    """
    years = max(float(inputs.years[-1] - inputs.years[0]), 1.0)
    cheaper = (
        np.log(inputs.usd_per_training_flop[:, 0] / inputs.usd_per_training_flop[:, -1]) / years
    )
    result: FloatArray = np.maximum(cheaper + inputs.log_gain[:, -1] * LN10 / years, 1e-6)
    return result
