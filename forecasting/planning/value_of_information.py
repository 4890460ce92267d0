"""What matters: how far each input's range moves the plan, and what knowing the input exactly would
be worth.

    tornado   one input at its 10% and its 90% quantile, everything else at its median: what becomes
              of the last year's plan
    worth     E over x of [max over splits of E(quality | x)] − max over splits of E(quality), the
              expected value of perfect information
              about x, when the split of the last year has to be fixed before anything is known

A split is fixed as a share of training and a number of tokens per parameter: the two numbers that a
plan can settle without knowing prices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray, IntArray
from forecasting.context import Context, DataOrContext, context_of
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.planning.input_groups import FeasiblePlanInputs
from forecasting.planning.plan import plan_quantities
from forecasting.planning.plan_inputs import (
    INPUTS,
    PlanInputs,
    log_ceiling,
    plan_inputs,
    split_problem,
)
from forecasting.planning.split_solver import LN10, SplitProblem, best_splits
from forecasting.stats.quantiles import quantile_of

LOW, HIGH = 0.1, 0.9
OUTCOMES = ("inference_share", "score_oom", "params", "tokens")
#: Splits that are compared: shares of training, and orders of magnitude of tokens per parameter
#: around the best.
SHARES, RATIOS = 25, 17
RATIO_REACH_OOM = 1.2
DRAWS = 400
#: Draws are sorted by an input into so many groups, within which the others vary.
GROUPS = 8
SHUFFLES = 20
#: An answer that is not given counts as much as an OOM of quality an OOM: no split gains by leaving
#: requests unanswered.
UNANSWERED = 1.0
#: The input that is known where utilisation is the scenario's own.
OWN_UTILISATION = "utilisation in answers"
#: Where a gain would take more than so many times ten the budget, no budget brings it.
MAX_OOM_OF_BUDGET = 6.0


@dataclass(frozen=True)
class InputWorth:
    """One input: what the outcomes come to at its low and high end (by name), and what knowing it
    would be worth.
    """

    name: str
    low: dict[str, float]
    high: dict[str, float]
    worth_oom: float
    worth_usd: float

    def swing(self, outcome: str) -> float:
        """How far the outcome moves between the ends."""
        return self.high[outcome] - self.low[outcome]


@dataclass(frozen=True)
class WhatMatters(Answered):
    """All inputs, and what knowing everything would be worth.

    `middle` holds the outcomes with every input at its median, `plan_median` their medians over the
    draws of the plan: where surprises push further to one side than to the other, the two differ.
    """

    scenario: FeasiblePlanInputs
    year: int
    middle: dict[str, float]
    plan_median: dict[str, float]
    inputs: tuple[InputWorth, ...]
    everything_oom: float
    everything_usd: float

    def ranked(self, outcome: str) -> tuple[InputWorth, ...]:
        """The inputs, the one that moves the outcome most first; those that do not move it are left
        out.
        """
        least = max(
            1e-3 * max(abs(each.swing(outcome)) for each in self.inputs),
            1e-9 * abs(self.middle[outcome]),
            1e-12,
        )
        moving = [each for each in self.inputs if abs(each.swing(outcome)) > least]
        return tuple(sorted(moving, key=lambda each: -abs(each.swing(outcome))))

    def leans(self, outcome: str) -> int:
        """1 where the inputs' ends push the outcome up further than down, −1 where it is the other
        way round, 0 where neither is so.
        """
        moves = [
            value - self.middle[outcome]
            for each in self.inputs
            for value in (each.low[outcome], each.high[outcome])
        ]
        up, down = sum(max(move, 0.0) for move in moves), sum(max(-move, 0.0) for move in moves)
        return 0 if max(up, down) < 1.2 * min(up, down) else 1 if up > down else -1

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an input: outcomes at both ends, worth of knowing it."""
        rows = []
        for each in self.ranked("inference_share") + tuple(
            i for i in self.inputs if i not in self.ranked("inference_share")
        ):
            row: dict[str, object] = {"input": each.name}
            for outcome in OUTCOMES:
                row[f"{outcome}_at_q10"], row[f"{outcome}_at_q90"] = (
                    each.low[outcome],
                    each.high[outcome],
                )
            rows.append(
                row
                | {
                    "worth_of_knowing_oom": each.worth_oom,
                    "worth_of_knowing_usd": each.worth_usd,
                }
            )
        rows.append(
            {
                "input": "everything",
                "worth_of_knowing_oom": self.everything_oom,
                "worth_of_knowing_usd": self.everything_usd,
            }
        )
        return pd.DataFrame(rows)


