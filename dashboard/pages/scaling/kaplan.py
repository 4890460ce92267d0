"""Kaplan's lines: loss against compute, parameters and tokens on measured runs, and why the three
must be joined.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.kaplan_panel import kaplan_panel_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.pages.scaling import ScalingDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_flop, in_words
from forecasting.reporting.methods import formulas
from forecasting.reporting.scaling_answers import joint_answer, minus, slope_words
from forecasting.scaling.kaplan_panels import PANEL_WORDS, KaplanPanels, kaplan_panels
from forecasting.scaling.published_runs import TRAINING_SET_TITLES
from forecasting.scaling.scaling_scenario import ScalingScenario

State = PageState[ScalingScenario, ScalingDisplay]

PANEL_TITLES = {"compute": "Compute", "params": "Parameters", "tokens": "Tokens"}


def kaplan_figure(state: State, result: KaplanPanels, _pins: Sequence[KaplanPanels] = ()) -> Figure:
    """One panel of Kaplan's figure, refitted."""
    return kaplan_panel_chart(result, ChartBuilder.of(state.display))


def show_kaplan(state: State) -> None:
    """One panel at a time; the table holds all three."""
    result = layout.answered(state, kaplan_panels)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("panel", words=PANEL_TITLES.__getitem__)
        controls.segmented("training_set", words=TRAINING_SET_TITLES.__getitem__)
    if state.scenario.panel != "compute":
        controls.slider("limit_share", step=0.01)
    display_bar(state, result, can_pin=False)
    if result is None:
        return
    chart = kaplan_figure(state, result)
    layout.chart(
        state,
        chart,
        key="kaplan-chart",
        alt=result.answer,
        name=file_stem("kaplan", state.scenario.panel),
    )
    st.caption(escape_markdown(panel_note(result)))
    layout.table(slope_numbers(result), alt="Refitted slopes of all three panels beside Kaplan's")
    st.subheader("A trillion parameters on one example?", anchor=False)
    st.markdown(escape_markdown(joint_answer(result)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("joint_params", (6, 15))
        controls.quantity("joint_tokens", (0, 15))
    tables = ["runs_chinchilla", "runs_overtraining"]
    layout.method(
        KAPLAN_FORMULAS,
        KAPLAN_NOTES,
        layout.source_lines(state, tables),
        key=state.key("method-kaplan"),
    )


def panel_note(result: KaplanPanels) -> str:
    """What is drawn in the panel in view."""
    if result.scenario.panel == "compute":
        used = (
            "Filled points lie on the lower envelope: each has a lower loss than every cheaper run"
            " of its set."
        )
    else:
        other = "data" if result.scenario.panel == "params" else "model size"
        used = (
            f"Filled points are the runs that {other} limits least: at most"
            f" {result.scenario.limit_share:.0%} of their loss above the floor comes from it. In"
            f" these runs {other} grows along, so the slopes are steeper than with it unlimited."
        )
    return (
        f"{used} Dotted: each set's own law,"
        f" {'at its optimum' if result.scenario.panel == 'compute' else 'all else unlimited'}; it"
        " bends towards a floor that a straight line does not have. The strip below shows how far"
        " the fitted runs lie from their line."
    )


def slope_numbers(result: KaplanPanels) -> pd.DataFrame:
    """All three panels in words."""
    table = result.table
    shown = pd.DataFrame(
        {"Loss against": table["loss_against"].str.capitalize(), "Runs": table["runs"]}
    )
    shown["Refitted slope"] = [
        slope_words(one.slope) if one.slope else "too few runs left"
        for sets in result.sets.values()
        for one in sets
    ]
    shown["Kaplan's slope"] = [minus(value) for value in table["kaplan_slope"]]
    shown["Runs fitted"] = [
        f"{used} of {total}"
        for used, total in zip(table["runs_used"], table["runs_of_set"], strict=True)
    ]
    spans = zip(table["loss_against"], table["from"], table["to"], strict=True)
    shown["Over"] = [
        "–" if math.isnan(low) else f"{(words := _words_of(what))(low, 2)} to {words(high, 2)}"
        for what, low, high in spans
    ]
    return shown


def _words_of(what: str) -> Callable[[float, int], str]:
    return in_flop if what == PANEL_WORDS["compute"] else in_words


LINES, JOINT_FORM = formulas("forecasting.laws.kaplan_law:KaplanLaw")
KAPLAN_FORMULAS = (
    (
        LINES,
        (
            "Kaplan et al. 2020, each for the other two unlimited; C in PF-days (8.64 × 10¹⁹ FLOP),"
            " loss in nats per token."
        ),
    ),
    (
        JOINT_FORM,
        "The joint form: the scarcer of the two dominates.",
    ),
)
KAPLAN_NOTES = (
    (
        "Slopes are least squares of ln loss on ln x, each set by itself; intervals from 1,000"
        " resamples. For the envelope, resampling also varies which runs lie on it."
    ),
    (
        "Kaplan et al. count parameters without embeddings and use another tokenizer, other text"
        " and another test set: compare slopes, not levels."
    ),
    (
        "The over-training runs' loss is that on C4; the Chinchilla runs' that of Hoffmann et al."
        " 2022, read off a figure."
    ),
    (
        "A straight line on logarithmic axes has no floor. All laws fitted here have one, so the"
        " slope must flatten; over the span of the runs a line may still fit well."
    ),
    (
        "None of these laws knows that random guessing bounds the loss: far outside the runs their"
        " numbers lose meaning."
    ),
)
