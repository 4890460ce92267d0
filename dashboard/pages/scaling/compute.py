"""What compute buys: the law in use, its optimum with ranges, and what other laws say of the same
compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.compute_buys import compute_buys_chart
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_markdown
from dashboard.pages.scaling import ScalingDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.formatting import in_words, range_in_words, significant
from forecasting.laws.law_draws import NAMES
from forecasting.reporting.methods import formula
from forecasting.reporting.scaling_answers import generation_sentence
from forecasting.scaling.compute_buys import ComputeBuys, compute_buys
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.stats.estimate import Estimate
from forecasting.stats.range_level import level_in_words, range_heading

State = PageState[ScalingScenario, ScalingDisplay]


def compute_figure(state: State, result: ComputeBuys, pins: Sequence[ComputeBuys] = ()) -> Figure:
    """Loss by training compute."""
    return compute_buys_chart(result, ChartBuilder.of(state.display, pins))


def show_compute(state: State) -> None:
    """What would this much compute buy?"""
    result = layout.answered(state, compute_buys)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.law()
        controls.quantity("training_flop", (18, 30))
    pins = pinned_results(state, compute_buys)
    display_bar(state, result)
    pinned(state, [f"{in_words(pin.scenario.training_flop)} FLOP, {pin.law.title}" for pin in pins])
    if result is None:
        return
    chart = compute_figure(state, result, pins)
    layout.chart(state, chart, key="compute-chart", alt=result.answer, name="what-compute-buys")
    if pins:
        layout.table(pin_numbers(result, pins), alt="Pinned scenarios beside the current one")
    st.caption(escape_markdown(f"{generation_sentence(result)} {result.law.note}"))
    layout.table(law_numbers(result), alt="What each published law predicts for the same compute")
    layout.numbers(
        lambda: compute_numbers(result),
        key=state.key("numbers-compute"),
        alt=f"Optimum by compute with {range_heading()}s",
    )
    source = (
        [f"{result.law.source}."]
        if result.law.is_yours
        else layout.source_lines(state, ["runs_chinchilla"])
    )
    layout.method(COMPUTE_FORMULAS, compute_notes(result), source, key=state.key("method-compute"))


def law_numbers(result: ComputeBuys) -> pd.DataFrame:
    """The law in use and the published ones, side by side at the scenario's compute."""
    rows = [
        {
            "Law": f"In use: {result.law.title}",
            "Best model (parameters)": in_words(result.params.value, 2),
            range_heading(): range_words(result.params) if result.law.has_range else "–",
            "Its training tokens": in_words(result.tokens.value, 2),
            "Loss (nats per token)": significant(result.loss.value, 3),
            "N* grows as C to the power": significant(result.law.law.params_exponent, 3),
            "Published": "–",
        }
    ]
    rows += [
        {
            "Law": other.title,
            "Best model (parameters)": in_words(other.params, 2),
            range_heading(): "–",
            "Its training tokens": in_words(other.tokens, 2),
            "Loss (nats per token)": significant(other.loss, 3),
            "N* grows as C to the power": significant(other.params_exponent, 3),
            "Published": other.published,
        }
        for other in result.others
        if other.name != result.law.name
    ]
    return pd.DataFrame(rows)


def range_words(figure: Estimate) -> str:
    """The range of a count."""
    low, high = figure.interval(level_in_words())
    return range_in_words(low, high, partial(in_words, digits=2))


def pin_numbers(result: ComputeBuys, pins: list[ComputeBuys]) -> pd.DataFrame:
    """The current scenario and its pins, with the difference in loss."""
    return pd.DataFrame(
        [
            {
                "Scenario": name,
                "Compute (FLOP)": in_words(each.scenario.training_flop),
                "Law": each.law.title,
                "Parameters": each.words(each.params, ""),
                "Tokens": each.words(each.tokens, ""),
                "Loss": each.words(each.loss, "", 3),
                "Against current": f"{each.loss.value - result.loss.value:+.3f} nats",
            }
            for name, each in [
                ("Current", result),
                *((f"Pin {number}", pin) for number, pin in enumerate(pins, start=1)),
            ]
        ]
    )


def compute_numbers(result: ComputeBuys) -> pd.DataFrame:
    """The optimum by compute, in words with ranges."""
    optimum = result.optimum(level_in_words())
    flops = result.table["training_flop"]
    shown = pd.DataFrame({"Compute (FLOP)": [in_words(flop) for flop in flops]})
    for title, name, digits in (
        ("Parameters", "params", 2),
        ("Tokens", "tokens", 2),
        ("Loss (nats per token)", "loss_nats_per_token", 3),
    ):
        words = partial(in_words, digits=digits)
        shown[title] = [
            f"{words(value)} ({range_in_words(low, high, words)})"
            if result.law.has_range
            else words(value)
            for value, low, high in zip(*optimum[name], strict=True)
        ]
    return shown


COMPUTE_FORMULAS = (
    (
        formula("forecasting.laws.chinchilla_law:ChinchillaLaw"),
        "Loss by parameters N and tokens D; C is training FLOP.",
    ),
    (
        formula("forecasting.laws.chinchilla_law:ChinchillaLaw.optimal"),
        "The run of lowest loss for a given compute.",
    ),
)


def compute_notes(result: ComputeBuys) -> list[str]:
    """Coefficients, where they come from, and what is left out."""
    law = result.law.law
    coefficients = ", ".join(f"{name} {significant(getattr(law, name), 6)}" for name in NAMES)
    return [
        f"Law in use: {result.law.title} ({result.law.source}). {coefficients}.",
        (
            "Ranges are those of the law's draws: how well the runs determine it. They do not cover"
            " the uncertainty of whether the law continues to hold."
        ),
        (
            "Kaplan's row: loss by the line L(C), model and data by the joint form; another"
            " tokenizer and test set, so its loss is not comparable."
        ),
        (
            "Loss depends on tokenizer and test text: compare losses within a law, model sizes"
            " between laws."
        ),
        "Published laws: "
        + "; ".join(f"{other.title}: {other.source}" for other in result.others)
        + ".",
        (
            "Left out: data that run out or repeat (see Running out of text), inference costs (see"
            " Train or infer), better recipes."
        ),
    ]