def what_matters(scenario: FeasiblePlanInputs, *, data: DataOrContext | None = None) -> WhatMatters:
    """Tornado and worth of information for the last year of the scenario. Raises what `plan`
    raises.
    """
    context = context_of(data)
    plan_median = _plan_median(scenario, context)
    inputs = plan_inputs(scenario.replaced(draws=min(scenario.draws, DRAWS)), data=context)
    last = inputs.in_year(inputs.years.size - 1)
    middle = _outcomes(scenario, inputs.at({}).in_year(inputs.years.size - 1))
    names = [name for name in INPUTS if name != OWN_UTILISATION or scenario.answer_mfu == "model"]
    ends = {q: [_outcomes(scenario, last.at({name: q})) for name in names] for q in (LOW, HIGH)}
    worth, everything, worth_of_budget = _worth_of_knowing(scenario, last, names)
    budget = float(np.median(last.budget_usd))

    def usd(gain_oom: float) -> float:
        more = gain_oom / worth_of_budget
        return float(budget * (10.0**more - 1.0)) if more < MAX_OOM_OF_BUDGET else math.inf

    return WhatMatters(
        scenario=scenario,
        year=int(inputs.years[-1]),
        middle=middle,
        plan_median=plan_median,
        inputs=tuple(
            InputWorth(name, low, high, gain, usd(gain))
            for name, low, high, gain in zip(names, ends[LOW], ends[HIGH], worth, strict=True)
        ),
        everything_oom=everything,
        everything_usd=usd(everything),
    )


def _plan_median(scenario: FeasiblePlanInputs, context: Context) -> dict[str, float]:
    """What the plan itself says of its last year, from all its draws."""
    inputs = plan_inputs(scenario, data=context)
    return _outcomes(scenario, inputs.in_year(inputs.years.size - 1))


def _outcomes(scenario: FeasiblePlanInputs, futures: PlanInputs) -> dict[str, float]:
    """Medians over some futures of one year."""
    problem = split_problem(scenario, futures)
    values = plan_quantities(scenario, futures, problem, best_splits(problem, log_ceiling(futures)))
    return {outcome: float(quantile_of(values[outcome], [0.5])[0, 0]) for outcome in OUTCOMES}


def _worth_of_knowing(
    scenario: FeasiblePlanInputs, last: PlanInputs, names: list[str]
) -> tuple[list[float], float, float]:
    """Worth of each input and of all together in OOM, and what ten times the budget adds in OOM."""
    problem, ceiling = split_problem(scenario, last), log_ceiling(last)
    best = best_splits(problem, ceiling)
    scores = _scores_of_fixed_splits(problem, ceiling, float(np.median(best.d - best.n)) / LN10)
    without = float(scores.mean(axis=0).max())
    rng = np.random.default_rng([scenario.seed, 5])
    shuffles = [rng.permutation(last.count) for _ in range(SHUFFLES)]
    # Choosing the best split of few draws gains by chance alone: what shuffled draws gain is taken
    # off, and what is no more counts as none.
    by_chance = np.array([_with_groups(scores, order) for order in shuffles]) - without
    gains = []
    for name in names:
        index = last.index_of(name, 0)
        known = not np.isfinite(index).all() or np.ptp(index) == 0.0
        gain = 0.0 if known else _with_groups(scores, np.argsort(index, kind="stable")) - without
        gains.append(gain - float(by_chance.mean()) if gain > by_chance.max() else 0.0)
    everything = float(scores.max(axis=1).mean()) - without
    return gains, everything, max(float(np.median(best.worth_of_budget)), 1e-6)


def _with_groups(scores: FloatArray, order: IntArray) -> float:
    """Mean quality when the split is chosen again for each group of draws, in this order."""
    groups = np.array_split(order, GROUPS)
    return float(
        np.average(
            [scores[group].mean(axis=0).max() for group in groups],
            weights=[group.size for group in groups],
        )
    )


def _scores_of_fixed_splits(
    problem: SplitProblem, ceiling: FloatArray, ratio_oom: float
) -> FloatArray:
    """Quality of every draw under every fixed split, shape (draws, splits), in OOM."""
    odds = np.linspace(-4.0, 4.0, SHARES)
    log_shares = -np.log1p(np.exp(-odds))
    ratios = (ratio_oom + np.linspace(-RATIO_REACH_OOM, RATIO_REACH_OOM, RATIOS)) * LN10
    columns = []
    for log_share in log_shares:
        log_flop = np.minimum(
            log_share + problem.log_budget - problem.log_train + np.log(FLOP_PER_PARAM_AND_TOKEN),
            ceiling,
        )
        spent = np.exp(log_flop - np.log(FLOP_PER_PARAM_AND_TOKEN) + problem.log_train)
        left = np.maximum(np.exp(problem.log_budget) - spent, 1e-300)
        for ratio in ratios:
            n = 0.5 * (log_flop - np.log(FLOP_PER_PARAM_AND_TOKEN) - ratio)
            value = problem.quality.slopes(n, n + ratio).value
            for_output = left * np.exp(-(1.0 + problem.size_elasticity) * n) - np.exp(
                problem.log_input
            )
            has_demand = problem.log_span > 0.0
            output = np.where(has_demand, problem.log_output, 0.0)
            log_k = np.log(np.maximum(for_output, 1e-30)) - output
            answers = np.where(
                log_k >= 0.0,
                problem.exchange_rate * np.minimum(log_k, problem.log_span),
                UNANSWERED * log_k,
            )
            columns.append((value + np.where(has_demand, answers, 0.0)) / LN10)
    return np.stack(columns, axis=1)
