"""Chart of the reliability of bands: how often bands of every level held, against what they
promise.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.evaluation.reliability import Reliability
from forecasting.evaluation.track_record import METHOD_TITLES

#: Colour, marker, dash and shift of the markers along x, so that error bars do not lie upon others.
STYLES = ((style.BLUE, "circle", "solid", -0.006), (style.GREY, "diamond-open", "dot", 0.006))


def reliability_chart(result: Reliability, builder: ChartBuilder[Reliability]) -> Figure:
    """One line a method: the mean over series at 50, 80 and 95%, and from which to which share the
    middle 80% of series reach; the diagonal is what bands promise.
    """
    x = style.Axis("Nominal share of the band", "{:.0%}".format, log=False, ends=(0.0, 1.0))
    y = style.Axis(
        "Later points inside the band (share)", "{:.0%}".format, log=False, ends=(0.0, 1.0)
    )
    chart = builder.xy(x, y)
    chart.figure.add_scatter(
        x=[0.0, 1.0],
        y=[0.0, 1.0],
        mode="lines",
        line={"color": style.GREY, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        name="promised",
    )
    chart.label(0.18, 0.18, "promised", style.GREY, below=True)
    for (method, rows), (colour, symbol, dash, shift) in zip(
        result.by_method.items(), STYLES, strict=True
    ):
        level, mean, low, high = (
            np.array([getattr(row, name) for row in rows])
            for name in ("level", "mean", "low", "high")
        )
        title = METHOD_TITLES[method]
        hover = [
            f"{title}, {row.level:.0%} bands<br>contained {row.mean:.0%} on average over"
            f" {row.series} series, {row.low:.0%} to {row.high:.0%} in the middle 80% of them"
            for row in rows
        ]
        chart.estimates(
            level + shift,
            mean,
            (low, high),
            hover,
            colour,
            name=title,
            symbol=symbol,
            dash=dash,
        )
        chart.label(
            float(level[0]),
            float(low[0] if method == "textbook" else high[0]),
            title,
            colour,
            anchor="left",
            below=method == "textbook",
        )
    return chart.figure
