"""Where the supply of chips and power of a plan comes from, in words."""

from __future__ import annotations

import math

import numpy as np

from forecasting.answers import sentence_of
from forecasting.context import Context
from forecasting.data.dataset import DataSet
from forecasting.formatting import in_dollars, in_month, in_percent, in_words, range_in_words
from forecasting.planning.input_groups import PlanPriceInputs, SupplyInputs
from forecasting.planning.plan_inputs import priced_chip_hour
from forecasting.planning.supplies import FIRST_RUN_YEAR, SupplyTrend, supply_trend
from forecasting.supply.chip_stock import stock_table
from forecasting.supply.site_power import PROJECTED_YEARS
from forecasting.supply.site_table import site_states


@sentence_of.register
def supply_trend_sentence(trend: SupplyTrend) -> str:
    """The largest run so far and its growth, with the table."""
    date, amount, name = trend.largest
    low, high = trend.growth_per_year.interval(0.8)
    shown = (
        f"{in_words(amount, 2)} chips"
        if trend.unit == "chips"
        else f"{in_words(amount / 1e6, 2)} MW"
    )
    count = len(trend.dates)
    rows = (
        f"Epoch AI's data centres, {count} states of sites to {in_month(float(trend.dates[-1]))}"
        if trend.key == "sites"
        else f"Epoch AI's models, {count} runs since {FIRST_RUN_YEAR}"
    )
    return (
        f"{trend.title} ({rows}): {shown} at {name}, {math.floor(date)}, growing by a factor of"
        f" {trend.growth_per_year.value:.2f} per year (80% range {low:.2f} to {high:.2f})"
    )


def chip_hour_source(scenario: PlanPriceInputs, context: Context) -> str:
    """The chip-hour that a plan's prices start from: chip, terms, date."""
    hour = priced_chip_hour(scenario, context)
    if scenario.price == "own":
        return (
            f"A chip-hour of {hour.chip}: your own price, {scenario.usd_per_chip_hour.words} USD in"
            " the first year"
        )
    return (
        f"A chip-hour of {hour.chip}: {in_dollars(hour.usd_per_hour)} in {in_month(hour.date)},"
        f" {hour.basis}"
    )


def chips_source(scenario: SupplyInputs, data: DataSet) -> str:
    """Where the chips of a run come from, with what bounds them."""
    if scenario.chips_from == "own":
        return f"Chips: your own, {scenario.own_chips.words}"
    if scenario.chips_from == "unlimited":
        return "Chips: as many as the run takes"
    if scenario.chips_from == "trend":
        return f"{supply_trend('chips', data).source}; chips get faster as ML chips have"
    stock = stock_table(data)
    low, high = scenario.buyer_share.low, scenario.buyer_share.high
    return (
        f"Chips: one buyer's share ({range_in_words(low, high, in_percent)}) of all AI chips (Epoch"
        f" AI's chip sales: {in_words(float(stock.total[-1]))} H100 equivalents at the end of"
        f" {math.floor(stock.as_of)}), whose shipments grow by a factor of"
        f" {scenario.shipments_growth.words} per year; nothing else limits chips"
    )


def power_source(scenario: SupplyInputs, data: DataSet) -> str:
    """Where the power of a run comes from."""
    if scenario.power_from == "own":
        return f"Power: your own, {scenario.own_power_mw.words} MW"
    if scenario.power_from == "unlimited":
        return "Power: as much as the run takes"
    if scenario.power_from in ("trend", "sites"):
        return supply_trend("sites" if scenario.power_from == "sites" else "power", data).source
    states = site_states(data)
    now = states.built(np.array([states.as_of]))
    largest = float(states.largest(now, scenario.power_from)[0])
    what = "the largest AI site" if scenario.power_from == "site" else "one owner's AI sites"
    share = range_in_words(scenario.site_share.low, scenario.site_share.high, in_percent)
    return (
        f"Power: a share ({share}) of {what} (Epoch AI's data centres: {in_words(largest, 4)} MW in"
        f" {in_month(states.as_of)}); after that as projected, late by"
        f" {scenario.site_delay_years.words} years, and from"
        f" {math.floor(states.as_of + PROJECTED_YEARS)} on growing by a factor of"
        f" {scenario.site_growth.words} per year"
    )
