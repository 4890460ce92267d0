"""Chips: what one run can have by power, capital and one buyer's share of all chips."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.run_chips import run_chips_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.cost.price import METHOD_NAMES, importing_statsmodels
from dashboard.pages.plan.years import TREND_NAMES
from dashboard.pages.supply import SupplyDisplay
from dashboard.pages.supply.sites import site_controls
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.formatting import in_dollars, in_month, in_percent, in_words, significant
from forecasting.reporting.methods import formulas
from forecasting.reporting.supply_answers import LIMIT_REASONS
from forecasting.supply.run_chips import LIMITS, RunChips, run_chips
from forecasting.supply.supply_scenario import SupplyScenario

State = PageState[SupplyScenario, SupplyDisplay]

CHIP_FORMULAS = (
    (
        formulas("forecasting.supply.run_chips")[0],
        (
            "The smallest of three: what the power of a run feeds at w watts per H100 equivalent,"
            " what the capital K buys at c dollars each, and a share s of the stock H."
        ),
    ),
    (
        formulas("forecasting.supply.chip_stock")[0],
        "The stock: what had been shipped by t₀, and shipments that grow by a factor g per year.",
    ),
)


def chips_figure(state: State, result: RunChips, pins: Sequence[RunChips] = ()) -> Figure:
    """Chips of one run and their limits."""
    return run_chips_chart(result, ChartBuilder.of(state.display, pins))


def show_chips(state: State) -> None:
    """Answer, controls, the limits over time, the stock by designer."""
    with importing_statsmodels(state.scenario.price_method):
        result = layout.answered(state, run_chips)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("capital_usd", (6, 13))
        controls.select("bought_chip")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.range("buyer_share")
        controls.range("shipments_growth")
    with st.expander(
        "Site, servers and prices", key=state.key("chips-assumptions"), on_change="rerun"
    ) as folded:
        if folded.open:
            site_controls(state)
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.number("server_overhead", step=0.01)
                controls.number("interconnect_share", step=0.01)
                controls.number("pue", step=0.01)
                controls.select("price_trend", words=TREND_NAMES.__getitem__)
                controls.select("price_method", words=METHOD_NAMES.__getitem__)
                controls.number("price_year", step=1, empty="last complete")
    pins = pinned_results(state, run_chips)
    display_bar(state, result)
    pinned(state, [pin_words(pin) for pin in pins])
    if result is None:
        return
    layout.chart(
        state,
        chips_figure(state, result, pins),
        key="run-chips-chart",
        alt=result.answer,
        name="chips-of-one-run",
    )
    st.caption(escape_markdown(chips_note(result)))
    layout.numbers(
        lambda: chip_numbers(result),
        key=state.key("numbers-chips"),
        alt="Chips of one run and what limits them, by year",
        is_open=True,
    )
    layout.numbers(
        lambda: stock_numbers(result),
        key=state.key("numbers-stock"),
        alt="AI chips shipped in total by designer and quarter",
        note="Millions of H100 equivalents shipped so far, with Epoch AI's 90% ranges.",
        title="All AI chips by designer and quarter",
    )
    layout.method(
        CHIP_FORMULAS,
        chip_notes(result),
        lambda: layout.source_lines(state, state.section.sources),
        key=state.key("method-chips"),
    )


def pin_words(result: RunChips) -> str:
    """A pinned result in a few words."""
    s = result.scenario
    return f"{in_dollars(s.capital_usd, 2)} for {s.bought_chip}, share {s.buyer_share.words}"


def chips_note(result: RunChips) -> str:
    """What limits the chips for which reason."""
    shares = "; ".join(f"{LIMIT_REASONS[name]} {result.limit_shares[name]:.0%}" for name in LIMITS)
    return (
        f"What limits the run in {in_month(result.scenario.supply_year)}, by share of simulated"
        f" futures: {shares}. Lines show the median of each limit; the band is for the run."
    )


def chip_numbers(result: RunChips) -> pd.DataFrame:
    """Chips of one run at the start of each year, and how likely each limit is the least."""
    table = result.table[result.table["year"] % 1.0 == 0.0]
    columns = {
        "Start of": [f"{year:.0f}" for year in table["year"]],
        "One run (H100 equivalents)": [
            result.bands.range_at(at, "H100 equivalents").in_brackets(partial(in_words, digits=2))
            for at in np.flatnonzero(result.bands.x % 1.0 == 0.0).tolist()
        ],
    }
    for name in LIMITS:
        words = LIMIT_REASONS[name]
        columns[f"Limited by {words}"] = [
            f"{share:.0%}" for share in table[f"probability_{name}_binds"]
        ]
    return pd.DataFrame(columns)


def stock_numbers(result: RunChips) -> pd.DataFrame:
    """The stock by designer and quarter."""
    stock = result.stock
    columns = {"To the end of": [in_month(float(quarter)) for quarter in stock.quarters]}
    for at, designer in enumerate(stock.designers):
        columns[designer] = [
            f"{value / 1e6:.2f}" + (f" ({low / 1e6:.2f} to {high / 1e6:.2f})" if low > 0 else "")
            for value, low, high in zip(stock.h100[at], stock.low[at], stock.high[at], strict=True)
        ]
    columns["All"] = [f"{value / 1e6:.2f}" for value in stock.total]
    return pd.DataFrame(columns)


def chip_notes(result: RunChips) -> list[str]:
    """Assumptions, and what is left out."""
    share, owner = result.owner_share
    floor = (
        f" At the end of {owner}, {in_percent(share, 2)} had {in_month(result.stock.as_of)} of all"
        " chips in its known sites."
        if owner
        else ""
    )
    return [
        (
            f"An H100 equivalent of {result.scenario.bought_chip} draws"
            f" {significant(result.watts_per_h100, 3)} W at the facility and costs"
            f" {in_dollars(result.usd_per_h100)} with server and network; both improve with the"
            " trends of compute per watt and per dollar."
        ),
        (
            f"{in_words(result.stock.shipped)} H100 equivalents were shipped in the last year of"
            f" the table, {significant(result.stock.growth, 2)} times as many as in the year"
            f" before.{floor}"
        ),
        (
            "Estimates from revenue and disclosures, not counts; designers are treated as"
            " independent, and Amazon, for which no range is known, as uncertain as the least"
            " certain of the others. Retired chips are not subtracted."
        ),
        "Left out: chips of other designers (Huawei's among them), and export rules.",
    ]
