"""What matters: which input's range moves the plan most, and what knowing it exactly would be
worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.tornado import tornado_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.plan import PlanDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_dollars, in_words, significant
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.planning.value_of_information import WhatMatters, what_matters
from forecasting.reporting.planning_answers import more_budget


class Outcome(NamedTuple):
    """How an outcome is shown: its name in the list, the title of its axis, its values in words."""

    name: str
    axis_title: str
    words: Callable[[float], str]
    log: bool = False


OUTCOMES = {
    "inference_share": Outcome("Share of inference", "Best share of inference", "{:.0%}".format),
    "score_oom": Outcome(
        "Quality", "Quality (log10 of the equivalent training FLOP)", "{:.1f}".format
    ),
    "params": Outcome("Model size", "Parameters", in_words, log=True),
    "tokens": Outcome("Training tokens", "Training tokens", in_words, log=True),
}
FORMULAS = (
    (
        r"\mathrm{worth}(x) = \mathbb{E}_x\big[\max_{\mathrm{split}}"
        r" \mathbb{E}[\mathrm{quality}\mid x]\big] - "
        r"\max_{\mathrm{split}}\mathbb{E}[\mathrm{quality}]",
        (
            "The expected value of perfect information about x: how much better the split would be"
            " chosen, on average, if x were known before."
        ),
    ),
)
NOTES = (
    (
        "Bars: one input at its 10% and its 90% quantile, everything else at its median. Inputs"
        " that move nothing are left out."
    ),
    (
        "The plan's own figures are medians over draws in which all inputs vary at once. The dotted"
        " line is one single future, every input at its median; where limits such as chips or text"
        " apply, the outcome of median inputs is not the median outcome."
    ),
    (
        "Worth of knowing: the split of the last year is fixed beforehand as a share of training"
        " and a number of tokens per parameter. Unserved demand costs one order of magnitude of"
        " quality per order of magnitude of requests not answered."
    ),
    (
        "Draws are sorted by the input into eight groups, within which the split is chosen again;"
        " the gain that shuffled draws show by chance is subtracted."
    ),
    "In dollars: the budget that would add as much quality at the margin.",
)
SOURCES = (
    "runs_chinchilla",
    "chip_rental_prices",
    "chip_rental_prices_2026",
    "ml_chips",
    "gpu_prices",
    "ai_models",
)


def matters_figure(
    state: PageState[PlanScenario, PlanDisplay],
    result: WhatMatters,
    _pins: Sequence[WhatMatters] = (),
) -> Figure | None:
    """What each input moves; None where none moves anything."""
    outcome = state.display.outcome
    if not result.ranked(outcome):
        return None
    shown = OUTCOMES[outcome]
    return tornado_chart(
        result,
        ChartBuilder(log=shown.log),
        outcome,
        title=f"{shown.axis_title}, {result.year}",
        words=shown.words,
    )


def show_matters(state: PageState[PlanScenario, PlanDisplay]) -> None:
    """Answer, choice of the outcome, tornado, numbers."""
    result = layout.answered(state, what_matters)
    Controls(state).segmented("outcome", words=lambda name: OUTCOMES[name].name)
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    if result is None:
        return
    outcome = state.display.outcome
    chart = matters_figure(state, result)
    if chart is not None:
        layout.chart(
            state, chart, key=f"plan-matters-{outcome}", alt=result.answer, name="plan-what-matters"
        )
    st.caption(escape_markdown(" ".join((two_middles(result, outcome), *chart_notes(result)))))
    layout.numbers(
        lambda: matters_numbers(result),
        key=state.key("numbers-matters"),
        alt="Effect of each input and the worth of knowing it",
        is_open=True,
    )
    layout.method(
        FORMULAS, NOTES, layout.source_lines(state, SOURCES), key=state.key("method-matters")
    )


def two_middles(result: WhatMatters, outcome: str) -> str:
    """Why the chart's middle is not the plan's own figure, in one sentence."""
    words = OUTCOMES[outcome].words
    middle, median = words(result.middle[outcome]), words(result.plan_median[outcome])
    if middle == median:
        return (
            f"The dotted line ({middle}) has every input at its median, which here is the plan's"
            " own median too."
        )
    higher = result.plan_median[outcome] > result.middle[outcome]
    why = ", because surprises move it further " + ("up than down" if higher else "down than up")
    return (
        f"The dotted line ({middle}) has every input at its median; the plan's own {median}, the"
        " dashed line, is the median of "
        f"{result.scenario.draws:,} draws in which all inputs vary at once: it lies"
        f" {'higher' if higher else 'lower'}"
        f"{why if result.leans(outcome) == (1 if higher else -1) else ''}."
    )


def chart_notes(result: WhatMatters) -> tuple[str, ...]:
    """What the chart's words mean, and what it would be worth to know everything."""
    return (
        (
            "Low and high are the 10% and 90% quantiles of each input. Exchange rate: how many"
            " orders of magnitude (OOM, factors of ten) of training compute it is worth to think 10"
            " times as long about an answer; its span: over how many OOM of thinking that holds."
        ),
        (
            f"Knowing everything beforehand would be worth {significant(result.everything_oom, 2)}"
            f" OOM of training compute, {more_budget(result.everything_usd)} in {result.year}."
        ),
    )


def budget_words(usd: float) -> str:
    """A budget that would bring as much, for a table."""
    return "more than any budget" if math.isinf(usd) else in_dollars(usd, 2)


def matters_numbers(result: WhatMatters) -> pd.DataFrame:
    """Both ends of each input and the worth of knowing it, in words."""
    ranked = result.ranked("inference_share")
    rows = [
        {
            "Input": each.name.capitalize(),
            "Inference, low to high": (
                f"{each.low['inference_share']:.0%} to {each.high['inference_share']:.0%}"
            ),
            "Quality (log10 FLOP)": f"{each.low['score_oom']:.2f} to {each.high['score_oom']:.2f}",
            "Worth of knowing it": (
                "nothing measurable"
                if each.worth_oom <= 0
                else f"{significant(each.worth_oom, 2)} OOM"
            ),
            "As much as more budget of": (
                "–" if each.worth_oom <= 0 else budget_words(each.worth_usd)
            ),
        }
        for each in (*ranked, *(other for other in result.inputs if other not in ranked))
    ]
    rows.append(
        {
            "Input": "Everything",
            "Inference, low to high": "",
            "Quality (log10 FLOP)": "",
            "Worth of knowing it": f"{significant(result.everything_oom, 2)} OOM",
            "As much as more budget of": budget_words(result.everything_usd),
        }
    )
    return pd.DataFrame(rows)
