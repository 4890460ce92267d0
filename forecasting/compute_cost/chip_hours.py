"""The price of an hour of a chip, rented or owned.

    rented   the median on-demand offer of the last observed quarter; on other terms theirs, or
             with a commitment the on-demand offer times what it was worth when last quoted
    owned    price · r·ln(10)/8766 · server_overhead/(1 − i)  +  TDP · 1.82 · 0.75 · PUE ·
             usd_per_kwh

with `r` the loss of value in OOM per year and `i` the interconnect's share of hardware cost
(Cottier et al. 2024, arXiv:2405.21015).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.compute_cost.rental_offers import (
    COMMITMENT_LABELS,
    QUOTE_COLUMNS,
    chip_rates,
    offers_on_terms,
    rented_chips,
)
from forecasting.context import Context
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import price_year_in_use, to_price_year
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError, UnknownNameError
from forecasting.ingest.own_prices import ChipContract
from forecasting.units import HOURS_PER_YEAR, decimal_years

BEST_CHIP = "best"
#: A chip counts as widely rented when at least this many vendors offered it in the quarter.
WIDELY_RENTED_VENDORS = 5
#: Terms on which a chip is rented, and the words for offers on those that are quoted today.
Contract = Literal["on_demand", "spot", "marketplace", "one_year", "three_year"]
CONTRACTS: tuple[Contract, ...] = get_args(Contract)
OFFER_WORDS: Mapping[str, str] = {
    "on_demand": "on-demand offers",
    "spot": "spot offers",
    "marketplace": "offers on marketplaces",
}
#: Contracts that are paid at all hours, and for how long they are made.
COMMITTED_FOR: Mapping[str, str] = {"one_year": "a year", "three_year": "three years"}
#: Server power per chip power and mean load (Cottier et al. 2024).
SERVER_POWER_FACTOR = 1.82
MEAN_LOAD = 0.75


@dataclass(frozen=True)
class ChipHour:
    """Price of a chip-hour at `date` (decimal year): drawn `hardware_usd` (shape (draws,)) and
    fixed `energy_usd`, both in USD.
    """

    chip: str
    date: float
    peak_flop_per_s: float
    hardware_usd: FloatArray
    energy_usd: float
    usd_per_hour: float
    basis: str


def rented_chip_hour(
    chip: str,
    price_year: int | None,
    draws: int,
    context: Context,
    rng: np.random.Generator,
    contract: str = "on_demand",
) -> ChipHour:
    """The median offer for the chip in its last observed quarter; draws are medians of resampled
    offers. With a commitment it is the on-demand offer times its discount, drawn from the quotes.

    A contract among one's own prices goes before the market, for spot a spot price alone: its price
    is known, so all draws are equal.

    Parameters
    ----------
    chip : str
        A rented chip by name, or "best".
    price_year : int or None
        The year of the dollars; None: the last complete year.
    draws : int
        How many draws.
    context : Context
        The tables, and one's own prices.
    rng : np.random.Generator
        What offers are resampled with.
    contract : str
        One of CONTRACTS.
    """
    price_year = price_year_in_use(price_year, context.data)
    if context.prices is not None:
        is_spot = contract == "spot"
        own = context.prices.contract(chip, context.data, spot_only=is_spot)
        # A compute price needs the chip's rate.
        if own is not None and own.chip in chip_rates(context.data):
            return _contracted(own, price_year, draws, context.data)
    if contract in COMMITTED_FOR:
        return _committed(chip, contract, price_year, draws, context, rng)
    quotes = _by_quarter(offers_on_terms(context.data, "on_demand"))
    if chip == BEST_CHIP:
        chip = best_rented_chip(quotes)
    if contract != "on_demand":
        quotes = _by_quarter(offers_on_terms(context.data, contract))
        if chip not in set(quotes["chip"]) and chip in rented_chips(context.data):
            raise InputError(
                "contract",
                COMMITMENT_LABELS[contract],
                f"No offers for {chip} on these terms are known: choose another contract or chip.",
            )
    if chip not in set(quotes["chip"]):
        if chip in ownable_chips(context.data):
            raise InputError(
                "chip",
                chip,
                "No vendor's rental price for it is known: choose another chip, or the owned"
                " convention.",
            )
        raise UnknownNameError("chip", chip, (BEST_CHIP, *rented_chips(context.data)))
    offers = quotes[quotes["chip"] == chip]
    offers = offers[offers["quarter"] == offers["quarter"].max()]
    usd = to_price_year(offers["usd_per_chip_hour"], offers["date"], price_year, context.data)
    quarter = float(offers["quarter"].iloc[0])
    resampled = np.median(usd[rng.integers(0, len(usd), size=(draws, len(usd)))], axis=1)
    vendors = offers["vendor"].nunique()
    return ChipHour(
        chip=chip,
        date=quarter + 0.125,
        peak_flop_per_s=float(offers["peak_flop_per_s"].iloc[0]),
        hardware_usd=resampled,
        energy_usd=0.0,
        usd_per_hour=float(np.median(usd)),
        basis=(
            f"median of {len(usd)} {OFFER_WORDS[contract]} by {vendors} vendors in"
            f" {math.floor(quarter)} Q{round(quarter % 1 * 4) + 1}, in {price_year} USD"
        ),
    )


def _committed(
    chip: str,
    contract: str,
    price_year: int,
    draws: int,
    context: Context,
    rng: np.random.Generator,
) -> ChipHour:
    """The on-demand offer times what a commitment was worth when it was last quoted."""
    on_demand = rented_chip_hour(chip, price_year, draws, context, rng)
    discounts, date = committed_discounts(contract, context.data)
    drawn = np.median(discounts[rng.integers(0, len(discounts), (draws, len(discounts)))], axis=1)
    middle = float(np.median(discounts))
    return replace(
        on_demand,
        hardware_usd=on_demand.hardware_usd * drawn,
        usd_per_hour=on_demand.usd_per_hour * middle,
        basis=(
            f"{on_demand.basis}, times {middle:.2f}: what {COMMITTED_FOR[contract]} was worth to"
            f" {len(discounts)} quotes up to {math.floor(date)}"
        ),
    )


@cached_with
def committed_discounts(contract: str, data: DataSet) -> tuple[FloatArray, float]:
    """Price with a commitment over that on demand, of each quote that has both in the last year in
    which there are any, and the date of the last of them; raises InputError where there are none.

    Parameters
    ----------
    contract : str
        "one_year" or "three_year".
    data : DataSet
        The tables.
    """
    table = data["chip_rental_prices"]
    share = table[QUOTE_COLUMNS[contract]] / table[QUOTE_COLUMNS["on_demand"]]
    dates = decimal_years(table["price_date"].to_numpy())
    known = share.notna().to_numpy()
    if not known.any():
        raise InputError(
            "contract",
            COMMITMENT_LABELS[contract],
            "No quote with this commitment is known: choose another contract.",
        )
    last = float(dates[known].max())
    recent = known & (dates > last - 1.0)
    return share.to_numpy(dtype=np.float64)[recent], last


def _contracted(contract: ChipContract, price_year: int, draws: int, data: DataSet) -> ChipHour:
    date = float(decimal_years([np.datetime64(contract.date)])[0])
    usd = float(
        to_price_year(np.array([contract.usd_per_chip_hour]), np.array([date]), price_year, data)[0]
    )
    return ChipHour(
        chip=contract.chip,
        date=date,
        peak_flop_per_s=chip_rates(data)[contract.chip],
        hardware_usd=np.full(draws, usd),
        energy_usd=0.0,
        usd_per_hour=usd,
        basis=f"yours: {contract.words}, in {price_year} USD",
    )


def best_rented_chip(quotes: pd.DataFrame) -> str:
    """The chip with the lowest median price per FLOP in the last quarter in which five vendors
    offered one.
    """
    groups = quotes.groupby(["quarter", "chip"]).agg(
        vendors=("vendor", "nunique"),
        usd=("usd_per_chip_hour", "median"),
        peak=("peak_flop_per_s", "first"),
    )
    wide = groups[groups["vendors"] >= WIDELY_RENTED_VENDORS].reset_index()
    if wide.empty:
        raise InputError(
            "chip",
            BEST_CHIP,
            (
                f"No chip is offered by {WIDELY_RENTED_VENDORS} vendors in one quarter: choose a"
                " chip by name."
            ),
        )
    last = wide[wide["quarter"] == wide["quarter"].max()]
    return str(last["chip"].to_numpy()[int(np.argmin((last["usd"] / last["peak"]).to_numpy()))])


@cached_with
def ownable_chips(data: DataSet) -> tuple[str, ...]:
    """Chips with a release date, a launch price, a tensor FP16 rate and a thermal design power."""
    table = data["ml_chips"]
    needed = ["release_date", "price_usd", "tensor_fp16_flop_per_s", "tdp_watts"]
    return tuple(sorted(table[table[needed].notna().all(axis=1)]["chip"]))


def owned_chip_hour(
    chip: str,
    draws: int,
    data: DataSet,
    *,
    depreciation_oom_per_year: float,
    server_overhead: float,
    interconnect_share: float,
    usd_per_kwh: float,
    pue: float,
) -> ChipHour:
    """Amortised hardware and energy of an owned chip, new at its release date; hardware is not
    drawn, so all draws are equal.

    Parameters
    ----------
    chip : str
        A chip of known launch price by name, or "best".
    draws : int
        How many draws.
    data : DataSet
        The tables.
    depreciation_oom_per_year : float
        Loss of value, in orders of magnitude a year.
    server_overhead : float
        Cost of a server over that of its chips.
    interconnect_share : float
        The network's share of the whole cost, from 0 to below 1.
    usd_per_kwh : float
        Price of electricity, USD per kWh.
    pue : float
        Power of the data centre over that of its servers, 1 or more.
    """
    known = ownable_chips(data)
    if chip == BEST_CHIP:
        chip = best_owned_chip(data)
    elif chip not in known:
        if chip in set(data["ml_chips"]["chip"]):
            raise InputError(
                "chip",
                chip,
                "Its launch price is not known: choose another chip, or the rented convention.",
            )
        raise UnknownNameError("chip", chip, (BEST_CHIP, *known))
    table = data["ml_chips"]
    row: dict[Any, Any] = table[table["chip"] == chip].iloc[0].to_dict()
    whole = with_servers_and_network(float(row["price_usd"]), server_overhead, interconnect_share)
    hardware = whole * depreciation_oom_per_year * math.log(10) / HOURS_PER_YEAR
    energy = float(row["tdp_watts"]) / 1000 * SERVER_POWER_FACTOR * MEAN_LOAD * pue * usd_per_kwh
    return ChipHour(
        chip=chip,
        date=float(decimal_years([row["release_date"].to_datetime64()])[0]),
        peak_flop_per_s=float(row["tensor_fp16_flop_per_s"]),
        hardware_usd=np.full(draws, hardware),
        energy_usd=energy,
        usd_per_hour=hardware + energy,
        basis=(
            f"launch price of ${row['price_usd']:,.0f}, not converted to another price year since"
            " the source states none"
        ),
    )


def with_servers_and_network(
    chip_usd: float, server_overhead: float, interconnect_share: float
) -> float:
    """What a chip costs with its part of the servers and of the network, in USD.

    Parameters
    ----------
    chip_usd : float
        The chip alone, USD.
    server_overhead : float
        Cost of a server over that of its chips.
    interconnect_share : float
        The network's share of the whole cost, from 0 to below 1.
    """
    return chip_usd * server_overhead / (1.0 - interconnect_share)


def best_owned_chip(data: DataSet) -> str:
    """The best rented chip where its launch price is known, so that both conventions compare the
    same chip; else the cheapest per FLOP.
    """
    known = ownable_chips(data)
    rented = best_rented_chip(_by_quarter(offers_on_terms(data, "on_demand")))
    if rented in known:
        return rented
    rows = data["ml_chips"][data["ml_chips"]["chip"].isin(known)]
    return str(
        rows["chip"].to_numpy()[
            int(np.argmin((rows["price_usd"] / rows["tensor_fp16_flop_per_s"]).to_numpy()))
        ]
    )


def _by_quarter(quotes: pd.DataFrame) -> pd.DataFrame:
    """The newest offers of each vendor in each quarter."""
    quotes = quotes[quotes["newest"].astype(bool)]
    return quotes.assign(quarter=np.floor(quotes["date"] * 4) / 4)
