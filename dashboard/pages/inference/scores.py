"""Scores beside people's: what does a benchmark score cost at answer time, and which people does it
match?
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.benchmark_scores import benchmark_scores_chart
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.pages.inference import InferenceDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_dollars, in_percent, significant
from forecasting.inference.benchmark_scores import TASKS, BenchmarkScores, benchmark_scores
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.score_points import (
    LOW_EFFICIENCY_COMPUTE,
    PEOPLE_WORDS,
    RELISTED_USD,
    ScorePoint,
)
from forecasting.reporting.inference_answers import level_reading, trend_miss

State = PageState[InferenceScenario, InferenceDisplay]

BENCHMARK_NAMES = {"AIME 2024": "AIME 2024 (o1-mini)"}
KINDS = {
    "model": "model",
    "person": "people",
    "post": "post of December 2024",
    "article": "article",
}


def scores_figure(
    state: State, result: BenchmarkScores, _pins: Sequence[BenchmarkScores] = ()
) -> Figure:
    """Scores by cost, beside people's."""
    return benchmark_scores_chart(result, ChartBuilder.of(state.display))


def show_scores(state: State) -> None:
    """Score against cost per task, with people's rows and what can be read of levels."""
    result = layout.answered(state, benchmark_scores)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("benchmark", words=lambda name: str(BENCHMARK_NAMES.get(name, name)))
        if state.scenario.benchmark == "AIME 2024":
            controls.quantity("tokens_per_task", (2, 7))
        else:
            controls.quantity("usd_per_task", (-3, 5))
    stem = file_stem("scores", state.scenario.benchmark)
    display_bar(state, result, can_pin=False, has_log=False)
    if result is None:
        return
    chart = scores_figure(state, result)
    layout.chart(state, chart, key="scores-chart", alt=result.answer, name=stem)
    st.caption(escape_markdown(chart_note(result)))
    st.markdown(f"**Levels.** {escape_markdown(level_reading(result))}")
    layout.numbers(
        lambda: score_numbers(result),
        key=state.key("numbers-scores"),
        alt="Frontier, people and other rows",
        is_open=True,
    )
    with st.expander(
        "Levels of AGI, as defined",
        key=state.key("levels"),
        on_change="rerun",
        icon=":material/stairs:",
    ) as opened:
        if opened.open:
            layout.table(level_numbers(result), alt="Levels of AGI by Morris et al. 2023")
    names = (
        ["o1mini_accuracy_vs_tokens"]
        if result.in_tokens
        else ["arc_agi_scores", "o3_arc_agi_2024", "article_claims"]
    )
    layout.method(
        SCORE_FORMULAS,
        score_notes(result),
        layout.source_lines(state, [*names, "levels_of_agi"]),
        key=state.key("method-scores"),
    )


def chart_note(result: BenchmarkScores) -> str:
    """What is drawn."""
    if result.in_tokens:
        return (
            "One model, o1-mini, allowed to think longer, then voting over several answers; 30"
            " problems, so one problem is 3.3 points. Steps: the best score so far; smooth line: a"
            " trend through all points, with its band. The post that announced o1 also has an axis"
            " of training compute, whose figures are not public; none are shown."
        )
    return (
        "Filled points are on the frontier: no cheaper model scores as high. The steps through them"
        " are what was measured. Faint ones are below. The smooth line is a trend through the"
        " frontier, its band drawn from resampled models: scores lie outside it. Diamonds are"
        " people; squares are the o3 runs at the prices of December 2024; open circles are the"
        " pairs of score and cost given in the source article. None of these is fitted."
    )


def score_numbers(result: BenchmarkScores) -> pd.DataFrame:
    """People first, then what is not fitted, then the frontier, dearest first; with the model, and
    the trend's cost, that match people.
    """
    rows = []
    order = {"person": 0, "post": 1, "article": 2, "model": 3}
    shown = [
        point
        for point, kept in zip(result.points, result.frontier, strict=True)
        if point.kind != "model" or kept
    ]
    for point in sorted(shown, key=lambda point: (order[point.kind], -point.score)):
        needed = result.cost_of_people.get(point.name) if point.kind == "person" else None
        row = {
            "Who": PEOPLE_WORDS.get(point.name, point.name),
            "Kind": KINDS[point.kind],
            "Score": in_percent(point.score),
            "Cost per task": cost_words(result, point),
        }
        if not result.in_tokens:
            matching = result.measured_at(point.score)
            row["Cheapest model measured at least as good"] = (
                "–"
                if needed is None
                else f"{matching.name}, {result.cost_words(matching.cost)}"
                if matching
                else "none"
            )
            row["Cost at which the smoothed trend reaches it"] = (
                needed.in_brackets(partial(in_dollars, digits=2)) if needed else "–"
            )
        rows.append(row | {"Note": point.note})
    return pd.DataFrame(rows)


