"""AI data centres over the years, built and projected: the largest site, what one run can have of
it, the runs that are known, and what a megawatt costs.

    site_supply(SiteSupplyInputs()).power_mw
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.compute_cost import price_fields
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import price_year_in_use, to_price_year
from forecasting.scenario import Inputs, quantity
from forecasting.stats.bands import Bands, Range
from forecasting.supply.site_power import DRAWS, SitePowerInputs, largest_site, site_power
from forecasting.supply.site_table import (
    KnownShare,
    SiteDelays,
    SiteStates,
    known_shares,
    site_delays,
    site_states,
)
from forecasting.units import decimal_years

#: The dollars of the table of sites.
TABLE_PRICE_YEAR = 2025.0
SHOWN = np.arange(2023.0, 2033.01, 0.125)
#: Known runs from this year on stand beside the sites.
FIRST_RUN_YEAR = 2023.0
WATTS_PER_MW = 1e6


class SupplyYearInputs(Inputs):
    """The year that is asked about."""

    supply_year: float = quantity(
        2027.0,
        unit="year",
        label="In the year",
        why="A decimal year: 2027.5 is the middle of 2027.",
        ge=2024.5,
        le=2045.0,
    )


class SiteSupplyInputs(SupplyYearInputs, SitePowerInputs):
    """Inputs of what sites can supply."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "chip_unit_costs",
        "site_projections_2025",
        "us_consumer_prices",
    )

    price_year: int | None = price_fields.price_year()


@dataclass(frozen=True, eq=False)
class KnownRun:
    """A run of known power: its name, date (decimal year) and power in MW."""

    model: str
    date: float
    mw: float


@dataclass(frozen=True, eq=False)
class SiteSupply(Answered):
    """What sites can supply. `power_mw` is the power of one run in the scenario's year, `site_mw`
    that of the largest site (or owner); the `..._bands` are the same over SHOWN years. Costs are
    the median of the built sites with the range that 80% of them lie in, in USD of `price_year`.
    """

    scenario: SiteSupplyInputs
    power_mw: Range
    site_mw: Range
    capital_usd_per_mw: Range
    operating_usd_per_mw_year: Range
    capital_usd_per_h100: Range
    operating_usd_per_h100_year: Range
    watts_per_h100: Range
    price_year: int
    largest_now: tuple[str, float]
    states: SiteStates = field(repr=False)
    delays: SiteDelays | None = field(repr=False)
    shares: tuple[KnownShare, ...] = field(repr=False)
    runs: tuple[KnownRun, ...] = field(repr=False)
    site_bands: Bands = field(repr=False)
    run_bands: Bands = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row an eighth of a year: the largest site and what one run can have, MW, medians and
        80% ranges.
        """
        columns: dict[str, FloatArray] = {"year": self.run_bands.x}
        for name, bands in (("site_mw", self.site_bands), ("run_mw", self.run_bands)):
            low, high = bands.interval(0.8)
            columns |= {f"{name}_q10": low, f"{name}_q50": bands.median, f"{name}_q90": high}
        return pd.DataFrame(columns)


def site_supply(scenario: SiteSupplyInputs, *, data: DataOrContext | None = None) -> SiteSupply:
    """What the sites of the table can supply in the scenario's year, and over the years."""
    tables = context_of(data).data
    states = site_states(tables)
    asked = np.array([scenario.supply_year])
    years = SHOWN[float(states.dates[states.mw > 0.0].min()) <= SHOWN]
    price_year = price_year_in_use(scenario.price_year, tables)
    now = states.built(np.array([states.as_of]))
    if scenario.site_of == "site":
        names, power = states.names, now[:, 0]
    else:
        names, power = states.owners, np.zeros(len(states.owners))
        np.add.at(power, states.owner_of, now[:, 0])
    at = int(np.argmax(power))
    return SiteSupply(
        scenario=scenario,
        power_mw=Range.of_draws(site_power(asked, scenario, data=tables)[:, 0], "MW"),
        site_mw=Range.of_draws(largest_site(asked, scenario, draws=DRAWS, data=tables)[:, 0], "MW"),
        **_costs(price_year, tables),
        price_year=price_year,
        largest_now=(names[at], float(power[at])),
        states=states,
        delays=site_delays(tables),
        shares=known_shares(tables),
        runs=_known_runs(tables),
        site_bands=Bands.of_draws(years, largest_site(years, scenario, data=tables)),
        run_bands=Bands.of_draws(years, site_power(years, scenario, data=tables)),
    )


def _costs(price_year: int, data: DataSet) -> dict[str, Range]:
    """Capital and yearly operating cost of each built site with power, over its MW and over its
    chips.
    """
    table = data["data_center_timelines"]
    built = table[(table["projected"] == 0) & (table["facility_power_mw"] > 0.0)]
    built = built.sort_values("date").drop_duplicates("data_center", keep="last")
    known = built[built["h100_equivalents"] > 0.0]
    in_year = float(
        to_price_year(np.array([1.0]), np.array([TABLE_PRICE_YEAR]), price_year, data)[0]
    )
    capital, running = "capital_cost_2025_usd", "operating_cost_2025_usd_per_year"

    def over(rows: pd.DataFrame, top: str, bottom: str, factor: float, unit: str) -> Range:
        ratio = (factor * rows[top] / rows[bottom]).dropna().to_numpy(dtype=np.float64)
        return Range.of_draws(ratio, unit)

    mw, h100 = "facility_power_mw", "h100_equivalents"
    return {
        "capital_usd_per_mw": over(built, capital, mw, in_year, "USD/MW"),
        "operating_usd_per_mw_year": over(built, running, mw, in_year, "USD/(MW·year)"),
        "capital_usd_per_h100": over(known, capital, h100, in_year, "USD/H100"),
        "operating_usd_per_h100_year": over(known, running, h100, in_year, "USD/(H100·year)"),
        "watts_per_h100": over(known, mw, h100, WATTS_PER_MW, "W/H100"),
    }


def _known_runs(data: DataSet) -> tuple[KnownRun, ...]:
    """The runs of known power, by date."""
    models = data["ai_models"]
    dates = decimal_years(models["date"].to_numpy())
    watts = models["power_watts"].to_numpy(dtype=np.float64)
    used = (dates >= FIRST_RUN_YEAR) & (watts >= WATTS_PER_MW)
    found = zip(models["model"].to_numpy()[used], dates[used], watts[used], strict=True)
    runs = [KnownRun(str(name), float(on), float(w) / WATTS_PER_MW) for name, on, w in found]
    return tuple(sorted(runs, key=lambda run: run.date))
