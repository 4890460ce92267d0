"""Train or infer, a machine or a person: when does a machine's answer cost less than a person's?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.human_parity import list_prices_chart, parity_costs_chart, parity_date_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.inference import InferenceDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.data.dataset import DataSet
from forecasting.formatting import in_dollars, range_in_words, significant
from forecasting.inference.human_parity import HORIZON, HumanParity, human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.measured_parity import MeasuredParity
from forecasting.inference.parity_cases import parity_cases
from forecasting.inference.quality_declines import measured_declines
from forecasting.inference.token_prices import list_prices, price_declines
from forecasting.reporting.inference_answers import month_words, parity_evidence, percent
from forecasting.reporting.inference_notes import decline_words, measured_declines_words
from forecasting.stats.bands import Range
from forecasting.stats.range_level import range_heading

State = PageState[InferenceScenario, InferenceDisplay]

SHOWS = {"costs": "Costs over time", "date": "The date", "prices": "List prices"}
DECLINES = {
    "fits": "21 fits at fixed quality, with their intervals",
    "values": "21 fits, their values alone",
    "list": "List prices as they are",
    "own": "Your own",
}


def parity_figure(state: State, result: HumanParity, pins: Sequence[HumanParity] = ()) -> Figure:
    """The chart that the display chooses: list prices, the date, or both costs."""
    builder = ChartBuilder.of(state.display, pins)
    if state.display.parity_shows == "prices":
        return list_prices_chart(list_prices(state.context.data), ChartBuilder.of(state.display))
    if state.display.parity_shows == "date":
        return parity_date_chart(result, builder)
    return parity_costs_chart(result, builder)


def show_parity(state: State) -> None:
    """Cost per task over time, the date as a distribution, list prices."""
    result = layout.answered(state, human_parity)
    parity_controls(state)
    pins = pinned_results(state, human_parity)
    display_bar(state, result, has_log=state.display.parity_shows != "date")
    pinned(
        state, [f"{pin.case.title}, {DECLINES[pin.scenario.price_decline].lower()}" for pin in pins]
    )
    if result is None:
        return
    shows = state.display.parity_shows
    if shows == "prices":
        prices = list_prices(state.context.data)
        low, high = prices.trend.growth_per_year.interval(0.8)
        note = (
            "Each point is the price of a newly listed model, at three input tokens per output"
            f" token; {prices.left_out} doubtful rows are left out. The line"
            f" {decline_words(prices.factor)} (80% range: {decline_words(1 / low)}, to"
            f" {decline_words(1 / high)}): newly listed models cost about the same, but are better."
            f" {fixed_score_words(state.context.data)}"
        )
        alt = f"List prices of tokens, 2024 to 2026. {note}"
    else:
        note, alt = parity_note(result), result.answer
    layout.chart(
        state,
        parity_figure(state, result, pins),
        key=f"parity-{shows}-chart",
        alt=alt,
        name=f"machine-or-person-{shows}",
    )
    st.caption(escape_markdown(note))
    layout.numbers(
        lambda: parity_numbers([result, *pins]),
        key=state.key("numbers-parity"),
        alt="The date with its range, and what moves it",
        is_open=True,
    )
    if shows == "prices":
        layout.numbers(
            lambda: decline_numbers(state.context.data),
            key=state.key("numbers-declines"),
            alt="Fall of prices at fixed scores, by fit",
            title="Fall of prices at a fixed score",
        )
    if (measured := result.measured) is not None:
        what = (
            f"Each scored more on ARC-AGI-1 than every earlier model at {in_dollars(measured.usd)}"
            f" per task or less ({measured.board})."
        )
        layout.numbers(
            lambda: measured_numbers(measured),
            key=state.key("numbers-measured"),
            alt=what,
            note=what,
            title="What was measured",
        )
    layout.method(
        PARITY_FORMULAS,
        parity_notes(result),
        layout.source_lines(state, PARITY_TABLES),
        key=state.key("method-parity"),
    )


def parity_controls(state: State) -> None:
    """The task, the fall of prices and what is shown; own costs, tokens and wages as ranges."""
    controls, scenario = Controls(state), state.scenario
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("parity_case", words=lambda name: case_title(name, state.context.data))
        controls.select("price_decline", words=DECLINES.__getitem__)
        controls.segmented("parity_shows", words=SHOWS.__getitem__)
    if scenario.parity_case == "own":
        left, right = st.columns(2)
        with left:
            controls.range("machine_usd")
            controls.number("priced_in", step=0.25)
        with right:
            controls.range("human_usd")
    if scenario.price_decline == "own":
        controls.range("own_decline")
    with st.expander(
        "Assumptions: which fits, growth of tokens and of wages",
        key=state.key("parity-assumptions"),
        on_change="rerun",
    ) as folded:
        if folded.open:
            if scenario.price_decline in ("fits", "values"):
                controls.select(
                    "decline_benchmark",
                    words=lambda name: "All benchmarks" if name == "all" else name,
                )
            left, right = st.columns(2)
            with left:
                controls.range("token_growth")
            with right:
                controls.range("wage_growth")


def case_title(name: str, tables: DataSet) -> str:
    """A task's name in words."""
    return "Your own task" if name == "own" else parity_cases(tables)[name].title


def parity_note(result: HumanParity) -> str:
    """The scores behind the costs, and what such scores cost by the leaderboard."""
    case = result.case
    scores = ""
    if case.machine_score == case.machine_score:
        scores = (
            f"The scores differ: {case.machine_score:g}% for the machine, {case.human_score:g}% for"
            " the person. A benchmark task is not the work that people are paid for. "
        )
    return (
        f"{scores}{parity_evidence(result)}".strip()
        or "Costs are for answers of equal quality, and so is the fall in price."
    )


