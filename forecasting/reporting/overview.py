"""The key figures of the other pages, each with its range and the scenario that leads to its page
in that state.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd

from forecasting.compute_cost import price_fields
from forecasting.compute_cost.compute_cost import (
    FIRST_YEAR,
    LAST_YEAR,
    ModelCost,
    ModelCostInputs,
    model_cost,
)
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_fields import PriceMethod
from forecasting.compute_cost.price_trend import PriceTrend, SeriesName, price_trend
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.formatting import in_dollars, in_month, in_years, significant
from forecasting.inference.exchange_rate import exchange_rates
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.planning.input_groups import FIRST_YEAR as FIRST_PLANNED_YEAR
from forecasting.planning.input_groups import LAST_YEAR as LAST_PLANNED_YEAR
from forecasting.planning.plan import plan
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.article_claims import Basis
from forecasting.reporting.compute_cost_notes import explained_ranges, range_width_words
from forecasting.reporting.law_summaries import LawSummary, law_summaries
from forecasting.scenario import Scenario, quantity
from forecasting.stats.bands import Range
from forecasting.stats.year_ranges import when_and_range
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_scenario import TextScenario, preset
from forecasting.units import decimal_years

DRAWS = 2000
STUDENT_BUDGET_USD = 1000.0


class OverviewScenario(Scenario):
    """Inputs of the Overview: which model stands for a large run, and what counts as now."""

    NAME: ClassVar[str] = "overview"
    VERSION: ClassVar[int] = 9
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"price_method": "ols"},
        2: {"price_year": 2024},
        3: {"text_demand": "epoch_2024"},
        4: {"power_from": "trend", "series": "gpu"},
        5: {"answer_mfu": "own"},
        6: {"power_from": "sites"},
        7: {"plan_from": 2026},
        8: {"price_method": "calibrated"},
    }
    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_chip_stock",
        "ai_models",
        "alphago_elo",
        "arc_agi_scores",
        "article_claims",
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "computing_cost_1857_2001",
        "data_center_timelines",
        "gpt2_reproductions",
        "gpu_prices",
        "ml_chips",
        "o3_arc_agi_2024",
        "runs_chinchilla",
        "served_models",
        "serving_chips",
        "text_dataset_sizes",
        "text_sizes_2023_2026",
        "token_price_declines",
        "token_prices_first_party",
        "train_inference_tradeoffs",
        "us_consumer_prices",
        "world_population",
    )

    model: str = quantity("GPT-4", unit="name", label="Model that represents a large run")
    year: int = quantity(2026, unit="year", label="Now", ge=FIRST_YEAR, le=LAST_YEAR - 5)
    years_ahead: int = quantity(5, unit="years", label="Years ahead", ge=1, le=15)
    price_method: PriceMethod = price_fields.price_method()
    price_year: int | None = price_fields.price_year()
    text_demand: Literal["known_2026", "epoch_2024"] = quantity(
        "known_2026",
        unit="name",
        label="Demand for text",
        why=(
            "From the largest training sets and runs known in 2026, or from Epoch AI's inputs of"
            " June 2024: presets of the page Running out of text."
        ),
    )
    power_from: Literal["site", "sites", "trend"] = quantity(
        "site",
        unit="name",
        label="Power and chips for a run",
        why=(
            "A share of the largest AI site and of all chips, as on the page Plan; or the trend of"
            " the largest sites; or the trends of the power and chips of the largest published"
            " runs."
        ),
    )
    plan_from: int = quantity(
        2027,
        unit="year",
        label="Plan from",
        why="Next year: this year's budget is already committed.",
        ge=FIRST_PLANNED_YEAR,
        le=LAST_PLANNED_YEAR,
    )
    answer_mfu: Literal["model", "own"] = quantity(
        "model",
        unit="name",
        label="Utilisation in answers",
        why=(
            "In the plan: from the serving model, or the earlier constants, 40% in reading and 5%"
            " in writing."
        ),
    )
    series: SeriesName = quantity(
        "rental",
        unit="name",
        label="Series of compute per dollar",
        why="Rents are today's prices; the series of GPUs ends in 2021.",
    )

    @classmethod
    def opening(cls, day: dt.date) -> Self:
        """Now is the day's year, and the plan starts in the next."""
        return cls(
            year=min(max(day.year, cls.defaults()["year"]), LAST_YEAR - 5),
            plan_from=PlanScenario.opening(day).first_year,
        )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """Names of models, as on the page Cost of compute."""
        return ModelCostInputs.choices(field, data)


@dataclass(frozen=True)
class KeyFigure:
    """One figure: its label, itself in words, its range in words, and the scenario and section
    (fields of the display) that show it.
    """

    label: str
    words: str
    range_words: str
    figure: Range
    scenario: Scenario
    display: Mapping[str, str] = field(default_factory=dict)
    level: float = 0.8


