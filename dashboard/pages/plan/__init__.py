"""The page Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.planning.cluster import cluster
from forecasting.planning.generations import generations
from forecasting.planning.goal_seek import goal_seek
from forecasting.planning.plan import plan
from forecasting.planning.plan_backtest import plan_backtest
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.planning.value_of_information import what_matters
from forecasting.reporting.plan_report import plan_report

if TYPE_CHECKING:
    from dashboard.export.exports import PageExport


class PlanDisplay(Display):
    """How the page is shown: which section, and which of its charts."""

    view: Literal["plan", "goal", "matters", "ladder", "cluster", "back"] = Field(
        "plan", description="Section"
    )
    shown: Literal["split", "size", "limits"] = Field("split", description="Chart")
    need: Literal["text", "power", "chips", "money"] = Field("text", description="Need")
    outcome: Literal["inference_share", "score_oom", "params", "tokens"] = Field(
        "inference_share", description="Effect on"
    )
    cluster_in: Literal["chips", "power"] = Field("chips", description="Largest runs to")
    cutoff: Literal["2020", "2022", "2024"] = Field("2020", description="Plan as of")


def plan_markdown(export: PageExport) -> str:
    """The plan on one page of Markdown."""
    return plan_report(export.result, link=export.link, sources=export.source_lines)


PAGE = Page(
    title="Plan",
    question=(
        "With this budget and demand, year by year: what to train, how to split, what stops us"
        " first?"
    ),
    icon=":material/event_note:",
    scenario=PlanScenario,
    display=PlanDisplay,
    page_wide_tables=(
        "ai_models",
        "chip_rental_prices",
        "data_center_timelines",
        "gpu_prices",
        "ml_chips",
        "runs_chinchilla",
        "us_consumer_prices",
    ),
    sections=(
        Section(
            "plan",
            "The plan",
            plan,
            "dashboard.pages.plan.years:show_plan",
            figure="plan_figure",
            numbers="memo_numbers",
            sensitivity=what_matters,
            methods=(
                "forecasting.planning.best_split",
                "forecasting.planning.split_solver",
                "forecasting.laws.repeated_data_law:RepeatedDataLaw",
                "forecasting.laws.data_limited_quality",
                "forecasting.planning.plan",
                "forecasting.planning.supplies",
            ),
            report=plan_markdown,
        ),
        Section(
            "goal",
            "Reach a goal",
            goal_seek,
            "dashboard.pages.plan.goal:show_goal",
            figure="goal_figure",
            numbers="goal_numbers",
            notes="NOTES",
            methods=("forecasting.planning.goal_seek",),
        ),
        Section(
            "matters",
            "What matters",
            what_matters,
            "dashboard.pages.plan.matters:show_matters",
            figure="matters_figure",
            numbers="matters_numbers",
            notes="NOTES",
            methods=("forecasting.planning.value_of_information",),
        ),
        Section(
            "ladder",
            "Generations",
            generations,
            "dashboard.pages.plan.generations:show_generations",
            figure="generations_figure",
            numbers="ladder_numbers",
            notes="NOTES",
            methods=("forecasting.planning.generations",),
        ),
        Section(
            "cluster",
            "Cluster",
            cluster,
            "dashboard.pages.plan.cluster:show_cluster",
            figure="cluster_figure",
            numbers="cluster_numbers",
            notes="NOTES",
            methods=("forecasting.planning.cluster",),
        ),
        Section(
            "back",
            "Looking back",
            plan_backtest,
            "dashboard.pages.plan.backtest:show_backtest",
            figure="backtest_figure",
            notes="NOTES",
            methods=("forecasting.planning.plan_backtest",),
        ),
    ),
)