def parity_numbers(results: list[HumanParity]) -> pd.DataFrame:
    """The date, then the date if one input alone were uncertain; in months."""
    rows = []
    for number, result in enumerate(results):
        name = f"Pin {number}" if number else "Current"
        rows.append(
            {
                "Scenario": name,
                "What is uncertain": "all inputs",
                "Costs less from": month_words(result.crossing.value),
                range_heading(): ends(result.crossing),
                f"Not by {HORIZON}": percent(result.not_by_horizon),
                "Price falls per year by": result.price_decline.in_brackets(
                    lambda factor: f"{significant(factor, 2)}×"
                ),
            }
        )
        rows.extend(
            {
                "Scenario": name,
                "What is uncertain": f"{move.name} alone",
                "Costs less from": month_words(move.crossing.value),
                range_heading(): ends(move.crossing),
                f"Not by {HORIZON}": "",
                "Price falls per year by": "",
            }
            for move in result.moves
        )
    return pd.DataFrame(rows)


def measured_numbers(measured: MeasuredParity) -> pd.DataFrame:
    """Each dated system that scored more than all before it at the person's cost or less."""
    return pd.DataFrame(
        {
            "Model out in": [f"{each.released:%B %Y}" for each in measured.best],
            "Model": [each.name for each in measured.best],
            "Score": [f"{each.score:g}%" for each in measured.best],
            "Cost per task": [in_dollars(each.usd) for each in measured.best],
        }
    )


def fixed_score_words(tables: DataSet) -> str:
    """The fall of prices at a fixed score in sentences."""
    return measured_declines_words(
        measured_declines(tables), measured_declines(tables, "token"), price_declines(tables)
    )


def decline_numbers(tables: DataSet) -> pd.DataFrame:
    """The fits to the leaderboard, a task and a token, then those of Epoch AI."""
    task, token = measured_declines(tables), measured_declines(tables, "token")
    return pd.DataFrame(
        {
            "Price of": price,
            "At a score of": f"{row['benchmark']}, {row['at_least_as_good_as']}",
            "From": f"{row['start_date']:%b %Y}",
            "To": f"{row['end_date']:%b %Y}",
            "Record lows": row["models"],
            "Falls per year by": f"{significant(row['price_reduction_per_year'], 2)}×",
            "90% interval": (
                f"{significant(row['ci90_low'], 2)}× to {significant(row['ci90_high'], 2)}×"
            ),
        }
        for price, fits in (
            ("per task, as run", task.table),
            ("per token, list price", token.table),
            ("per token, list price (Epoch AI)", price_declines(tables).table),
        )
        for row in fits.to_dict("records")
    )


def ends(figure: Range) -> str:
    """The range of a date in months."""
    low, high, _ = figure.ends
    return range_in_words(low, high, month_words)


PARITY_TABLES = (
    "token_price_declines",
    "arc_agi_scores",
    "o3_arc_agi_2024",
    "article_claims",
    "token_prices_2024_2025",
    "token_prices_2025_2026",
    "ai_models",
    "token_prices_first_party",
)
PARITY_FORMULAS = (
    (
        r"t^* = t_0 + \frac{\ln(c_\mathrm{AI}/c_\mathrm{human})}{\ln r - \ln g + \ln w}",
        (
            "c: costs per task today; r, g, w: yearly factors of the fall in price at fixed"
            " quality, of the growth of tokens per task, and of wages. Where r·w ≤ g it never"
            " happens; where the machine costs no more today it already has."
        ),
    ),
    (
        r"\ln r \sim \mathcal{N}\!\big(\ln r_i,\ \sigma_i\big),\quad i \text{ of } 21 \text{"
        r" fits},\quad"
        r" \sigma_i = \frac{\ln(\mathrm{high}_i/\mathrm{low}_i)}{2\cdot 1.645}",
        (
            "A fit is drawn, then a value within its 90% interval: so both the spread between fits"
            " and the uncertainty of each count."
        ),
    ),
)


def parity_notes(result: HumanParity) -> list[str]:
    """Assumptions of the case, and what is left out."""
    notes = [f"Task: {result.case.title}; {result.case.source}."]
    if result.declines is not None:
        count = len(result.declines.table)
        notes.append(
            f"{count} fits, from {significant(float(result.declines.factor.min()), 3)} to"
            f" {significant(float(result.declines.factor.max()), 3)} times a year;"
            f" {result.declines.straddling} of their 90% intervals reach below 1, so the data allow"
            " a rise in price. The fits share models and months, and two of them are identical, so"
            " they are less independent than their number suggests."
        )
    return [
        *notes,
        (
            "The leaderboard does not date models. A model is dated by Epoch AI's table or by its"
            " maker's price list where names agree; what was measured later, or with a third"
            " party's harness, is dated by the leaderboard alone and not drawn."
        ),
        (
            "The fits cover 2021 to early 2025 and one to three years each; the date lies beyond"
            " them, and nothing guarantees that the fall continues. Later leaderboard results are"
            " shown next to the list prices; they do not change the date, since one test over a"
            " year and a half is too little to replace the fits."
        ),
        "Prices are what sellers ask, which may be below their cost. All amounts are nominal.",
        (
            "Tokens per task: from unchanged to the 2.2 times a year by which answers without long"
            " reasoning grew; those of reasoning models grew about 5 times (Epoch AI, April 2025:"
            " epoch.ai/data-insights/output-length). With 5 as the upper end, the date of the"
            " article's task moves from August to October 2026; with 5 for certain, to August 2027."
        ),
        (
            "Left out: the cost of checking a machine's answer, of using it, and tasks where a"
            " person is needed anyway."
        ),
    ]
