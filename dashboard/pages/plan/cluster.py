"""Cluster: how long a run takes on it, what power it draws, what it costs to own or rent."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.cluster_trend import cluster_trend_chart
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_markdown
from dashboard.pages.plan import PlanDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.compute_cost.chip_hours import SERVER_POWER_FACTOR
from forecasting.formatting import in_dollars, in_month, in_words, significant
from forecasting.planning.cluster import ARTICLE_BUILD_DAYS, ClusterResult, cluster
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.planning.supplies import LargestRuns
from forecasting.stats.range_level import level_in_words, range_heading

FORMULAS = (
    (
        (
            r"\mathrm{days} ="
            r" \frac{\mathrm{FLOP}}{\mathrm{chips}\cdot\mathrm{peak}\cdot\mathrm{MFU}\cdot 86400}"
        ),
        "Dense tensor FP16 peak of the chip.",
    ),
    (
        r"\mathrm{power} = \mathrm{chips}\cdot\mathrm{TDP}\cdot 1.82\cdot\mathrm{PUE}",
        (
            f"At full load; servers draw {SERVER_POWER_FACTOR} times their chips (Cottier et al."
            " 2024)."
        ),
    ),
    (
        (
            r"\mathrm{cluster} ="
            r" \mathrm{chips}\cdot\mathrm{price}\cdot\frac{\mathrm{servers}}{1-\mathrm{network}}"
        ),
        "Launch price of the chip, with servers and the network's share of the whole.",
    ),
)
NOTES = (
    (
        f"The source article's example: 100,000 H100, built in {ARTICLE_BUILD_DAYS} days. Epoch"
        " AI's list of models has runs, not construction sites: Grok 3 ran on 80,000 H100 in early"
        " 2025."
    ),
    (
        "Owned: depreciated in a straight line over the years given, energy at 75% mean load. The"
        " page Cost of compute depreciates chips at the pace at which compute gets cheaper (Cottier"
        " et al. 2024), which makes the first years more expensive: the two figures differ. Rented:"
        " the median on-demand offer of the last observed quarter, held constant, though rents"
        " fall; nobody rents out that many chips at that price."
    ),
    (
        "Left out: land, buildings, staff, failed parts, and the resale value of chips. The page"
        " Supply and contracts includes these, and falling rents."
    ),
)
SOURCES = (
    "ml_chips",
    "chip_rental_prices",
    "chip_rental_prices_2026",
    "ai_models",
    "article_claims",
)


def cluster_figure(
    state: PageState[PlanScenario, PlanDisplay],
    result: ClusterResult,
    _pins: Sequence[ClusterResult] = (),
) -> Figure:
    """The largest runs by their trend, and this cluster among them."""
    by = state.display.cluster_in
    level = result.chips if by == "chips" else result.watts / 1e6
    runs = result.largest_runs[by]
    words = f"this cluster: {in_words(level, 2)} {runs.unit}"
    return cluster_trend_chart(runs, ChartBuilder.of(state.display), level, words)


def show_cluster(state: PageState[PlanScenario, PlanDisplay]) -> None:
    """Answer, controls, chart of the largest runs, numbers."""
    result = layout.answered(state, cluster)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("cluster_chips", (0, 7))
        controls.select("cluster_chip")
        controls.quantity("cluster_flop", (20, 30))
    with st.expander(
        "Utilisation, network, power, write-off", key=state.key("group-cluster"), on_change="rerun"
    ) as group:
        if group.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.number("mfu_train", step=0.01)
                controls.number("network_share", step=0.01)
                controls.number("server_overhead", step=0.01)
                controls.number("pue", step=0.01)
                controls.number("usd_per_kwh", step=0.01, form="%.3f")
                controls.number("write_off_years", step=0.5)
    display_bar(state, result, can_pin=False, has_bands=False)
    if result is None:
        return
    by = state.display.cluster_in
    controls.segmented(
        "cluster_in", words={"chips": "Number of chips", "power": "Power"}.__getitem__
    )
    runs = result.largest_runs[by]
    layout.chart(
        state,
        cluster_figure(state, result),
        key=f"plan-cluster-{by}",
        alt=result.full_answer,
        name="plan-cluster",
    )
    st.caption(escape_markdown(f"{runs.trend.source}."))
    layout.numbers(
        lambda: cluster_numbers(result),
        key=state.key("numbers-cluster"),
        alt="Figures of the cluster",
        is_open=True,
    )
    with st.expander(
        "The largest run by trend",
        key=state.key("numbers-largest-runs"),
        on_change="rerun",
        icon=":material/trending_up:",
    ) as opened:
        if opened.open:
            layout.table(largest_run_numbers(runs), alt="The largest run by trend")
    layout.method(
        FORMULAS, NOTES, layout.source_lines(state, SOURCES), key=state.key("method-cluster")
    )


def cluster_numbers(result: ClusterResult) -> pd.DataFrame:
    """The cluster's figures in words."""

    def words(value: float, unit: str) -> str:
        if math.isnan(value):
            return "not known"
        if math.isinf(value):
            return "never"
        if unit.startswith("USD"):
            return in_dollars(value, 3) + ("" if unit == "USD" else " per year")
        return f"{significant(value, 3) if value < 1e6 else in_words(value)} {unit}"

    table = result.own_figures
    return pd.DataFrame(
        {
            "Figure": [name[:1].upper() + name[1:] for name in table["figure"]],
            "Value": [
                words(value, unit)
                for value, unit in zip(table["value"], table["unit"], strict=True)
            ],
        }
    )


def largest_run_numbers(runs: LargestRuns) -> pd.DataFrame:
    """The largest run at each date by the trend, in words, with its range."""
    bands = runs.bands
    return pd.DataFrame(
        {
            "Date": [in_month(year) for year in bands.x],
            f"Largest run ({runs.unit})": [in_words(value) for value in bands.median],
            range_heading(): [
                f"{in_words(low)} to {in_words(high)}"
                for low, high in zip(*bands.interval(level_in_words()), strict=True)
            ],
        }
    )
