"""Many tries: what do more samples, a verifier, steps checked one by one, or a smaller model
buy?
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.coverage import coverage_chart
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.forecasts import forecast
from dashboard.pages.inference import InferenceDisplay
from dashboard.state import own_data
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.errors import ForecastingError
from forecasting.formatting import in_dollars, in_percent, in_words
from forecasting.inference.coverage import LAW_TITLES, Coverage, coverage, law_errors, other_curves
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.sampled_model import OWN_COUNTS
from forecasting.ingest.sample_counts import counts_from_text
from forecasting.reporting.inference_answers import needed_words
from forecasting.reporting.methods import formula
from forecasting.stats.range_level import level_in_words, range_heading

State = PageState[InferenceScenario, InferenceDisplay]


def coverage_figure(state: State, result: Coverage, pins: Sequence[Coverage] = ()) -> Figure:
    """Solved by tries, over the other sizes on the same problems."""
    others = forecast(other_curves, InferenceScenario(), state.context)
    return coverage_chart(result, ChartBuilder.of(state.display, pins), others)


def show_coverage(state: State) -> None:
    """The share of problems solved in at least one of k tries."""
    result = layout.answered(state, coverage)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select(
            "sampled_model", words=lambda name: "Your own counts" if name == OWN_COUNTS else name
        )
        controls.slider("target_coverage", low=0.05, high=0.99, step=0.01)
        controls.quantity("tries_seen", (1, 6))
        controls.quantity("usd_per_try", (-5, 2))
    own_counts_form(state)
    pins = pinned_results(state, coverage)
    display_bar(state, result, has_log=False)
    pinned(
        state, [f"{pin.counts.name}, {in_percent(pin.scenario.target_coverage)}" for pin in pins]
    )
    if result is None:
        return
    chart = coverage_figure(state, result, pins)
    layout.chart(
        state,
        chart,
        key="coverage-chart",
        alt=result.answer,
        name=file_stem("coverage", result.counts.name),
    )
    st.caption(
        escape_markdown(
            "Points are unbiased estimates from counts; grey lines are the other sizes on the same"
            " 128 MATH problems. Half of the band's draws come from the power law and half from the"
            " beta-binomial, refitted to resampled problems, so it covers both sampling error and"
            " the disagreement of the laws. “Solved” means that at least one try is right; someone"
            " must still find it."
        )
    )
    if pins:
        layout.table(pin_numbers([result, *pins]), alt="Pinned scenarios beside the current one")
    layout.numbers(
        lambda: coverage_numbers(result),
        key=state.key("numbers-coverage"),
        alt="Coverage by tries",
        is_open=True,
    )
    with st.expander(
        "How far off are the laws?",
        key=state.key("law-errors"),
        on_change="rerun",
        icon=":material/straighten:",
    ) as opened:
        if opened.open:
            misses(state)
    layout.method(
        COVERAGE_FORMULAS,
        coverage_notes(result),
        layout.source_lines(state, ["repeated_sampling_counts"]),
        key=state.key("method-coverage"),
    )


def own_counts_form(state: State) -> None:
    """Own counts, pasted; they stay in this session."""
    asked = state.scenario.sampled_model == OWN_COUNTS and state.context.counts is None
    with st.expander(
        "Your own counts",
        expanded=asked,
        key=state.key("own-counts"),
        on_change="rerun",
        icon=":material/edit_note:",
    ) as folded:
        if not folded.open:
            return
        st.caption(
            "One line per problem: its name, the number of tries, and how many were right. They"
            " stay in this session; links do not contain them."
        )
        st.text_area(
            "problem, samples, correct",
            height=140,
            key=state.key("counts-text"),
            placeholder="problem-1, 100, 3\nproblem-2, 100, 0",
        )
        held = state.context.counts
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Use these counts",
                on_click=use_counts,
                args=(state,),
                key=state.key("use-counts"),
                type="primary",
            )
            if held is not None:
                st.button(
                    "Forget them",
                    on_click=forget_counts,
                    args=(state,),
                    key=state.key("forget-counts"),
                )
                st.markdown(f":violet-badge[:material/person: Your data] {len(held):,} problems")
        if problem := st.session_state.get(COUNTS_PROBLEM):
            st.error(escape_markdown(problem), icon=":material/error:")


COUNTS_PROBLEM = "inference:counts-problem"


def use_counts(state: State) -> None:
    """Read the pasted counts and look at them; what is wrong is kept beside the text."""
    st.session_state.pop(COUNTS_PROBLEM, None)
    try:
        counts = counts_from_text(st.session_state.get(state.key("counts-text")) or "")
    except ForecastingError as error:
        st.session_state[COUNTS_PROBLEM] = str(error)
        return
    own_data.change(counts=counts)
    st.session_state[state.key("sampled_model")] = OWN_COUNTS


def forget_counts(state: State) -> None:
    """Drop the own counts; the page is back at its default model."""
    own_data.change(counts=None)
    if st.session_state.get(state.key("sampled_model")) == OWN_COUNTS:
        st.session_state[state.key("sampled_model")] = InferenceScenario().sampled_model


def coverage_numbers(result: Coverage) -> pd.DataFrame:
    """Coverage at round numbers of tries in words: counted and by each law, with the band and the
    cost.
    """
    table = result.milestones
    words = {"Tries per problem": [in_words(k) for k in table["tries_per_problem"]]}
    words["Counted"] = [
        "–" if share != share else in_percent(share) for share in table["counted_share"]
    ]
    words |= {
        title.capitalize(): [in_percent(share) for share in table[f"{name}_share"]]
        for name, title in LAW_TITLES.items()
    }
    tail = 50.0 * (1.0 - level_in_words())
    ends = zip(table[f"band_share_q{tail:g}"], table[f"band_share_q{100.0 - tail:g}"], strict=True)
    words[f"{range_heading()} of both laws"] = [
        f"{in_percent(low)} to {in_percent(high)}" for low, high in ends
    ]
    words["Cost per problem"] = [in_dollars(usd, 2) for usd in table["usd_per_problem"]]
    return pd.DataFrame(words)


def pin_numbers(results: list[Coverage]) -> pd.DataFrame:
    """The current scenario and its pins: what the target of each takes, and costs."""
    return pd.DataFrame(
        [
            {
                "Scenario": f"Pin {number}" if number else "Current",
                "Model": each.counts.name,
                "One try": in_percent(each.counted[0]),
                "Target": in_percent(each.scenario.target_coverage),
                "Tries per problem": needed_words(each),
                "Cost per problem": (
                    "–"
                    if math.isinf(each.usd_for_target.value)
                    else in_dollars(each.usd_for_target.value, 2)
                ),
            }
            for number, each in enumerate(results)
        ]
    )


def misses(state: State) -> None:
    """The laws from few tries a problem against what was counted at 10,000, for every size."""
    table = forecast(
        law_errors,
        InferenceScenario(seed=state.scenario.seed, tries_seen=state.scenario.tries_seen),
        state.context,
    )
    st.caption(
        f"Each law is fitted to {int(table['tries_seen'].iloc[0])} tries per problem of each size,"
        " and predicts coverage at 10,000: the errors show how reliable an extrapolation by a"
        " factor of a hundred is. This is one random draw; the benchmarks have 100."
    )
    layout.table(
        pd.DataFrame(
            {
                "Model": table["model"],
                "Counted": [f"{percent:.1f}%" for percent in table["counted_pct"]],
                "Error of the power law": [
                    signed_points(points) for points in table["power_law_error_points"]
                ],
                "Error of the beta-binomial": [
                    signed_points(points) for points in table["beta_law_error_points"]
                ],
            }
        ),
        alt="Errors of both laws by model",
    )


def signed_points(points: float) -> str:
    """A difference of percentages with its sign."""
    return f"{points:+.1f} points".replace("-", "−")


COVERAGE_FORMULAS = (
    (
        (
            r"\mathrm{pass@}k = \frac{1}{P}\sum_i \left[1 - \binom{n_i - c_i}{k} \Big/"
            r" \binom{n_i}{k}\right]"
        ),
        "Unbiased for k up to n: of n tries at a problem, c were right.",
    ),
    (
        formula("forecasting.inference.coverage_laws:CoveragePowerLaw"),
        "Power law of coverage (Brown et al. 2024), by least squares of ln(−ln c) on ln k.",
    ),
    (
        formula("forecasting.inference.coverage_laws:BetaBinomial"),
        (
            "Beta-binomial (s = 1) and its scaled form (s ≤ 1), by maximum likelihood of the counts"
            " (Schaeffer et al. 2025)."
        ),
    ),
)


def coverage_notes(result: Coverage) -> list[str]:
    """Assumptions of this scenario, and what is left out."""
    power, beta, scaled = result.power, result.beta, result.scaled
    return [
        (
            f"Fitted to {len(result.seen):,} problems with {in_words(result.most_seen)} tries each:"
            f" a = {power.a[0]:.3f}, b = {power.b[0]:.3f}; α = {beta.alpha[0]:.3f}, β ="
            f" {beta.beta[0]:.2f}; scaled: α = {scaled.alpha[0]:.3f}, β = {scaled.beta[0]:.2f}, s ="
            f" {scaled.scale[0]:.3f}."
        ),
        (
            "Both laws reach 100% in the end; some problems may never be solved by a model, however"
            " often it tries."
        ),
        (
            "Tries are independent samples at one temperature; a search that learns from its"
            " failures does better."
        ),
        (
            "Coverage needs a checker that recognises a right answer (unit tests, proofs). Without"
            " one see “Choosing one”."
        ),
        "Cost: every try at the same price; the price of checking is left out.",
    ]
