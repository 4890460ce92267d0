"""The inputs of all forecasts of supply and contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from forecasting.scenario import Scenario
from forecasting.supply.ownership_inputs import OwnershipInputs
from forecasting.supply.quotes import QuotesInputs
from forecasting.supply.run_chips import RunChipsInputs
from forecasting.supply.site_supply import SiteSupplyInputs


class SupplyScenario(RunChipsInputs, SiteSupplyInputs, QuotesInputs, OwnershipInputs, Scenario):
    """Inputs of renting or owning, of quotes, and of the sites and chips that one run can have."""

    NAME: ClassVar[str] = "supply"
    VERSION: ClassVar[int] = 2
    #: Version 2 has prices projected by the method whose bands are set by many series.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"price_method": "calibrated"}
    }
