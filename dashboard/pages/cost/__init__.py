"""The page Cost of compute."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.compute_price import price_trends_of_all_methods
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_trend import price_trend
from forecasting.evaluation.all_records import method_coverage


class CostDisplay(Display):
    """How the page is shown: which section, and what its bands are for."""

    view: Literal["model", "price", "claim"] = Field("model", description="Section")
    interval: Literal["trend", "observation"] = Field("observation", description="Bands are for")


PAGE = Page(
    title="Cost of compute",
    question=(
        "What does a FLOP cost over time, and what will a given model cost to train in year Y?"
    ),
    icon=":material/payments:",
    scenario=CostScenario,
    display=CostDisplay,
    page_wide_tables=(
        "ai_models",
        "chip_rental_prices",
        "computing_cost_1857_2001",
        "gpt2_reproductions",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    ),
    sections=(
        Section(
            "model",
            "Cost of a model",
            model_cost,
            "dashboard.pages.cost.model:show_model_cost",
            figure="model_figure",
            numbers="model_cost_numbers",
            notes="model_notes",
            methods=(
                "forecasting.compute_cost.chip_hours",
                "forecasting.compute_cost.compute_price",
                "forecasting.compute_cost.compute_cost",
                "forecasting.compute_cost.compute_cost:model_cost",
                "forecasting.stats.record_setters:running_top",
            ),
            warm=(
                lambda context: method_coverage(CostScenario().price_method, "trend", context.data),
                lambda context: method_coverage("ols", "trend", context.data),
                price_trends_of_all_methods,
            ),
        ),
        Section(
            "price",
            "Price of compute",
            price_trend,
            "dashboard.pages.cost.price:show_price_trend",
            figure="price_figure",
            numbers="trend_numbers",
            numbers_of_pins=True,
            notes="trend_notes",
            methods=(
                "forecasting.trends.trend",
                "forecasting.trends.trend:fit_trend",
                "forecasting.trends.calibrated_trend",
                "forecasting.trends.state_space",
                "forecasting.trends.structural_break",
            ),
            warm=(
                lambda context: method_coverage(CostScenario().method, "observation", context.data),
            ),
        ),
        Section(
            "claim",
            "GPT-2 for $30?",
            gpt2_claim,
            "dashboard.pages.cost.claim:show_claim",
            figure="claim_figure",
            numbers="claim_numbers",
            notes="CLAIM_NOTES",
            methods=("forecasting.compute_cost.gpt2_claim",),
        ),
    ),
)
