"""Sites: AI data centres built and projected, what one run can have of them, what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.site_supply import MIN_MW, site_supply_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.supply import SupplyDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.formatting import in_dollars, in_month, in_percent, in_words
from forecasting.reporting.methods import formulas
from forecasting.reporting.supply_answers import site_cost_words
from forecasting.stats.bands import Bands, Range
from forecasting.stats.range_level import level_in_words
from forecasting.supply.site_power import PROJECTED_YEARS
from forecasting.supply.site_supply import SiteSupply, site_supply
from forecasting.supply.supply_scenario import SupplyScenario

State = PageState[SupplyScenario, SupplyDisplay]

SITE_OF = {"site": "The largest site", "owner": "All sites of one owner"}
SITE_FORMULAS = (
    (
        formulas("forecasting.supply.site_power")[0],
        (
            "A share s of the largest site, or owner's sites, as built up to the table's last date"
            " t₀, then as projected but dᵢ years late. After two years it grows by a factor g per"
            " year."
        ),
    ),
)


def sites_figure(state: State, result: SiteSupply, pins: Sequence[SiteSupply] = ()) -> Figure:
    """Sites over time, with the runs on them."""
    return site_supply_chart(result, ChartBuilder.of(state.display, pins))


def show_sites(state: State) -> None:
    """Answer, controls, sites over time, the measured delays and shares."""
    result = layout.answered(state, site_supply)
    site_controls(state, has_price_year=True)
    pins = pinned_results(state, site_supply)
    display_bar(state, result)
    pinned(state, [pin_words(pin) for pin in pins])
    if result is None:
        return
    layout.chart(
        state,
        sites_figure(state, result, pins),
        key="site-supply-chart",
        alt=result.answer,
        name="ai-sites",
    )
    st.caption(escape_markdown(sites_note(result)))
    layout.numbers(
        lambda: site_numbers(result),
        key=state.key("numbers-sites"),
        alt="The largest site and one run by year",
        is_open=True,
    )
    layout.numbers(
        lambda: cost_numbers(result),
        key=state.key("numbers-costs"),
        alt="Cost per megawatt and per H100 equivalent",
        note=(
            f"Median of the built sites, and the range of {level_in_words():.0%} of them;"
            f" {result.price_year} USD."
        ),
        title="Cost per megawatt and per H100 equivalent",
    )
    layout.numbers(
        lambda: share_numbers(result),
        key=state.key("numbers-shares"),
        alt="How much of its site each known run used",
        note=(
            "Chips of the run over those of the largest site that its developer owned or used when"
            " it began, in H100 equivalents. The site of a run is known for Grok 3 and Grok 4 only."
        ),
        title="How much of its site each known run used",
    )
    layout.method(
        SITE_FORMULAS,
        site_notes(result),
        lambda: layout.source_lines(state, state.section.sources),
        key=state.key("method-sites"),
    )


def site_controls(state: State, *, has_price_year: bool = False) -> None:
    """Which sites, how much of them, how late; also of the section Chips."""
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("site_of", words=SITE_OF.__getitem__)
        controls.number("supply_year", step=0.5, form="%g")
        controls.range("site_share")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.range("site_delay_years")
        controls.range("site_growth")
        if has_price_year:
            controls.number("price_year", step=1, empty="last complete")


def pin_words(result: SiteSupply) -> str:
    """A pinned supply in a few words."""
    s = result.scenario
    return (
        f"{SITE_OF[s.site_of]}, share {s.site_share.words}, {s.site_delay_years.words} years late"
    )


def sites_note(result: SiteSupply) -> str:
    """What the points are, and how late projections came."""
    delays = result.delays
    late = ""
    if delays is not None:
        low, middle, high = (
            f"{years:.2f}".rstrip("0").rstrip(".") for years in delays.quantiles((0.1, 0.5, 0.9))
        )
        undone = int((delays.due & delays.still_projected).sum())
        late = (
            f" Of {len(delays.years)} states projected in {in_month(delays.projected_on)}, the"
            f" median came or is now expected {middle} years late (80% of them {low} to {high}); of"
            f" {int(delays.due.sum())} that were due by {in_month(delays.as_of)}, {undone} were not"
            " built."
        )
    return (
        f"Filled: states of sites of {MIN_MW:g} MW and more as seen; open: as projected."
        f" Diamonds: the power of known runs.{late}"
    )


def site_numbers(result: SiteSupply) -> pd.DataFrame:
    """The largest site and one run, at the start of each year."""
    years = result.run_bands.x

    def words(bands: Bands) -> list[str]:
        return [
            bands.range_at(at, "MW").in_brackets("{:,.0f}".format)
            for at in np.flatnonzero(years % 1.0 == 0.0).tolist()
        ]

    largest = "Largest site (MW)" if result.scenario.site_of == "site" else "Largest owner (MW)"
    return pd.DataFrame(
        {
            "Start of": [f"{year:.0f}" for year in years[years % 1.0 == 0.0]],
            largest: words(result.site_bands),
            "One run (MW)": words(result.run_bands),
        }
    )


def cost_numbers(result: SiteSupply) -> pd.DataFrame:
    """Capital and yearly operating cost, by megawatt and by H100 equivalent."""

    def words(figure: Range) -> str:
        return figure.in_brackets(partial(in_dollars, digits=2))

    return pd.DataFrame(
        {
            "Per site": ["Building and equipping it", "Running it for a year"],
            "Per megawatt": [
                words(result.capital_usd_per_mw),
                words(result.operating_usd_per_mw_year),
            ],
            "Per H100 equivalent": [
                words(result.capital_usd_per_h100),
                words(result.operating_usd_per_h100_year),
            ],
        }
    )


def share_numbers(result: SiteSupply) -> pd.DataFrame:
    """The known runs on their sites."""
    return pd.DataFrame(
        {
            "Run": [each.model for each in result.shares],
            "Published": [in_month(each.date) for each in result.shares],
            "Largest site of its developer": [each.site for each in result.shares],
            "Run (H100 equivalents)": [in_words(each.run_h100) for each in result.shares],
            "Site (H100 equivalents)": [in_words(each.site_h100) for each in result.shares],
            "Share": [in_percent(each.share, 2) for each in result.shares],
        }
    )


def site_notes(result: SiteSupply) -> list[str]:
    """Assumptions, and what is left out."""
    shrunk = (
        [f"Sites that shrank count with their later power: {', '.join(result.states.shrunk)}."]
        if result.states.shrunk
        else []
    )
    return [
        (
            "Power is the capacity of whole facilities, from permits and satellite images (Epoch"
            " AI), not their use. Some states that the table calls planned are years away and may"
            " never come."
        ),
        (
            f"Projections are used for {PROJECTED_YEARS:g} years, the time it takes to build a"
            " site; half of the delay is assumed to be shared by all sites."
        ),
        *shrunk,
        site_cost_words(result),
        (
            "Costs come from Epoch AI's cost of a megawatt, not from accounts. Left out: sites"
            " missing from the table, and runs across sites of different owners."
        ),
    ]
