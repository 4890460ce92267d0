"""The inputs of all forecasts with scaling laws."""

from __future__ import annotations

from typing import ClassVar

from forecasting.scaling.architectures import ArchitecturesInputs
from forecasting.scaling.compute_buys import ComputeBuysInputs
from forecasting.scaling.isoflop_surface import NextRunInputs, SurfaceInputs
from forecasting.scaling.kaplan_panels import KaplanInputs
from forecasting.scaling.routed_or_dense import RoutingInputs
from forecasting.scaling.set_overview import SetOverviewInputs
from forecasting.scenario import Scenario


class ScalingScenario(
    SetOverviewInputs,
    KaplanInputs,
    NextRunInputs,
    SurfaceInputs,
    ComputeBuysInputs,
    RoutingInputs,
    ArchitecturesInputs,
    Scenario,
):
    """Inputs of all forecasts with scaling laws."""

    NAME: ClassVar[str] = "scaling"
    VERSION: ClassVar[int] = 2
