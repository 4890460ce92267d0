"""What each page is made of, for everything that is not a page: its scenario, how it is shown, and
the forecast of each section.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.state.display import (
    CostDisplay,
    DataDisplay,
    Display,
    InferenceDisplay,
    PlanDisplay,
    RunsDisplay,
    ScalingDisplay,
    TextDisplay,
    TrackRecordDisplay,
)
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_trend import price_trend
from forecasting.evaluation.all_records import every_series
from forecasting.evaluation.track_record import TrackRecordScenario, track_record, tried_laws
from forecasting.inference.benchmark_scores import benchmark_scores
from forecasting.inference.best_of_many import best_of_many
from forecasting.inference.compute_map import compute_map
from forecasting.inference.coverage import coverage
from forecasting.inference.equal_cost import size_comparison, swe_bench_case
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.serve_at_scale import serve_at_scale
from forecasting.inference.step_comparison import step_comparison
from forecasting.planning.cluster import cluster
from forecasting.planning.generations import generations
from forecasting.planning.goal_seek import goal_seek
from forecasting.planning.plan import plan
from forecasting.planning.plan_backtest import plan_backtest
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.planning.value_of_information import what_matters
from forecasting.reporting.data_catalogue import DataScenario, data_catalogue
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.scaling.architectures import architectures
from forecasting.scaling.compute_buys import compute_buys
from forecasting.scaling.isoflop_surface import isoflop_surface
from forecasting.scaling.kaplan_panels import kaplan_panels
from forecasting.scaling.routed_or_dense import routed_or_dense
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scaling.set_overview import set_overview
from forecasting.scenario import Scenario
from forecasting.text_limits.text_corpus import text_corpus
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.text_limits.text_sensitivity import text_sensitivity
from forecasting.text_limits.text_wall import text_wall
from forecasting.user_runs.own_runs import RunsScenario, own_runs

Forecast = Callable[..., Any]


def section_in_view(_scenario: Any, display: Any) -> str:
    """Most pages choose their section by the field `view`."""
    return str(getattr(display, "view", ""))


def scaling_section(scenario: ScalingScenario, display: ScalingDisplay) -> str:
    """Routed models are an architecture with a forecast of its own."""
    return (
        "routing"
        if display.view == "architectures" and scenario.task == "routing"
        else display.view
    )


def inference_section(_scenario: InferenceScenario, display: InferenceDisplay) -> str:
    """Two sections have parts, each with a forecast of its own."""
    return {"tries": display.tries_part, "person": display.person_part}.get(
        display.view, display.view
    )


@dataclass(frozen=True)
class PageParts:
    """One page: its title and question, and the forecast of each section by name; `chosen` names
    the section of a state.
    """

    title: str
    question: str
    scenario: type[Scenario]
    display: type[Display]
    forecasts: Mapping[str, Forecast] = field(repr=False)
    chosen: Callable[[Any, Any], str] = field(default=section_in_view, repr=False)

    @property
    def name(self) -> str:
        """The page's address and API name."""
        return self.scenario.PAGE

    def section(self, scenario: Scenario, display: Display) -> str:
        """The section that a state shows; a page whose sections share one forecast has a single
        one, the first.
        """
        chosen = self.chosen(scenario, display)
        return chosen if chosen in self.forecasts else next(iter(self.forecasts))


PAGE_PARTS: Mapping[str, PageParts] = {
    parts.name: parts
    for parts in (
        PageParts(
            "Compute Forecast",
            "What will compute cost, and a given model, and when? How sure are we?",
            OverviewScenario,
            Display,
            {"": overview},
        ),
        PageParts(
            "Cost of compute",
            "What does a FLOP cost over time, and what will a given model cost to train in year Y?",
            CostScenario,
            CostDisplay,
            {"model": model_cost, "price": price_trend, "claim": gpt2_claim},
        ),
        PageParts(
            "Scaling laws",
            "How does loss fall with parameters, data and compute, and which architecture scales"
            " best?",
            ScalingScenario,
            ScalingDisplay,
            {
                "architectures": architectures,
                "routing": routed_or_dense,
                "compute": compute_buys,
                "surface": isoflop_surface,
                "kaplan": kaplan_panels,
                "sets": set_overview,
            },
            scaling_section,
        ),
        PageParts(
            "Running out of text",
            "When is public text used up, and what moves the date?",
            TextScenario,
            TextDisplay,
            {
                "date": text_exhaustion,
                "drivers": text_sensitivity,
                "wall": text_wall,
                "corpus": text_corpus,
            },
        ),
        PageParts(
            "Train or infer",
            "What is a FLOP at answer time worth, and when does a machine answer cost less than a"
            " person?",
            InferenceScenario,
            InferenceDisplay,
            {
                "axes": compute_map,
                "coverage": coverage,
                "selection": best_of_many,
                "steps": step_comparison,
                "sizes": size_comparison,
                "swe_bench": swe_bench_case,
                "serve": serve_at_scale,
                "parity": human_parity,
                "scores": benchmark_scores,
            },
            inference_section,
        ),
        PageParts(
            "Plan",
            "With this budget and demand, year by year: what to train, how to split, what stops us"
            " first?",
            PlanScenario,
            PlanDisplay,
            {
                "plan": plan,
                "goal": goal_seek,
                "matters": what_matters,
                "ladder": generations,
                "cluster": cluster,
                "back": plan_backtest,
            },
        ),
        PageParts(
            "Your runs",
            "What do my own training runs say: which law, how sure, and what should the big"
            " run be?",
            RunsScenario,
            RunsDisplay,
            {"": own_runs},
        ),
        PageParts(
            "Track record",
            "How good have such forecasts been?",
            TrackRecordScenario,
            TrackRecordDisplay,
            {"then": track_record, "all": every_series, "laws": tried_laws},
        ),
        PageParts(
            "Data and methods",
            "What are these numbers made of, how are they computed, and how are they cited?",
            DataScenario,
            DataDisplay,
            {"": data_catalogue},
        ),
    )
}
