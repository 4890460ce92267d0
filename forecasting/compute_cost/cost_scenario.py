"""The inputs of the page Cost of compute, shared by its forecasts: each reads the fields of its own
section.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import BEST_CHIP, ownable_chips
from forecasting.compute_cost.price_fields import PriceMethod, TrendName
from forecasting.compute_cost.price_series import (
    ANY_CHIP,
    Commitment,
    NumberFormat,
    SeriesChoice,
    rented_chips,
)
from forecasting.compute_cost.trained_models import MODEL_ALIASES, OWN_MODEL, model_names
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.laws import size_fields
from forecasting.scenario import Scenario, quantity
from forecasting.trends.trend import Method

#: Costs are worked out for every year from the first to the last.
FIRST_YEAR, LAST_YEAR = 2010, 2045


class CostScenario(Scenario):
    """Inputs of the page Cost of compute: the price series, the model and its convention, the claim
    about GPT-2.
    """

    PAGE: ClassVar[str] = "cost"
    VERSION: ClassVar[int] = 2
    #: Version 1 drew the least-squares line on; version 2 takes the method with the best track
    #: record.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"method": "ols", "price_method": "ols"}
    }
    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "chip_rental_prices",
        "computing_cost_1857_2001",
        "gpt2_reproductions",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    model: str = quantity(
        "GPT-4", unit="name", label="Model", why="Names are those of the table ai_models, or “own”."
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
    convention: Literal["rented", "owned"] = quantity(
        "rented",
        unit="name",
        label="Price of compute",
        why=(
            "Rented: on-demand price per chip-hour. Owned: amortised hardware and energy. The two"
            " differ and are never mixed."
        ),
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
        0.14,
        unit="OOM/year",
        label="Loss of value of owned chips",
        why="Cottier et al. 2024: 0.14.",
        ge=0.01,
        le=1.0,
    )
    price_year: int = price_fields.price_year()

    series: Literal["gpu", "chips", "rental", "long_run", "efficiency"] = quantity(
        "gpu", unit="name", label="Series"
    )
    number_format: NumberFormat = quantity(
        "fp32",
        unit="name",
        label="Number format",
        why="Mixing formats moves the trend between 22% and 68% a year: fix one.",
    )
    rental_chip: str = quantity(ANY_CHIP, unit="name", label="Rented chip")
    commitment: Commitment = quantity("on_demand", unit="name", label="Commitment")
    method: Method = quantity(
        "calibrated",
        unit="name",
        label="Estimator",
        why=(
            "Calibrated: bands widened by the series' own past errors; it has the best track record"
            " of those tried."
        ),
    )
    from_year: int | None = quantity(None, unit="year", label="Points from", ge=1850, le=2045)
    to_year: int | None = quantity(None, unit="year", label="Points to", ge=1850, le=2045)
    until_year: int = quantity(2035, unit="year", label="Project to", ge=2010, le=2045)

    claim_usd: float = quantity(
        30.0,
        unit="USD",
        label="Claimed cost of GPT-2",
        why="The source article, 2025-01-17: any student, 30 dollars.",
        gt=0,
        le=1e9,
    )
    claim_start: Literal["rented_43k", "rounded_50k", "amortised_4348"] = quantity(
        "rented_43k",
        unit="name",
        label="Cost of GPT-2 in 2019",
        why=(
            "$43,000 rented (A. Karpathy's estimate), $50,000 rounded, or Epoch AI's amortised"
            " $4,348: a factor of ten apart."
        ),
    )
    claim_years: float = quantity(
        5.0, unit="years", label="Years of progress claimed", ge=0.5, le=20.0
    )
    claim_hardware_gain: float = quantity(
        1.45,
        unit="×/year",
        label="Hardware gain",
        why="The source article's Moore's law: 45% a year.",
        ge=1.0,
        le=10.0,
    )
    claim_algorithm_gain: float = quantity(
        3.0,
        unit="×/year",
        label="Algorithmic gain",
        why="Ho et al. 2024: about 3× a year.",
        ge=1.0,
        le=20.0,
    )

    @model_validator(mode="after")
    def _ranges_are_in_order(self) -> Self:
        if (
            self.from_year is not None
            and self.to_year is not None
            and self.from_year > self.to_year
        ):
            raise InputError(
                "from_year",
                self.from_year,
                f"Use a year no later than to_year, which is {self.to_year}.",
            )
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

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """Names that come from tables: models, chips to rent or own."""
        if field == "model":
            return (*MODEL_ALIASES, OWN_MODEL, *model_names(data))
        if field == "chip":
            return (BEST_CHIP, *sorted({*rented_chips(data), *ownable_chips(data)}))
        if field == "rental_chip":
            return (ANY_CHIP, *rented_chips(data))
        return None

    @property
    def trend_series(self) -> SeriesChoice:
        """The series of the first section, with what narrows it and nothing that does not."""
        choice = SeriesChoice(self.series, price_year=self.price_year)
        if self.series in ("chips", "efficiency"):
            choice = SeriesChoice(
                self.series, number_format=self.number_format, price_year=self.price_year
            )
        if self.series == "rental":
            choice = SeriesChoice(
                self.series,
                chip=self.rental_chip,
                commitment=self.commitment,
                price_year=self.price_year,
            )
        return choice
