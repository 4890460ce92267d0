"""What will model X cost to train in year Y?

    cost(X, Y) = training_flop(X) · usd_per_flop(Y) / algorithmic_gain(Y − date(X))

`usd_per_flop` is rented or owned, never mixed, and moves along price trends (compute_price).
`algorithmic_gain` doubles every `halving_months` months (Ho et al. 2024, arXiv:2403.05812).
Hardware alone, and hardware with algorithms, are reported apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from pydantic import model_validator

from forecasting.answers import Answered
from forecasting.arrays import FloatArray, IntArray
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import ChipHour
from forecasting.compute_cost.compute_price import (
    DRAWS,
    ComputePriceDraws,
    ComputePriceInputs,
    drawn_price,
    price_of_flop,
)
from forecasting.compute_cost.range_drivers import Driver, range_drivers
from forecasting.compute_cost.trained_models import (
    MODEL_ALIASES,
    OWN_MODEL,
    TrainedModel,
    model_names,
    own_model,
    trained_model,
)
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import price_year_in_use, to_price_year
from forecasting.errors import InputError
from forecasting.laws import size_fields
from forecasting.scenario import quantity
from forecasting.stats.bands import Bands, Range, quantile_columns
from forecasting.stats.crossing import first_crossing
from forecasting.stats.sampling import lognormal_about, split_lognormal

MAX_GAIN_OOM = 200.0
#: Costs are worked out for every year from the first to the last.
FIRST_YEAR, LAST_YEAR = 2010, 2045


class TrainingCostInputs(ComputePriceInputs):
    """Inputs of what training a model costs, whichever model it is."""

    TABLES: ClassVar[tuple[str, ...]] = ("ai_models",)

    halving_months: float = price_fields.halving_months()
    halving_months_low: float = price_fields.halving_months(5.0, "… 95% range from")
    halving_months_high: float = price_fields.halving_months(14.0, "… to")
    flop_doubt: bool = quantity(
        True,
        unit="yes/no",
        label="Include the uncertainty of the model's training FLOP",
        why="Epoch AI's 90% factors: confident 3, likely 10, speculative 31.",
    )

    @model_validator(mode="after")
    def _halving_times_are_in_order(self) -> Self:
        if self.halving_months_low > self.halving_months:
            raise InputError(
                "halving_months_low",
                self.halving_months_low,
                f"Use {self.halving_months} (halving_months) or less.",
            )
        if self.halving_months_high < self.halving_months:
            raise InputError(
                "halving_months_high",
                self.halving_months_high,
                f"Use {self.halving_months} (halving_months) or more.",
            )
        return self


class ModelCostInputs(TrainingCostInputs):
    """Inputs of the cost of one model: which, when, and under which budget."""

    model: str = quantity(
        "GPT-4",
        unit="name",
        label="Model",
        why="A name from Epoch AI's list of models, or “own”.",
    )
    params: float = size_fields.params("Own model: parameters")
    tokens: float = size_fields.tokens("Own model: training tokens")
    own_year: int = quantity(
        2025,
        unit="year",
        label="Own model: year of its algorithms",
        why="Algorithmic progress counts from here.",
        ge=2010,
        le=2045,
    )
    year: int = quantity(2030, unit="year", label="Year of training", ge=FIRST_YEAR, le=LAST_YEAR)
    budget_usd: float = quantity(1e6, unit="USD", label="Budget", gt=0, le=1e15)

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names of models."""
        if field == "model":
            return (*MODEL_ALIASES, OWN_MODEL, *model_names(data))
        return super().choices(field, data)


