"""Rent or own: cumulative cost of both, the utilisation above which owning wins, and contracts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.rent_or_own import rent_or_own_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.cost.price import METHOD_NAMES, importing_statsmodels
from dashboard.pages.plan.years import TREND_NAMES
from dashboard.pages.supply import SupplyDisplay
from dashboard.pages.supply.own_drivers import DRIVERS_NOTE, driver_numbers
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.contract_controls import CONTRACTS, lost_work_controls
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.compute_cost.chip_hours import MEAN_LOAD, SERVER_POWER_FACTOR
from forecasting.formatting import in_dollars, in_percent, in_words, significant
from forecasting.reporting.methods import formulas
from forecasting.reporting.supply_answers import use_words
from forecasting.stats.bands import Range
from forecasting.stats.range_level import range_heading
from forecasting.supply.ownership import RentOrOwn, rent_or_own
from forecasting.supply.ownership_costs import LONGEST_PAYBACK
from forecasting.supply.supply_scenario import SupplyScenario

State = PageState[SupplyScenario, SupplyDisplay]

PART_WORDS = {
    "chips": "Chips",
    "servers": "Servers",
    "network": "Network",
    "energy": "Energy",
    "hosting": "Hosting",
    "upkeep": "Staff, spares and repairs",
    "resale": "Resale",
}


def own_figure(state: State, result: RentOrOwn, pins: Sequence[RentOrOwn] = ()) -> Figure:
    """Cumulative cost of owning and of renting."""
    return rent_or_own_chart(result, ChartBuilder.of(state.display, pins))


def show_own(state: State) -> None:
    """Answer, controls, both cumulative costs, contracts side by side."""
    with importing_statsmodels(state.scenario.price_method):
        result = layout.answered(state, rent_or_own)
    _controls(state)
    pins = pinned_results(state, rent_or_own)
    display_bar(state, result, has_log=False)
    pinned(state, [pin_words(pin) for pin in pins])
    if result is None:
        return
    layout.chart(
        state,
        own_figure(state, result, pins),
        key="rent-or-own-chart",
        alt=result.answer,
        name="rent-or-own",
    )
    st.caption(escape_markdown(own_note(result)))
    layout.numbers(
        lambda: contract_numbers(result),
        key=state.key("numbers-contracts"),
        alt="Renting on each contract against owning",
        note=contract_note(result),
        title="Contracts side by side",
        is_open=True,
    )
    layout.numbers(
        lambda: part_numbers(result),
        key=state.key("numbers-parts"),
        alt="Parts of the cost of owning",
        note="Medians; their sum is near the median of the whole, not equal to it.",
        title="Parts of the cost of owning",
    )
    layout.numbers(
        lambda: driver_numbers(result, state.context),
        key=state.key("numbers-drivers"),
        alt="What owning rests on, with the cost at both ends of each plausible range",
        note=DRIVERS_NOTE,
        title="What owning rests on, and what moves it",
    )
    layout.method(
        OWN_FORMULAS,
        own_notes(result),
        lambda: layout.source_lines(state, state.section.sources),
        key=state.key("method-own"),
    )


def _controls(state: State) -> None:
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("owned_chip")
        controls.number("owned_chips", step=8)
        controls.number("owned_years", step=1, form="%g")
        controls.slider("utilisation", step=0.01)
        controls.select("contract", words=CONTRACTS.__getitem__)
    if state.scenario.contract == "spot":
        lost_work_controls(controls, state.scenario)
    hardware_controls(state, key="own-assumptions", has_rent=True)


def hardware_controls(state: State, *, key: str, has_rent: bool = False) -> None:
    """Own quotes, and what owning rests on, folded."""
    controls = Controls(state)
    with st.expander(
        "Your own quotes, and assumptions of owning", key=state.key(key), on_change="rerun"
    ) as folded:
        if not folded.open:
            return
        left, middle, right = st.columns(3)
        with left:
            st.caption(
                "Your quotes take precedence over the tables; leave a field empty where you have"
                " none."
            )
            if has_rent:
                controls.number("rent_usd_per_chip_hour", step=0.1, empty="the market's")
            controls.number("chip_usd", step=500, empty="of the table")
            controls.number("system_usd_per_chip", step=500, empty="by the factors")
            controls.number("chip_usd_factor", step=0.05)
            controls.number("server_overhead", step=0.01)
            controls.number("interconnect_share", step=0.01)
        with middle:
            controls.number("usd_per_kwh", step=0.01, form="%.3f")
            controls.number("pue", step=0.01)
            controls.number("idle_power", step=0.05)
            controls.number("hosting_usd_per_kw_month", step=10, form="%g")
            controls.number("upkeep_share", step=0.01)
        with right:
            controls.range("resale_share")
            controls.number("cost_of_capital", step=0.01)
            controls.segmented(
                "decline_from", words={"trend": "By a trend", "own": "By my own rate"}.__getitem__
            )
            if state.scenario.decline_from == "own":
                controls.range("own_decline")
            else:
                controls.select("price_trend", words=TREND_NAMES.__getitem__)
                controls.select("price_method", words=METHOD_NAMES.__getitem__)
            controls.number("price_year", step=1, empty="last complete")


def pin_words(result: RentOrOwn) -> str:
    """A pinned comparison in a few words."""
    s = result.scenario
    return (
        f"{in_words(result.chips)} × {result.chip}, {s.owned_years:g} years,"
        f" {in_percent(s.utilisation, 2)} in use, rented {CONTRACTS[s.contract].lower()}"
    )


def own_note(result: RentOrOwn) -> str:
    """What the lines are, and which price of a chip-hour they start from."""
    mine = next(each for each in result.contracts if each.contract == result.scenario.contract)
    return (
        f"A chip-hour rented {CONTRACTS[mine.contract].lower()} starts at"
        f" {in_dollars(mine.usd_per_chip_hour.value)}: {mine.basis}. Bands are for owning and for"
        " the contract chosen. Dotted: owning if everything is sold in that year; a commitment"
        " rises in steps, whenever it is renewed at a new price."
    )


def contract_numbers(result: RentOrOwn) -> pd.DataFrame:
    """Each contract against owning, in words."""
    rows = []
    for each in result.contracts:
        even, paid = each.break_even_utilisation, each.payback_years
        rows.append(
            {
                "Contract": CONTRACTS[each.contract],
                "Per chip-hour today": in_dollars(each.usd_per_chip_hour.value),
                "Rent over the years": _usd(each.rent_usd),
                "Owning costs less above": (
                    "paid for all hours" if even is None else even.in_brackets(use_words)
                ),
                "Buying pays back after (years)": paid.in_brackets(_years),
                "Futures in which owning is cheaper": f"{each.owning_wins:.0%}",
            }
        )
    rows.append(
        {
            "Contract": "Owned",
            "Per chip-hour today": (
                f"{in_dollars(result.owned_usd_per_chip_hour.value)} per hour in use"
                if result.scenario.utilisation
                else ""
            ),
            "Rent over the years": _usd(result.owned_usd),
            "Owning costs less above": "",
            "Buying pays back after (years)": "",
            "Futures in which owning is cheaper": "",
        }
    )
    return pd.DataFrame(rows)


def _years(years: float) -> str:
    return f"over {LONGEST_PAYBACK:g}" if math.isinf(years) else significant(years, 2)


def _usd(figure: Range) -> str:
    if figure.low == figure.high:
        return in_dollars(figure.value)
    return figure.in_brackets(partial(in_dollars, digits=2))


def contract_note(result: RentOrOwn) -> str:
    """What each row is, and which contracts are missing."""
    left_out = " ".join(
        f"{CONTRACTS[name]}: {words}" for name, words in sorted(result.missing.items())
    )
    spot = f"Spot prices are per hour of work that is not lost. {left_out}".strip()
    return (
        f"Present value in {result.price_year} USD, from {result.bought_on:.1f} on;"
        f" {range_heading()}s in brackets. {spot}"
    )


def part_numbers(result: RentOrOwn) -> pd.DataFrame:
    """The parts of what owning costs over the years."""
    return pd.DataFrame(
        {
            "Part": [PART_WORDS[part.name] for part in result.parts],
            f"Over {result.scenario.owned_years:g} years (present value)": [
                in_dollars(part.usd) for part in result.parts
            ],
        }
    )


OWN_FORMULAS = (
    (
        formulas("forecasting.supply.ownership")[0],
        (
            "Owning: purchase U, hosting h, upkeep m, energy e, less the resale value, which falls"
            " with the price of new chips of the same performance (r, in OOM per year); k is the"
            " cost of capital."
        ),
    ),
    (
        formulas("forecasting.supply.ownership")[1],
        (
            "Renting at p dollars per hour for the share u of hours; a commitment is paid for all"
            " hours."
        ),
    ),
    (
        formulas("forecasting.compute_cost.lost_work")[0],
        (
            "Spot: the share of paid hours that is lost when a run is stopped every M hours on"
            " average, a checkpoint takes C and a restart R (Daly 2006)."
        ),
    ),
    (
        formulas("forecasting.compute_cost.lost_work")[1],
        (
            "The interval between checkpoints that loses the least work; its first factor is"
            " Young's (1974)."
        ),
    ),
)


def own_notes(result: RentOrOwn) -> list[str]:
    """Assumptions, and what is left out."""
    s = result.scenario
    energy = (
        f"Energy: the chips' design power times {SERVER_POWER_FACTOR} for the server,"
        f" {MEAN_LOAD:.0%} of it on average in use and {in_percent(s.idle_power, 2)} of that when"
        " idle, times PUE. A server of 8 H100 rated at 10.2 kW was measured at 8.4 kW at most"
        " (Latif et al. 2025)."
    )
    return [
        (
            "Chips: Epoch AI's approximate unit costs (September 2026), else launch prices, in"
            f" dollars of {result.price_year}; servers and network by the factors of Cottier et al."
            " 2024. Own quotes, hosting and electricity are taken in those dollars."
        ),
        energy,
        (
            "Committed prices: the on-demand offer of today times the ratio of committed to"
            " on-demand prices when vendors last quoted both, in March 2025. The second of two"
            " terms is counted up to the end of the years of use."
        ),
        (
            "Rents of all contracts fall by the same drawn trend as the price of new chips. With"
            " full use, no interest, hosting or upkeep, and resale at the full price of new"
            " performance, the cost per hour is the owned convention of Cottier et al. 2024. A"
            " constant rent is the rented convention of the page Cost of compute."
        ),
        (
            "Left out: taxes and write-offs against them, the time until chips are delivered,"
            " failed chips beyond upkeep, and higher prices for tens of thousands of chips than for"
            " a few."
        ),
    ]
