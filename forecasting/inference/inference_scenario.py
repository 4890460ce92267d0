"""The inputs of all forecasts of compute at answer time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from forecasting.inference.benchmark_scores import BenchmarkScoresInputs
from forecasting.inference.best_of_many import SelectionInputs
from forecasting.inference.coverage import CoverageInputs
from forecasting.inference.equal_cost import SizeInputs, SweBenchInputs
from forecasting.inference.human_parity import HumanParityInputs
from forecasting.inference.map_settings import ComputeMapInputs
from forecasting.inference.serve_at_scale import ServeInputs
from forecasting.inference.step_comparison import StepInputs
from forecasting.scenario import Scenario
from forecasting.serving.served_demand import BuyOrServeInputs
from forecasting.serving.service_frontier import ServiceFrontierInputs


class InferenceScenario(
    BuyOrServeInputs,
    ServiceFrontierInputs,
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
    """Inputs of all forecasts of compute at answer time."""

    NAME: ClassVar[str] = "inference"
    VERSION: ClassVar[int] = 3
    #: Version 2 has the utilisation in answers of the model of serving instead of two constants;
    #: version 3 what vendors ask for a chip-hour instead of an example.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"answer_mfu": "own"},
        2: {"usd_per_chip_hour": 2.0},
    }
