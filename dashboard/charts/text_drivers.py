"""Tornado of the date on which text runs out: each factor between its 10th and 90th percentile."""

from __future__ import annotations

import math
import textwrap

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_month
from forecasting.text_limits.text_sensitivity import Swing, TextSensitivity

ROW_HEIGHT = 46
BAR_WIDTH = 0.3
#: A name that is longer than fits beside the middle line on a phone takes lines of so many letters,
#: and for each further line its row is higher by this share.
NAME_LETTERS = 24
NAME_LINE = 0.38


def text_drivers_chart(result: TextSensitivity) -> Figure:
    """A bar a factor, the longest on top: the median date with the factor at either end, named
    above its bar.
    """
    horizon = float(result.scenario.horizon_year)
    ends = [
        _shown(end, horizon) for swing in result.swings for end in (swing.at_low, swing.at_high)
    ]
    middle = _shown(result.median_year, horizon)
    low, high = min([*ends, middle - 0.5]), max([*ends, middle + 0.5])
    # Room on both sides for what stands at the ends of the bars.
    room = 0.42 * (high - low)
    x = style.Axis(
        "Median date at which text is used up",
        "{:.0f}".format,
        log=False,
        ends=(low - room, high + room),
    )
    bars = list(reversed(result.swings))
    names = [textwrap.wrap(swing.label, NAME_LETTERS) for swing in bars]
    heights = [1.0 + NAME_LINE * (len(lines) - 1) for lines in names]
    y = style.Axis("", lambda _: "", log=False, ends=(-0.7, max(sum(heights), 1.0) - 0.2))
    chart = ChartBuilder().xy(x, y)
    chart.figure.update_layout(height=90 + round(ROW_HEIGHT * max(sum(heights), 3.0)))
    chart.figure.update_yaxes(tickvals=[], showgrid=False, title={"text": ""})
    at = 0.0
    for swing, lines, height in zip(bars, names, heights, strict=True):
        _bar(chart, at, swing, "<br>".join(lines), middle, horizon)
        at += height
    chart.figure.add_shape(
        type="line",
        x0=middle,
        x1=middle,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": style.GREY, "width": 1.5, "dash": "dot"},
    )
    when = in_month(middle) if math.isfinite(result.median_year) else f"after {horizon:.0f}"
    chart.figure.add_annotation(
        x=middle,
        y=1,
        yref="paper",
        text=f"all factors as given: {when}",
        showarrow=False,
        yanchor="bottom",
        font={"size": 12},
    )
    return chart.figure


def _bar(chart: Chart, at: float, swing: Swing, name: str, middle: float, horizon: float) -> None:
    starts = (_shown(swing.at_low, horizon), _shown(swing.at_high, horizon))
    for end, words, colour, given in zip(
        starts,
        (swing.low_words, swing.high_words),
        (style.BLUE, style.VERMILION),
        (swing.at_low, swing.at_high),
        strict=True,
    ):
        when = in_month(given) if math.isfinite(given) else f"beyond {horizon:.0f}"
        chart.figure.add_scatter(
            x=[middle, end, end, middle, middle],
            y=[
                at - BAR_WIDTH / 2,
                at - BAR_WIDTH / 2,
                at + BAR_WIDTH / 2,
                at + BAR_WIDTH / 2,
                at - BAR_WIDTH / 2,
            ],
            fill="toself",
            fillcolor=style.translucent(colour, 0.75),
            line={"width": 0, "color": colour},
            mode="lines",
            text=(
                f"{swing.label} {words}: {when}<br>rank correlation with the date"
                f" {swing.rank_correlation:+.2f}"
            ),
            hoverinfo="text",
            hoveron="fills",
            name=swing.label,
        )
    first, last = min(starts), max(starts)
    at_first = _beyond(swing.low_words, swing.at_low, horizon)
    at_last = _beyond(swing.high_words, swing.at_high, horizon)
    if starts[0] > starts[1]:
        at_first, at_last = at_last, at_first
    for x, text, anchor, shift in ((first, at_first, "right", -4), (last, at_last, "left", 4)):
        chart.figure.add_annotation(
            x=x,
            y=at,
            text=text,
            showarrow=False,
            xanchor=anchor,
            xshift=shift,
            font={"size": 11, "color": style.GREY},
        )
    # Left of the middle line or right of it, where more of the bar is, so that the line strikes no
    # name through.
    to_the_right = last - middle >= middle - first
    chart.figure.add_annotation(
        x=middle,
        y=at + BAR_WIDTH / 2,
        text=name,
        align="left" if to_the_right else "right",
        showarrow=False,
        xanchor="left" if to_the_right else "right",
        xshift=4 if to_the_right else -4,
        yanchor="bottom",
        font={"size": 13},
    )


def _beyond(words: str, year: float, horizon: float) -> str:
    return (
        words
        if math.isfinite(year)
        else f"{words}:<br>{f'after {horizon:.0f}' if year > 0 else 'much earlier'}"
    )


def _shown(year: float, horizon: float) -> float:
    return min(year, horizon) if year > -math.inf else 2015.0