@dataclass(frozen=True)
class ModelCost(Answered):
    """The cost of training one model by year, in USD of `price_year`. Bands are over
    FIRST_YEAR…LAST_YEAR, one value a year.

    `hardware` is by the price of compute alone, `with_algorithms` with their gain too,
    `usd_per_flop` the price itself. `…_at_year` are for the scenario's year,
    `with_algorithms_known_flop` as if the training FLOP were certain; `…_under_budget` are the
    years in which the cost falls under the budget (infinite: not between those years). Compute per
    dollar grows by `price_gain_per_year`. `hardware_drivers` and `drivers` say where the ranges in
    that year, by hardware alone and with algorithms, come from; `published_costs` are estimates of
    others: label, decimal year, USD.
    """

    scenario: ModelCostInputs
    model: TrainedModel
    chip_hour: ChipHour
    hardware: Bands
    with_algorithms: Bands
    usd_per_flop: Bands
    hardware_at_year: Range
    with_algorithms_at_year: Range
    with_algorithms_known_flop: Range
    hardware_under_budget: Range
    with_algorithms_under_budget: Range
    price_gain_per_year: Range
    hardware_drivers: tuple[Driver, ...]
    drivers: tuple[Driver, ...]
    published_costs: tuple[tuple[str, float, float], ...]
    price_year: int

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a year: quantiles of both costs and the median price of a FLOP, units in the
        column names.

        Before the model's own year there is no cost with algorithms: it was not there to be made
        cheaper.
        """
        was_there = self.hardware.x >= math.floor(self.model.date)
        columns: dict[str, FloatArray | IntArray] = {"year": self.hardware.x.astype(np.int64)}
        columns |= quantile_columns("hardware_usd", self.hardware.values)
        columns |= quantile_columns(
            "hardware_and_algorithms_usd", np.where(was_there, self.with_algorithms.values, np.nan)
        )
        columns["usd_per_flop_q50"] = self.usd_per_flop.median
        return pd.DataFrame(columns)


def model_cost(scenario: ModelCostInputs, *, data: DataOrContext | None = None) -> ModelCost:
    """Cost of the scenario's model in every year 2010–2045, with ranges from drawn parameters.

    Drawn: price trend, price of a chip-hour (rented: the median of resampled offers), MFU,
    algorithmic progress, training FLOP. Raises UnknownNameError for an unknown model or chip,
    InputError for a chip without what the convention needs. The formula and its sources stand at
    the head of this file.
    """
    context = context_of(data)
    rng = np.random.default_rng(scenario.seed)
    if scenario.model == OWN_MODEL:
        model = own_model(scenario.params, scenario.tokens, float(scenario.own_year))
    else:
        model = trained_model(scenario.model, context.data)
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.float64)
    price = drawn_price(scenario, years, context, rng)
    chip_hour, slopes, usd_per_flop = price.chip_hour, price.slopes, price.usd_per_flop
    halving_years = (
        split_lognormal(
            scenario.halving_months,
            scenario.halving_months_low,
            scenario.halving_months_high,
            0.95,
            DRAWS,
            rng,
        )
        / 12
    )
    doubt = model.flop_factor_90 if scenario.flop_doubt else 1.0
    flop_error = lognormal_about(1.0, doubt, 0.9, DRAWS, rng)

    log_gain = _log_gain(years - model.date, halving_years[:, None])
    hardware = model.training_flop * flop_error[:, None] * usd_per_flop
    with_algorithms = hardware * 10**-log_gain

    at = scenario.year - FIRST_YEAR
    return ModelCost(
        scenario=scenario,
        model=model,
        chip_hour=chip_hour,
        hardware=Bands.of_draws(years, hardware),
        with_algorithms=Bands.of_draws(years, with_algorithms),
        usd_per_flop=Bands.of_draws(years, usd_per_flop),
        hardware_at_year=Range.of_draws(hardware[:, at], "USD"),
        with_algorithms_at_year=Range.of_draws(with_algorithms[:, at], "USD"),
        with_algorithms_known_flop=Range.of_draws(with_algorithms[:, at] / flop_error, "USD"),
        hardware_under_budget=Range.of_draws(
            year_under(years, hardware, scenario.budget_usd), "year"
        ),
        with_algorithms_under_budget=Range.of_draws(
            year_under(years, with_algorithms, scenario.budget_usd), "year"
        ),
        price_gain_per_year=Range.of_draws(10**slopes, "×/year"),
        hardware_drivers=_drivers(scenario.year, model, price, flop_error),
        drivers=_drivers(scenario.year, model, price, flop_error, halving_years),
        published_costs=_published_costs(model, scenario.price_year, context.data),
        price_year=price_year_in_use(scenario.price_year, context.data),
    )


def year_under(years: FloatArray, cost: FloatArray, budget_usd: float) -> FloatArray:
    """First year in which each path of cost is at or under the budget, between years by its
    logarithm, shape (paths,).

    −inf where the first year is already under it, +inf where no year is.

    Parameters
    ----------
    years : array of floats, shape (years,)
        Decimal years, rising.
    cost : array of floats, shape (paths, years)
        Cost in USD, above 0.
    budget_usd : float
        The budget in USD, above 0.
    """
    return first_crossing(years, np.log(cost / budget_usd))


def _log_gain(since: FloatArray | float, halving_years: FloatArray) -> FloatArray:
    """OOM by which algorithms cheapen a model in so many years since its own.

    A halving time of days would gain more than any number holds; beyond MAX_GAIN_OOM it makes no
    difference to any sum of money.
    """
    gain: FloatArray = np.clip(since * (math.log10(2) / halving_years), -MAX_GAIN_OOM, MAX_GAIN_OOM)
    return gain


def _drivers(
    year: int,
    model: TrainedModel,
    price: ComputePriceDraws,
    flop_error: FloatArray,
    halving_years: FloatArray | None = None,
) -> tuple[Driver, ...]:
    """What the range of the cost in a year comes from, with algorithms where their halving time is
    given.
    """
    chip_hour = price.chip_hour
    draws = {
        "price trend": price.slopes,
        "price of a chip-hour": chip_hour.hardware_usd,
        "utilisation (MFU)": price.mfu,
        "training FLOP of the model": flop_error,
    }
    if halving_years is not None:
        draws["pace of algorithms"] = halving_years
    if chip_hour.energy_usd > 0:
        draws["trend of energy per FLOP"] = price.energy_slopes

    def cost_of(drawn: Mapping[str, FloatArray]) -> FloatArray:
        usd_per_flop = price_of_flop(
            chip_hour,
            float(year),
            hardware_usd=drawn["price of a chip-hour"],
            slopes=drawn["price trend"],
            energy_slopes=drawn.get("trend of energy per FLOP", price.energy_slopes),
            mfu=drawn["utilisation (MFU)"],
        )
        cost = model.training_flop * drawn["training FLOP of the model"] * usd_per_flop
        if halving_years is None:
            return cost
        return cost / 10 ** _log_gain(year - model.date, drawn["pace of algorithms"])

    return range_drivers(cost_of, draws)


def _published_costs(
    model: TrainedModel, price_year: int | None, data: DataSet
) -> tuple[tuple[str, float, float], ...]:
    """Published estimates of the model's cost at its own date: label, year, USD of the price
    year.
    """
    return tuple(
        (label, model.date, float(to_price_year(usd, 2023, price_year, data)))
        for label, usd in model.published_costs_2023_usd
    )
