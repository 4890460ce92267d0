"""The inputs of all forecasts of supply and contracts."""

from __future__ import annotations

from typing import ClassVar

from forecasting.scenario import Scenario
from forecasting.supply.ownership_inputs import OwnershipInputs
from forecasting.supply.quotes import QuotesInputs
from forecasting.supply.run_chips import RunChipsInputs
from forecasting.supply.site_supply import SiteSupplyInputs


class SupplyScenario(RunChipsInputs, SiteSupplyInputs, QuotesInputs, OwnershipInputs, Scenario):
    """Inputs of renting or owning, of quotes, and of the sites and chips that one run can have."""

    NAME: ClassVar[str] = "supply"
