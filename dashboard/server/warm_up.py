"""Start-up work: heavy imports before the server is healthy, default forecasts after it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from dashboard.forecasts import forecast
from dashboard.ui.progressive import full
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_trend import price_trend
from forecasting.context import context_of
from forecasting.data.dataset import bundled
from forecasting.evaluation.all_records import all_records, method_coverage
from forecasting.evaluation.track_record import TrackRecordScenario, track_record, tried_laws
from forecasting.inference.benchmark_scores import benchmark_scores
from forecasting.inference.best_of_many import best_of_many
from forecasting.inference.compute_map import compute_map
from forecasting.inference.coverage import coverage, other_curves
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
from forecasting.reporting.article_claims import judged_claims
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.scaling.architectures import architectures
from forecasting.scaling.compute_buys import compute_buys
from forecasting.scaling.isoflop_surface import isoflop_surface
from forecasting.scaling.kaplan_panels import kaplan_panels
from forecasting.scaling.routed_or_dense import routed_or_dense
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scaling.set_overview import set_overview
from forecasting.text_limits.text_corpus import text_corpus
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.text_limits.text_sensitivity import text_sensitivity
from forecasting.text_limits.text_wall import text_wall
from forecasting.user_runs.own_runs import RunsScenario, own_runs

#: What the first page needs, so that no visitor pays for its import.
HEAVY_MODULES = ("numpy", "pandas", "pyarrow", "plotly.graph_objects", "plotly.io")


def import_heavy_modules() -> None:
    """Import what every page needs."""
    for name in HEAVY_MODULES:
        importlib.import_module(name)


def warm_caches() -> None:
    """Compute the default forecast of every page, the one that opens first before the others."""
    tables = bundled()
    context = context_of(tables)
    forecast(overview, OverviewScenario(), tables)
    context.results.get(("judged claims", 0), lambda: judged_claims(context))
    function: Callable[..., Any]
    for function in (model_cost, price_trend, gpt2_claim):
        forecast(function, CostScenario(), tables)
    forecast(own_runs, RunsScenario(), tables)
    for function in (text_exhaustion, text_sensitivity, text_wall, text_corpus):
        forecast(function, TextScenario(), tables)
    many_tries = (
        coverage,
        other_curves,
        best_of_many,
        step_comparison,
        size_comparison,
        swe_bench_case,
    )
    for function in (compute_map, *many_tries, serve_at_scale, human_parity, benchmark_scores):
        forecast(function, InferenceScenario(), tables)
    scaling = ScalingScenario()
    for function in (
        architectures,
        compute_buys,
        isoflop_surface,
        kaplan_panels,
        routed_or_dense,
        set_overview,
    ):
        forecast(function, scaling, tables)
    full(plan, PlanScenario(), tables)
    for function in (what_matters, generations, cluster, plan_backtest, goal_seek):
        forecast(function, PlanScenario(), tables)
    forecast(track_record, TrackRecordScenario(), tables)
    method_coverage(CostScenario().method, "observation", tables)
    for method in (CostScenario().price_method, "ols"):
        method_coverage(method, "trend", tables)
    # The longest come last: some ten seconds, which a visitor would watch.
    all_records(False, tables)
    tried_laws(TrackRecordScenario(), data=tables)
