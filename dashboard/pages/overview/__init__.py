"""The page Overview."""

from __future__ import annotations

from dashboard.pages.declaration import Page, Section
from forecasting.context import Context
from forecasting.reporting.article_claims import JudgedClaim, judged_claims
from forecasting.reporting.overview import OverviewScenario, overview

WITHOUT_LAW = "the figures here keep the published one, the pages behind their links use yours"


def claims_of(seed: int, context: Context) -> tuple[JudgedClaim, ...]:
    """The claims of the article, judged once for what a session reads."""
    return context.results.get((judged_claims, seed), lambda: judged_claims(context, seed))


PAGE = Page(
    title="Compute Forecast",
    question="What will compute cost, and a given model, and when? How sure are we?",
    icon=":material/dashboard:",
    menu="Overview",
    scenario=OverviewScenario,
    sections=(
        Section(
            "figures",
            "Overview",
            overview,
            "dashboard.pages.overview.figures:show_overview",
            exported_as="",
            without_law=lambda _scenario: WITHOUT_LAW,
            warm=(lambda context: claims_of(OverviewScenario().seed, context),),
        ),
    ),
)
