"""Compute Forecast's engine: numbers in, numbers out. What AI compute costs, when text runs out,
how to split a budget; with ranges.

    import forecasting as fc
    fc.model_cost(fc.CostScenario(model="GPT-3", convention="rented")).answer

The public names are those below; each is imported when it is first used, since all of them together
take seconds. The packages, each of which uses only those before it:

    formatting, stats, data             numbers in words; quantiles, sampling, roots; tables and
                                        their catalogue
    trends, laws                        exponential trends of dated series; scaling laws as formulas
    fitting, ingest                     laws fitted to training runs; a user's own files
    context                             what a forecast may read: a data set and a user's own
    compute_cost, supply, scaling, text_limits, serving, inference, planning
                                        the forecasts
    user_runs                           forecasts from a user's own training runs and tables
    evaluation                          how good forecasts have been: backtests, scores, baselines
    reporting                           results in words: answers, overview, claims, methods
    sweeps                              a forecast over many scenarios, on many machines
    refreshing                          newer tables from their sources, and what they change
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecasting.compute_cost.compute_cost import ModelCost, model_cost
    from forecasting.compute_cost.cost_scenario import CostScenario
    from forecasting.compute_cost.gpt2_claim import Gpt2Claim, gpt2_claim
    from forecasting.compute_cost.price_series import PriceSeries, SeriesChoice, price_series
    from forecasting.compute_cost.price_trend import PriceTrend, price_trend
    from forecasting.context import Context, law_in_use
    from forecasting.data.age import TableAge, stale_tables
    from forecasting.data.dataset import DataSet, bundled
    from forecasting.data.dataset import DataSet as Tables
    from forecasting.errors import (
        ForecastingError,
        InputError,
        NotEnoughDataError,
        TableError,
        UnknownNameError,
    )
    from forecasting.evaluation.backtest import Backtest, CutOffs, backtest, backtest_many
    from forecasting.evaluation.forecast_ledger import ForecastLedger, forecast_ledger
    from forecasting.evaluation.track_record import TrackRecord, track_record
    from forecasting.evaluation.track_record_scenario import TrackRecordScenario
    from forecasting.fitting.group_comparison import Crossover, GroupComparison, compare_groups
    from forecasting.fitting.isoflop import IsoFlopAnalysis, isoflop_analysis
    from forecasting.fitting.law_choice import LawInUse
    from forecasting.fitting.learning_curves import CurveFit, LearningCurve, fit_learning_curve
    from forecasting.fitting.next_run import NextRun, next_run
    from forecasting.fitting.repeated_data_fit import RepeatedDataFit, fit_repeated_data_law
    from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law, replicates_within
    from forecasting.fitting.training_runs import TrainingRuns
    from forecasting.fitting.training_runs import TrainingRuns as RunSet
    from forecasting.inference.allocation import (
        InferenceAwareOptimum,
        inference_aware_optimum,
        overtraining_overhead,
        train_share_of_exchange,
    )
    from forecasting.inference.benchmark_scores import BenchmarkScores, benchmark_scores
    from forecasting.inference.best_of_many import BestOfMany, best_of_many
    from forecasting.inference.compute_map import ComputeMap, compute_map
    from forecasting.inference.coverage import Coverage, coverage
    from forecasting.inference.coverage_laws import (
        BetaBinomial,
        CoveragePowerLaw,
        fit_beta_binomial,
        fit_power_law,
        fit_scaled_beta_binomial,
    )
    from forecasting.inference.equal_cost import (
        SizeComparison,
        SweBenchCase,
        size_comparison,
        swe_bench_case,
    )
    from forecasting.inference.exchange_rate import (
        ExchangeRate,
        elo_claim,
        elo_compute_factor,
        exchange_rates,
        own_rate,
        worth_in_training_oom,
    )
    from forecasting.inference.human_parity import HumanParity, human_parity, parity_date
    from forecasting.inference.inference_scenario import InferenceScenario
    from forecasting.inference.repeated_sampling import pass_at_k
    from forecasting.inference.selection import (
        BinaryVerifier,
        MajorityVote,
        PerfectVerifier,
        ScoreVerifier,
    )
    from forecasting.inference.serve_at_scale import ServeAtScale, serve_at_scale
    from forecasting.inference.serving import ComputePrices, Demand
    from forecasting.inference.step_comparison import StepComparison, step_comparison
    from forecasting.inference.step_search import StepProblem
    from forecasting.ingest.benchmark_exports import Measurement, read_benchmark_export
    from forecasting.ingest.column_mapping import (
        AmbiguousColumnError,
        ColumnMapping,
        MissingColumnError,
    )
    from forecasting.ingest.large_logs import read_logs
    from forecasting.ingest.own_prices import OwnPrices, read_own_prices
    from forecasting.ingest.reading_report import ReadingQuestionError
    from forecasting.ingest.runs import ParsedRuns, open_runs, read_runs
    from forecasting.ingest.runs import ParsedRuns as Runs
    from forecasting.ingest.sample_counts import ProblemCounts, problem_counts
    from forecasting.laws.chinchilla_law import ChinchillaLaw
    from forecasting.laws.kaplan_law import KaplanLaw
    from forecasting.laws.overtraining_law import OverTrainingLaw
    from forecasting.laws.published_laws import PublishedLaw, published_law, published_laws
    from forecasting.laws.repeated_data_law import RepeatedDataLaw
    from forecasting.laws.routing_law import RoutingLaw, fit_routing_law
    from forecasting.planning.best_split import BestSplit, best_split
    from forecasting.planning.plan import PlanResult, plan
    from forecasting.planning.plan_scenario import PlanScenario
    from forecasting.refreshing.refresh import refresh
    from forecasting.refreshing.report import RefreshReport
    from forecasting.reporting.overview import Overview, OverviewScenario, overview
    from forecasting.scaling.architectures import ArchitectureComparison, architectures
    from forecasting.scaling.compute_buys import ComputeBuys, compute_buys
    from forecasting.scaling.isoflop_surface import Surface, isoflop_surface
    from forecasting.scaling.kaplan_panels import KaplanPanels, kaplan_panels
    from forecasting.scaling.routed_or_dense import RoutedOrDense, routed_or_dense
    from forecasting.scaling.scaling_scenario import ScalingScenario
    from forecasting.scaling.set_overview import SetOverview, set_overview
    from forecasting.scenario import Scenario
    from forecasting.serving.calibration import Calibration, calibration
    from forecasting.serving.chip_comparison import ChipComparison, chip_comparison
    from forecasting.serving.list_prices import doubtful_prices, list_prices_today
    from forecasting.serving.serve import ServeScenario, Serving, serve
    from forecasting.serving.served_demand import (
        ServedDemand,
        ServedDemandScenario,
        served_demand,
    )
    from forecasting.serving.service_frontier import ServiceFrontier, service_frontier
    from forecasting.serving.tuning_cost import (
        ReinforcementJob,
        adapter_flop,
        fine_tuning_flop,
        training_chip_hours,
    )
    from forecasting.stats.bands import Bands, Range
    from forecasting.stats.distribution import Distribution
    from forecasting.stats.estimate import Estimate
    from forecasting.supply.chip_stock import ChipStockInputs, chip_stock
    from forecasting.supply.ownership import RentOrOwn, rent_or_own
    from forecasting.supply.ownership_inputs import OwnershipScenario
    from forecasting.supply.quotes import Quotes, quotes
    from forecasting.supply.rental_quotes import rental_quotes
    from forecasting.supply.run_chips import RunChips, run_chips
    from forecasting.supply.site_power import SitePowerInputs, site_power
    from forecasting.supply.site_supply import SiteSupply, site_supply
    from forecasting.supply.supply_scenario import SupplyScenario
    from forecasting.sweeps.sweep import Sweep, sweep
    from forecasting.text_limits.text_exhaustion import TextExhaustion, text_exhaustion
    from forecasting.text_limits.text_scenario import TextScenario
    from forecasting.text_limits.text_sensitivity import TextSensitivity, text_sensitivity
    from forecasting.text_limits.text_stock import unique_text_draws
    from forecasting.trends.error_opinions import ErrorOpinions, error_opinions
    from forecasting.trends.structural_break import Break, find_break
    from forecasting.trends.trend import Forecast, Trend, fit_trend
    from forecasting.user_runs.epoch_tables import NewerTable, read_epoch_table
    from forecasting.user_runs.own_runs import RunsForecast, RunsScenario, next_run_advice, own_runs
    from forecasting.user_runs.own_runs import RunsForecast as OwnRuns

__version__ = "0.3.0"

__all__ = [
    "AmbiguousColumnError",
    "ArchitectureComparison",
    "Backtest",
    "Bands",
    "BenchmarkScores",
    "BestOfMany",
    "BestSplit",
    "BetaBinomial",
    "BinaryVerifier",
    "Break",
    "Calibration",
    "ChinchillaLaw",
    "ChipComparison",
    "ChipStockInputs",
    "ColumnMapping",
    "ComputeBuys",
    "ComputeMap",
    "ComputePrices",
    "Context",
    "CostScenario",
    "Coverage",
    "CoveragePowerLaw",
    "Crossover",
    "CurveFit",
    "CutOffs",
    "DataSet",
    "Demand",
    "Distribution",
    "ErrorOpinions",
    "Estimate",
    "ExchangeRate",
    "Forecast",
    "ForecastLedger",
    "ForecastingError",
    "Gpt2Claim",
    "GroupComparison",
    "HumanParity",
    "InferenceAwareOptimum",
    "InferenceScenario",
    "InputError",
    "IsoFlopAnalysis",
    "KaplanLaw",
    "KaplanPanels",
    "LawInUse",
    "LearningCurve",
    "MajorityVote",
    "Measurement",
    "MissingColumnError",
    "ModelCost",
    "NewerTable",
    "NextRun",
    "NotEnoughDataError",
    "OverTrainingLaw",
    "Overview",
    "OverviewScenario",
    "OwnPrices",
    "OwnRuns",
    "OwnershipScenario",
    "ParsedRuns",
    "PerfectVerifier",
    "PlanResult",
    "PlanScenario",
    "PriceSeries",
    "PriceTrend",
    "ProblemCounts",
    "PublishedLaw",
    "Quotes",
    "Range",
    "ReadingQuestionError",
    "RefreshReport",
    "ReinforcementJob",
    "RentOrOwn",
    "RepeatedDataFit",
    "RepeatedDataLaw",
    "RoutedOrDense",
    "RoutingLaw",
    "RunChips",
    "RunSet",
    "Runs",
    "RunsForecast",
    "RunsScenario",
    "ScalingFit",
    "ScalingScenario",
    "Scenario",
    "ScoreVerifier",
    "SeriesChoice",
    "ServeAtScale",
    "ServeScenario",
    "ServedDemand",
    "ServedDemandScenario",
    "ServiceFrontier",
    "Serving",
    "SetOverview",
    "SitePowerInputs",
    "SiteSupply",
    "SizeComparison",
    "StepComparison",
    "StepProblem",
    "SupplyScenario",
    "Surface",
    "SweBenchCase",
    "Sweep",
    "TableAge",
    "TableError",
    "Tables",
    "TextExhaustion",
    "TextScenario",
    "TextSensitivity",
    "TrackRecord",
    "TrackRecordScenario",
    "TrainingRuns",
    "Trend",
    "UnknownNameError",
    "adapter_flop",
    "architectures",
    "backtest",
    "backtest_many",
    "benchmark_scores",
    "best_of_many",
    "best_split",
    "bundled",
    "calibration",
    "chip_comparison",
    "chip_stock",
    "compare_groups",
    "compute_buys",
    "compute_map",
    "coverage",
    "doubtful_prices",
    "elo_claim",
    "elo_compute_factor",
    "error_opinions",
    "exchange_rates",
    "find_break",
    "fine_tuning_flop",
    "fit_beta_binomial",
    "fit_learning_curve",
    "fit_power_law",
    "fit_repeated_data_law",
    "fit_routing_law",
    "fit_scaled_beta_binomial",
    "fit_scaling_law",
    "fit_trend",
    "forecast_ledger",
    "gpt2_claim",
    "human_parity",
    "inference_aware_optimum",
    "isoflop_analysis",
    "isoflop_surface",
    "kaplan_panels",
    "law_in_use",
    "list_prices_today",
    "model_cost",
    "next_run",
    "next_run_advice",
    "open_runs",
    "overtraining_overhead",
    "overview",
    "own_rate",
    "own_runs",
    "parity_date",
    "pass_at_k",
    "plan",
    "price_series",
    "price_trend",
    "problem_counts",
    "published_law",
    "published_laws",
    "quotes",
    "read_benchmark_export",
    "read_epoch_table",
    "read_logs",
    "read_own_prices",
    "read_runs",
    "refresh",
    "rent_or_own",
    "rental_quotes",
    "replicates_within",
    "routed_or_dense",
    "run_chips",
    "serve",
    "serve_at_scale",
    "served_demand",
    "service_frontier",
    "set_overview",
    "site_power",
    "site_supply",
    "size_comparison",
    "stale_tables",
    "step_comparison",
    "swe_bench_case",
    "sweep",
    "text_exhaustion",
    "text_sensitivity",
    "track_record",
    "train_share_of_exchange",
    "training_chip_hours",
    "unique_text_draws",
    "worth_in_training_oom",
]


@cache
def _modules() -> dict[str, tuple[str, str]]:
    """The module of each public name and its name there, read from the imports above, which run for
    type checkers only: so that a name has to be written there alone.
    """
    import ast
    from pathlib import Path

    source = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    imports = [
        node
        for block in source.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    ]
    return {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in imports
        for alias in node.names
    }


def __getattr__(name: str) -> Any:
    """A public name, imported when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, public_name = _modules()[name]
    value = globals()[name] = getattr(importlib.import_module(module), public_name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
