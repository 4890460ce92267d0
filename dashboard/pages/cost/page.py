"""Cost of compute: what does a FLOP cost over time, and what will model X cost to train in
year Y?
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.pages.cost.claim import show_claim
from dashboard.pages.cost.model import show_model_cost
from dashboard.pages.cost.price import show_price_trend
from dashboard.state import session
from dashboard.state.display import CostDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from forecasting.compute_cost.cost_scenario import CostScenario

VIEWS = {"model": "Cost of a model", "price": "Price of compute", "claim": "GPT-2 for $30?"}
SECTIONS: dict[str, Callable[[PageState[CostScenario, CostDisplay]], None]] = {
    "model": show_model_cost,
    "price": show_price_trend,
    "claim": show_claim,
}

page = session.open_page(CostScenario, CostDisplay)
layout.question(
    "Cost of compute",
    "What does a FLOP cost over time, and what will a given model cost to train in year Y?",
)
layout.notices(page)
Controls(page).segmented(
    "view", words=lambda view: VIEWS[view].replace("$", "\\$"), hidden_label=True
)
with layout.error_boundary():
    SECTIONS[page.display.view](page)
session.close_page(page)
