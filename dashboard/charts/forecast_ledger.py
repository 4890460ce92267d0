"""Chart of the forecasts on record: each one's range with what was measured, as multiples of its
median, so that dollars, FLOP and tokens share an axis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.evaluation.forecast_ledger import ForecastLedger, LedgerEntry
from forecasting.evaluation.ledger_questions import QUESTIONS
from forecasting.formatting import in_words, significant
from forecasting.reporting.evaluation_answers import entry_words
from forecasting.stats.bands import central_rows

#: How many forecasts the chart holds: those that were due last.
MAX_SHOWN = 30
ROW_HEIGHT = 46
#: What is added to the ends of the axis, as a factor.
MARGIN = 1.6


def ledger_chart(result: ForecastLedger, builder: ChartBuilder[ForecastLedger]) -> Figure:
    """The measured forecasts, by what they are about; all of them while none is measured."""
    shown = entries_shown(result)
    fit = [
        value / entry.range.value
        for entry in shown
        for value in (entry.range.low, entry.range.high, entry.measured)
        if value is not None
    ]
    ends = (min(fit) / MARGIN, max(fit) * MARGIN)
    rows = _rows(shown)
    chart = builder.xy(
        style.Axis("Times the median that was forecast", times, ends=ends),
        style.Axis("", str, ends=(-0.6, max(rows) + 1.0), log=False),
    )
    chart.figure.update_yaxes(showticklabels=False, showgrid=False)
    group = ""
    for entry, row in zip(shown, rows, strict=True):
        if (name := _group(entry)) != group:
            group = name
            _words(chart, ends[0], row + 0.85, f"<b>{group}</b>")
        _bar(chart, entry, row)
    chart.mark_moment(1.0, "forecast", at_top=True)
    chart.figure.update_layout(height=90 + ROW_HEIGHT * int(max(rows) + 2))
    return chart.figure


def entries_shown(result: ForecastLedger) -> list[LedgerEntry]:
    """The forecasts of the chart in the order of the questions, then of their days."""
    measured = sorted(result.resolved, key=lambda entry: entry.resolves_on)[-MAX_SHOWN:]
    chosen = measured or list(result.open[:MAX_SHOWN])
    order = list(QUESTIONS)
    return sorted(
        chosen,
        key=lambda entry: (
            order.index(entry.key) if entry.key in QUESTIONS else len(order),
            entry.resolves_on,
            entry.made_on,
        ),
    )


def times(multiple: float) -> str:
    """A multiple: ×0.5."""
    return f"×{significant(multiple, 2)}" if multiple >= 1e-4 else f"×{in_words(multiple, 1)}"


def _group(entry: LedgerEntry) -> str:
    return "No longer asked" if entry.question is None else entry.question.group


def _rows(shown: Sequence[LedgerEntry]) -> list[float]:
    """The row of each from the top down, with space above each group for its name."""
    steps = [
        1.0 + 0.7 * (at > 0 and _group(entry) != _group(shown[at - 1]))
        for at, entry in enumerate(shown)
    ]
    below = np.cumsum(steps)
    return [float(below[-1] - each) for each in below]


def _bar(chart: Chart, entry: LedgerEntry, row: float) -> None:
    """The range of one forecast with what was measured, and its figures above."""
    hover, median = entry_words(entry), entry.range.value
    for level, width in ((0.95, 3), (0.8, 10)):
        low, high = central_rows(np.array(entry.quantiles), level)
        chart.figure.add_scatter(
            x=[low / median, high / median],
            y=[row, row],
            mode="lines",
            line={"color": style.translucent(style.BLUE, 0.45), "width": width},
            hoverinfo="skip",
            name=f"{level:.0%} range",
        )
    chart.point(1.0, row, hover, style.BLUE, name="forecast", symbol="line-ns-open", size=10)
    if entry.measured is not None:
        inside = entry.status == "inside"
        chart.point(
            entry.measured / median,
            row,
            hover,
            style.GREEN if inside else style.VERMILION,
            name=f"measured, {entry.status} the 80% range",
            symbol="circle" if inside else "x",
            size=11,
        )
    came = "" if entry.measured is None else f" → {entry.words(entry.measured)}"
    low = 10.0 ** chart.figure.range_x[0]
    _words(chart, low, row + 0.32, f"{entry.label}: {entry.words(median)}{came}")


def _words(chart: Chart, x: float, y: float, text: str) -> None:
    chart.figure.add_annotation(
        x=chart.place_x(x),
        y=y,
        text=text,
        showarrow=False,
        xanchor="left",
        yanchor="middle",
        font={"size": 12},
    )
