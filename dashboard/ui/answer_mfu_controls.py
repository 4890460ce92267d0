"""The controls of how well chips are used in answers, as several pages have them."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.controls import Controls
from forecasting.inference.answer_mfu import AnswerMfuInputs
from forecasting.planning.input_groups import PRICED
from forecasting.serving.hardware import PRECISIONS

SOURCES_OF_MFU = {"model": "From the serving model", "own": "My own figures"}


def answer_mfu_controls(controls: Controls, scenario: AnswerMfuInputs) -> None:
    """The choice, then what belongs to it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("answer_mfu", words=SOURCES_OF_MFU.__getitem__)
        if scenario.answer_mfu == "own":
            controls.number("mfu_input", step=0.05)
            controls.number("mfu_output", step=0.01)
        else:
            controls.range("serving_utilisation")


def served_on_controls(controls: Controls) -> None:
    """Chip, precision and the time of a token."""
    controls.select(
        "serving_chip", words=lambda name: "The priced chip" if name == PRICED else name
    )
    controls.segmented("serving_precision", words=str.upper, options=list(PRECISIONS))
    controls.number("tpot_limit_ms", step=5, form="%g")
