r"""The chips of one run in H100 equivalents: the least of what its power feeds, what its capital
buys and what one buyer can have of all chips.

.. math:: n(t) = \min\left\{\frac{P_\mathrm{run}(t)}{w\,10^{-et}},\
    \frac{K}{c\,10^{-rt}},\ s\,H(t)\right\}

w is the power of an H100 equivalent at the facility, c what it costs with server and network; both
fall by the trends of compute per watt and per dollar.

    run_chips(RunChipsInputs()).limit_shares
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import SERVER_POWER_FACTOR, with_servers_and_network
from forecasting.compute_cost.compute_price import ComputePriceInputs, compute_price_draws
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import price_year_in_use
from forecasting.errors import UnknownNameError
from forecasting.scenario import quantity
from forecasting.stats.bands import Bands, Range
from forecasting.supply.chip_costs import UNIT_COSTS_DATE, chip_cost
from forecasting.supply.chip_stock import (
    ChipStock,
    ChipStockInputs,
    StockFields,
    chip_stock,
    largest_owner_share,
    run_h100,
    stock_table,
)
from forecasting.supply.site_power import SitePowerInputs, site_power
from forecasting.supply.site_supply import SupplyYearInputs

DRAWS = 1000
#: What the chips of a run can be limited by.
LIMITS = ("power", "purchase", "stock")
SHOWN = np.arange(2024.5, 2032.01, 0.25)


class RunChipsInputs(SupplyYearInputs, StockFields, SitePowerInputs):
    """Inputs of the chips of one run."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_chip_stock",
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "chip_unit_costs",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    bought_chip: str = quantity(
        "NVIDIA GB300 (Blackwell Ultra)",
        unit="name",
        label="Chip bought",
        why="The chip of the largest site of August 2026.",
    )
    capital_usd: float = quantity(
        2.5e10,
        unit="USD",
        label="Capital for chips",
        why=(
            "With servers and network; Epoch AI's estimate for the computers of Colossus 2 ($24.7"
            " billion)."
        ),
        gt=0.0,
        le=1e15,
    )
    server_overhead: float = price_fields.server_overhead()
    interconnect_share: float = price_fields.interconnect_share("Network's share of hardware cost")
    pue: float = price_fields.pue()
    price_trend: price_fields.TrendName = price_fields.price_trend()
    price_method: price_fields.PriceMethod = price_fields.price_method()
    price_year: int | None = price_fields.price_year()

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips of known unit cost, power and rate."""
        if field == "bought_chip":
            return _buyable(data)
        return super().choices(field, data)


@dataclass(frozen=True, eq=False)
class RunChips(Answered):
    """The chips of one run, H100 equivalents. `h100` is their number in the scenario's year,
    `by_limit` what each of LIMITS allows then, `limit_shares` the probability that each is the
    least; `bands` and `limit_bands` are the same over SHOWN years, `stock_bands` all chips.
    """

    scenario: RunChipsInputs
    h100: Range
    by_limit: Mapping[str, Range]
    limit_shares: Mapping[str, float]
    stock_h100: Range
    usd_per_h100: float
    watts_per_h100: float
    price_year: int
    owner_share: tuple[float, str]
    stock: ChipStock = field(repr=False)
    bands: Bands = field(repr=False)
    limit_bands: Mapping[str, Bands] = field(repr=False)
    stock_bands: Bands = field(repr=False)
    shares_by_year: FloatArray = field(repr=False)

    @property
    def binding(self) -> str:
        """The limit that is most often the least."""
        return max(self.limit_shares, key=lambda name: self.limit_shares[name])

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a quarter: chips of one run, what each limit allows and all chips, H100
        equivalents, medians and 80% ranges; then how likely each limit is the least.
        """
        columns: dict[str, FloatArray] = {"year": self.bands.x}
        series = {
            "run_h100": self.bands,
            **{f"{name}_h100": bands for name, bands in self.limit_bands.items()},
            "stock_h100_of_all": self.stock_bands,
        }
        for name, bands in series.items():
            low, high = bands.interval(0.8)
            columns |= {f"{name}_q10": low, f"{name}_q50": bands.median, f"{name}_q90": high}
        for name, share in zip(LIMITS, self.shares_by_year, strict=True):
            columns[f"probability_{name}_binds"] = share
        return pd.DataFrame(columns)