def cost_words(result: BenchmarkScores, point: ScorePoint) -> str:
    """A point's cost, with the date of its prices where others have been listed since."""
    if point.cost != point.cost:
        return "not stated"
    return (
        f"{result.cost_words(point.cost)}, 2024 price"
        if point.kind == "post"
        else result.cost_words(point.cost)
    )


def level_numbers(result: BenchmarkScores) -> pd.DataFrame:
    """The levels as Morris et al. define them."""
    return pd.DataFrame(
        {
            "Level": [name for name, _ in result.levels],
            "Meaning": [text for _, text in result.levels],
        }
    )


def chance_points(result: BenchmarkScores) -> str:
    """One standard deviation of a score near one half, in points, from the number of tasks
    alone.
    """
    return f"±{100 * (0.25 / TASKS[result.scenario.benchmark]) ** 0.5:.0f}"


SCORE_FORMULAS = (
    (
        r"\ln\frac{s}{1-s} = a + b\,\log_{10}(\mathrm{cost})",
        (
            "The smoothed trend: score s over cost per task, by least squares on the frontier. Half"
            " a task is added to solved and unsolved ones, so that a score of 0% can be fitted."
        ),
    ),
)


def score_notes(result: BenchmarkScores) -> list[str]:
    """How this benchmark was read, and what is left out."""
    slope = result.slope_per_decade
    trend = (
        f"Slope: {significant(slope.value, 2)} logits for ten times the cost (80% range"
        f" {significant(slope.low, 2)} to {significant(slope.high, 2)}), which multiplies the odds"
        f" of solving a task by {math.exp(slope.value):.1f}, from {int(result.frontier.sum())}"
        " points. The band is for the line. A single score scatters about it; on other tasks of"
        f" this kind, {TASKS[result.scenario.benchmark]} of them leave another"
        f" {chance_points(result)} points of chance. Against the most expensive point fitted:"
        f" {trend_miss(result)}."
    )
    levels = (
        "Levels (Morris et al. 2023) are for wide ranges of tasks and by percentiles of skilled"
        " adults; one benchmark gives neither."
    )
    if result.in_tokens:
        return [
            trend,
            (
                "For o1 a second axis was announced, accuracy over training compute. Its figures"
                " are not public, so that axis is not shown."
            ),
            levels,
        ]
    mixed = (
        "The points mix models of different makers and dates at list prices. The steps show what"
        " could be bought. The smoothed trend shows neither that nor what one model gains from"
        " thinking longer; a price read off it is not an offer."
    )
    if result.scenario.benchmark != "ARC-AGI-1":
        return [trend, mixed, levels]
    dearest = max(
        (point for point in result.points if point.kind == "post"), key=lambda point: point.cost
    )
    return [
        trend,
        mixed,
        (
            "GPT-3 at 0% and o1 at 31% have no row in our tables, nor has the $1000 of an o3"
            " answer: they are the article's. The ARC Prize post of December 2024"
            " (arcprize.org/blog/oai-o3-pub-breakthrough) also gives 0% for GPT-3, and 5% for"
            " GPT-4o."
        ),
        (
            "The December 2024 post prices people at $5 per task and o3 at $20; the leaderboard of"
            f" 2025 has $3 to $17, and $200. The run of 87.5% took {LOW_EFFICIENCY_COMPUTE:g} times"
            f" the compute: {in_dollars(dearest.cost)} at the price of December 2024,"
            f" {in_dollars(LOW_EFFICIENCY_COMPUTE * RELISTED_USD)} at that of the leaderboard."
            " Neither was published."
        ),
        levels,
    ]
