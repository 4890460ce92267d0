"""The inputs of all forecasts of what compute costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from forecasting.compute_cost.compute_cost import ModelCostInputs
from forecasting.compute_cost.gpt2_claim import Gpt2ClaimInputs
from forecasting.compute_cost.price_trend import PriceTrendInputs
from forecasting.scenario import Scenario


class CostScenario(Gpt2ClaimInputs, PriceTrendInputs, ModelCostInputs, Scenario):
    """Inputs of the cost of compute: the price series, the model and its convention, the claim
    about GPT-2.
    """

    NAME: ClassVar[str] = "cost"
    VERSION: ClassVar[int] = 4
    #: Version 1 drew the least-squares line on; version 2 takes the method with the best track
    #: record; version 3 has money in dollars of the last complete year, and rents as the
    #: price series; version 4 takes the method whose bands are set by many series.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"method": "ols", "price_method": "ols"},
        2: {"price_year": 2024, "series": "gpu"},
        3: {"method": "calibrated", "price_method": "calibrated"},
    }