def run_chips(scenario: RunChipsInputs, *, data: DataOrContext | None = None) -> RunChips:
    """The chips of one run by power, purchase and stock; raises UnknownNameError for a chip whose
    unit cost, power or rate is not known.
    """
    context = context_of(data)
    tables = context.data
    if scenario.bought_chip not in _buyable(tables):
        raise UnknownNameError("bought_chip", scenario.bought_chip, _buyable(tables))
    costs = tables["chip_unit_costs"]
    row = costs[costs["chip"] == scenario.bought_chip].iloc[0]
    worth = float(row["h100_equivalents"])
    price_year = price_year_in_use(scenario.price_year, tables)
    chip_usd, tdp_watts = chip_cost(scenario.bought_chip, price_year, tables)
    usd = with_servers_and_network(chip_usd, scenario.server_overhead, scenario.interconnect_share)
    usd_per_h100 = usd / worth
    watts_per_h100 = tdp_watts * SERVER_POWER_FACTOR * scenario.pue / worth
    years = np.concatenate([[scenario.supply_year], SHOWN])
    prices = compute_price_draws(
        ComputePriceInputs(
            seed=scenario.seed,
            price_trend=scenario.price_trend,
            price_method=scenario.price_method,
            price_year=scenario.price_year,
        ),
        years,
        data=tables,
    )
    since = np.maximum(years - UNIT_COSTS_DATE, 0.0)
    better = 10.0 ** np.multiply.outer(prices.energy_slopes[:DRAWS], since)
    cheaper = 10.0 ** np.multiply.outer(prices.slopes[:DRAWS], since)
    stock_inputs = {name: getattr(scenario, name) for name in StockFields.model_fields}
    drawn = {
        "power": 1e6
        * site_power(years, scenario, draws=DRAWS, data=tables)
        / watts_per_h100
        * better,
        "purchase": scenario.capital_usd / usd_per_h100 * cheaper,
        "stock": run_h100(scenario, years, DRAWS, scenario.seed, tables),
    }
    limits = np.stack([drawn[name] for name in LIMITS])
    least = limits.min(axis=0)
    which = limits.argmin(axis=0)
    shares = np.stack([np.mean(which == at, axis=0) for at in range(len(LIMITS))])
    everything = chip_stock(
        years, ChipStockInputs(seed=scenario.seed, **stock_inputs), draws=DRAWS, data=tables
    )
    return RunChips(
        scenario=scenario,
        h100=Range.of_draws(least[:, 0], "H100"),
        by_limit={name: Range.of_draws(drawn[name][:, 0], "H100") for name in LIMITS},
        limit_shares=dict(zip(LIMITS, shares[:, 0].tolist(), strict=True)),
        stock_h100=Range.of_draws(everything[:, 0], "H100"),
        usd_per_h100=usd_per_h100,
        watts_per_h100=watts_per_h100,
        price_year=price_year,
        owner_share=largest_owner_share(tables),
        stock=stock_table(tables),
        bands=Bands.of_draws(SHOWN, least[:, 1:]),
        limit_bands={name: Bands.of_draws(SHOWN, drawn[name][:, 1:]) for name in LIMITS},
        stock_bands=Bands.of_draws(SHOWN, everything[:, 1:]),
        shares_by_year=shares[:, 1:],
    )


def _buyable(data: DataSet) -> tuple[str, ...]:
    table = data["chip_unit_costs"]
    needed = ["approx_unit_cost_usd", "tdp_watts", "h100_equivalents"]
    return tuple(sorted(table[table[needed].notna().all(axis=1)]["chip"]))
