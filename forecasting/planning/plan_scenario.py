"""The inputs of all forecasts of plans; presets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self, TypeVar

from forecasting.data.dataset import DataSet
from forecasting.errors import UnknownNameError
from forecasting.inference.exchange_rate import exchange_rates
from forecasting.planning.cluster import ClusterInputs
from forecasting.planning.generations import GenerationsInputs
from forecasting.planning.goal_seek import GoalInputs
from forecasting.planning.input_groups import LAST_YEAR
from forecasting.planning.plan import YearlyPlanInputs
from forecasting.planning.plan_backtest import PlanBacktestInputs
from forecasting.scenario import Scenario
from forecasting.stats.distribution import Distribution


class PlanScenario(
    PlanBacktestInputs,
    ClusterInputs,
    GenerationsInputs,
    GoalInputs,
    YearlyPlanInputs,
    Scenario,
):
    """Inputs of plans. Every Distribution is a range that the forecast draws from; a fixed
    one is taken as known.
    """

    NAME: ClassVar[str] = "plan"
    VERSION: ClassVar[int] = 7
    #: Version 1 had money in dollars of 2024 and the frontier's growth of the models to early 2026;
    #: version 2 has dollars of the last complete year and the models to September 2026;
    #: version 3 has the power of the largest sites instead of that of the largest published runs;
    #: version 4 has the utilisation in answers of the model of serving instead of two constants;
    #: version 5 has a run's share of the largest site, built and projected, and of all chips
    #: instead of the trends of sites and of the largest clusters;
    #: version 6 starts in 2027 instead of 2026, and takes thinking to be worth what the published
    #: rate for most language tasks has as its middle;
    #: version 7 has prices projected by the method whose bands are set by many series.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"price_year": 2024, "frontier_growth": Distribution(4.32, 5.25, 0.9)},
        2: {"power_from": "trend"},
        3: {"answer_mfu": "own"},
        4: {"chips_from": "trend", "power_from": "sites"},
        5: {"first_year": 2026, "exchange_rate": Distribution(0.5, 1.0, 0.8, "normal")},
        6: {"price_method": "calibrated"},
    }

    @classmethod
    def opening(cls, day: dt.date) -> Self:
        """The plan from next year on, for as many years as the default or what is left of them."""
        return _from_year(cls(), day)


P = TypeVar("P", bound=PlanScenario)


def _from_year(scenario: P, day: dt.date) -> P:
    """The plan that starts in the year after a day's."""
    first = min(max(day.year + 1, scenario.first_year), LAST_YEAR)
    return (
        scenario
        if first == scenario.first_year
        else scenario.replaced(
            first_year=first,
            last_year=min(first + scenario.last_year - scenario.first_year, LAST_YEAR),
            goal_year=min(first + scenario.goal_year - scenario.first_year, LAST_YEAR),
        )
    )


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
        "The source article: its assumptions, thinking as in Go and a fifth of the web usable",
        {
            "requests_per_day": 1e6,
            "exchange_rate": Distribution.fixed(1.0),
            "span_oom": Distribution.fixed(3.0),
            "text_quality": Distribution.fixed(0.2),
        },
    ),
}


@cache
def preset(name: str, day: dt.date | None = None) -> PlanScenario:
    """The scenario of a preset, as it opens on a day, or (None) with the years of the defaults;
    raises UnknownNameError.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    scenario = PlanScenario(**PRESETS[name][1])
    return scenario if day is None else _from_year(scenario, day)
