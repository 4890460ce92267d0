"""The key figures of the other pages at a glance, each with its range and the scenario that leads to its page in that state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from forecasting.bands import Range
from forecasting.compute_cost import (
    FIRST_YEAR,
    LAST_YEAR,
    CostScenario,
    ModelCost,
    PriceMethod,
    model_cost,
    money_range,
    when_range,
)
from forecasting.gpt2_claim import gpt2_claim
from forecasting.price_trend import price_trend
from forecasting.scenario import Scenario, quantity
from forecasting.tables import Tables, bundled
from forecasting.units import in_dollars, in_years, significant

#: Training FLOP whose price is quoted, about that of GPT-2.
QUOTED_FLOP = 1e21
STUDENT_BUDGET_USD = 1000.0


class OverviewScenario(Scenario):
    """Inputs of the Overview: which model stands for a large run, and what counts as now."""

    PAGE: ClassVar[str] = "overview"
    VERSION: ClassVar[int] = 2
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {1: {"price_method": "ols"}}
    TABLES: ClassVar[tuple[str, ...]] = CostScenario.TABLES

    model: str = quantity("GPT-4", unit="name", label="Model that stands for a large run")
    year: int = quantity(2026, unit="year", label="Now", ge=FIRST_YEAR, le=LAST_YEAR - 5)
    years_ahead: int = quantity(5, unit="years", label="Years ahead", ge=1, le=15)
    price_method: PriceMethod = quantity(
        "calibrated", unit="name", label="Prices are projected by", why="As on the page Cost of compute, from its version 2 on."
    )

    @classmethod
    def choices(cls, field: str, tables: Tables) -> tuple[str, ...] | None:
        """Names of models, as on the page Cost of compute."""
        return CostScenario.choices("model", tables) if field == "model" else None


@dataclass(frozen=True)
class KeyFigure:
    """One figure: its label, itself in words, its range in words, and the scenario and section that show it in full."""

    label: str
    words: str
    range_words: str
    figure: Range
    scenario: CostScenario
    view: str


@dataclass(frozen=True)
class Overview:
    """The key figures and the forecast behind the page's chart."""

    scenario: OverviewScenario
    figures: tuple[KeyFigure, ...]
    large_run: ModelCost

    @property
    def answer(self) -> str:
        """The three answers so far in one sentence."""
        now, ahead = self.figures[0], self.figures[1]
        return (
            f"A run of {self.scenario.model}'s quality costs about {now.words} today ({now.range_words}) and about {ahead.words} in "
            f"{self.scenario.year + self.scenario.years_ahead} ({ahead.range_words}), on rented chips and if algorithms improve at "
            "their usual pace."
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a key figure: value, 80% range, unit."""
        return pd.DataFrame(
            {
                "figure": [figure.label for figure in self.figures],
                "value": [figure.figure.value for figure in self.figures],
                "low": [figure.figure.low for figure in self.figures],
                "high": [figure.figure.high for figure in self.figures],
                "unit": [figure.figure.unit for figure in self.figures],
            }
        )


def overview(scenario: OverviewScenario, *, data: Tables | None = None) -> Overview:
    """The key figures from the forecasts of the page Cost of compute, with its defaults."""
    tables = bundled() if data is None else data
    year, later = scenario.year, scenario.year + scenario.years_ahead
    now = CostScenario(seed=scenario.seed, model=scenario.model, year=year, price_method=scenario.price_method)
    ahead = now.replaced(year=later)
    small = now.replaced(model="GPT-3", budget_usd=STUDENT_BUDGET_USD)
    run_now, run_ahead, small_run = (model_cost(each, data=tables) for each in (now, ahead, small))
    trend, claim = price_trend(now, data=tables), gpt2_claim(now, data=tables)
    per_flop = run_now.usd_per_flop.at(year)
    quoted = Range(per_flop[3] * QUOTED_FLOP, per_flop[1] * QUOTED_FLOP, per_flop[5] * QUOTED_FLOP, "USD per 10²¹ FLOP")
    doubling = Range(*trend.doubling, unit="years")
    reached = small_run.with_algorithms_under_budget
    return Overview(
        scenario=scenario,
        large_run=run_now,
        figures=(
            _money(f"{scenario.model}-class run in {year}", run_now.with_algorithms_at_year, now),
            _money(f"{scenario.model}-class run in {later}", run_ahead.with_algorithms_at_year, ahead),
            _money(f"10²¹ FLOP, rented, in {year}", quoted, now),
            KeyFigure(
                "Compute per dollar doubles every",
                in_years(doubling.value),
                f"95% range {significant(doubling.low, 3)} to {significant(doubling.high, 3)} years",
                doubling,
                now,
                "price",
            ),
            KeyFigure(
                f"GPT-3's quality for {in_dollars(STUDENT_BUDGET_USD)}",
                when_range(reached).split(" (")[0],
                when_range(reached).partition(" (")[2].rstrip(")"),
                reached,
                small,
                "model",
            ),
            KeyFigure(
                "“GPT-2 for $30 by any student”",
                claim.verdict,
                f"measured: {in_dollars(claim.nearest_before.cost_usd)} in 2024, {in_dollars(claim.latest.cost_usd)} in 2026",
                Range(claim.latest.cost_usd, claim.latest.cost_usd, claim.nearest_before.cost_usd, "USD"),
                now,
                "claim",
            ),
        ),
    )


def _money(label: str, figure: Range, scenario: CostScenario) -> KeyFigure:
    return KeyFigure(label, in_dollars(figure.value, 2), money_range(figure).partition(" (")[2].rstrip(")"), figure, scenario, "model")
