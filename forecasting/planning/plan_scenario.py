"""The inputs of the page Plan: a budget, a demand, what compute is worth, and what there is of
text, chips, power and time; presets.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from forecasting.arrays import FloatArray
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import ownable_chips
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_fields import PriceMethod, TrendName
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError, UnknownNameError
from forecasting.fitting.law_choice import LawName, law_field
from forecasting.inference import serving_fields
from forecasting.inference.exchange_rate import exchange_rates
from forecasting.scenario import Scenario, quantity
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.text_limits.text_scenario import TextScenario

FIRST_YEAR, LAST_YEAR = 2025, 2045

GROWING = RangeBounds(
    1.0, 1000.0, above=True, because="A generation comes only where compute grows."
)


class PlanScenario(Scenario):
    """Inputs of the page Plan. Every Distribution is a range that the forecast draws from; a fixed
    one is taken as known.
    """

    PAGE: ClassVar[str] = "plan"
    VERSION: ClassVar[int] = 1
    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "chip_rental_prices",
        "gpu_prices",
        "ml_chips",
        "runs_chinchilla",
        "us_consumer_prices",
    )

    # 1 Budget
    budget_usd: float = quantity(
        1e9,
        unit="USD",
        label="Budget in the first year",
        why="Training and answers together; an example.",
        gt=0.0,
        le=1e15,
    )
    budget_growth: Annotated[Distribution, RangeBounds(0.01, 100.0)] = quantity(
        Distribution.fixed(2.5),
        unit="×/year",
        label="Growth of the budget",
        why=(
            "The cost of frontier runs has grown 2.4× a year, 90% range 2.0 to 2.9 (Cottier et al."
            " 2024); it is your decision, so fixed."
        ),
    )
    first_year: int = quantity(2026, unit="year", label="Plan from", ge=FIRST_YEAR, le=LAST_YEAR)
    last_year: int = quantity(2032, unit="year", label="Plan to", ge=FIRST_YEAR, le=LAST_YEAR)
    model_lifetime_years: float = quantity(
        1.0,
        unit="years",
        label="A model is used for",
        why=(
            "Its training is paid from the budgets of so many years. Frontier models are replaced"
            " about once a year."
        ),
        ge=0.25,
        le=10.0,
    )
    price_year: int = price_fields.price_year()

    # 2 Demand
    requests_per_day: float = serving_fields.requests_per_day(
        1e7, "Requests a day in the first year"
    )
    demand_growth: Annotated[Distribution, RangeBounds(0.01, 100.0)] = quantity(
        Distribution(1.5, 3.0, 0.8),
        unit="×/year",
        label="Growth of the demand",
        why=(
            "An assumption: use of large services has about doubled a year, and may halve or double"
            " that pace."
        ),
    )
    tokens_in: float = serving_fields.tokens_in()
    tokens_out: float = serving_fields.tokens_out("Tokens written an answer, in one pass")
    least_params: float = quantity(
        1e9,
        unit="parameters",
        label="Smallest model that will do",
        why=(
            "About GPT-2's 1.5 billion (2019), rounded down: a budget that can't serve it to the"
            " demand is refused."
        ),
        ge=1.0,
        le=1e15,
    )

    # 3 What compute costs and is worth
    price: Literal["rented", "owned", "own"] = quantity(
        "rented",
        unit="name",
        label="Price of compute",
        why=(
            "Rented or owned by the page Cost of compute with its measured trends, or a price of"
            " your own."
        ),
    )
    chip: str = price_fields.chip()
    price_trend: TrendName = price_fields.price_trend()
    price_method: PriceMethod = price_fields.price_method()
    usd_per_chip_hour: Annotated[Distribution, RangeBounds(1e-6, 1e6)] = quantity(
        Distribution.fixed(2.0),
        unit="USD",
        label="Own price of a chip-hour in the first year",
        why="An example: an H100 on a long contract.",
    )
    price_decline: Annotated[Distribution, RangeBounds(0.01, 100.0)] = quantity(
        Distribution(1.1, 1.5, 0.8),
        unit="×/year",
        label="Own price: compute per dollar grows by",
        why="The measured trends of the page Cost of compute lie between 1.2 and 1.4 a year.",
    )
    mfu_train: float = price_fields.training_mfu(
        price_fields.MFU_OF_NEW_RUNS, "Model FLOP utilisation: training"
    )
    mfu_factor: float = price_fields.mfu_factor("… 80% of runs within this factor")
    mfu_input: float = serving_fields.reading_mfu()
    mfu_output: float = serving_fields.writing_mfu()
    law: LawName = law_field()
    halving_months: Annotated[Distribution, RangeBounds(0.01, 1200.0)] = (
        price_fields.halving_months_range()
    )
    exchange_rate: Annotated[Distribution, RangeBounds(0.0, 5.0)] = quantity(
        Distribution(0.5, 1.0, 0.8, "normal"),
        unit="OOM per OOM",
        label="Worth of thinking 10× longer",
        why=(
            "In orders of magnitude (OOM, factors of ten) of training compute: 1 in Go (Brown's"
            " rule), 1/1.2 in Hex (Jones 2021), 1 for 1–2 in most language tasks (Villalobos &"
            " Atkinson 2023)."
        ),
    )
    span_oom: Annotated[Distribution, RangeBounds(0.0, 12.0)] = quantity(
        Distribution(1.0, 3.0, 0.8, "normal"),
        unit="OOM",
        label="… over a span of",
        why=(
            "How many orders of magnitude of thinking that goes on for. Villalobos & Atkinson 2023:"
            " 1–2 in most language tasks, 2–3 where steps can be searched, 5–6 where answers are"
            " checked."
        ),
    )

    # 4 Supplies
    text: Literal["public", "own", "unlimited"] = quantity(
        "public",
        unit="name",
        label="Unique text",
        why=(
            "Public: the stock of the page Running out of text, nothing repeated (the law counts"
            " repeating itself)."
        ),
    )
    text_quality: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        TextScenario.model_fields["quality"].get_default(),
        unit="1",
        label="Share of the web fit to train on",
        why="Villalobos et al. 2024 (95%); RefinedWeb keeps about a quarter of English web text.",
    )
    text_share: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        Distribution.fixed(1.0),
        unit="1",
        label="Share of it to be had",
        why="All of it; licences, paywalls and robots.txt leave less.",
    )
    own_tokens: Annotated[Distribution, RangeBounds(1.0, 1e24)] = quantity(
        Distribution.fixed(3e12),
        unit="tokens",
        label="Own text: unique tokens",
        why="An example; taken as not growing.",
    )
    binding_epochs: float = quantity(
        1.0,
        unit="epochs",
        label="Text counts as binding above",
        why=(
            "Above 1 epoch text has to be repeated. Up to 4 cost little (Muennighoff et al. 2023):"
            " 4 says when it begins to hurt."
        ),
        ge=1.0,
        le=1000.0,
    )
    chips_from: Literal["trend", "own", "unlimited"] = quantity(
        "trend",
        unit="name",
        label="Chips for a run",
        why="Trend of the largest clusters of ai_models (hardware quantity).",
    )
    own_chips: Annotated[Distribution, RangeBounds(1.0, 1e12)] = quantity(
        Distribution.fixed(20_000.0),
        unit="chips",
        label="Own cluster",
        why="An example; chips are exchanged for newer ones.",
    )
    power_from: Literal["trend", "own", "unlimited"] = quantity(
        "trend",
        unit="name",
        label="Power for a run",
        why="Trend of the power draw of the largest runs of ai_models.",
    )
    own_power_mw: Annotated[Distribution, RangeBounds(1e-6, 1e9)] = quantity(
        Distribution.fixed(20.0), unit="MW", label="Own power", why="An example."
    )
    pue: float = price_fields.pue()
    days_per_run: Annotated[Distribution, RangeBounds(0.01, 1e4)] = quantity(
        Distribution(60.0, 120.0, 0.8),
        unit="days",
        label="Days of a run",
        why=(
            "ai_models: GPT-4 95, Gemini Ultra 100, Llama 3.1 405B 89, Grok 3 90 days. Beyond about"
            " 450 days it pays to wait (Sevilla et al. 2022)."
        ),
    )
    # 5 Goals
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
            "Equivalent training compute with the algorithms of the first year and one pass an"
            " answer; GPT-4 took about 2.1e25."
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
        unit="share a year",
        label="A year's delay costs (share of the budget needed)",
        why=(
            "An assumption: what a year without the model is worth, as a share of its cost. With 0"
            " waiting is always cheapest."
        ),
        ge=0.0,
        le=10.0,
    )

    # 6 Generations
    generation_factor: float = quantity(
        100.0,
        unit="×",
        label="A generation takes",
        why="The source article: 100 times more of everything.",
        ge=2.0,
        le=10_000.0,
    )
    frontier_growth: Annotated[Distribution, GROWING] = quantity(
        Distribution(4.32, 5.25, 0.9),
        unit="×/year",
        label="Frontier grows",
        why=(
            "Training compute, fitted to the running top ten of ai_models since 2018: 4.76× a year,"
            " 90% range 4.32 to 5.25."
        ),
    )

    # 7 Cluster
    cluster_chips: float = quantity(
        100_000.0,
        unit="chips",
        label="Chips of the cluster",
        why="The source article: 100,000 H100, built in 122 days.",
        ge=1.0,
        le=1e9,
    )
    cluster_chip: str = quantity("NVIDIA H100 SXM5 80GB", unit="name", label="Chip of the cluster")
    cluster_flop: float = quantity(
        5e26,
        unit="FLOP",
        label="Training compute of the run",
        why="Grok 4, 2025-07-09 (ai_models, speculative).",
        ge=1e15,
        le=1e36,
    )
    network_share: float = price_fields.interconnect_share("Network's share of hardware cost")
    server_overhead: float = price_fields.server_overhead()
    usd_per_kwh: float = price_fields.usd_per_kwh()
    write_off_years: float = quantity(
        4.0,
        unit="years",
        label="An owned cluster is written off over",
        why="Usual accounting lives of servers: 4 to 6 years.",
        ge=0.5,
        le=20.0,
    )

    draws: int = quantity(
        1000,
        unit="1",
        label="Draws",
        why="More draws make the ends of ranges steadier.",
        ge=20,
        le=2000,
    )

    @model_validator(mode="after")
    def _years_make_sense(self) -> Self:
        if self.last_year < self.first_year:
            raise InputError(
                "last_year",
                self.last_year,
                f"Use {self.first_year} (first_year) or later: a plan looks ahead.",
            )
        return self

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """Names of chips, as on the page Cost of compute."""
        if field == "cluster_chip":
            return ownable_chips(data)
        return CostScenario.choices("chip", data) if field == "chip" else None

    @property
    def years(self) -> FloatArray:
        """The years of the plan."""
        return np.arange(self.first_year, self.last_year + 1, dtype=np.float64)

    @property
    def cost_scenario(self) -> CostScenario:
        """The scenario of the page Cost of compute that prices this plan's compute."""
        return CostScenario(
            seed=self.seed,
            convention="owned" if self.price == "owned" else "rented",
            chip=self.chip,
            price_trend=self.price_trend,
            price_method=self.price_method,
            mfu=self.mfu_train,
            mfu_factor=self.mfu_factor,
            pue=self.pue,
            price_year=self.price_year,
        )

    @property
    def text_scenario(self) -> TextScenario:
        """The scenario of the page Running out of text whose unique text this plan may read."""
        return TextScenario(seed=self.seed, quality=self.text_quality)


