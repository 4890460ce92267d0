"""The inputs of plans in groups, as the forecasts of plans share them. Every Distribution is a
range that the forecasts draw from; a fixed one is taken as known.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from forecasting.arrays import FloatArray
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import Contract
from forecasting.compute_cost.compute_price import ComputePriceInputs
from forecasting.compute_cost.lost_work import LostWorkFields
from forecasting.compute_cost.price_fields import PriceMethod, TrendName
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.fitting.law_choice import LawInputs
from forecasting.inference.answer_mfu import AnswerMfuInputs
from forecasting.scenario import Inputs, SeededInputs, quantity
from forecasting.serving import request_fields
from forecasting.serving.serving_tables import serving_chips
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.supply.chip_stock import StockFields
from forecasting.supply.site_power import SiteFields
from forecasting.text_limits.text_inputs import TextStockInputs

FIRST_YEAR, LAST_YEAR = 2025, 2045
#: The chip that the price of compute is of, where a chip that answers is asked for.
PRICED = "priced"


class FirstBudgetInputs(Inputs):
    """The budget, and the year in which it starts."""

    budget_usd: float = quantity(
        1e9,
        unit="USD",
        label="Budget",
        why="Training and answers together; an example.",
        gt=0.0,
        le=1e15,
    )
    first_year: int = quantity(
        2027,
        unit="year",
        label="Plan from",
        why="Next year: this year's budget is already committed.",
        ge=FIRST_YEAR,
        le=LAST_YEAR,
    )


class PlanYearsInputs(FirstBudgetInputs):
    """The years of the plan, and whether its budget is that of the first or of all of them."""

    budget_for: Literal["first_year", "all_years"] = quantity(
        "first_year",
        unit="name",
        label="The budget is for",
        why="The first year, growing from there, or all years of the plan together.",
    )

    last_year: int = quantity(2032, unit="year", label="Plan to", ge=FIRST_YEAR, le=LAST_YEAR)

    @model_validator(mode="after")
    def _years_are_in_order(self) -> Self:
        if self.last_year < self.first_year:
            raise InputError(
                "last_year",
                self.last_year,
                f"Use {self.first_year} (first_year) or later: a plan looks ahead.",
            )
        return self

    @property
    def years(self) -> FloatArray:
        """The years of the plan."""
        return np.arange(self.first_year, self.last_year + 1, dtype=np.float64)


class PriceChoiceInputs(Inputs):
    """Where the price of compute comes from."""

    price: Literal["rented", "owned", "own"] = quantity(
        "rented",
        unit="name",
        label="Price of compute",
        why="Rented or owned, with the measured trends of their prices, or your own price.",
    )
    contract: Contract = price_fields.contract()
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
        why="The measured trends of compute per dollar lie between 1.2 and 1.4 per year.",
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips to rent or own."""
        if field == "chip":
            return ComputePriceInputs.choices(field, data)
        return super().choices(field, data)


class RunConditionInputs(Inputs):
    """How well chips are used in training, what power they draw, and the dollars of sums."""

    price_year: int | None = price_fields.price_year()
    pue: float = price_fields.pue()
    mfu_train: float = price_fields.training_mfu(
        price_fields.MFU_OF_NEW_RUNS, "Model FLOP utilisation: training"
    )


class PlanPriceInputs(RunConditionInputs, PriceChoiceInputs, LostWorkFields, SeededInputs):
    """The price of compute in the years of a plan."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    mfu_factor: float = price_fields.mfu_factor("… 80% of runs within this factor")

    @property
    def price_inputs(self) -> ComputePriceInputs:
        """What the price of this plan's compute depends on."""
        return ComputePriceInputs(
            seed=self.seed,
            convention="owned" if self.price == "owned" else "rented",
            contract=self.contract,
            **{name: getattr(self, name) for name in LostWorkFields.model_fields},
            chip=self.chip,
            price_trend=self.price_trend,
            price_method=self.price_method,
            mfu=self.mfu_train,
            mfu_factor=self.mfu_factor,
            pue=self.pue,
            price_year=self.price_year,
        )


