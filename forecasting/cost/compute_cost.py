"""What will model X cost to train in year Y?

    cost(X, Y) = training_flop(X) · usd_per_flop(Y) / algorithmic_gain(Y − date(X))

`usd_per_flop` follows one of two conventions, never mixed:

    rented   usd_per_chip_hour / (3600 · peak_flop_per_s · mfu), the median offer of the last observed quarter
    owned    amortised hardware with servers and interconnect, plus energy (Cottier et al. 2024, arXiv:2405.21015)

and moves along the price trends of `price_series`. `algorithmic_gain` doubles every `halving_months` months (Ho et al. 2024,
arXiv:2403.05812). Hardware alone, and hardware with algorithms, are reported apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator

from forecasting.core.bands import QUANTILES, Bands, Range
from forecasting.core.crossing import first_crossing
from forecasting.core.errors import InputError
from forecasting.core.money import to_price_year
from forecasting.core.random_draws import lognormal_about, split_lognormal
from forecasting.core.scenario import Scenario, quantity
from forecasting.core.tables import Tables, bundled
from forecasting.core.units import SECONDS_PER_HOUR, in_dollars, in_words
from forecasting.core.years_in_words import when_in_words
from forecasting.cost import price_fields
from forecasting.cost.chip_hours import BEST_CHIP, ChipHour, ownable_chips, owned_chip_hour, rented_chip_hour
from forecasting.cost.fitted_series import fitted_series
from forecasting.cost.price_fields import PriceMethod, TrendName
from forecasting.cost.price_series import ANY_CHIP, Commitment, NumberFormat, SeriesChoice, rented_chips
from forecasting.cost.trained_models import MODEL_ALIASES, OWN_MODEL, TrainedModel, model_names, own_model, trained_model
from forecasting.laws import size_fields
from forecasting.trends.trend import Method

FIRST_YEAR, LAST_YEAR = 2010, 2045
DRAWS = 2000
MOST_GAIN_OOM = 200.0
#: The price trends that projections may follow; "mixed" draws from all three in equal parts, so that the range holds their disagreement.
PRICE_TRENDS: dict[TrendName, tuple[SeriesChoice, ...]] = {
    "gpu": (SeriesChoice("gpu"),),
    "chips": (SeriesChoice("chips"),),
    "rental": (SeriesChoice("rental"),),
}
PRICE_TRENDS["mixed"] = tuple(choice for choices in PRICE_TRENDS.values() for choice in choices)


class CostScenario(Scenario):
    """Inputs of the page Cost of compute: the price series, the model and its convention, the claim about GPT-2."""

    PAGE: ClassVar[str] = "cost"
    VERSION: ClassVar[int] = 2
    #: Version 1 drew the least-squares line on; version 2 takes the method with the best track record.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {1: {"method": "ols", "price_method": "ols"}}
    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "chip_rental_prices",
        "computing_cost_1857_2001",
        "gpt2_reproductions",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    model: str = quantity("GPT-4", unit="name", label="Model", why="Names are those of the table ai_models, or “own”.")
    params: float = size_fields.params("Own model: parameters")
    tokens: float = size_fields.tokens("Own model: training tokens")
    own_year: int = quantity(
        2025, unit="year", label="Own model: year of its algorithms", why="Algorithmic progress counts from here.", ge=2010, le=2045
    )
    year: int = quantity(2030, unit="year", label="Year of training", ge=FIRST_YEAR, le=LAST_YEAR)
    budget_usd: float = quantity(1e6, unit="USD", label="Budget", gt=0, le=1e15)
    convention: Literal["rented", "owned"] = quantity(
        "rented",
        unit="name",
        label="Price of compute",
        why="Rented: on-demand price per chip-hour. Owned: amortised hardware and energy. The two differ and are never mixed.",
    )
    chip: str = price_fields.chip()
    price_trend: TrendName = price_fields.price_trend()
    price_method: PriceMethod = price_fields.price_method()
    mfu: float = price_fields.training_mfu(price_fields.MFU_OF_ALL_RUNS)
    mfu_factor: float = price_fields.mfu_factor()
    halving_months: float = price_fields.halving_months()
    halving_months_low: float = price_fields.halving_months(5.0, "… 95% range from")
    halving_months_high: float = price_fields.halving_months(14.0, "… to")
    flop_doubt: bool = quantity(
        True,
        unit="yes/no",
        label="Include the doubt about the model's training FLOP",
        why="Epoch AI's 90% factors: confident 3, likely 10, speculative 31.",
    )
    usd_per_kwh: float = price_fields.usd_per_kwh()
    pue: float = price_fields.pue()
    server_overhead: float = price_fields.server_overhead()
    interconnect_share: float = price_fields.interconnect_share()
    depreciation_oom_per_year: float = quantity(
        0.14, unit="OOM/year", label="Loss of value of owned chips", why="Cottier et al. 2024: 0.14.", ge=0.01, le=1.0
    )
    price_year: int = price_fields.price_year()

    series: Literal["gpu", "chips", "rental", "long_run", "efficiency"] = quantity("gpu", unit="name", label="Series")
    number_format: NumberFormat = quantity(
        "fp32", unit="name", label="Number format", why="Mixing formats moves the trend between 22% and 68% a year: fix one."
    )
    rental_chip: str = quantity(ANY_CHIP, unit="name", label="Rented chip")
    commitment: Commitment = quantity("on_demand", unit="name", label="Commitment")
    method: Method = quantity(
        "calibrated",
        unit="name",
        label="Estimator",
        why="Calibrated: bands widened by the series' own past errors; it has the best track record of those tried.",
    )
    from_year: int | None = quantity(None, unit="year", label="Points from", ge=1850, le=2045)
    to_year: int | None = quantity(None, unit="year", label="Points to", ge=1850, le=2045)
    until_year: int = quantity(2035, unit="year", label="Project to", ge=2010, le=2045)

    claim_usd: float = quantity(
        30.0, unit="USD", label="Claimed cost of GPT-2", why="The source article, 2025-01-17: any student, 30 dollars.", gt=0, le=1e9
    )
    claim_start: Literal["rented_43k", "rounded_50k", "amortised_4348"] = quantity(
        "rented_43k",
        unit="name",
        label="Cost of GPT-2 in 2019",
        why="$43,000 rented (A. Karpathy's estimate), $50,000 rounded, or Epoch AI's amortised $4,348: a factor of ten apart.",
    )
    claim_years: float = quantity(5.0, unit="years", label="Years of progress claimed", ge=0.5, le=20.0)
    claim_hardware_gain: float = quantity(
        1.45, unit="×/year", label="Hardware gain", why="The source article's Moore's law: 45% a year.", ge=1.0, le=10.0
    )
    claim_algorithm_gain: float = quantity(
        3.0, unit="×/year", label="Algorithmic gain", why="Ho et al. 2024: about 3× a year.", ge=1.0, le=20.0
    )

    @model_validator(mode="after")
    def _ranges_are_in_order(self) -> Self:
        if self.from_year is not None and self.to_year is not None and self.from_year > self.to_year:
            raise InputError("from_year", self.from_year, f"Use a year no later than to_year, which is {self.to_year}.")
        if self.halving_months_low > self.halving_months:
            raise InputError("halving_months_low", self.halving_months_low, f"Use {self.halving_months} (halving_months) or less.")
        if self.halving_months_high < self.halving_months:
            raise InputError("halving_months_high", self.halving_months_high, f"Use {self.halving_months} (halving_months) or more.")
        return self

    @classmethod
    def choices(cls, field: str, tables: Tables) -> tuple[str, ...] | None:
        """Names that come from tables: models, chips to rent or own."""
        if field == "model":
            return (*MODEL_ALIASES, OWN_MODEL, *model_names(tables))
        if field == "chip":
            return (BEST_CHIP, *sorted({*rented_chips(tables), *ownable_chips(tables)}))
        if field == "rental_chip":
            return (ANY_CHIP, *rented_chips(tables))
        return None

    @property
    def trend_series(self) -> SeriesChoice:
        """The series of the first section, with what narrows it and nothing that does not."""
        choice = SeriesChoice(self.series, price_year=self.price_year)
        if self.series in ("chips", "efficiency"):
            choice = SeriesChoice(self.series, number_format=self.number_format, price_year=self.price_year)
        if self.series == "rental":
            choice = SeriesChoice(self.series, chip=self.rental_chip, commitment=self.commitment, price_year=self.price_year)
        return choice


@dataclass(frozen=True)
class Driver:
    """One uncertain input and its share of the variance of the logarithm of the cost."""

    name: str
    share: float


@dataclass(frozen=True)
class ModelCost:
    """The cost of one model by year, in USD of `scenario.price_year`. Bands are over FIRST_YEAR…LAST_YEAR, one value a year."""

    scenario: CostScenario
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
    drivers: tuple[Driver, ...]
    published_costs: tuple[tuple[str, float, float], ...]

    @cached_property
    def answer(self) -> str:
        """The answer in one sentence, with its ranges."""
        s = self.scenario
        way = "rented" if s.convention == "rented" else "owned"
        when = "would cost" if s.year > self.chip_hour.date else "would have cost"
        return (
            f"Training {self.model.name} ({in_words(self.model.training_flop)} FLOP) on {way} chips at the start of {s.year} {when} about "
            f"{money_range(self.hardware_at_year)} at that year's price of hardware alone, and about "
            f"{money_range(self.with_algorithms_at_year)} if algorithms improve at the usual pace."
        )

    @property
    def budget_answer(self) -> str:
        """When the cost falls under the budget, in one sentence."""
        budget = in_dollars(self.scenario.budget_usd)
        return (
            f"It falls under {budget} {when_range(self.with_algorithms_under_budget)} with better algorithms, "
            f"and {when_range(self.hardware_under_budget)} by hardware alone."
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a year: quantiles of both costs and the median price of a FLOP, units in the column names.

        Before the model's own year there is no cost with algorithms: it was not there to be made cheaper.
        """
        was_there = self.hardware.years >= math.floor(self.model.date)
        columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {"year": self.hardware.years.astype(np.int64)}
        for name, bands in (("hardware", self.hardware), ("hardware_and_algorithms", self.with_algorithms)):
            for quantile, row in zip(QUANTILES, bands.values, strict=True):
                columns[f"{name}_usd_q{quantile * 100:g}"] = row if name == "hardware" else np.where(was_there, row, np.nan)
        columns["usd_per_flop_q50"] = self.usd_per_flop.median
        return pd.DataFrame(columns)


