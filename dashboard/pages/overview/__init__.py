"""The page Overview."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.context import Context
from forecasting.reporting.article_claims import JudgedClaim, judged_claims
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.reporting.refresh_log import refresh_log


class OverviewDisplay(Display):
    """How the page is shown: which claims of the article."""

    claims: Literal["all", "holds", "early", "strong", "open"] = Field(
        "all", description="Claims shown"
    )


WITHOUT_LAW = "the figures here use the published one; the pages that they link to use yours"


def claims_of(seed: int, context: Context) -> tuple[JudgedClaim, ...]:
    """The claims of the article, judged once for what a session reads."""
    return context.results.get((judged_claims, seed), lambda: judged_claims(context, seed))


PAGE = Page(
    title="Compute Forecast",
    question=(
        "What will compute cost, and training a given model, in future years? How sure are we?"
    ),
    icon=":material/dashboard:",
    menu="Overview",
    scenario=OverviewScenario,
    display=OverviewDisplay,
    page_wide_tables=(
        "ai_models",
        "alphago_elo",
        "arc_agi_scores",
        "article_claims",
        "chip_rental_prices",
        "computing_cost_1857_2001",
        "gpt2_reproductions",
        "gpu_prices",
        "hex_elo_frontier",
        "levels_of_agi",
        "ml_chips",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
        "repeated_sampling_counts",
        "repeated_sampling_published",
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "token_price_declines",
        "token_prices_first_party",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "train_inference_tradeoffs",
        "translation_learning_curves",
        "us_consumer_prices",
        "verifier_selection_published",
        "vision_learning_curves",
    ),
    sections=(
        Section(
            "figures",
            "Overview",
            overview,
            "dashboard.pages.overview.figures:show_overview",
            figure="overview_figure",
            exported_as="",
            without_law=lambda _scenario: WITHOUT_LAW,
            warm=(
                lambda context: claims_of(OverviewScenario().seed, context),
                lambda context: refresh_log(context.data),
            ),
        ),
    ),
)
