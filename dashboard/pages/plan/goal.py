"""Reach a goal: the budget it needs, the cheapest year, train now or wait."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.goal_budget import goal_budget_chart
from dashboard.escaping import escape_markdown
from dashboard.forecasts import forecast
from dashboard.pages.plan import PlanDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from dashboard.ui.progressive import Progressive, alongside
from forecasting.formatting import in_dollars
from forecasting.planning.goal_seek import GoalResult, goal_seek
from forecasting.planning.plan import plan
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.stats.range_level import level_in_words, range_heading

FORMULAS = (
    (
        r"\mathrm{score}(\mathrm{budget}) + \log_{10}\mathrm{gain}(t) = \mathrm{goal}",
        (
            "The budget at which the best split of year t reaches the goal. Quality rises with the"
            " budget, so there is one such budget; it is found in every draw."
        ),
    ),
    (
        r"t^{*} = \min\{t : \mathrm{needed}(t) \le \mathrm{budget}\}",
        (
            "The year to wait for: the first in which the budget needed is within the available"
            " budget, for the median and for both ends of its range."
        ),
    ),
    (
        (
            r"w + d\,e^{-rw}\ \text{is least at}\ w = \ln(rd)/r,\qquad \text{so no run should take"
            r" longer than}\ 1/r"
        ),
        (
            "A run of d years, started after w years, when cheaper compute and better algorithms"
            " shrink it by a factor of e to the r each year. Sevilla et al. 2022, The longest"
            " training run, find 14 to 15 months from slower progress. It sets no date for this"
            " goal."
        ),
    ),
)
NOTES = (
    (
        "A loss is for one pass per answer; a quality counts the compute of answers at the plan's"
        " exchange rate."
    ),
    (
        "Demand, prices, text, chips and power are those of the plan; its budget is not used,"
        " except for the question of waiting."
    ),
    (
        "A year's delay is charged as a share of the budget needed; with 0, the last year is nearly"
        " always the cheapest. The cheapest year is searched for among all years of the plan, also"
        " beyond the goal's year."
    ),
)
SOURCES = (
    "runs_chinchilla",
    "chip_rental_prices",
    "chip_rental_prices_2026",
    "ml_chips",
    "gpu_prices",
    "ai_models",
)


def goal_figure(
    state: PageState[PlanScenario, PlanDisplay],
    result: GoalResult,
    _pins: Sequence[GoalResult] = (),
) -> Figure:
    """The budget that the goal needs by year, beside the plan's own."""
    budget = forecast(plan, alongside(state.scenario, result), state.context).bands["budget_usd"]
    return goal_budget_chart(result, ChartBuilder.of(state.display), budget)


def show_goal(state: PageState[PlanScenario, PlanDisplay]) -> None:
    """Answer, controls, chart, numbers."""
    progressive = Progressive(state, goal_seek)
    made = progressive.answered()
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("goal", words={"quality": "A quality", "loss": "A loss"}.__getitem__)
        if state.scenario.goal == "quality":
            controls.quantity("goal_flop", (23, 36))
        else:
            controls.slider("goal_loss", low=1.7, high=2.5, step=0.005)
        if (
            state.scenario.first_year < state.scenario.last_year
            or state.scenario.goal_year != state.scenario.last_year
        ):
            controls.slider(
                "goal_year", low=state.scenario.first_year, high=state.scenario.last_year
            )
        controls.slider("delay_cost", low=0.0, high=2.0, step=0.05)
    display_bar(state, made, can_pin=False)
    if made is None:
        return

    def chart_and_numbers(result: GoalResult) -> None:
        with layout.error_boundary():
            chart = goal_figure(state, result)
            layout.chart(state, chart, key="plan-goal", alt=result.answer, name="plan-goal")
        st.caption(
            escape_markdown(
                "Where the line is missing, no budget reaches the goal in most futures: text, chips"
                " or power run out first. Budget and demand are set in the section “The plan”."
            )
        )
        layout.numbers(
            lambda: goal_numbers(result),
            key=state.key("numbers-goal"),
            alt=f"Budget needed by year with {range_heading()}s",
        )
        layout.method(
            FORMULAS, NOTES, layout.source_lines(state, SOURCES), key=state.key("method-goal")
        )

    progressive.rest(chart_and_numbers)


def goal_numbers(result: GoalResult) -> pd.DataFrame:
    """Budget needed by year, in words."""
    low, high = result.needed.interval(level_in_words())

    def words(usd: float) -> str:
        return in_dollars(usd, 2) if usd < 1e300 else "out of reach"

    return pd.DataFrame(
        {
            "Year": [str(int(year)) for year in result.years],
            "Budget needed": [words(usd) for usd in result.needed.median],
            range_heading(): [f"{words(a)} to {words(b)}" for a, b in zip(low, high, strict=True)],
        }
    )
