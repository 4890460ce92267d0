"""The section GPT-2 for $30: the claim, held against what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.gpt2_claim import gpt2_claim_chart
from dashboard.escaping import escape_markdown
from dashboard.forecasts import forecast
from dashboard.pages.cost import CostDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import START_LABELS, Gpt2Claim, gpt2_claim
from forecasting.formatting import in_dollars, significant

State = PageState[CostScenario, CostDisplay]

CLAIM_TABLES = ("gpt2_reproductions", "article_claims")
CLAIM_FORMULAS = (
    (
        r"\mathrm{start}\cdot(\mathrm{hardware}\cdot\mathrm{algorithms})^{-\mathrm{years}}",
        "The claim's arithmetic: $43,000 · (1.45 · 3)⁻⁵ = $27.6.",
    ),
)
CLAIM_NOTES = (
    "All costs are nominal US dollars, as their sources give them.",
    (
        "Epoch AI's amortised $4,348 and the rented $43,000 differ by a factor of ten: the two"
        " conventions are never mixed here."
    ),
    (
        "The claim is compared with the nearest run of GPT-2's size or grade before its date, 17"
        " January 2025."
    ),
    "Left out: the cost of failed attempts, of people's time, and of the data.",
)


def claim_figure(state: State, result: Gpt2Claim, _pins: Sequence[Gpt2Claim] = ()) -> Figure:
    """What GPT-2 costs by year, beside what was measured."""
    return gpt2_claim_chart(result, ChartBuilder.of(state.display))


def show_claim(state: State) -> None:
    """The claim “GPT-2 for $30 by any student”."""
    result = forecast(gpt2_claim, state.scenario, state.context)
    layout.answer(result.answer, *result.lines)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("claim_start", words=START_LABELS.__getitem__)
        controls.quantity("claim_usd", (0, 4))
        controls.segmented("convention", words=str.capitalize)
    with st.expander(
        "The claim's arithmetic", key=state.key("arithmetic"), on_change="rerun"
    ) as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.slider("claim_years", low=1.0, high=10.0, step=0.5)
                controls.slider("claim_hardware_gain", low=1.0, high=3.0, step=0.05)
                controls.slider("claim_algorithm_gain", low=1.0, high=6.0, step=0.1)
    display_bar(state, result, can_pin=False)
    chart = claim_figure(state, result)
    layout.chart(state, chart, key="claim-chart", alt=result.answer, name="gpt2-claim")
    st.caption(escape_markdown(claim_note(result)))
    layout.numbers(
        lambda: claim_numbers(result),
        key=state.key("numbers-claim"),
        alt="Measured reproductions of GPT-2 and what they cost",
        is_open=True,
    )
    layout.method(
        CLAIM_FORMULAS,
        CLAIM_NOTES,
        layout.source_lines(state, CLAIM_TABLES),
        key=state.key("method-claim"),
    )


def claim_numbers(result: Gpt2Claim) -> pd.DataFrame:
    """The measured runs with their cost in words."""
    table = result.table
    return pd.DataFrame(
        {
            "Run": table["run"],
            "Reproduces": table["reproduces"],
            "Date": table["date"],
            "Cost": [in_dollars(usd) for usd in table["cost_usd"]],
            "Claimed cost on that day": [in_dollars(usd) for usd in table["claim_line_usd"]],
            "Hardware": table["hardware"],
            "Source": table["source"],
        }
    )


def claim_note(result: Gpt2Claim) -> str:
    """What each line is."""
    return (
        "Dotted: the claim's own arithmetic, which gives"
        f" {in_dollars(result.claimed_by_arithmetic_usd)} after"
        f" {significant(result.scenario.claim_years, 2)} years. Green: the line through the"
        " original run and the latest run of the same grade; two points carry no interval. Blue:"
        " our forecast for GPT-2's training FLOP with algorithms, in dollars of the price year"
        " chosen. It runs below what was measured, because the average pace of algorithmic progress"
        " does not fully carry over to a model this small. Measured costs are nominal, at the rent"
        " that each run's author paid at the time (see the table), not at the offers used on this"
        " page. GPT-2 124M is a different, smaller target and is on no line."
    )
