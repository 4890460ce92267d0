"""The ladder of generations: each takes 100 times the compute. When, for how much money, and does
the text and the power last?

    a generation lasts ln 100/ln g years at g× a year;  compute-optimal, 100× compute is N ×
                                                        100^(β/(α+β)) and D × 100^(α/(α+β))

so "100× compute" and "100× of everything" are different things: the second asks for 100 times the
text as well, the first for about 12. Money and power fall behind compute, since a FLOP gets cheaper
and takes less energy; the claim of "everything" leaves that out too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.compute_cost.compute_price import compute_price_draws
from forecasting.compute_cost.trained_models import TrainedModel, model_row, trained_model
from forecasting.context import Context, DataOrContext, context_of, law_in_use
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import price_year_in_use
from forecasting.errors import InputError
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.planning.input_groups import FIRST_YEAR, LAST_YEAR, FutureInputs, PlanDrawInputs
from forecasting.planning.plan_inputs import (
    STREAM_KEY,
    PlanInputs,
    drawn_inputs,
    priced_by,
)
from forecasting.scenario import quantity
from forecasting.stats.bands import Range
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.stats.sampling import stratified_normals
from forecasting.units import SECONDS_PER_DAY

#: The steps behind us, by their names in ai_models, and how many steps ahead are worked out.
PAST = ("GPT-2", "GPT-3", "GPT-4")
STEPS_AHEAD = 3
NEEDS = ("text", "power", "chips", "money")
NEED_UNITS = {"text": "tokens", "power": "MW", "chips": "chips", "money": "USD"}
MODES = {"compute": "100× compute", "everything": "100× of everything"}
DRAWS = 500


def generation_years(growth_per_year: float, factor: float = 100.0) -> float:
    """How long a generation lasts at this growth: ln factor/ln growth, in years. Raises InputError
    for growth of 1 or less.
    """
    if not growth_per_year > 1.0:
        raise InputError(
            "growth_per_year",
            growth_per_year,
            "A generation comes only where compute grows: use more than 1.",
        )
    return math.log(factor) / math.log(growth_per_year)


def compute_optimal_step(law: ChinchillaLaw, factor: float = 100.0) -> tuple[float, float]:
    """By how much parameters and tokens grow, compute-optimal, when compute grows by `factor`."""
    return factor**law.params_exponent, factor ** (1.0 - law.params_exponent)


GROWING = RangeBounds(
    1.0, 1000.0, above=True, because="A generation comes only where compute grows."
)


class GenerationsInputs(FutureInputs):
    """Inputs of the ladder of generations."""

    generation_factor: float = quantity(
        100.0,
        unit="×",
        label="Size of a generation",
        why=(
            "Compute relative to the generation before. The source article: 100 times more of"
            " everything."
        ),
        ge=2.0,
        le=10_000.0,
    )
    frontier_growth: Annotated[Distribution, GROWING] = quantity(
        Distribution(4.28, 5.20, 0.9),
        unit="×/year",
        label="Growth of frontier training compute",
        why=(
            "Training compute, Fitted to the ten largest models at each date in Epoch AI's list"
            " since 2018: 4.72 times per year, 90% range 4.28 to 5.20."
        ),
    )


@dataclass(frozen=True)
class Step:
    """One generation in one mode. Needs and supplies with 80% ranges (`needs`, `supplies`, in
    NEED_UNITS); `enough` is the probability that the supply covers the need at that date, by need;
    empty for the past.
    """

    name: str
    mode: str
    date: Range
    training_flop: Range
    needs: dict[str, Range]
    supplies: dict[str, Range]
    enough: dict[str, float]


@dataclass(frozen=True)
class Generations(Answered):
    """The ladder in both modes. `lasts_years` is the length of a generation, `step_params` and
    `step_tokens` what 100× compute means; money ahead is in USD of `price_year`.
    """

    scenario: GenerationsInputs
    past: tuple[Step, ...]
    ahead: tuple[Step, ...]
    lasts_years: Range
    step_params: float
    step_tokens: float
    price_year: int

    def ladder(self, mode: str) -> tuple[Step, ...]:
        """The steps ahead in one mode."""
        return tuple(step for step in self.ahead if step.mode == mode)

    def runs_out(self, need: str, mode: str) -> Step | None:
        """The first step at which the supply is more likely than not too small; None where it
        lasts.
        """
        return next((step for step in self.ladder(mode) if step.enough[need] < 0.5), None)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a step, mode and need: date, compute, need and supply with 80% ranges,
        probability that it is enough.
        """
        rows = []
        for step in (*self.past, *self.ahead):
            for need in step.needs:
                supply = step.supplies.get(need)
                rows.append(
                    {
                        "generation": step.name,
                        "mode": step.mode,
                        "year": step.date.value,
                        "training_flop_q50": step.training_flop.value,
                        "need": need,
                        "unit": NEED_UNITS[need],
                        "needed_q10": step.needs[need].low,
                        "needed_q50": step.needs[need].value,
                        "needed_q90": step.needs[need].high,
                        "supply_q10": supply.low if supply else math.nan,
                        "supply_q50": supply.value if supply else math.nan,
                        "supply_q90": supply.high if supply else math.nan,
                        "probability_enough": step.enough.get(need, math.nan),
                    }
                )
        return pd.DataFrame(rows)


