"""A measurement of the user's own service in the section Serve: typed in, or taken from what a load
generator wrote.
"""

from __future__ import annotations

import streamlit as st

from dashboard.pages.inference import InferenceDisplay
from dashboard.state import session
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from forecasting.formatting import in_words
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.ingest.benchmark_exports import Measurement, read_benchmark_export

State = PageState[InferenceScenario, InferenceDisplay]


def show_own_measurement(state: State) -> None:
    """Its fields, folded, and a file that fills them."""
    controls = Controls(state)
    with st.expander(
        "Your own measurement",
        key=state.key(f"serving-measurement-{state.display.serving_part}"),
        on_change="rerun",
    ) as folded:
        if not folded.open:
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            controls.number("measured_tokens_per_s", step=100)
            controls.number("measured_concurrency", step=8)
            controls.number("measured_chips", step=1)
            controls.number("measured_tokens_in", step=100)
            controls.number("measured_tokens_out", step=100)
        st.caption(
            "The throughput of your own service takes the place of the efficiency of its chip's"
            " generation and narrows the range. It holds for the model, chip and precision chosen"
            " above; a throughput of 0 leaves it out."
        )
        _file(state)


def _file(state: State) -> None:
    """What a load generator wrote, one of its measurements to be used."""
    uploaded = st.file_uploader(
        "Or the output file of a load generator: vLLM bench, SGLang, inference-perf, GenAI-Perf,"
        " AIPerf, or a CSV",
        key=state.key("benchmark-export"),
        help="It stays in this session; the figures taken from it go into the fields above.",
    )
    if uploaded is None:
        return
    with layout.error_boundary():
        runs = read_benchmark_export(uploaded.getvalue(), tokens_out=state.scenario.tokens_out)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "Measurement",
                range(len(runs)),
                format_func=lambda at: measurement_words(runs[at]),
                key=state.key("benchmark-run"),
            )
            st.button(
                "Use it",
                type="primary",
                on_click=_use,
                args=(state, runs[chosen]),
                key=state.key("use-benchmark"),
            )


def _use(state: State, measured: Measurement) -> None:
    shown = session.current(state)
    session.show(shown, shown.scenario.with_measurement(measured, shown.context.data))


def measurement_words(measured: Measurement) -> str:
    """A measurement in words; what the file does not say is left to the fields."""
    parts = [
        measured.model,
        f"{measured.chips} chips" if measured.chips else "chips as set above",
        (
            f"{in_words(measured.concurrency, 3)} in flight"
            if measured.concurrency
            else "in flight as set above"
        ),
        f"{in_words(measured.tokens_per_s, 3)} tokens/s",
    ]
    return f"{measured.tool}: {', '.join(filter(None, parts))}"
