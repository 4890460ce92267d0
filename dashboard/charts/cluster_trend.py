"""Chart of the largest training runs over time, in chips or in power, with their trend and the
cluster in question.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_words
from forecasting.planning.supplies import LargestRuns


def cluster_trend_chart(
    runs: LargestRuns, level: float, level_words: str, *, log: bool
) -> go.Figure:
    """All runs as points, the upper edge's trend forward from the largest, and a line at the
    cluster.
    """
    trend, bands, unit = runs.trend, runs.bands, runs.unit
    date, _, name = trend.largest
    until = float(bands.x[-1])
    low, high = bands.interval(0.8)
    title = "Chips of a training run" if unit == "chips" else "Power of a training run (MW)"
    chart = style.figure(
        y_title=title,
        log=log,
        words=in_words,
        values=(runs.values, high, np.array([level])),
        years=(2015.0, until),
    )
    style.mark_projection(chart, float(trend.dates.max()), until)
    hover = [
        f"{model}: {in_words(value)} {unit}"
        for model, value in zip(trend.names, runs.values, strict=True)
    ]
    style.add_points(chart, trend.dates, runs.values, hover, style.GREY, name="runs")
    style.add_bands(chart, bands, (0.8,), style.BLUE)
    style.add_curve(
        chart,
        bands.x,
        bands.median,
        style.BLUE,
        name="largest run",
        words=("{:.0f}".format, in_words),
        dash="dash",
    )
    style.label(chart, date, runs.largest, name, style.BLUE, log=log)
    # The name stands below the band, clear of its rising edge.
    middle = float(low[bands.x.size // 2])
    style.label(chart, until, middle, "trend", style.BLUE, log=log, below=True)
    style.mark_level(chart, level, level_words, log=log)
    return chart
