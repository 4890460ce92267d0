"""Cost of compute: what does a FLOP cost over time, and what will model X cost to train in year Y?"""

from __future__ import annotations

from collections.abc import Callable

from dashboard import layout, session
from dashboard.controls import Controls
from dashboard.display import CostDisplay
from dashboard.page_state import PageState
from dashboard.sections.cost_claim import show_claim
from dashboard.sections.cost_model import show_model_cost
from dashboard.sections.cost_price import show_price_trend
from forecasting.cost.cost_scenario import CostScenario

VIEWS = {"model": "Cost of a model", "price": "Price of compute", "claim": "GPT-2 for $30?"}
SECTIONS: dict[str, Callable[[PageState[CostScenario, CostDisplay]], None]] = {
    "model": show_model_cost,
    "price": show_price_trend,
    "claim": show_claim,
}

page = session.open_page(CostScenario, CostDisplay)
layout.question("Cost of compute", "What does a FLOP cost over time, and what will a given model cost to train in year Y?")
layout.notices(page)
Controls(page).segmented("view", words=lambda view: VIEWS[view].replace("$", "\\$"), hidden_label=True)
with layout.said_not_raised():
    SECTIONS[page.display.view](page)
session.close_page(page)
