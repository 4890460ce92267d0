"""Chart of the largest training runs over time, in chips or in power, with their trend and the
cluster in question.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_words
from forecasting.planning.supplies import SupplyTrend
from forecasting.stats.quantiles import quantile_of


def cluster_trend_chart(
    trend: SupplyTrend, level: float, level_words: str, *, log: bool
) -> go.Figure:
    """All runs as points, the upper edge's trend forward from the largest, and a line at the
    cluster.
    """
    date, amount, name = trend.largest
    scale, unit = (1.0, "chips") if trend.unit == "chips" else (1e6, "MW")
    until = 2032.0
    years = np.linspace(date, until, 15)
    paths = trend.draws(years, 400, np.random.default_rng(0)) / scale
    low, middle, high = quantile_of(paths, [0.1, 0.5, 0.9], "linear")
    values = trend.values / scale
    title = "Chips of a training run" if unit == "chips" else "Power of a training run (MW)"
    chart = style.figure(
        y_title=title,
        log=log,
        words=in_words,
        values=(values, high, np.array([level])),
        years=(2015.0, until),
    )
    style.mark_projection(chart, float(trend.dates.max()), until)
    hover = [
        f"{model}: {in_words(value)} {unit}"
        for model, value in zip(trend.names, values, strict=True)
    ]
    style.add_points(chart, trend.dates, values, hover, style.GREY, name="runs")
    chart.add_scatter(
        x=np.concatenate([years, years[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=style.translucent(style.BLUE, 0.16),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="80% band",
    )
    style.add_curve(
        chart,
        years,
        middle,
        style.BLUE,
        name="largest run",
        words=("{:.0f}".format, in_words),
        dash="dash",
    )
    style.label(chart, date, amount / scale, name, style.BLUE, log=log)
    # The name stands below the band, clear of its rising edge.
    style.label(chart, until, float(low[len(years) // 2]), "trend", style.BLUE, log=log, below=True)
    style.mark_level(chart, level, level_words, log=log)
    return chart