def model_cost(scenario: CostScenario, *, data: Tables | None = None) -> ModelCost:
    """Cost of the scenario's model in every year 2010–2045, with ranges from drawn parameters.

    Drawn: price trend, price of a chip-hour (rented: the median of resampled offers), MFU, algorithmic progress, training FLOP.
    Raises InputError for an unknown model or chip, or a chip without what the convention needs.
    """
    tables = bundled() if data is None else data
    rng = np.random.default_rng(scenario.seed)
    if scenario.model == OWN_MODEL:
        model = own_model(scenario.params, scenario.tokens, float(scenario.own_year))
    else:
        model = trained_model(scenario.model, tables)
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.float64)
    price = _drawn_price(scenario, years, tables, rng)
    chip_hour, slopes, mfu, usd_per_flop = price.chip_hour, price.slopes, price.mfu, price.usd_per_flop
    halving_years = (
        split_lognormal(scenario.halving_months, scenario.halving_months_low, scenario.halving_months_high, 0.95, DRAWS, rng) / 12
    )
    doubt = model.flop_factor_90 if scenario.flop_doubt else 1.0
    flop_error = lognormal_about(1.0, doubt, 0.9, DRAWS, rng)

    # A halving time of days would gain more than any number holds; beyond this it makes no difference to any sum of money.
    log_gain = np.clip((years - model.date) * (math.log10(2) / halving_years)[:, None], -MOST_GAIN_OOM, MOST_GAIN_OOM)
    hardware = model.training_flop * flop_error[:, None] * usd_per_flop
    with_algorithms = hardware * 10**-log_gain

    at = scenario.year - FIRST_YEAR
    drivers = _drivers(
        {
            "price trend": slopes * (scenario.year - chip_hour.date),
            "price of a chip-hour": np.log10(chip_hour.hardware_usd),
            "utilisation (MFU)": np.log10(mfu),
            "pace of algorithms": log_gain[:, at],
            "training FLOP of the model": np.log10(flop_error),
        }
    )
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
        hardware_under_budget=Range.of_draws(year_under(years, hardware, scenario.budget_usd), "year"),
        with_algorithms_under_budget=Range.of_draws(year_under(years, with_algorithms, scenario.budget_usd), "year"),
        price_gain_per_year=Range.of_draws(10**slopes, "×/year"),
        drivers=drivers,
        published_costs=_published_costs(model, scenario.price_year, tables),
    )


