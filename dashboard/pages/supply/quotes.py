"""Quotes: what vendors ask for so many chips over so many days."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.rental_quotes import DRAWN, rental_quotes_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.cost.price import importing_statsmodels
from dashboard.pages.supply import SupplyDisplay
from dashboard.pages.supply.own import hardware_controls
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_dollars
from forecasting.supply.quotes import CHEAPEST, Quotes, quotes
from forecasting.supply.rental_quotes import RECENT_DAYS
from forecasting.supply.supply_scenario import SupplyScenario

State = PageState[SupplyScenario, SupplyDisplay]

TIERS = {"any": "All terms"} | {
    name: words[:1].upper() + words[1:] for name, words in COMMITMENT_LABELS.items()
}
_SAFE_ADDRESS = re.compile(r"https://[\w./?&=%:#~+,-]+")
QUOTE_FORMULAS = (
    (
        r"\mathrm{total} = \mathrm{chips}\cdot 24\cdot\max(\mathrm{days},\ \mathrm{term})"
        r"\cdot\mathrm{price}",
        "A commitment of one or three years is billed for its whole term.",
    ),
)


def quotes_figure(state: State, result: Quotes, _pins: Sequence[Quotes] = ()) -> Figure:
    """What each vendor asks."""
    return rental_quotes_chart(result, ChartBuilder.of(state.display))


def show_quotes(state: State) -> None:
    """Answer, controls, a dot an offer, the table with links."""
    with importing_statsmodels(state.scenario.price_method):
        result = layout.answered(state, quotes)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("quoted_chip")
        controls.number("quoted_chips", step=8)
        controls.number("quoted_days", step=30, form="%g")
        controls.select("quoted_tier", words=TIERS.__getitem__)
    hardware_controls(state, key="quotes-assumptions")
    display_bar(state, result, can_pin=False, has_bands=False)
    if result is None:
        return
    layout.chart(
        state,
        quotes_figure(state, result),
        key="rental-quotes-chart",
        alt=result.answer,
        name="rental-quotes",
    )
    st.markdown(cheapest_words(result))
    st.caption(escape_markdown(quotes_note(result)))
    layout.numbers(
        lambda: quote_numbers(result),
        key=state.key("numbers-quotes"),
        alt="Quotes of vendors, cheapest first",
        note=f"The first {CHEAPEST} vendors are the cheapest; all prices are nominal USD.",
        title="Quotes, cheapest first",
        is_open=True,
    )
    layout.method(
        QUOTE_FORMULAS,
        quote_notes(result),
        lambda: layout.source_lines(state, state.section.sources),
        key=state.key("method-quotes"),
    )


def cheapest_words(result: Quotes) -> str:
    """The cheapest vendors with price, day and link, as Markdown."""
    lines = []
    for _, row in result.cheapest.iterrows():
        vendor, url = escape_markdown(str(row["vendor"])), str(row["source_url"])
        # An address of a user's own file could be anything.
        named = f"[{vendor}]({url})" if _SAFE_ADDRESS.fullmatch(url) else vendor
        price, total = (in_dollars(float(row[name])) for name in ("usd_per_chip_hour", "usd_total"))
        said = (
            f" {price} per chip-hour, {total} in total, {COMMITMENT_LABELS[str(row['tier'])]}, last"
            f" seen {row['last_seen']:%Y-%m-%d}"
        )
        lines.append(f"1. {named}:{escape_markdown(said)}")
    return "\n".join(["**The cheapest vendors**", "", *lines])


def quotes_note(result: Quotes) -> str:
    """What the dots are."""
    more = f" The cheapest {DRAWN} of {len(result.table)} are shown." * (len(result.table) > DRAWN)
    return (
        "A dot is the newest offer of a vendor for a form of the chip, terms and minimum size, at"
        f" its price per chip-hour.{more} Whether the vendor has that many available is not stated:"
        " ask."
    )


def quote_numbers(result: Quotes) -> pd.DataFrame:
    """Each quote in words, with its day and link."""
    rows = result.table
    return pd.DataFrame(
        {
            "Vendor": rows["vendor"].astype(str),
            "Chip": rows["chip"].astype(str),
            "Terms": [COMMITMENT_LABELS[str(tier)] for tier in rows["tier"]],
            "At least": [
                f"{least:,.0f} chip{'s' if least > 1 else ''}" if least > 0 else "not stated"
                for least in rows["min_chips"]
            ],
            "Per chip-hour": [in_dollars(float(usd)) for usd in rows["usd_per_chip_hour"]],
            "In total": [in_dollars(float(usd)) for usd in rows["usd_total"]],
            "Last seen": [f"{day:%Y-%m-%d}" for day in rows["last_seen"]],
            "Source": rows["source_url"].astype(str),
        }
    )


def quote_notes(result: Quotes) -> list[str]:
    """Which offers count, and what is left out."""
    owned = (
        []
        if result.owned_chip is None
        else [
            f"Owning {result.owned_chip}: bought new, used at all hours over these days and then"
            " sold, by the assumptions of the section Rent or own; most of its cost is the loss of"
            f" value of the hardware. In dollars of {result.price_year}."
        ]
    )
    return [
        (
            f"Offers seen within {RECENT_DAYS} days of the last snapshot (gpurentalprices.com)"
            " count; Amazon Web Services is left out, since its listed price dates from before June"
            " 2025. Committed offers, and offers of chips not listed there, are Epoch AI's of March"
            " 2025."
        ),
        (
            "A chip without a form in its name, such as NVIDIA H100, is offered as SXM, PCIe or"
            " either; the source does not say which."
        ),
        *owned,
        "Left out: storage, traffic, taxes, and discounts for large orders.",
    ]
