"""The page Scaling laws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.scaling.architectures import architectures
from forecasting.scaling.compute_buys import compute_buys
from forecasting.scaling.isoflop_surface import isoflop_surface
from forecasting.scaling.kaplan_panels import kaplan_panels
from forecasting.scaling.routed_or_dense import routed_or_dense
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scaling.set_overview import set_overview


class ScalingDisplay(Display):
    """How the page is shown: which section, and what its bands are for."""

    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {1: {"view": "architectures"}}

    view: Literal["compute", "surface", "kaplan", "architectures", "sets"] = Field(
        "compute", description="Section"
    )
    band_kind: Literal["curve", "run"] = Field("curve", description="Bands are for")


def published_runs(_scenario: ScalingScenario) -> str:
    """What most sections show in place of a law in use everywhere."""
    return "this section shows published runs, “What compute buys” uses yours"


PAGE = Page(
    title="Scaling laws",
    question=(
        "How does loss fall with parameters, data and compute, and which architecture scales best?"
    ),
    icon=":material/trending_down:",
    scenario=ScalingScenario,
    display=ScalingDisplay,
    page_wide_tables=(
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "translation_learning_curves",
        "vision_learning_curves",
    ),
    sections=(
        Section(
            "compute",
            "What compute buys",
            compute_buys,
            "dashboard.pages.scaling.compute:show_compute",
            figure="compute_figure",
            numbers="law_numbers",
            notes="compute_notes",
            methods=(
                "forecasting.laws.chinchilla_law:ChinchillaLaw",
                "forecasting.laws.chinchilla_law:ChinchillaLaw.optimal",
                "forecasting.laws.chinchilla_law:ChinchillaLaw.K",
                "forecasting.laws.chinchilla_law:ChinchillaLaw.gamma",
                "forecasting.laws.repeated_data_law",
                "forecasting.laws.repeated_data_law:RepeatedDataLaw",
                "forecasting.laws.overtraining_law",
            ),
        ),
        Section(
            "surface",
            "Chinchilla's surface",
            isoflop_surface,
            "dashboard.pages.scaling.surface:show_surface",
            figure="surface_figure",
            numbers="coefficient_numbers",
            notes="surface_notes",
            without_law=published_runs,
            methods=(
                "forecasting.fitting.scaling_fit:fit_scaling_law",
                "forecasting.fitting.fit_bootstrap",
                "forecasting.fitting.isoflop:isoflop_analysis",
                "forecasting.fitting.next_run:next_run",
            ),
        ),
        Section(
            "kaplan",
            "Kaplan's lines",
            kaplan_panels,
            "dashboard.pages.scaling.kaplan:show_kaplan",
            figure="kaplan_figure",
            numbers="slope_numbers",
            notes="KAPLAN_NOTES",
            without_law=published_runs,
            methods=("forecasting.laws.kaplan_law:KaplanLaw",),
        ),
        Section(
            "routing",
            "Routed or dense",
            routed_or_dense,
            "dashboard.pages.scaling.architectures:show_routing",
            figure="routing_figure",
            numbers="routing_numbers",
            notes="ROUTING_NOTES",
            view="architectures",
            when={"task": "routing"},
            without_law=published_runs,
            methods=("forecasting.laws.routing_law:RoutingLaw",),
        ),
        Section(
            "architectures",
            "Architectures",
            architectures,
            "dashboard.pages.scaling.architectures:show_curves",
            figure="curves_figure",
            numbers="curve_numbers",
            notes="curve_notes",
            without_law=published_runs,
            methods=(
                "forecasting.fitting.learning_curves",
                "forecasting.fitting.learning_curves:LearningCurve",
                "forecasting.fitting.group_comparison:Crossover",
            ),
        ),
        Section(
            "sets",
            "Reference sets",
            set_overview,
            "dashboard.pages.scaling.sets:show_sets",
            figure="sets_figure",
            numbers="set_numbers",
            notes="SET_NOTES",
            without_law=published_runs,
        ),
    ),
)