@dataclass(frozen=True, eq=False)
class ComputePriceDraws:
    """Draws of the price of compute: `usd_per_flop` of shape (draws, years) at the drawn MFU; `slopes` (OOM a year by which compute per
    dollar grows), `energy_slopes` (the same per watt) and `mfu` of shape (draws,)."""

    chip_hour: ChipHour
    years: NDArray[np.float64]
    slopes: NDArray[np.float64]
    energy_slopes: NDArray[np.float64]
    mfu: NDArray[np.float64]
    usd_per_flop: NDArray[np.float64]


def compute_price_draws(scenario: CostScenario, years: NDArray[np.float64], *, data: Tables | None = None) -> ComputePriceDraws:
    """DRAWS equally likely paths of the price of compute over `years` (decimal), by the scenario's convention, chip, trend and MFU."""
    tables = bundled() if data is None else data
    return _drawn_price(scenario, np.asarray(years, dtype=np.float64), tables, np.random.default_rng(scenario.seed))


def _drawn_price(scenario: CostScenario, years: NDArray[np.float64], tables: Tables, rng: np.random.Generator) -> ComputePriceDraws:
    chip_hour = _chip_hour(scenario, tables, rng)
    slopes = rng.permutation(_price_slopes(scenario, tables))
    energy_slopes = rng.permutation(_slopes(SeriesChoice("efficiency", number_format="tensor_fp16"), DRAWS, scenario, tables))
    own = tables.prices.mfu if tables.prices is not None else None
    # An own MFU takes the place of the default; who has set another one for this scenario means that.
    middle = own if own is not None and scenario.mfu == CostScenario.defaults()["mfu"] else scenario.mfu
    mfu = np.minimum(1.0, lognormal_about(middle, scenario.mfu_factor, 0.8, DRAWS, rng))
    since = years - chip_hour.date
    per_flop_hour = 1 / (SECONDS_PER_HOUR * chip_hour.peak_flop_per_s * mfu)
    usd_per_flop = per_flop_hour[:, None] * (
        chip_hour.hardware_usd[:, None] * 10 ** (-slopes[:, None] * since) + chip_hour.energy_usd * 10 ** (-energy_slopes[:, None] * since)
    )
    return ComputePriceDraws(chip_hour, years, slopes, energy_slopes, mfu, usd_per_flop)


