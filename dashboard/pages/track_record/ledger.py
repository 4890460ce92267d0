"""Track record: the forecasts that this product has made of dated, measurable quantities."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.forecast_ledger import entries_shown, ledger_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.track_record import TrackRecordDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.display_bar import display_bar
from forecasting.evaluation.forecast_ledger import ForecastLedger, LedgerEntry, forecast_ledger
from forecasting.evaluation.ledger_questions import QUESTIONS
from forecasting.evaluation.track_record_scenario import TrackRecordScenario
from forecasting.formatting import range_in_words
from forecasting.reporting.methods import formula

State = PageState[TrackRecordScenario, TrackRecordDisplay]


def ledger_figure(
    state: State, result: ForecastLedger, _pins: Sequence[ForecastLedger] = ()
) -> Figure:
    """What was forecast, and what was measured since."""
    return ledger_chart(result, ChartBuilder.of(state.display))


def show_ledger(state: State) -> None:
    """What was forecast and measured since, and what is open."""
    result = layout.answered(state, forecast_ledger)
    if result is None:
        return
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    layout.chart(
        state,
        ledger_figure(state, result),
        key="ledger-chart",
        alt=result.answer,
        name="forecasts-we-made",
    )
    st.caption(
        escape_markdown(
            "Bars: 80% range of the forecast; thin lines: 95% range. Green circles: the measured"
            " value lies inside the 80% range; orange crosses: outside it. The measured value"
            " follows the arrow."
            + (
                ""
                if len(entries_shown(result)) == len(result.resolved)
                else " The table holds all forecasts that have been measured."
            )
        )
    )
    if result.resolved:
        st.subheader("Scored", anchor=False)
        layout.table(scored_table(result), alt="Forecasts that have been measured")
    if result.open:
        st.subheader("Open", anchor=False)
        layout.table(open_table(result), alt="Forecasts that are open")
    layout.numbers(
        lambda: statements(result),
        key=state.key("numbers-ledger"),
        alt="Every forecast as it was written down",
    )
    layout.method(
        LEDGER_FORMULAS,
        [*LEDGER_NOTES, *rules()],
        layout.source_lines(state, state.section.sources),
        key=state.key("method-ledger"),
    )


def scored_table(result: ForecastLedger) -> pd.DataFrame:
    """A row a measured forecast, the last due first: what it said, what came, its score."""
    entries = sorted(result.resolved, key=lambda entry: entry.resolves_on, reverse=True)
    return pd.DataFrame(
        {
            "Quantity": [f"{entry.label}, {entry.day}" for entry in entries],
            "Forecast": [figures(entry) for entry in entries],
            "Measured": [
                f"{entry.words(entry.measured or 0.0)}, {entry.status}" for entry in entries
            ],
            "CRPS": [f"{entry.crps_oom:.2f}" for entry in entries],
            "Made": [made(entry) for entry in entries],
        }
    )


def open_table(result: ForecastLedger) -> pd.DataFrame:
    """A row an open forecast, the next due first."""
    return pd.DataFrame(
        {
            "Quantity": [f"{entry.label}, {entry.day}" for entry in result.open],
            "Forecast": [figures(entry) for entry in result.open],
            "Made": [made(entry) for entry in result.open],
        }
    )


def statements(result: ForecastLedger) -> pd.DataFrame:
    """Every forecast word for word, as it was written down."""
    return pd.DataFrame(
        {
            "Statement": [f"{entry.statement}." for entry in result.entries],
            "From tables": [
                f"to {entry.tables_date}, {entry.tables_fingerprint}" for entry in result.entries
            ],
        }
    )


def figures(entry: LedgerEntry) -> str:
    """The median with its 80% range."""
    ends = range_in_words(entry.range.low, entry.range.high, entry.words)
    return f"{entry.words(entry.range.value)} ({ends})"


def made(entry: LedgerEntry) -> str:
    """When a forecast was made, and whether it was written down then."""
    return f"{entry.made_on}{', in retrospect' if entry.in_retrospect else ''}"


def rules() -> list[str]:
    """How each quantity is measured."""
    return [f"{question.label}: {question.rule}." for question in QUESTIONS.values()]


LEDGER_FORMULAS = (
    (
        formula("forecasting.evaluation.forecast_scores:crps_of_draws"),
        (
            "The score in factors of ten: X = log10 q(U), where q interpolates the seven quantiles"
            " on record linearly in the logarithm and is constant beyond the first and the last. U"
            " is uniform, y the logarithm of the measured value. A score of 0.3 is as good as a"
            " single figure that is off by a factor of two."
        ),
    ),
)
LEDGER_NOTES = (
    (
        "When tables change, the forecasts that read them are written down with their date, and the"
        " fingerprint of the tables. Rows are never changed or removed."
    ),
    (
        "A forecast is scored once the tables that measure it extend to its date. A later table may"
        " revise the measured value, and then the score."
    ),
    (
        "Forecasts made in retrospect were computed in November 2026 from the tables of February"
        " 2026, with the defaults used with them; some of those tables extend to March or April, as"
        " stated for each."
    ),
    (
        "Few forecasts have been scored, and several stem from the same trend: a share of hits says"
        " little yet."
    ),
)
