"""What each page is made of, for everything that is not a page: its scenario, how it is shown, and the forecast of each section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.display import CostDisplay, Display
from forecasting.compute_cost import CostScenario, model_cost
from forecasting.gpt2_claim import gpt2_claim
from forecasting.overview import OverviewScenario, overview
from forecasting.price_trend import price_trend
from forecasting.scenario import Scenario

Forecast = Callable[..., Any]
#: How a section is chosen, by the fields of the display that name it.
SECTION_FIELDS = ("view",)


@dataclass(frozen=True)
class PageParts:
    """One page: its `name` in addresses, `title` and `question`, and the forecast of each section (a single one is named "")."""

    title: str
    question: str
    scenario: type[Scenario]
    display: type[Display]
    forecasts: Mapping[str, Forecast] = field(repr=False)
    section_fields: tuple[str, ...] = SECTION_FIELDS

    @property
    def name(self) -> str:
        """The page's address and API name."""
        return self.scenario.PAGE

    def section(self, display: Display) -> str:
        """The section that a display shows: the first of its section fields, and parts of it, that a forecast is named by."""
        chosen = [str(getattr(display, name)) for name in self.section_fields if name in type(display).model_fields]
        for count in range(len(chosen), 0, -1):
            if "/".join(chosen[:count]) in self.forecasts:
                return "/".join(chosen[:count])
        return next(iter(self.forecasts))


PAGE_PARTS: Mapping[str, PageParts] = {
    parts.name: parts
    for parts in (
        PageParts(
            "Compute Forecast",
            "What will compute cost, and a given model, and when? How sure are we?",
            OverviewScenario,
            Display,
            {"": overview},
        ),
        PageParts(
            "Cost of compute",
            "What does a FLOP cost over time, and what will a given model cost to train in year Y?",
            CostScenario,
            CostDisplay,
            {"model": model_cost, "price": price_trend, "claim": gpt2_claim},
        ),
    )
}
