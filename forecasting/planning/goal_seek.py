"""What it takes to reach a goal: the budget that a quality or a loss needs in each year, the cheapest year, and whether to wait.

needed(t)  the yearly budget at which the best split of year t reaches the goal (quality rises with the budget, so there is one)
cheapest   the year of least needed(t)·(1 + cost of a year's delay)^(t − first year), up to the goal's year
waiting    with costs of the same run falling by a factor e^r a year, a run of d years started after w years ends at w + d·e^(−r·w):
           waiting pays while d > 1/r, and no run should take longer than 1/r (Sevilla et al. 2022, The longest training run)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from forecasting.core.bands import QUANTILES, Bands, Range, quantile_columns
from forecasting.core.bracketed_newton import rising_root
from forecasting.core.errors import InputError
from forecasting.core.estimate import quantile_of
from forecasting.core.tables import Tables, bundled
from forecasting.core.units import DAYS_PER_YEAR, in_dollars, in_words, range_in_words, significant
from forecasting.laws.law_inputs import FloatArray
from forecasting.planning.plan_inputs import PlanInputs, log_ceiling, plan_inputs, split_problem
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.planning.split_solver import LN10, SplitProblem, best_splits

#: Budgets are looked for between these, in USD a year; beyond the upper one the goal counts as out of reach.
LEAST_USD, MOST_USD = 1.0, 1e18
#: How closely ln of a budget is found.
GOAL_FOUND = 1e-6
#: No year beyond this is named.
LAST_NAMED_YEAR = 2100
#: Goals are worked out on so many draws: each takes about ten plans.
DRAWS = 300


@dataclass(frozen=True)
class GoalResult:
    """What a goal takes. `needed` are bands of USD a year over the plan's years (infinite: out of reach in that draw).

    `by_year` is the budget needed in the goal's year, `reachable` the share of draws in which any budget reaches it, `cheapest` the
    cheapest year, `longest_run_days` what 1/r comes to, `wait_years` how long to wait before a run on the first year's budget, and
    `done_now`, `done_waiting` the dates at which that run ends.
    """

    scenario: PlanScenario
    years: FloatArray
    needed: Bands
    by_year: Range
    reachable: float
    cheapest: Range
    longest_run_days: Range
    wait_years: Range
    done_now: Range
    done_waiting: Range

    @property
    def goal_words(self) -> str:
        """The goal in words."""
        if self.scenario.goal == "loss":
            return f"a loss of {significant(self.scenario.goal_loss, 4)} nats per token"
        return f"the quality of a run of {in_words(self.scenario.goal_flop)} FLOP"

    @cached_property
    def answer(self) -> str:
        """Budget and cheapest year in one sentence."""
        year = self.scenario.goal_year
        if not math.isfinite(self.by_year.value):
            return (
                f"{self.goal_words[:1].upper()}{self.goal_words[1:]} is out of reach in {year} whatever the budget, in "
                f"{1 - self.reachable:.0%} of the futures drawn: text, chips or power, or the law itself, end before."
            )
        high = "out of reach" if math.isinf(self.by_year.high) else in_dollars(self.by_year.high, 2)
        return (
            f"{self.goal_words[:1].upper()}{self.goal_words[1:]} takes about {in_dollars(self.by_year.value, 2)} a year in {year} "
            f"(80% range {in_dollars(self.by_year.low, 2)} to {high}); counting what delay costs, the cheapest year to train it is "
            f"{year_words(self.cheapest)}."
        )

    @property
    def answers(self) -> tuple[str, str]:
        """The sentences that the page begins with."""
        return self.answer, self.wait_answer

    @property
    def wait_answer(self) -> str:
        """Train now or wait, in one sentence."""
        longest = self.longest_run_days
        ends = range_in_words(longest.low, longest.high, partial(significant, digits=2))
        days = f"{significant(longest.value, 2)} days (80% range {ends})"
        budget = in_dollars(self.scenario.budget_usd)
        if self.wait_years.value < 1 / 12:
            return (
                f"Do not wait: with {budget} a year such a run is done soonest if it starts at once. In general no run should take longer "
                f"than {days}: one started later would overtake it."
            )
        return (
            f"With {budget} a year it pays to wait: such a run started now would be done {_in(self.done_now)}, one started "
            f"{significant(self.wait_years.value, 2)} years later, on cheaper compute and with better algorithms, {_in(self.done_waiting)}."
            f" In general no run should take longer than {days}: one started later would overtake it."
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a year: quantiles of the budget needed."""
        return pd.DataFrame({"year": self.years.astype(np.int64), **quantile_columns("needed_usd_per_year", self.needed.values)})