def generations(scenario: GenerationsInputs, *, data: DataOrContext | None = None) -> Generations:
    """The ladder from GPT-2 to three steps beyond GPT-4, under the scenario's prices, law, supplies
    and growth of the frontier.

    Money counts as enough while the largest run is within what has been spent on one: the cost of
    GPT-4's run at its date, growing as the scenario's budget does.
    """
    context = context_of(data)
    factor = scenario.generation_factor
    # Supplies and prices are drawn over every year that a step may fall on, by the same draws as
    # the plan's.
    future = dict(FutureInputs.of(scenario)) | {"draws": min(scenario.draws, DRAWS)}
    span = PlanDrawInputs(first_year=FIRST_YEAR, last_year=LAST_YEAR, **future)
    inputs = drawn_inputs(span, data=context)
    normals = stratified_normals(1, inputs.count, [scenario.seed, STREAM_KEY, 6])[0]
    grows = scenario.frontier_growth
    lasts = math.log(factor) / np.log(
        np.maximum(grows.of_normal(normals), 1.0 + 0.01 * (grows.low - 1.0))
    )
    models = [trained_model(name, context.data) for name in PAST]
    base = _Base(models[-1], scenario, inputs, context)
    step_params, step_tokens = compute_optimal_step(law_in_use(scenario.law, context).law, factor)
    return Generations(
        scenario=scenario,
        past=tuple(
            _past(name, model, context.data) for name, model in zip(PAST, models, strict=True)
        ),
        ahead=tuple(
            base.step(number, mode, base.model.date + number * lasts)
            for mode in MODES
            for number in range(1, STEPS_AHEAD + 1)
        ),
        lasts_years=Range.of_draws(lasts, "years"),
        step_params=step_params,
        step_tokens=step_tokens,
        price_year=price_year_in_use(scenario.price_year, context.data),
    )


class _Base:
    """GPT-4 as the rung that the next ones are counted from, and what there will be by then."""

    def __init__(
        self, model: TrainedModel, scenario: GenerationsInputs, inputs: PlanInputs, context: Context
    ) -> None:
        self.model, self.scenario, self.inputs = model, scenario, inputs
        row = model_row(PAST[-1], context.data)
        at_date = compute_price_draws(
            priced_by(scenario, context), np.array([model.date]), data=context
        ).usd_per_flop[: inputs.count, 0]
        self.needs = {
            "text": inputs.laws.optimal(model.training_flop)[1],
            "power": np.full(inputs.count, float(row["power_watts"]) / 1e6),
            "chips": np.full(inputs.count, float(row["hardware_quantity"])),
            "money": model.training_flop * at_date,
        }
        self.spending_growth = inputs.budget_usd[:, 1] / inputs.budget_usd[:, 0]

    def step(self, number: int, mode: str, dates: FloatArray) -> Step:
        """Step `number` in a mode, at these dates (one a draw)."""
        multiple = self.scenario.generation_factor**number
        flop = self.model.training_flop * multiple
        needs = (
            {need: amount * multiple for need, amount in self.needs.items()}
            if mode == "everything"
            else self._compute_needs(flop, dates)
        )
        with np.errstate(over="ignore"):
            money = self.needs["money"] * self.spending_growth ** (dates - self.model.date)
        supplies = {
            "text": self._at(self.inputs.unique_tokens, dates),
            "power": self._at(self.inputs.watts, dates) / 1e6,
            "chips": self._at(self.inputs.chips, dates),
            "money": money,
        }
        return Step(
            name=f"GPT-{4 + number} class",
            mode=mode,
            date=Range.of_draws(dates, "year"),
            training_flop=Range(flop, flop, flop, "FLOP"),
            needs={
                need: Range.of_draws(amount, NEED_UNITS[need]) for need, amount in needs.items()
            },
            supplies={
                need: Range.of_draws(amount, NEED_UNITS[need]) for need, amount in supplies.items()
            },
            enough={need: float(np.mean(supplies[need] >= needs[need])) for need in NEEDS},
        )

    def _compute_needs(self, flop: float, dates: FloatArray) -> dict[str, FloatArray]:
        """What a compute-optimal run of so much compute takes at the prices and with the chips of
        its date.
        """
        seconds = self.inputs.days * SECONDS_PER_DAY
        return {
            "text": self.inputs.laws.optimal(flop)[1],
            "power": flop / (seconds * self._at(self.inputs.flop_per_s_per_watt, dates)) / 1e6,
            "chips": flop / (seconds * self._at(self.inputs.flop_per_s_per_chip, dates)),
            "money": flop * self._at(self.inputs.usd_per_training_flop, dates),
        }

    def _at(self, values: FloatArray, dates: FloatArray) -> FloatArray:
        """Each draw's path at its own date, between years by its logarithm; beyond the last year
        its last value.
        """
        place = np.clip(dates - self.inputs.years[0], 0.0, self.inputs.years.size - 1.0)
        below = np.minimum(place.astype(np.intp), self.inputs.years.size - 2)
        rows = np.arange(values.shape[0])
        low, high = values[rows, below], values[rows, below + 1]
        ratio = np.divide(high, low, out=np.ones_like(low), where=np.isfinite(low))
        result: FloatArray = low * ratio ** (place - below)
        return result


def _past(name: str, model: TrainedModel, data: DataSet) -> Step:
    """What a step behind us took, as far as ai_models knows."""
    row = model_row(name, data)
    known = {
        "text": row["dataset_size"],
        "power": row["power_watts"] / 1e6,
        "chips": row["hardware_quantity"],
        "money": row["cost_amortized_2023_usd"],
    }
    needs = {
        need: Range(amount, amount, amount, NEED_UNITS[need])
        for need, amount in known.items()
        if math.isfinite(amount)
    }
    flop = model.training_flop
    return Step(
        name,
        "past",
        Range(model.date, model.date, model.date, "year"),
        Range(flop, flop, flop, "FLOP"),
        needs,
        {},
        {},
    )