def year_under(years: NDArray[np.float64], cost: NDArray[np.float64], budget_usd: float) -> NDArray[np.float64]:
    """First year in which each path of `cost` (paths × years) is at or under the budget, between years by its logarithm.

    −inf where the first year is already under it, +inf where no year is.
    """
    return first_crossing(years, np.log(cost / budget_usd))


def money_range(figure: Range) -> str:
    """An amount with its 80% range: $1.2 million (80% range $0.3 million to $4 million)."""
    return f"{in_dollars(figure.value, 2)} (80% range {in_dollars(figure.low, 2)} to {in_dollars(figure.high, 2)})"


def when_range(figure: Range) -> str:
    """A year with its 80% range, or “not before 2045”, “before 2010”."""
    return when_in_words(figure, FIRST_YEAR, LAST_YEAR)


def _chip_hour(scenario: CostScenario, tables: Tables, rng: np.random.Generator) -> ChipHour:
    if scenario.convention == "rented":
        return rented_chip_hour(scenario.chip, scenario.price_year, DRAWS, tables, rng)
    return owned_chip_hour(
        scenario.chip,
        DRAWS,
        tables,
        depreciation_oom_per_year=scenario.depreciation_oom_per_year,
        server_overhead=scenario.server_overhead,
        interconnect_share=scenario.interconnect_share,
        usd_per_kwh=scenario.usd_per_kwh,
        pue=scenario.pue,
    )


def _price_slopes(scenario: CostScenario, tables: Tables) -> NDArray[np.float64]:
    choices = PRICE_TRENDS[scenario.price_trend]
    counts = [DRAWS // len(choices) + (i < DRAWS % len(choices)) for i in range(len(choices))]
    return np.concatenate([_slopes(choice, count, scenario, tables) for choice, count in zip(choices, counts, strict=True)])


def _slopes(choice: SeriesChoice, count: int, scenario: CostScenario, tables: Tables) -> NDArray[np.float64]:
    trend = fitted_series(choice, scenario.price_method, None, None, scenario.seed, tables).trend
    _, slopes = trend.draw_lines(count, np.random.default_rng(scenario.seed))
    return slopes


def _drivers(parts: dict[str, NDArray[np.float64]]) -> tuple[Driver, ...]:
    variances = {name: float(np.var(part)) for name, part in parts.items()}
    total = sum(variances.values()) or 1.0
    return tuple(sorted((Driver(name, v / total) for name, v in variances.items()), key=lambda driver: -driver.share))


def _published_costs(model: TrainedModel, price_year: int, tables: Tables) -> tuple[tuple[str, float, float], ...]:
    """Published estimates of the model's cost at its own date: label, year, USD of the price year."""
    return tuple((label, model.date, float(to_price_year(usd, 2023, price_year, tables))) for label, usd in model.published_costs_2023_usd)
