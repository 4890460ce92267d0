"""Train or infer, serve at scale: the cheapest model for a demand, and how it moves with requests a
day.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.serve_at_scale import TITLES, serve_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.inference import InferenceDisplay
from dashboard.pages.inference.axes import demand_and_prices
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.formatting import in_dollars, in_words, significant
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.serve_at_scale import ServeAtScale, serve_at_scale
from forecasting.reporting.answer_mfu_notes import answer_mfu_words
from forecasting.reporting.inference_answers import saved, serving_note
from forecasting.reporting.inference_notes import chip_hour_price_words
from forecasting.reporting.methods import formula

State = PageState[InferenceScenario, InferenceDisplay]

SHOWS = {
    "params": "Model size",
    "tokens": "Training tokens",
    "train_share": "Training and inference share",
    "saving": "Saving",
}


def serve_figure(state: State, result: ServeAtScale, pins: Sequence[ServeAtScale] = ()) -> Figure:
    """What the display chooses, by the tokens served."""
    return serve_chart(
        result, ChartBuilder.of(state.display, pins), shows=state.display.serve_shows
    )


def show_serve(state: State) -> None:
    """The cheapest model for the demand."""
    result = layout.answered(state, serve_at_scale)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("quality_params", (8, 13))
        controls.quantity("requests_per_day", (2, 11))
        controls.quantity("samples_per_answer", (0, 4))
        controls.segmented("serve_shows", words=SHOWS.__getitem__)
    demand_and_prices(state)
    pins = pinned_results(state, serve_at_scale)
    display_bar(state, result)
    pinned(
        state,
        [
            f"{in_words(pin.scenario.quality_params)}, {in_words(pin.scenario.requests_per_day)}"
            " per day"
            for pin in pins
        ],
    )
    if result is None:
        return
    chart = serve_figure(state, result, pins)
    layout.chart(
        state,
        chart,
        key="serve-chart",
        alt=f"{TITLES[state.display.serve_shows]}. {result.answer}",
        name="serve-at-scale",
    )
    lines = (
        "Lines are the law's own optimum, as in the answer; bands show the uncertainty of the law"
        " alone, with prices and demand as given."
    )
    used = answer_mfu_words(result.scenario, result.served, result.mfu)
    price = f"{chip_hour_price_words(result.rent)} {used}"
    st.caption(escape_markdown(f"{serving_note(result)} {lines} {price}"))
    layout.numbers(
        lambda: serve_numbers([result, *pins]),
        key=state.key("numbers-serve"),
        alt="The cheapest model and the Chinchilla model",
        is_open=True,
    )
    layout.method(
        SERVE_FORMULAS,
        serve_notes(result),
        layout.source_lines(state, ["runs_chinchilla", "chip_rental_prices_2026"]),
        key=state.key("method-serve"),
    )


def serve_numbers(results: list[ServeAtScale]) -> pd.DataFrame:
    """The cheapest model beside Chinchilla's, a pair of rows a scenario."""
    rows = []
    for number, result in enumerate(results):
        best, name = result.best, f"Pin {number}: " if number else ""
        more = best.training_flop / (6.0 * best.chinchilla_params * best.chinchilla_tokens) - 1.0
        plain_training = (
            best.training
            * (best.chinchilla_params * best.chinchilla_tokens)
            / (best.params * best.tokens)
        )
        rows.append(
            {
                "Model": f"{name}Cheapest for the demand",
                "Parameters": in_words(best.params),
                "Training tokens": in_words(best.tokens),
                "Tokens per parameter": significant(best.tokens_per_param, 3),
                "Training": in_dollars(best.training),
                "Answers": in_dollars(best.serving),
                "In total": in_dollars(best.total),
                "Share of training": f"{best.train_share:.0%}",
                "Extra training compute": f"{more:.0%}",
                "Saved": saved(best.saving),
            }
        )
        rows.append(
            {
                "Model": f"{name}Chinchilla model of the same quality",
                "Parameters": in_words(best.chinchilla_params),
                "Training tokens": in_words(best.chinchilla_tokens),
                "Tokens per parameter": significant(
                    best.chinchilla_tokens / best.chinchilla_params, 3
                ),
                "Training": in_dollars(plain_training),
                "Answers": in_dollars(best.chinchilla_total - plain_training),
                "In total": in_dollars(best.chinchilla_total),
                "Share of training": f"{plain_training / best.chinchilla_total:.0%}",
                "Extra training compute": "–",
                "Saved": "–",
            }
        )
    return pd.DataFrame(rows)


SERVE_FORMULAS = (
    (
        r"\min_{N,D}\ 6ND\,c_\mathrm{train} + 2N\,(D_\mathrm{in} c_\mathrm{in} + D_\mathrm{out}"
        r" c_\mathrm{out})"
        r"\quad\text{at}\quad E + AN^{-\alpha} + BD^{-\beta} = L",
        (
            "Training and answers together, at the loss of a Chinchilla model of the size asked for"
            " (Sardana et al. 2024)."
        ),
    ),
    (
        r"\alpha A N^{-\alpha} = \beta B D^{-\beta}\Big(1 + \frac{w}{D}\Big),\qquad"
        r" w = \frac{D_\mathrm{in} c_\mathrm{in} + D_\mathrm{out}"
        r" c_\mathrm{out}}{3\,c_\mathrm{train}}",
        "The optimum. Without demand, w is 0 and the optimum is Chinchilla's.",
    ),
    (
        formula("forecasting.compute_cost.compute_price"),
        "Dollars per FLOP of each phase: writing token by token leaves most of a chip idle.",
    ),
)


def serve_notes(result: ServeAtScale) -> list[str]:
    """Assumptions, and what is left out."""
    ranges = (
        "ranges are over its bootstrap draws"
        if result.law.has_range
        else "it comes without draws, so there are no ranges"
    )
    return [
        f"Law: {result.law.title} ({result.law.source}); {ranges}.",
        (
            "Each draw keeps the quality of its own Chinchilla model, so the range is that of the"
            " split, not of the quality."
        ),
        (
            "Figures and lines are the optimum of the law itself. The median of the draws (q50 in"
            " the CSV) differs slightly."
        ),
        "The prompt is read once per request; samples multiply written tokens only.",
        "Training takes 6 FLOP per parameter and token, answering 2.",
        fitted_to(result),
        (
            "Left out: attention over long prompts, memory for caches, batching and latency, idle"
            " chips, failed runs, and distillation."
        ),
    ]


def fitted_to(result: ServeAtScale) -> str:
    """How far the runs behind the law reach in tokens per parameter, where they are known."""
    runs = result.law.runs
    if runs is None:
        return (
            "How many tokens per parameter the runs behind this law had is not in our tables; the"
            " law is less reliable far beyond it."
        )
    ratio = runs.tokens / runs.params
    return (
        f"Of the {len(runs)} runs behind this law nine in ten have at most"
        f" {float(np.quantile(ratio, 0.9)):,.0f} tokens per parameter, the largest"
        f" {float(ratio.max()):,.0f}; the law is less reliable far beyond that."
    )
