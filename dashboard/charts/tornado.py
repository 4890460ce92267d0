"""Chart of what matters: how far each input's range moves an outcome, the widest on top."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import house
from forecasting.planning.value_of_information import WhatMatters


def tornado_chart(result: WhatMatters, outcome: str, *, title: str, words: house.Words, log: bool) -> go.Figure:
    """One bar an input from its low end to its high end, about the value with every input at its median."""
    ranked = result.ranked(outcome)[::-1]
    ends = np.array([value for each in ranked for value in (each.low[outcome], each.high[outcome])] + [result.middle[outcome]])
    room = 0.08 * float(np.ptp(ends))
    # Bars say how far an outcome moves, not how large it is: a linear axis need not begin at 0.
    across = house.Axis(title, words, (ends,), log=log, ends=None if log else (float(ends.min()) - room, float(ends.max()) + room))
    chart = house.xy_figure(across, house.Axis("", str, ends=(-0.6, len(ranked) - 0.2), log=False))
    chart.update_yaxes(tickvals=list(range(len(ranked))), ticktext=[each.name for each in ranked], showgrid=False)
    middle = result.middle[outcome]
    chart.add_shape(
        type="line", xref="x", yref="paper", x0=middle, x1=middle, y0=0, y1=1, line={"color": house.GREY, "width": 1.2, "dash": "dot"}
    )
    for at, each in enumerate(ranked):
        for end, value, colour in (("low", each.low[outcome], house.BLUE), ("high", each.high[outcome], house.VERMILION)):
            chart.add_scatter(
                x=[middle, value],
                y=[at, at],
                mode="lines+markers",
                line={"color": colour, "width": 12},
                marker={"size": [0, 9], "symbol": "circle" if end == "low" else "diamond", "color": colour, "line": {"width": 0}},
                text=["", f"{each.name} at its {end} end ({10 if end == 'low' else 90}% quantile): {words(value)}"],
                hovertemplate="%{text}<extra></extra>",
                name=f"{each.name}, {end}",
            )
    if ranked:
        at = len(ranked) - 1
        top = ranked[-1]
        for end, value, colour in (("low", top.low[outcome], house.BLUE), ("high", top.high[outcome], house.VERMILION)):
            chart.add_annotation(
                x=math.log10(value) if log else value,
                y=at + 0.32,
                text=end,
                showarrow=False,
                font={"size": 12, "color": colour},
                xanchor="center",
                yanchor="bottom",
            )
    chart.update_layout(height=max(260, 60 + 38 * len(ranked)))
    return chart
