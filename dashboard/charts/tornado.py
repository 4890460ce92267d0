"""Chart of what matters: how far each input's range moves an outcome, the widest on top."""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.planning.value_of_information import InputWorth, WhatMatters

#: Below the lowest bar, at 0: the rows in which the two vertical lines are named, and the end of
#: the axis.
FIRST_ROW, SECOND_ROW, FOOT = -0.75, -1.35, -1.7


def tornado_chart(
    result: WhatMatters,
    builder: ChartBuilder[WhatMatters],
    outcome: str,
    *,
    title: str,
    words: style.Words,
) -> Figure:
    """One bar an input from its low end to its high end, about the value with every input at its
    median.
    """
    ranked = result.ranked(outcome)[::-1]
    middle, median = result.middle[outcome], result.plan_median[outcome]
    ends = np.array(
        [value for each in ranked for value in (each.low[outcome], each.high[outcome])]
        + [middle, median]
    )
    room = 0.08 * float(np.ptp(ends))
    # Bars say how far an outcome moves, not how large it is: a linear axis need not begin at 0.
    across = style.Axis(
        title,
        words,
        (ends,),
        log=builder.log,
        ends=None if builder.log else (float(ends.min()) - room, float(ends.max()) + room),
    )
    chart = builder.xy(across, style.Axis("", str, ends=(FOOT, len(ranked) - 0.2), log=False))
    chart.figure.update_yaxes(
        tickvals=list(range(len(ranked))), ticktext=[each.name for each in ranked], showgrid=False
    )
    apart = words(median) != words(middle)
    _mark(
        chart,
        middle,
        f"all at median: {words(middle)}",
        SECOND_ROW,
        to_the_left=apart and middle < median,
        dash="dot",
    )
    if apart:
        _mark(
            chart,
            median,
            f"plan: {words(median)}",
            FIRST_ROW,
            to_the_left=median < middle,
            dash="dash",
        )
    for at, each in enumerate(ranked):
        for end, value, colour in (
            ("low", each.low[outcome], style.BLUE),
            ("high", each.high[outcome], style.VERMILION),
        ):
            chart.figure.add_scatter(
                x=[middle, value],
                y=[at, at],
                mode="lines+markers",
                line={"color": colour, "width": 12},
                marker={
                    "size": [0, 9],
                    "symbol": "circle" if end == "low" else "diamond",
                    "color": colour,
                    "line": {"width": 0},
                },
                text=[
                    "",
                    (
                        f"{each.name} at its {end} end ({10 if end == 'low' else 90}% quantile):"
                        f" {words(value)}"
                    ),
                ],
                hovertemplate="%{text}<extra></extra>",
                name=f"{each.name}, {end}",
            )
    if ranked:
        _name_ends(chart, ranked[-1], outcome, middle, at=len(ranked) - 1, room=room)
    chart.figure.update_layout(height=max(300, 100 + 38 * len(ranked)))
    return chart.figure


def _mark(
    chart: Chart, value: float, text: str, row: float, *, to_the_left: bool, dash: str
) -> None:
    """A vertical line at a value of the outcome down to a row below the bars, where its name stands
    on the side away from the other.
    """
    line = {"color": style.GREY, "width": 1.2, "dash": dash}
    chart.figure.add_shape(
        type="line",
        x0=value,
        x1=value,
        y0=row - 0.25,
        y1=len(chart.figure.layout["yaxis"]["tickvals"]) - 0.2,
        line=line,
    )
    chart.figure.add_annotation(
        x=chart.place_x(value),
        y=row,
        text=text,
        showarrow=False,
        xanchor="right" if to_the_left else "left",
        font={"size": 12},
    )


def _name_ends(
    chart: Chart, top: InputWorth, outcome: str, middle: float, *, at: int, room: float
) -> None:
    """Which colour is which end, said over the ends of the topmost bar; away from the middle line,
    which the bar may hardly leave.
    """
    for end, value, colour in (
        ("low", top.low[outcome], style.BLUE),
        ("high", top.high[outcome], style.VERMILION),
    ):
        near = abs(value - middle) < 0.5 * room
        other = top.high[outcome] if end == "low" else top.low[outcome]
        chart.figure.add_annotation(
            x=chart.place_x(value),
            y=at + 0.32,
            text=end,
            showarrow=False,
            font={"size": 12, "color": colour},
            xanchor="center" if not near else "right" if other > middle else "left",
            yanchor="bottom",
            xshift=0 if not near else -4 if other > middle else 4,
        )
