"""The inputs of the page Train or infer: those of all its forecasts."""

from __future__ import annotations

from typing import ClassVar

from forecasting.inference.benchmark_scores import BenchmarkScoresInputs
from forecasting.inference.best_of_many import SelectionInputs
from forecasting.inference.coverage import CoverageInputs
from forecasting.inference.equal_cost import SizeInputs, SweBenchInputs
from forecasting.inference.human_parity import HumanParityInputs
from forecasting.inference.map_settings import ComputeMapInputs
from forecasting.inference.serve_at_scale import ServeInputs
from forecasting.inference.step_comparison import StepInputs
from forecasting.scenario import Scenario


class InferenceScenario(
    BenchmarkScoresInputs,
    HumanParityInputs,
    ServeInputs,
    SweBenchInputs,
    SizeInputs,
    StepInputs,
    SelectionInputs,
    CoverageInputs,
    ComputeMapInputs,
    Scenario,
):
    """Inputs of the page Train or infer."""

    PAGE: ClassVar[str] = "inference"
    VERSION: ClassVar[int] = 1
    PAGE_WIDE_TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "alphago_elo",
        "arc_agi_scores",
        "article_claims",
        "hex_elo_frontier",
        "levels_of_agi",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
        "repeated_sampling_counts",
        "repeated_sampling_published",
        "runs_chinchilla",
        "token_price_declines",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "train_inference_tradeoffs",
        "verifier_selection_published",
    )
