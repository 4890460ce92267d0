"""The page Running out of text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.text_limits.text_corpus import text_corpus
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.text_limits.text_sensitivity import text_sensitivity
from forecasting.text_limits.text_wall import text_wall


class TextDisplay(Display):
    """How the page is shown: which section."""

    view: Literal["date", "chance", "drivers", "wall", "corpus"] = Field(
        "date", description="Section"
    )


PAGE = Page(
    title="Running out of text",
    question="When is public text used up, and what moves the date?",
    icon=":material/menu_book:",
    scenario=TextScenario,
    display=TextDisplay,
    page_wide_tables=(
        "ai_models",
        "article_claims",
        "runs_chinchilla",
        "text_dataset_sizes",
        "text_sizes_2023_2026",
        "world_population",
    ),
    sections=(
        Section(
            "date",
            "Stock and demand",
            text_exhaustion,
            "dashboard.pages.text.date:show_date",
            figure="date_figure",
            numbers="year_numbers",
            notes="date_notes",
            sensitivity=text_sensitivity,
            methods=(
                "forecasting.text_limits.text_stock",
                "forecasting.text_limits.text_demand",
                "forecasting.text_limits.text_exhaustion",
            ),
        ),
        Section(
            "chance",
            "Chance by year",
            text_exhaustion,
            "dashboard.pages.text.date:show_chance",
            figure="chance_figure",
            numbers="year_numbers",
            notes="date_notes",
            sensitivity=text_sensitivity,
            exported_as="date",
        ),
        Section(
            "drivers",
            "What moves the date",
            text_sensitivity,
            "dashboard.pages.text.drivers:show_drivers",
            figure="drivers_figure",
            numbers="driver_numbers",
            notes="DRIVER_NOTES",
        ),
        Section(
            "wall",
            "After the wall",
            text_wall,
            "dashboard.pages.text.limits:show_wall",
            figure="wall_figure",
            numbers="wall_numbers",
            notes="WALL_NOTES",
            methods=("forecasting.text_limits.text_wall",),
        ),
        Section(
            "corpus",
            "My corpus",
            text_corpus,
            "dashboard.pages.text.limits:show_corpus",
            figure="corpus_figure",
            numbers="epoch_numbers",
            notes="CORPUS_NOTES",
            methods=("forecasting.text_limits.text_corpus",),
        ),
    ),
)
