"""The page Supply and contracts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.supply.ownership import rent_or_own
from forecasting.supply.quotes import quotes
from forecasting.supply.run_chips import run_chips
from forecasting.supply.site_supply import site_supply
from forecasting.supply.supply_scenario import SupplyScenario


class SupplyDisplay(Display):
    """How the page is shown: which section."""

    view: Literal["own", "quotes", "sites", "chips"] = Field("own", description="Section")


PAGE = Page(
    title="Supply and contracts",
    question=(
        "Is it cheaper to rent or to own, what do vendors ask, and how much power and how many"
        " chips can one run get?"
    ),
    icon=":material/warehouse:",
    scenario=SupplyScenario,
    display=SupplyDisplay,
    sections=(
        Section(
            "own",
            "Rent or own",
            rent_or_own,
            "dashboard.pages.supply.own:show_own",
            figure="own_figure",
            numbers="contract_numbers",
            notes="own_notes",
            methods=(
                "forecasting.supply.ownership",
                "forecasting.compute_cost.lost_work",
                "forecasting.compute_cost.chip_hours",
            ),
        ),
        Section(
            "quotes",
            "Quotes",
            quotes,
            "dashboard.pages.supply.quotes:show_quotes",
            figure="quotes_figure",
            numbers="quote_numbers",
            notes="quote_notes",
            methods=("forecasting.supply.rental_quotes",),
        ),
        Section(
            "sites",
            "Sites",
            site_supply,
            "dashboard.pages.supply.sites:show_sites",
            figure="sites_figure",
            numbers="site_numbers",
            notes="site_notes",
            methods=("forecasting.supply.site_power",),
        ),
        Section(
            "chips",
            "Chips",
            run_chips,
            "dashboard.pages.supply.chips:show_chips",
            figure="chips_figure",
            numbers="chip_numbers",
            notes="chip_notes",
            methods=("forecasting.supply.run_chips", "forecasting.supply.chip_stock"),
        ),
    ),
)
