"""A small model many times against a large one once: the Pythia sizes at equal cost, and the
published case of SWE-bench Lite.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.figure import Figure
from dashboard.charts.sizes import size_chart, swe_bench_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.pages.inference import InferenceDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_dollars, in_percent, significant
from forecasting.inference.equal_cost import (
    SizeComparison,
    SweBenchCase,
    size_comparison,
    swe_bench_case,
)
from forecasting.inference.inference_scenario import InferenceScenario

State = PageState[InferenceScenario, InferenceDisplay]


def sizes_figure(
    _state: State, result: SizeComparison, _pins: Sequence[SizeComparison] = ()
) -> Figure:
    """Solved by cost, for both sizes."""
    return size_chart(result)


def show_sizes(state: State) -> None:
    """The seven sizes over cost."""
    result = layout.answered(state, size_comparison)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("small_model")
        controls.select("big_model")
        controls.slider("true_positive", low=0.0, high=1.0, step=0.01)
        controls.slider("false_positive", low=0.0, high=1.0, step=0.01)
    stem = file_stem(state.scenario.small_model, "against", state.scenario.big_model)
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    if result is None:
        return
    layout.chart(
        state, sizes_figure(state, result), key="sizes-chart", alt=result.answer, name=stem
    )
    st.caption(
        escape_markdown(
            "Solved in at least one try, as counted, at the cost of that many tries; the dotted"
            " line is the small model where the verifier must choose. The cost of a try is"
            " proportional to parameters: answers are of equal length and chips equally well used."
        )
    )
    layout.numbers(
        lambda: size_numbers(result),
        key=state.key("numbers-sizes"),
        alt="Best size by budget",
        is_open=True,
    )
    layout.method(
        SIZE_FORMULAS,
        SIZE_NOTES,
        layout.source_lines(state, ["repeated_sampling_counts"]),
        key=state.key("method-sizes"),
    )


def size_numbers(result: SizeComparison) -> pd.DataFrame:
    """Which size solves most at each budget."""
    return pd.DataFrame(
        [
            {
                f"Budget per problem, in tries of {result.scenario.big_model}": significant(
                    budget, 2
                ),
                "Size that solves the most": model,
                "Solved": in_percent(share),
            }
            for budget, model, share in result.best_at
        ]
    )


def swe_bench_figure(
    _state: State, result: SweBenchCase, _pins: Sequence[SweBenchCase] = ()
) -> Figure:
    """Solved by cost, as published."""
    return swe_bench_chart(result)


def show_swe_bench(state: State) -> None:
    """SWE-bench Lite with its published costs."""
    result = layout.answered(state, swe_bench_case)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("budget_usd_per_task", (-3, 2))
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    if result is None:
        return
    layout.chart(
        state,
        swe_bench_figure(state, result),
        key="swe-chart",
        alt=result.answer,
        name="swe-bench-lite",
    )
    st.caption(
        escape_markdown(
            "The line is a power law of coverage fitted to the three published points of the cheap"
            " model; three points are too few for an interval. The benchmark's own tests pick the"
            f" right patch. Best single attempt at the time: {result.best_single_name}."
        )
    )
    layout.numbers(
        lambda: swe_numbers(result),
        key=state.key("numbers-swe"),
        alt="Cost and share solved by model",
        is_open=True,
    )
    layout.method(
        SWE_FORMULAS,
        SWE_NOTES,
        layout.source_lines(state, ["repeated_sampling_published"]),
        key=state.key("method-swe"),
    )


def swe_numbers(result: SweBenchCase) -> pd.DataFrame:
    """The published cases in words."""
    return pd.DataFrame(
        {
            "Model": [case.model for case in result.cases],
            "Tries per issue": [case.tries for case in result.cases],
            "Cost per try": [in_dollars(case.usd_per_try) for case in result.cases],
            "All 300 issues": [in_dollars(case.usd_total) for case in result.cases],
            "Solved": [in_percent(case.solved) for case in result.cases],
            "Cost per solved issue": [
                in_dollars(case.usd_per_issue / case.solved, 2) for case in result.cases
            ],
        }
    )


SIZE_FORMULAS = (
    (
        r"\mathrm{cost}(k) = k \cdot \frac{N_{\mathrm{small}}}{N_{\mathrm{large}}}",
        "Cost in tries of the large model; N: parameters (2 FLOP per parameter and token).",
    ),
)
SIZE_NOTES = (
    (
        "The Pythia sizes were trained on the same data, so the small ones are over-trained: the"
        " comparison is at equal cost of answering, not of training."
    ),
    (
        "With a perfect checker figures are the unbiased coverage; with the yes-or-no verifier each"
        " problem's counted rate is taken as known."
    ),
    "Solve rates are of 128 MATH problems; for other kinds of problems the best size differs.",
    ("The best size grows with the budget: small models almost never solve some problems."),
    "Left out: the cost of checking, and of reading the prompt again for every try.",
)
SWE_FORMULAS = (
    (
        r"300 \cdot \mathrm{tries} \cdot \mathrm{USD\ a\ try}",
        "Cost of all issues: $10.8, $39 and $51.",
    ),
)
SWE_NOTES = (
    (
        "Prices are those of the models' APIs in mid-2024, as Brown et al. 2024 state them; they"
        " have fallen since."
    ),
    (
        "The source article's claim that repeated sampling with unit tests lets a weaker open model"
        " beat GPT-4o holds here."
    ),
    (
        "In daily work, tests for a patch rarely exist beforehand: then a verifier's ceiling"
        " applies, see “Choosing one”."
    ),
)