def goal_seek(scenario: PlanScenario, *, data: Tables | None = None) -> GoalResult:
    """What the scenario's goal takes. Raises InputError for a goal's year outside the plan."""
    if not scenario.first_year <= scenario.goal_year <= scenario.last_year:
        raise InputError("goal_year", scenario.goal_year, f"Use a year of the plan, {scenario.first_year} to {scenario.last_year}.")
    tables = bundled() if data is None else data
    # The plan's own budget plays no part in what is needed, so neither does whether it can serve the demand: nothing is checked.
    inputs = plan_inputs(scenario.replaced(draws=min(scenario.draws, DRAWS)), data=tables, checked=False)
    needed = needed_usd(scenario, inputs)
    at = scenario.goal_year - scenario.first_year
    with_delay = needed[:, : at + 1] * (1.0 + scenario.delay_cost) ** (inputs.years[: at + 1] - inputs.years[0])
    reached = np.isfinite(needed[:, : at + 1]).any(axis=1)
    cheapest = np.where(reached, inputs.years[np.argmin(with_delay, axis=1)], np.inf)
    waiting = _waiting(scenario, inputs)
    return GoalResult(
        scenario=scenario,
        years=inputs.years,
        needed=Bands(inputs.years, quantile_of(needed, QUANTILES)),
        by_year=Range.of_draws(needed[:, at], "USD a year"),
        reachable=float(np.mean(np.isfinite(needed[:, at]))),
        cheapest=Range.of_draws(cheapest, "year"),
        **waiting,
    )


def needed_usd(scenario: PlanScenario, inputs: PlanInputs) -> FloatArray:
    """The yearly budget that reaches the goal, shape (draws, years); infinite where none up to MOST_USD does."""
    problem, ceiling = split_problem(scenario, inputs), log_ceiling(inputs)
    target = goal_score(scenario, inputs)
    if scenario.goal == "loss":
        problem = problem.replaced(log_span=np.zeros(len(problem)))

    def beyond(log_budget: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = best_splits(problem.replaced(log_budget=log_budget), ceiling)
        return found.score - target, found.worth_of_budget / LN10

    reachable = np.isfinite(target) & (beyond(np.full(len(problem), math.log(MOST_USD)))[0] >= 0.0)
    rows = np.flatnonzero(reachable)
    needed = np.full(len(problem), np.inf)
    if rows.size:
        problem, ceiling, target = problem.rows(rows), ceiling[rows], target[rows]
        low, high = np.full(rows.size, math.log(LEAST_USD)), np.full(rows.size, math.log(MOST_USD))
        needed[rows] = np.exp(rising_root(beyond, low, high, start=_start(problem, target), tolerance=GOAL_FOUND))
    result: FloatArray = needed.reshape(inputs.budget_usd.shape)
    return result


def goal_score(scenario: PlanScenario, inputs: PlanInputs) -> FloatArray:
    """The score of the solver (without algorithmic gain) at which each row has reached the goal; infinite where no score does."""
    if scenario.goal == "quality":
        goal = np.full(inputs.budget_usd.shape, math.log10(scenario.goal_flop))
    else:
        left = (scenario.goal_loss - inputs.laws.E) / inputs.laws.K
        goal = np.broadcast_to(
            np.where(left > 0.0, -np.log10(np.where(left > 0.0, left, 1.0)) / inputs.laws.gamma, np.inf)[:, None], inputs.budget_usd.shape
        )
    result: FloatArray = (goal - inputs.log_gain).ravel()
    return result


def year_words(figure: Range) -> str:
    """A year with its 80% range."""
    value, low, high = (_year(x) for x in (figure.value, figure.low, figure.high))
    return value if low == high == value else f"{value} (80% range {low} to {high})"


def _year(year: float) -> str:
    if math.isinf(year):
        return "never"
    return f"after {LAST_NAMED_YEAR}" if year > LAST_NAMED_YEAR else str(math.floor(year))


def _in(figure: Range) -> str:
    return year_words(figure) if figure.value > LAST_NAMED_YEAR else f"in {year_words(figure)}"


def _start(problem: SplitProblem, target: FloatArray) -> FloatArray:
    """A first guess: twice what compute-optimal training to the goal costs."""
    return np.clip(target * LN10 + problem.log_train - math.log(3.0), math.log(LEAST_USD), math.log(MOST_USD))


def _waiting(scenario: PlanScenario, inputs: PlanInputs) -> dict[str, Range]:
    """When a run on the first year's budget, trained at the first year's price, ends if it starts now or after the best wait."""
    years = max(float(inputs.years[-1] - inputs.years[0]), 1.0)
    cheaper = np.log(inputs.usd_per_training_flop[:, 0] / inputs.usd_per_training_flop[:, -1]) / years
    better = inputs.log_gain[:, -1] * LN10 / years
    rate = np.maximum(cheaper + better, 1e-6)
    flop = 10.0 ** goal_score(scenario, inputs).reshape(inputs.budget_usd.shape)[:, 0]
    run_years = flop * inputs.usd_per_training_flop[:, 0] / scenario.budget_usd
    with np.errstate(divide="ignore"):
        wait = np.maximum(np.log(rate * run_years) / rate, 0.0)
    start = float(inputs.years[0])
    return {
        "longest_run_days": Range.of_draws(DAYS_PER_YEAR / rate, "days"),
        "wait_years": Range.of_draws(wait, "years"),
        "done_now": Range.of_draws(start + run_years, "year"),
        "done_waiting": Range.of_draws(start + wait + run_years * np.exp(-rate * np.where(np.isfinite(wait), wait, 0.0)), "year"),
    }
