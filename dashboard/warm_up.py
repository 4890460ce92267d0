"""Start-up work: heavy imports before the server is healthy, default forecasts after it."""

from __future__ import annotations

import importlib

from dashboard.forecasts import forecast
from dashboard.sharpen import full
from forecasting.architectures import architectures
from forecasting.article_claims import judged_claims
from forecasting.benchmark_scores import benchmark_scores
from forecasting.best_of_many import best_of_many
from forecasting.cluster import cluster
from forecasting.compute_buys import compute_buys
from forecasting.compute_cost import CostScenario, model_cost
from forecasting.compute_map import compute_map
from forecasting.coverage import coverage, other_curves
from forecasting.equal_cost import size_comparison, swe_bench_case
from forecasting.generations import generations
from forecasting.goal_seek import goal_seek
from forecasting.gpt2_claim import gpt2_claim
from forecasting.human_parity import human_parity
from forecasting.inference_scenario import InferenceScenario
from forecasting.isoflop_surface import isoflop_surface
from forecasting.kaplan_panels import kaplan_panels
from forecasting.overview import OverviewScenario, overview
from forecasting.own_runs import RunsScenario, own_runs
from forecasting.plan import plan
from forecasting.plan_backtest import plan_backtest
from forecasting.plan_scenario import PlanScenario
from forecasting.price_trend import price_trend
from forecasting.routed_or_dense import routed_or_dense
from forecasting.scaling_scenario import ScalingScenario
from forecasting.serve_at_scale import serve_at_scale
from forecasting.set_overview import set_overview
from forecasting.step_comparison import step_comparison
from forecasting.tables import bundled
from forecasting.text_corpus import text_corpus
from forecasting.text_exhaustion import text_exhaustion
from forecasting.text_scenario import TextScenario
from forecasting.text_sensitivity import text_sensitivity
from forecasting.text_wall import text_wall
from forecasting.track_record import TrackRecordScenario, method_coverage, track_record
from forecasting.value_of_information import what_matters

#: What the first page needs, so that no visitor pays for its import.
HEAVY_MODULES = ("numpy", "pandas", "pyarrow", "plotly.graph_objects", "plotly.io", "forecasting")


def import_heavy_modules() -> None:
    """Import what every page needs."""
    for name in HEAVY_MODULES:
        importlib.import_module(name)


def warm_caches() -> None:
    """Compute the default forecast of every page, the one that opens first before the others."""
    tables = bundled()
    forecast(overview, OverviewScenario(), tables)
    tables.kept(("judged claims", 0), lambda: judged_claims(tables))
    for function in (model_cost, price_trend, gpt2_claim):
        forecast(function, CostScenario(), tables)
    forecast(own_runs, RunsScenario(), tables)
    for function in (text_exhaustion, text_sensitivity, text_wall, text_corpus):
        forecast(function, TextScenario(), tables)
    many_tries = (coverage, other_curves, best_of_many, step_comparison, size_comparison, swe_bench_case)
    for function in (compute_map, *many_tries, serve_at_scale, human_parity, benchmark_scores):
        forecast(function, InferenceScenario(), tables)
    scaling = ScalingScenario()
    for section in (architectures, compute_buys, isoflop_surface, kaplan_panels, routed_or_dense, set_overview):
        forecast(section, scaling, tables)
    full(plan, PlanScenario(), tables)
    for section in (what_matters, generations, cluster, plan_backtest, goal_seek):
        forecast(section, PlanScenario(), tables)
    forecast(track_record, TrackRecordScenario(), tables)
    method_coverage(CostScenario().method, "observation", tables)
    for method in (CostScenario().price_method, "ols"):
        method_coverage(method, "trend", tables)