class ServingInputs(PlanPriceInputs, AnswerMfuInputs):
    """What answers take besides, and how long a model gives them."""

    serving_chip: str = quantity(
        PRICED,
        unit="name",
        label="Chip that answers",
        why=(
            "“priced” is the chip whose price is the price of compute. Another chip's utilisation"
            " is taken at the same dollars per FLOP of the FP16 peak."
        ),
    )
    tpot_limit_ms: float = quantity(
        100.0,
        unit="ms",
        label="Mean TPOT at most (ms)",
        why=(
            "0 for no limit. 100 ms per token is 10 tokens per second, about as fast as people"
            " read; plans include sizes that no current chip serves at 20."
        ),
        ge=0.0,
        le=60_000.0,
    )
    answer_time_limit_s: float = quantity(
        0.0,
        unit="s",
        label="Time of an answer at most (s)",
        why="0 for no limit. Reading, waiting and writing, including thinking, one token after"
        " another.",
        ge=0.0,
        le=1e7,
    )
    tokens_in: float = request_fields.tokens_in()
    tokens_out: float = request_fields.tokens_out("Tokens written per answer, in one pass")
    model_lifetime_years: float = quantity(
        1.0,
        unit="years",
        label="A model is used for",
        why=(
            "Its training is paid from the budgets of this many years. Frontier models are replaced"
            " about once a year."
        ),
        ge=0.25,
        le=10.0,
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips that answer: that of the price, or one by name."""
        if field == "serving_chip":
            return (PRICED, *serving_chips(data))
        return super().choices(field, data)


class SupplyInputs(SiteFields, StockFields, SeededInputs):
    """Text, chips, power and days that a run can have."""

    TABLES: ClassVar[tuple[str, ...]] = ("ai_chip_stock", "ai_models", "data_center_timelines")

    text: Literal["public", "own", "unlimited"] = quantity(
        "public",
        unit="name",
        label="Unique text",
        why=(
            "Public: the stock of public human text, without repetition (the law accounts for"
            " repetition)."
        ),
    )
    text_quality: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        TextStockInputs.model_fields["quality"].get_default(),
        unit="1",
        label="Share of the web fit to train on",
        why="Villalobos et al. 2024 (95%); RefinedWeb keeps about a quarter of English web text.",
    )
    text_share: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        Distribution.fixed(1.0),
        unit="1",
        label="Share of it that is available",
        why="All of it; licences, paywalls and robots.txt leave less.",
    )
    own_tokens: Annotated[Distribution, RangeBounds(1.0, 1e24)] = quantity(
        Distribution.fixed(3e12),
        unit="tokens",
        label="Own text: unique tokens",
        why="An example; assumed not to grow.",
    )
    chips_from: Literal["stock", "trend", "own", "unlimited"] = quantity(
        "stock",
        unit="name",
        label="Chips for a run",
        why=(
            "One buyer's share of all AI chips (Epoch AI, to the end of 2025); or the trend of the"
            " largest clusters in Epoch AI's list of models."
        ),
    )
    own_chips: Annotated[Distribution, RangeBounds(1.0, 1e12)] = quantity(
        Distribution.fixed(20_000.0),
        unit="chips",
        label="Own cluster",
        why="An example; chips are replaced by newer ones.",
    )
    power_from: Literal["site", "owner", "sites", "trend", "own", "unlimited"] = quantity(
        "site",
        unit="name",
        label="Power for a run",
        why=(
            "A share of the largest AI site, or of all sites of one owner, as built and as"
            " projected (Epoch AI, August 2026). Or the trend of the largest sites alone. Or the"
            " trend of the power draw of the largest published runs, the latest from February 2025."
        ),
    )
    own_power_mw: Annotated[Distribution, RangeBounds(1e-6, 1e9)] = quantity(
        Distribution.fixed(20.0), unit="MW", label="Own power", why="An example."
    )
    days_per_run: Annotated[Distribution, RangeBounds(0.01, 1e4)] = quantity(
        Distribution(60.0, 120.0, 0.8),
        unit="days",
        label="Days of a run",
        why=(
            "Epoch AI: GPT-4 95, Gemini Ultra 100, Llama 3.1 405B 89, Grok 3 90 days. Beyond about"
            " 450 days it pays to start later (Sevilla et al. 2022)."
        ),
    )

    @property
    def text_stock(self) -> TextStockInputs:
        """The stock of public text whose unique text this plan may read."""
        return TextStockInputs(seed=self.seed, quality=self.text_quality)


class FutureInputs(SupplyInputs, PlanPriceInputs, LawInputs):
    """What the future holds, whatever is asked of a plan: law, price, supplies and budget."""

    budget_growth: Annotated[Distribution, RangeBounds(0.01, 100.0)] = quantity(
        Distribution.fixed(2.5),
        unit="×/year",
        label="Growth of the budget",
        why=(
            "The cost of frontier runs has grown 2.4× a year, 90% range 2.0 to 2.9 (Cottier et al."
            " 2024); your own growth is your decision, so it has no range."
        ),
    )
    draws: int = quantity(
        1000,
        unit="1",
        label="Draws",
        why="More draws make the ends of ranges more stable.",
        ge=20,
        le=2000,
    )


class MoneyInputs(Inputs):
    """What the dollars of a plan are, and what training costs besides the run itself."""

    dollars: Literal["price_year", "nominal"] = quantity(
        "price_year",
        unit="name",
        label="Dollars",
        why=(
            "Constant dollars of one price year, so that years can be compared; or nominal dollars"
            " of the year of spending, as budgets are granted."
        ),
    )
    inflation: float = quantity(
        0.025,
        unit="share per year",
        label="Inflation per year",
        why=(
            "For nominal dollars of years to come; US consumer prices rose by 2.6% in 2025 (see the"
            " table of US consumer prices)."
        ),
        ge=-0.1,
        le=1.0,
    )
    training_overhead: float = quantity(
        0.0,
        unit="share of the final run",
        label="Failed runs and research",
        why=(
            "0: the final run alone. 0.5 means that failed runs and experiments cost half as much"
            " again; labs that disclose it spend more on these than on final runs."
        ),
        ge=0.0,
        le=100.0,
    )


class PlanDrawInputs(PlanYearsInputs, MoneyInputs, FutureInputs):
    """Every input of a plan that is drawn."""

    requests_per_day: float = request_fields.requests_per_day(
        1e7, "Requests per day in the first year"
    )
    demand_growth: Annotated[Distribution, RangeBounds(0.01, 100.0)] = quantity(
        Distribution(1.5, 3.0, 0.8),
        unit="×/year",
        label="Growth of demand",
        why=(
            "An assumption: use of large services has about doubled per year, and that pace may"
            " halve or double."
        ),
    )
    halving_months: Annotated[Distribution, RangeBounds(0.01, 1200.0)] = (
        price_fields.halving_months_range()
    )
    exchange_rate: Annotated[Distribution, RangeBounds(0.0, 5.0)] = quantity(
        Distribution(0.5, 8.0 / 9.0, 0.8, "lognormal"),
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
            "For how many orders of magnitude of thinking that holds. Villalobos & Atkinson 2023:"
            " 1–2 in most language tasks, 2–3 where steps can be searched, 5–6 where answers are"
            " checked."
        ),
    )


class SplitInputs(PlanDrawInputs, ServingInputs):
    """Inputs of the best split of a budget between training and answers."""


class FeasiblePlanInputs(SplitInputs):
    """Inputs of a plan that is refused where it cannot serve its demand."""

    least_params: float = quantity(
        1e9,
        unit="parameters",
        label="Smallest acceptable model",
        why=(
            "About GPT-2's 1.5 billion (2019), rounded down: a budget that can't serve it at the"
            " given demand is rejected."
        ),
        ge=1.0,
        le=1e15,
    )
