"""The page Data and methods."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.reporting.data_catalogue import DataScenario, data_catalogue


class DataDisplay(Display):
    """How the page is shown: which section."""

    view: Literal["tables", "methods", "glossary", "cite"] = Field("tables", description="Section")


PAGE = Page(
    title="Data and methods",
    question="What are these numbers made of, how are they computed, and how are they cited?",
    icon=":material/database:",
    scenario=DataScenario,
    display=DataDisplay,
    sections=tuple(
        Section(name, label, data_catalogue, f"dashboard.pages.data.{show}", exported_as="")
        for name, label, show in (
            ("tables", "Tables", "catalogue:show_tables"),
            ("methods", "Formulas", "catalogue:show_methods"),
            ("glossary", "Glossary", "catalogue:show_glossary"),
            ("cite", "How to cite, and what is left out", "catalogue:show_cite"),
        )
    ),
)
