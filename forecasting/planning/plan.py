"""The plan: with this budget and this demand, year by year, what to train, how to split, and what
stops us first.

In each year and each draw of every uncertain input the budget is split at its best (see
best_split), under what chips and power allow a run. Algorithmic progress is worth training compute:
quality is log10 C_eq + s·log10 k + log10 gain(t), with the gain counted from the first year on; it
multiplies whatever is trained, so it does not move the split.

    plan(PlanScenario()).table
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.context import DataOrContext, context_of, law_in_use
from forecasting.data.inflation import price_year_in_use
from forecasting.fitting.law_choice import LawInUse
from forecasting.laws.data_limited_quality import fresh_epochs
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.planning.input_groups import FeasiblePlanInputs
from forecasting.planning.plan_inputs import (
    PlanInputs,
    log_ceiling,
    log_passes,
    near_splits,
    plan_inputs,
    split_problem,
)
from forecasting.planning.planned_answers import PlannedAnswers
from forecasting.planning.split_solver import (
    LN10,
    SplitProblem,
    Splits,
    best_splits,
    splits_at_training_compute,
)
from forecasting.scenario import quantity
from forecasting.stats.bands import QUANTILES, Bands, Range
from forecasting.stats.quantiles import quantile_of
from forecasting.units import SECONDS_PER_DAY

#: What can stop a plan first, and how it is said.
LIMITS = ("budget", "text", "power", "chips")
#: Quantities of a plan by year: title and unit; the names are columns of the table.
QUANTITIES: Mapping[str, tuple[str, str]] = {
    "inference_share": ("Inference share of spending", "1"),
    "params": ("Model size", "parameters"),
    "tokens": ("Training tokens", "tokens"),
    "unique_tokens": ("Unique text available", "tokens"),
    "epochs": ("Epochs", "epochs"),
    "training_flop": ("Training compute", "FLOP"),
    "training_days": ("Days of the run", "days"),
    "chips": ("Chips for the run", "chips"),
    "power_mw": ("Power of the run", "MW"),
    "loss": ("Loss by the law", "nats per token"),
    "loss_with_algorithms": ("Loss with better algorithms", "nats per token"),
    "answer_compute": ("Compute per answer, in passes", "×"),
    "budget_usd": ("Budget", "USD"),
    "training_usd": ("Training", "USD"),
    "inference_usd": ("Inference", "USD"),
    "mfu_input": ("Utilisation in reading prompts", "share of the FP16 peak"),
    "mfu_output": ("Utilisation in writing answers", "share of the FP16 peak"),
    "unspent_usd": ("Left over", "USD"),
    "usd_per_answer": ("Cost per answer", "USD"),
    "score_oom": ("Equivalent training compute", "log10 FLOP"),
    "gain_over_training_only_oom": ("Gain over spending all on training", "OOM"),
    "gain_over_first_split_oom": ("Gain over the first year's split", "OOM"),
    "worth_of_text_oom": ("Worth of ten times the text, at the margin", "OOM per OOM"),
}
TABLE_QUANTILES = (0.1, 0.5, 0.9)
#: Gains below this many orders of magnitude are not worth a number.
MIN_GAIN = 0.005
#: How near ln of the passes comes to its limit where that binds.
OUT_OF_TIME = 1e-6


class YearlyPlanInputs(FeasiblePlanInputs):
    """Inputs of a plan year by year, with what counts as a limit."""

    binding_epochs: float = quantity(
        1.0,
        unit="epochs",
        label="Text counts as a limit above",
        why=(
            "Above 1 epoch text has to be repeated. Up to 4 epochs cost little (Muennighoff et al."
            " 2023): with 4, text counts as a limit once repetition begins to hurt."
        ),
        ge=1.0,
        le=1000.0,
    )


@dataclass(frozen=True)
class PlanResult(Answered):
    """A plan by year. `bands` holds QUANTITIES; `binding` the probability that each of LIMITS is
    what stops the plan, shape (4, years).

    `starts` gives the year in which a limit first binds (infinite: not in this plan), `gain_years`
    how many years later the same quality is reached without the best split, both with 80% ranges.
    `total_usd` is the budget of all years. `served` says how models are served (None with a
    utilisation of one's own and no limit on time), `late` the probability by year that the time of
    an answer is what ends thinking. Money is in USD of `price_year`, or of the year in which it is
    spent (`scenario.dollars`).
    """

    scenario: YearlyPlanInputs
    law: LawInUse
    years: FloatArray
    bands: Mapping[str, Bands]
    binding: FloatArray
    starts: Mapping[str, Range]
    ever: Mapping[str, float]
    gain_years: Mapping[str, Range]
    price_year: int
    served: PlannedAnswers | None
    late: FloatArray
    total_usd: Range

    @property
    def first_limit(self) -> tuple[str, int] | None:
        """The limit other than money that binds first in most draws, and the year in which it does;
        None where none is that likely.
        """
        starts = {
            name: self.starts[name].value
            for name in LIMITS[1:]
            if math.isfinite(self.starts[name].value)
        }
        if not starts:
            return None
        first = min(starts, key=lambda name: (starts[name], -self.ever[name]))
        return first, int(starts[first])

    def range_at(self, name: str, year: int) -> Range:
        """A quantity in a year: median and 80% range."""
        at = int(np.flatnonzero(self.years == year)[0])
        return self.bands[name].range_at(at, QUANTITIES[name][1])

    def training_share(self, year: int) -> Range:
        """The share of training in what is spent in a year: 1 − that of inference."""
        other = self.range_at("inference_share", year)
        return Range(
            1.0 - other.value,
            1.0 - other.high,
            1.0 - other.low,
            other.unit,
            tuple(1.0 - share for share in reversed(other.quantiles)),
        )

    @property
    def keeps_for_nothing(self) -> bool:
        """Whether keeping the first year's split costs next to nothing in the last, in most
        draws.
        """
        return float(self.bands["gain_over_first_split_oom"].median[-1]) < MIN_GAIN

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a year: each quantity with its 80% range and median, then the probability that
        each limit binds.
        """
        columns: dict[str, FloatArray | IntArray] = {"year": self.years.astype(np.int64)}
        for name, bands in self.bands.items():
            low, high = bands.interval(0.8)
            for quantile, values in zip(TABLE_QUANTILES, (low, bands.median, high), strict=True):
                columns[f"{name}_q{quantile * 100:g}"] = values
        for limit, probability in zip(LIMITS, self.binding, strict=True):
            columns[f"probability_{limit}_binds"] = probability
        if self.scenario.answer_time_limit_s:
            columns["probability_time_of_answer_binds"] = self.late
        return pd.DataFrame(columns)


def plan(scenario: YearlyPlanInputs, *, data: DataOrContext | None = None) -> PlanResult:
    """The best split of every year of the scenario, with ranges from its draws.

    Raises InputError where the budget can't serve the demand with the smallest model, or can't pay
    for the own cluster.
    """
    context = context_of(data)
    inputs = plan_inputs(scenario, data=context)
    problem, ceiling = split_problem(scenario, inputs), log_ceiling(inputs)
    best = best_splits(problem, ceiling, near=near_splits(inputs))
    shape = inputs.budget_usd.shape
    score = best.score.reshape(shape)
    gains = {
        "training_only": (
            score
            - best_splits(problem.replaced(log_span=np.zeros(len(problem))), ceiling).score.reshape(
                shape
            )
        ),
        "first_split": score - _kept_split(problem, best, ceiling, shape).score.reshape(shape),
    }
    values = plan_quantities(scenario, inputs, problem, best)
    values["gain_over_training_only_oom"] = gains["training_only"]
    values["gain_over_first_split_oom"] = gains["first_split"]
    bound = _binding_limits(scenario, inputs, values["epochs"], best)
    return PlanResult(
        scenario=scenario,
        law=law_in_use(scenario.law, context),
        years=inputs.years,
        bands={
            name: Bands(inputs.years, quantile_of(values[name], QUANTILES)) for name in QUANTITIES
        },
        binding=np.stack([np.mean(bound == limit, axis=0) for limit in range(len(LIMITS))]),
        starts={
            name: Range.of_draws(_first_year(bound == limit, inputs.years), "year")
            for limit, name in enumerate(LIMITS)
        },
        ever={
            name: float(np.mean((bound == limit).any(axis=1))) for limit, name in enumerate(LIMITS)
        },
        gain_years=(
            {name: _in_years(gain, values["score_oom"]) for name, gain in gains.items()}
            if shape[1] > 1
            else {}
        ),
        price_year=price_year_in_use(scenario.price_year, context.data),
        served=inputs.answers,
        late=np.mean(_out_of_time(inputs, problem, best).reshape(shape), axis=0),
        total_usd=Range.of_draws(inputs.budget_usd.sum(axis=1), "USD"),
    )


def _out_of_time(inputs: PlanInputs, problem: SplitProblem, best: Splits) -> BoolArray:
    """Whether thinking ends where the time of an answer does, before the span does."""
    limit = inputs.log_passes_limit.ravel()
    spans = np.repeat(inputs.span_oom, inputs.years.size) * LN10
    result: BoolArray = (
        (problem.log_output > -np.inf)
        & (limit < spans)
        & (log_passes(inputs, best) >= limit - OUT_OF_TIME)
    )
    return result


def plan_quantities(
    scenario: FeasiblePlanInputs, inputs: PlanInputs, problem: SplitProblem, best: Splits
) -> dict[str, FloatArray]:
    """What each split means, every array of shape (draws, years).

    Parameters
    ----------
    scenario : FeasiblePlanInputs
        The inputs of the plan.
    inputs : PlanInputs
        What they come to in each draw and year, arrays of shape (draws, years).
    problem : SplitProblem
        The same as rows of budgets, draws × years of them.
    best : Splits
        The split of each row.
    """
    shape = inputs.budget_usd.shape
    n, d, log_k = (x.reshape(shape) for x in (best.n, best.d, log_passes(inputs, best)))
    params, tokens, k = np.exp(n), np.exp(d), np.exp(log_k)
    training_flop = FLOP_PER_PARAM_AND_TOKEN * params * tokens
    training_usd = np.exp(d + n + problem.log_train.reshape(shape))
    inference_usd = problem.inference_usd(best.n, best.log_k).reshape(shape)
    # As the solver counts: at the size and the length of each draw.
    served = inputs.full_load_share[:, None] * np.exp(
        inputs.size_elasticity * (inputs.log_params_served - n)
    )
    longer = np.exp(inputs.length_elasticity * (inputs.log_passes_served - log_k))
    left_over = inputs.budget_usd - training_usd - inference_usd
    own = scenario.chips_from == "own"
    allowed = np.broadcast_to(inputs.days[:, None] * SECONDS_PER_DAY, shape)
    seconds = training_flop / (inputs.chips * inputs.flop_per_s_per_chip) if own else allowed
    log_gain = inputs.log_gain
    laws = inputs.laws
    log_quality = best.score.reshape(shape) * math.log(10.0) - inputs.exchange_rate[:, None] * log_k
    above_floor = laws.K[:, None] * np.exp(-laws.gamma[:, None] * log_quality)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_answer = np.where(inputs.requests > 0.0, inference_usd / inputs.requests, 0.0)
    return {
        "inference_share": inference_usd / (training_usd + inference_usd),
        "params": params,
        "tokens": tokens,
        "unique_tokens": inputs.unique_tokens,
        "epochs": fresh_epochs(tokens, inputs.unique_tokens),
        "training_flop": training_flop,
        "training_days": seconds / SECONDS_PER_DAY,
        "chips": inputs.chips if own else training_flop / (inputs.flop_per_s_per_chip * seconds),
        "power_mw": training_flop / (inputs.flop_per_s_per_watt * seconds) / 1e6,
        "loss": laws.E[:, None] + above_floor,
        "loss_with_algorithms": (
            laws.E[:, None] + above_floor * 10.0 ** (-laws.gamma[:, None] * log_gain)
        ),
        "answer_compute": k,
        "budget_usd": inputs.budget_usd,
        "training_usd": training_usd,
        "inference_usd": inference_usd,
        "mfu_input": inputs.mfu_input * served,
        "mfu_output": inputs.mfu_output * served * longer,
        "unspent_usd": np.where(left_over > 1e-9 * inputs.budget_usd, left_over, 0.0),
        "usd_per_answer": per_answer,
        "score_oom": best.score.reshape(shape) + log_gain,
        "worth_of_text_oom": best.worth_of_text.reshape(shape),
    }


def _binding_limits(
    scenario: YearlyPlanInputs, inputs: PlanInputs, epochs: FloatArray, best: Splits
) -> IntArray:
    """Which of LIMITS stops the plan in each draw and year, shape (draws, years).

    Chips or power bind where the run has all the compute that they allow, text where it is read
    more often than `binding_epochs`; of both, the one of which more would add more. Elsewhere it is
    money.
    """
    shape = inputs.budget_usd.shape
    worth_of_ceiling, worth_of_text = (
        best.worth_of_ceiling.reshape(shape),
        best.worth_of_text.reshape(shape),
    )
    capped = (best.n + best.d).reshape(shape) + math.log(6.0) >= log_ceiling(inputs).reshape(
        shape
    ) - 1e-6
    repeated = epochs > scenario.binding_epochs
    by_text = repeated & (~capped | (worth_of_text >= worth_of_ceiling))
    ceiling = np.where(
        inputs.power_flop <= inputs.chips_flop, LIMITS.index("power"), LIMITS.index("chips")
    )
    return np.where(
        by_text, LIMITS.index("text"), np.where(capped, ceiling, LIMITS.index("budget"))
    )


def years_in_words(figure: Range, last_year: int) -> str:
    """When a range of years says: “likely 2028–2031 (80%)”, “likely 2028 to after 2032 (80%)”;
    empty where its ends agree.
    """
    return figure.range_words(
        lambda year: f"after {last_year}" if math.isinf(year) else f"{year:.0f}"
    )


def _kept_split(
    problem: SplitProblem, best: Splits, ceiling: FloatArray, shape: tuple[int, ...]
) -> Splits:
    """The splits that leave training the share of the budget that was best in the first year."""
    log_share = (best.n + best.d + problem.log_train - problem.log_budget).reshape(shape)[:, :1]
    log_flop = (
        (problem.log_budget.reshape(shape) + np.minimum(log_share, -1e-9)).ravel()
        - problem.log_train
        + math.log(6.0)
    )
    return splits_at_training_compute(problem, np.minimum(log_flop, ceiling))


def _first_year(binds: BoolArray, years: FloatArray) -> FloatArray:
    """The first year in which each draw is bound; infinite where none is."""
    result: FloatArray = np.where(binds.any(axis=1), years[binds.argmax(axis=1)], np.inf)
    return result


def _in_years(gain: FloatArray, score: FloatArray) -> Range:
    """How many years of the plan's own progress the gain of the last year is worth."""
    a_year = (score[:, -1] - score[:, 0]) / (score.shape[1] - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(a_year > 0.0, gain[:, -1] / a_year, np.inf)
    return Range.of_draws(years, "years")