def published_exchange(name: str, data: DataSet) -> dict[str, Distribution]:
    """The fields `exchange_rate` and `span_oom` of a published rate, by its name in
    `exchange_rates`; raises UnknownNameError.

    Where what a whole span is worth is known, the rate ranges over what both ranges allow: the plan
    draws rate and span apart.
    """
    rates = exchange_rates(data)
    if name not in rates:
        raise UnknownNameError("exchange_rate", name, rates)
    found = rates[name]
    span, gain = found.span_oom, found.gain_oom
    rate = found.rate or Distribution.fixed(1.0)
    if gain is not None:
        low, high = gain.low / span.high, gain.high / span.low
        rate = (
            Distribution.fixed(low)
            if low == high
            else Distribution(low, high, span.share, "uniform")
        )
    return {"exchange_rate": rate, "span_oom": span}


#: Named starting points: title, and what each changes of the defaults.
PRESETS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "frontier": ("A frontier lab: $1 billion, growing 2.5× a year", {}),
    "startup": (
        "A start-up: $10 million, growing 1.5× a year",
        {
            "budget_usd": 1e7,
            "budget_growth": Distribution.fixed(1.5),
            "requests_per_day": 1e5,
            "demand_growth": Distribution(1.5, 4.0, 0.8),
        },
    ),
    "university": (
        "A university: $100,000 a year",
        {
            "budget_usd": 1e5,
            "budget_growth": Distribution.fixed(1.1),
            "requests_per_day": 1e3,
            "demand_growth": Distribution(1.0, 1.5, 0.8),
        },
    ),
    "article": (
        "The article's lab: Go's exchange rate, a fifth of the web usable",
        {
            "requests_per_day": 1e6,
            "exchange_rate": Distribution.fixed(1.0),
            "span_oom": Distribution.fixed(3.0),
            "text_quality": Distribution.fixed(0.2),
        },
    ),
}


@cache
def preset(name: str) -> PlanScenario:
    """The scenario of a preset; raises UnknownNameError."""
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    return PlanScenario(**PRESETS[name][1])