@dataclass(frozen=True)
class Overview:
    """The key figures of all pages, each with its range and the scenario that shows it; `large_run`
    is the forecast behind the chart, `laws` are the three laws and the plan in brief. `caveat`
    says how far measured runs lie off the forecast that the first figures rest on, `width_words`
    what makes the range ahead as wide as it is.
    """

    scenario: OverviewScenario
    figures: tuple[KeyFigure, ...]
    large_run: ModelCost
    cost_words: str
    width_words: str
    lines: tuple[str, ...]
    laws: tuple[LawSummary, ...]
    caveat: str

    @property
    def answer(self) -> str:
        """What a large run costs now."""
        return self.cost_words

    @property
    def full_answer(self) -> str:
        """The answer and its lines."""
        return " ".join((self.answer, *self.lines))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a key figure: value, range with its level (empty where the two are measured
        prices), unit.
        """
        return pd.DataFrame(
            {
                "figure": [figure.label for figure in self.figures],
                "value": [figure.figure.value for figure in self.figures],
                "low": [figure.figure.low for figure in self.figures],
                "high": [figure.figure.high for figure in self.figures],
                "level": [figure.level for figure in self.figures],
                "unit": [figure.figure.unit for figure in self.figures],
            }
        )


def overview(scenario: OverviewScenario, *, data: DataOrContext | None = None) -> Overview:
    """The key figures: of the cost page with this scenario's inputs, of the other pages with their
    defaults.
    """
    context = context_of(data)
    basis = Basis(context, scenario.seed)
    costs, large_run, run_ahead = _costs(scenario, basis)
    text, inference = _text_wall(scenario, basis), _ten_times_inference(basis)
    parity, limit = _parity(basis), _what_binds(scenario, basis)
    claimed = CostScenario(
        seed=scenario.seed, price_method=scenario.price_method, price_year=scenario.price_year
    )
    claim = basis.made(gpt2_claim, claimed)
    gpt2 = KeyFigure(
        "“GPT-2 for $30 by any student”",
        claim.verdict,
        f"measured: {in_dollars(claim.nearest_before.cost_usd)} in 2024,"
        f" {in_dollars(claim.latest.cost_usd)} in 2026",
        Range(claim.latest.cost_usd, claim.latest.cost_usd, claim.nearest_before.cost_usd, "USD"),
        claimed,
        {"view": "claim"},
        level=math.nan,
    )
    now, ahead = costs[0], costs[1]
    later = scenario.year + scenario.years_ahead
    return Overview(
        scenario=scenario,
        figures=(now, ahead, costs[2], text, inference, parity, limit, costs[3], gpt2),
        large_run=large_run,
        cost_words=(
            f"A model of {scenario.model}'s quality costs about {now.words} to train at the start"
            f" of {scenario.year}, {now.range_words}, on rented chips."
        ),
        width_words=range_width_words(explained_ranges(run_ahead)[1]),
        lines=(
            (
                f"At the start of {later}, if algorithms keep improving at their usual pace:"
                f" {ahead.words}, {ahead.range_words}."
            ),
            f"The largest training run needs all public text in {text.words}, {text.range_words}.",
            (
                "Ten times more compute per answer improves results as much as"
                f" {significant(inference.figure.value, 2)} times more training compute,"
                f" {inference.range_words}."
            ),
        ),
        laws=law_summaries(
            basis,
            now.scenario if isinstance(now.scenario, CostScenario) else claimed,
            _planned(scenario, basis),
            InferenceScenario(seed=basis.seed),
        ),
        caveat=(
            f"Measured runs of GPT-2's quality cost {significant(claim.ratio_to_forecast, 2)} times"
            " what this forecast of hardware and algorithms gives for them"
            f" ({in_dollars(claim.latest.cost_usd)} in {math.floor(claim.latest.date)}): costs may"
            " fall later than it says."
        ),
    )


def _planned(shown: OverviewScenario, basis: Basis) -> PlanScenario:
    return PlanScenario(
        seed=basis.seed,
        power_from=shown.power_from,
        chips_from="stock" if shown.power_from == "site" else "trend",
        answer_mfu=shown.answer_mfu,
        price_method=_projected_by(shown),
        first_year=shown.plan_from,
        last_year=max(PlanScenario.defaults()["last_year"], shown.plan_from),
        # Links of before 2027 keep what thinking was worth to the plan of their version.
        exchange_rate=PlanScenario.defaults(None if shown.plan_from > 2026 else 5)["exchange_rate"],
    )


def _projected_by(shown: OverviewScenario) -> PriceMethod:
    """The method of the figures that always had the default: links of older versions keep theirs,
    whatever they chose for the cost of a run.
    """
    return "pooled" if shown.price_method == "pooled" else "calibrated"


def _costs(
    scenario: OverviewScenario, basis: Basis
) -> tuple[tuple[KeyFigure, ...], ModelCost, ModelCost]:
    """A large run now and ahead, compute per dollar, GPT-3's quality for a student's money."""
    year, later = scenario.year, scenario.year + scenario.years_ahead
    now = CostScenario(
        seed=scenario.seed,
        model=scenario.model,
        year=year,
        price_method=scenario.price_method,
        price_year=scenario.price_year,
        series=scenario.series,
        method=_projected_by(scenario),
    )
    ahead = now.replaced(year=later)
    small = now.replaced(model="GPT-3", budget_usd=STUDENT_BUDGET_USD)
    run_now, run_ahead, small_run = (basis.made(model_cost, each) for each in (now, ahead, small))
    trend = basis.made(price_trend, now)
    doubling = Range(*trend.doubling_within(0.8), unit="years")
    first, last = (math.floor(trend.points.dates[at]) for at in (0, -1))
    reached = small_run.with_algorithms_under_budget
    figures = (
        _money(f"{scenario.model}-class run in {year}", run_now.with_algorithms_at_year, now),
        _money(f"{scenario.model}-class run in {later}", run_ahead.with_algorithms_at_year, ahead),
        KeyFigure(
            f"{trend.points.label}, {first}–{last}, doubles every",
            in_years(doubling.value),
            f"{doubling.range_words(in_years)}; {_beside(basis, now, trend)}",
            doubling,
            now,
            {"view": "price"},
        ),
        KeyFigure(
            f"GPT-3's quality for {in_dollars(STUDENT_BUDGET_USD)}",
            *when_and_range(reached, FIRST_YEAR, LAST_YEAR),
            reached,
            small,
            {"view": "model"},
        ),
    )
    return figures, run_now, run_ahead


def _beside(basis: Basis, scenario: CostScenario, trend: PriceTrend) -> str:
    """What stands beside the doubling time: of rents, which way they go and what chips cost."""
    if scenario.series != "rental":
        return "launch prices" if trend.points.published is None else "published, launch prices"
    chips = basis.made(price_trend, scenario.replaced(series="chips", number_format="tensor_fp16"))
    value, low, high = chips.doubling_within(0.8)
    said = f"ML chips at launch prices: {Range(value, low, high, 'years').with_range(in_years)}"
    moves = trend.recent
    if moves is not None and moves.rose > moves.fell:
        said += f"; but rents rose in {in_month(moves.after)}"
    return said


def _text_wall(scenario: OverviewScenario, basis: Basis) -> KeyFigure:
    inputs = preset(scenario.text_demand, TextScenario(seed=basis.seed))
    figure = basis.made(text_exhaustion, inputs).used_up
    return KeyFigure(
        "Public text is used up in",
        _year(figure.value),
        _years(figure),
        figure,
        inputs,
        {"view": "date"},
    )


def _ten_times_inference(basis: Basis) -> KeyFigure:
    """What 10× the compute an answer is worth in training, by the spans for most language tasks."""
    scenario = InferenceScenario(seed=basis.seed)
    language = exchange_rates(basis.data)["language"]
    rate, _ = language.draw(DRAWS, np.random.default_rng(basis.seed))
    ends_of_draws = Range.of_draws(10.0**rate, "× training compute")
    # The middle is the one that the page Train or infer names.
    worth = Range(
        10.0 ** language.middle[0], ends_of_draws.low, ends_of_draws.high, ends_of_draws.unit
    )
    words = f"{significant(worth.value, 2)} times the training"
    ends = worth.range_words(lambda times: f"{significant(times, 2)} times")
    return KeyFigure(
        "10× the compute per answer is worth",
        words,
        ends,
        worth,
        scenario,
        {"view": "axes"},
    )


def _parity(basis: Basis) -> KeyFigure:
    scenario = InferenceScenario(seed=basis.seed)
    result = basis.made(human_parity, scenario)
    crossing, found = result.crossing, result.measured
    label = "A machine's answer costs less than a person's (ARC-AGI)"
    shown = {"view": "person", "person_part": "parity"}
    if found is None or found.reached is None or found.reached.released is None:
        words = _year(crossing.value)
        return KeyFigure(f"{label} from", words, _years(crossing), crossing, scenario, shown)
    day = np.array([found.reached.released], dtype="datetime64[D]")
    at = float(decimal_years(day)[0])
    return KeyFigure(
        f"{label} since",
        in_month(at),
        f"measured, {found.board}; forecast from {result.case.priced_on:%B %Y}:"
        f" {_year(crossing.value)}, {_years(crossing)}",
        Range(at, at, at, "year"),
        scenario,
        shown,
        level=math.nan,
    )


def _what_binds(shown: OverviewScenario, basis: Basis) -> KeyFigure:
    scenario = _planned(shown, basis)
    result = basis.made(plan, scenario)
    first = result.first_limit
    if first is None:
        nothing = Range(math.inf, math.inf, math.inf, "year")
        return KeyFigure(
            "What limits the plan first",
            "nothing but money",
            "in the years planned",
            nothing,
            scenario,
        )
    name, year = first
    starts = result.starts[name]
    return KeyFigure(
        "What limits the plan first, besides money",
        f"{name} from {year}",
        _years(starts),
        starts,
        scenario,
        {"view": "plan"},
    )


def _year(year: float) -> str:
    return "never" if math.isinf(year) else str(math.floor(year))


def _years(figure: Range) -> str:
    return figure.range_words(_year)


def _money(label: str, figure: Range, scenario: CostScenario) -> KeyFigure:
    words = partial(in_dollars, digits=2)
    return KeyFigure(
        label, words(figure.value), figure.range_words(words), figure, scenario, {"view": "model"}
    )
