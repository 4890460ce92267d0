"""Looking back: what the plans of 2020, 2022 and 2024 would have said, against what was trained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.figure import Figure
from dashboard.charts.plan_backtest import REFERENCE, plan_backtest_chart
from dashboard.escaping import escape_markdown
from dashboard.forecasts import forecast
from dashboard.pages.plan import PlanDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_words
from forecasting.planning.plan_backtest import CUTOFFS, PlanBacktest, PlannedRun, plan_backtest
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.methods import formula

FORMULAS = (
    (
        r"N = 1.3\cdot 10^{9}\, C^{0.73}",
        "Kaplan et al. 2020, C in PF-days, training stopped early.",
    ),
    (
        formula("forecasting.laws.chinchilla_law:ChinchillaLaw.optimal"),
        "2022 and 2024: the Chinchilla form with the coefficients of the day, C in FLOP.",
    ),
    (
        r"D_{\mathrm{inf}} = 3D\,\Big(\frac{\alpha A N^{-\alpha}}{\beta B D^{-\beta}} - 1\Big)",
        (
            "The number of output tokens above which a model's size and data were the cheapest"
            " choice (Sardana et al. 2024), by today's default law."
        ),
    ),
)
NOTES = (
    (
        "Known at a cut-off: the law published by then, and the training runs of Epoch AI's list"
        " dated by then. Nothing later is used."
    ),
    (
        "Sizes and tokens are compared at the compute actually spent, so that the error is the"
        " law's. Beside it is the trend's forecast of that compute, with its 80% range for a single"
        " run among the ten largest."
    ),
    (
        "These plans ignore demand: what they miss from 2023 on is the cost of answers, which this"
        " page adds."
    ),
)


def backtest_figure(
    state: PageState[PlanScenario, PlanDisplay],
    result: PlanBacktest,
    _pins: Sequence[PlanBacktest] = (),
) -> Figure:
    """Planned and trained runs of the chosen date."""
    return plan_backtest_chart(runs_of_cutoff(state, result))


def show_backtest(state: PageState[PlanScenario, PlanDisplay]) -> None:
    """Answer, choice of the cut-off, chart, numbers."""
    result: PlanBacktest = forecast(
        plan_backtest, PlanScenario(seed=state.scenario.seed), state.context
    )
    layout.answer(result.answer, *result.lines)
    Controls(state).segmented("cutoff", words=str)
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    runs = runs_of_cutoff(state, result)
    reference = next(
        words for date, _, words in CUTOFFS if str(math.floor(date)) == state.display.cutoff
    )
    layout.chart(
        state,
        backtest_figure(state, result),
        key="plan-back",
        alt=result.answer,
        name="plan-looking-back",
    )
    planned = f"Circles: as planned by {reference}, for the compute actually spent."
    st.caption(
        escape_markdown(
            f"{planned} Diamonds: as trained. Dotted: {REFERENCE:g} tokens per parameter."
        )
    )
    note = (
        "Planned → trained; FLOP by the trend of the largest runs known at the time → FLOP spent."
        " Pays off from: the number of output tokens above which so small a model trained on so"
        " much text is the cheapest choice (–: it is not smaller than best for training alone)."
    )
    layout.numbers(
        lambda: backtest_numbers(runs),
        key=state.key("numbers-back"),
        alt="Planned and trained",
        is_open=True,
        note=note,
    )
    layout.method(
        FORMULAS,
        NOTES,
        layout.source_lines(state, ("ai_models", "runs_chinchilla")),
        key=state.key("method-back"),
    )


def backtest_numbers(runs: Sequence[PlannedRun]) -> pd.DataFrame:
    """Planned against trained, in words; the CSV has every cut-off, and ranges."""
    words = partial(in_words, digits=2)
    return pd.DataFrame(
        [
            {
                "Model": f"{run.model.split(' (')[0]} ({math.floor(run.date)})",
                "Parameters": f"{words(run.params)} → {words(run.trained_params)}",
                "Tokens": f"{words(run.tokens)} → {words(run.trained_tokens)}",
                "FLOP": f"{words(run.forecast_flop.value)} → {words(run.trained_flop)}",
                "Pays off from": "–" if run.served_tokens == 0 else words(run.served_tokens),
                "Off by more than 3×": run.where_wrong,
            }
            for run in runs
        ]
    )


def runs_of_cutoff(
    state: PageState[PlanScenario, PlanDisplay], result: PlanBacktest
) -> Sequence[PlannedRun]:
    """The runs planned as of the chosen date."""
    return next(
        result.of_cutoff(date)
        for date, _, _ in CUTOFFS
        if str(math.floor(date)) == state.display.cutoff
    )
