"""The page Your runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.user_runs.own_runs import RunsScenario, own_runs


class RunsDisplay(Display):
    """How the page is shown: which section."""

    view: Literal["law", "residuals", "published", "next"] = Field("law", description="Section")


PAGE = Page(
    title="Your runs",
    question=(
        "What do my own training runs say: which law, how sure, and how should the big run be"
        " sized?"
    ),
    icon=":material/upload_file:",
    scenario=RunsScenario,
    display=RunsDisplay,
    draws_control=True,
    sections=tuple(
        Section(
            name, label, own_runs, f"dashboard.pages.runs.law:{show}", figure=figure, exported_as=""
        )
        for name, label, show, figure in (
            ("law", "The law", "show_law", "law_figure"),
            ("residuals", "Residuals", "show_residuals", "residuals_figure"),
            ("published", "Published laws and groups", "show_published", ""),
            ("next", "Which run next", "show_next_run", "next_run_figure"),
        )
    ),
)
