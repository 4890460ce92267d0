"""Controls of the page Running out of text: presets, demand, horizon; every factor folded away with
its source.
"""

from __future__ import annotations

import streamlit as st

from dashboard.pages.text import TextDisplay
from dashboard.state.page_state import PageState
from dashboard.ui.controls import Controls
from dashboard.ui.presets import preset_choice
from forecasting.text_limits.text_scenario import TextScenario, preset, preset_of

State = PageState[TextScenario, TextDisplay]

PRESET_NAMES = {
    "known_2026": "Known in 2026",
    "epoch_2024": "Epoch AI 2024",
    "reanchored_2025": "Re-anchored 2025",
    "article": "The article",
    "optimist": "Optimist",
    "pessimist": "Pessimist",
}
DEMAND_NAMES = {"mixture": "Either, mixed", "history": "Past growth", "compute": "Compute forecast"}
GROWTH_SOURCES = {
    "paper": "The paper's 80 sizes",
    "ai_models": "Epoch AI's models to 2026",
    "own": "My own range",
}
GROWTH_ROWS = {"all": "All models", "top10": "Ten largest", "record": "Record-setters"}
GROWTH_ERRORS = {"models": "Models", "years": "Whole years"}
REPETITION = {"paper": "A factor", "law": "Epochs, by the law"}
OVERTRAINING = {"fixed_compute": "√k times the text", "times_demand": "k times the text"}


def main_controls(state: State, *, law: bool = False) -> None:
    """Presets, demand and horizon in sight, every factor folded."""
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        preset_choice(state, PRESET_NAMES, preset_of(state.scenario), preset)
        if law:
            controls.law()
        controls.segmented("demand", words=DEMAND_NAMES.__getitem__)
        controls.slider("horizon_year")
    with st.expander(
        "Assumptions: every factor of stock and demand", key=state.key("factors"), on_change="rerun"
    ) as folded:
        if folded.open:
            stock, added, demand = st.columns(3)
            with stock:
                stock_controls(state, controls)
            with added:
                supply_controls(controls)
            with demand:
                demand_controls(state, controls)


def stock_controls(state: State, controls: Controls) -> None:
    """The stock of 2024."""
    st.markdown("**Stock of public text**")
    controls.range("pages")
    controls.range("bytes_per_page")
    controls.range("bytes_below_six")
    controls.range("quality")
    controls.segmented("repetition_by", words=REPETITION.__getitem__)
    controls.range("repetition" if state.scenario.repetition_by == "paper" else "epochs")
    controls.range("people_stock")


def supply_controls(controls: Controls) -> None:
    """How the stock grows, and what may be added to it."""
    st.markdown("**Its growth**")
    controls.range("page_growth")
    controls.range("page_count_growth")
    st.markdown("**Other sources**, as multiples of public text (0: none)")
    controls.range("multimodal")
    controls.range("private")
    controls.range("synthetic")


def demand_controls(state: State, controls: Controls) -> None:
    """Anchor, growth, compute, over-training."""
    scenario = state.scenario
    st.markdown("**Demand of the largest run**")
    controls.range("anchor_tokens")
    controls.number("anchor_year", step=0.1, form="%.1f")
    controls.select("growth_from", words=GROWTH_SOURCES.__getitem__)
    if scenario.growth_from == "own":
        controls.range("growth_oom_per_year")
    else:
        controls.segmented("growth_rows", words=GROWTH_ROWS.__getitem__)
        with st.container(horizontal=True):
            controls.number("growth_first_year", step=1)
            controls.number("growth_last_year", step=1)
        controls.segmented("growth_errors", words=GROWTH_ERRORS.__getitem__)
    controls.range("overtraining")
    controls.segmented("overtraining_means", words=OVERTRAINING.__getitem__)
    controls.range("compute_shift_oom")
    if scenario.demand == "mixture":
        controls.slider("history_share", step=0.05)
