"""Reference sets side by side: what is bundled, what each set's law says, and how well it predicts
what it did not see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.set_overview import set_overview_chart
from dashboard.pages.scaling import ScalingDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_words, significant
from forecasting.scaling.published_runs import TRAINING_SET_TITLES
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scaling.set_overview import SetOverview, set_overview

State = PageState[ScalingScenario, ScalingDisplay]


def sets_figure(state: State, result: SetOverview, _pins: Sequence[SetOverview] = ()) -> Figure:
    """The best size at each compute by the law of each set."""
    return set_overview_chart(result, ChartBuilder.of(state.display))


def show_sets(state: State) -> None:
    """The six sets in a table; the three that tell a best size in a chart."""
    result = layout.answered(state, set_overview)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("training_set", words=TRAINING_SET_TITLES.__getitem__)
        controls.quantity("training_flop", (18, 30))
    display_bar(state, result, can_pin=False)
    if result is None:
        return
    layout.table(set_numbers(result), alt="The reference sets side by side")
    chart = sets_figure(state, result)
    layout.chart(state, chart, key="sets-chart", alt=result.answer, name="best-size-by-set")
    st.caption(
        "The best size at each compute by the law of each set of language-model runs: thick within"
        " the set's own runs, thin beyond. Levels of loss are not compared: tokenizer, text and the"
        " loss measured differ."
    )
    tables = [row.table for row in result.rows]
    layout.method((), SET_NOTES, layout.source_lines(state, tables), key=state.key("method-sets"))


def set_numbers(result: SetOverview) -> pd.DataFrame:
    """The table of sets in words."""
    flop = in_words(result.scenario.training_flop)
    return pd.DataFrame(
        [
            {
                "Set": row.title,
                "Points": row.points,
                f"Best size at {flop} FLOP": (
                    "–"
                    if math.isnan(row.best_params)
                    else (
                        f"{in_words(row.best_params, 2)} (90% {in_words(row.best_params_q5, 2)} to"
                        f" {in_words(row.best_params_q95, 2)})"
                    )
                ),
                "Error on held-out points": (
                    "–" if math.isnan(row.miss) else f"{significant(100 * row.miss, 2)}%"
                ),
                "Exponents": row.exponents,
                "Floor": row.floor,
                "Over": f"{in_words(row.low, 2)} to {in_words(row.high, 2)} {row.unit}",
                "Warnings": row.warnings if not math.isnan(row.best_params) else None,
                "What it is": row.what,
            }
            for row in result.rows
        ]
    )


SET_NOTES = (
    (
        "Each set is fitted by itself with the settings of the section Chinchilla's surface;"
        " intervals are 90%."
    ),
    (
        "Held-out points: for runs, the largest fifth by compute (median error); for curves, the"
        " later points marked by their authors (median over architectures of the root mean square)."
    ),
    "Routed or dense: slope of the dense line for each router's fit; nothing is held out there.",
    (
        "Repeated tokens count at their worth by Muennighoff's R*, up to the epochs chosen in the"
        " section Chinchilla's surface."
    ),
)
