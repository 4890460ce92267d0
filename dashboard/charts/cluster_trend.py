"""Chart of the largest training runs over time, in chips or in power, with their trend and the
cluster in question.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_html
from forecasting.formatting import in_words
from forecasting.planning.supplies import LargestRuns
from forecasting.stats.range_level import level_in_words


def cluster_trend_chart(
    runs: LargestRuns, builder: ChartBuilder[LargestRuns], level: float, level_words: str
) -> Figure:
    """All runs as points, the upper edge's trend forward from the largest, and a line at the
    cluster.
    """
    trend, bands, unit = runs.trend, runs.bands, runs.unit
    date, _, name = trend.largest
    until = float(bands.x[-1])
    low, high = bands.interval(level_in_words())
    title = "Chips of a training run" if unit == "chips" else "Power of a training run (MW)"
    chart = builder.over_time(
        title,
        in_words,
        values=(runs.values, high, np.array([level])),
        years=(2015.0, until),
        unit=unit,
    )
    chart.mark_projection(float(trend.dates.max()), until)
    hover = [
        f"{escape_html(model)}: {in_words(value)} {unit}"
        for model, value in zip(trend.names, runs.values, strict=True)
    ]
    chart.points(trend.dates, runs.values, hover, style.GREY, name="runs")
    chart.bands(bands, style.BLUE, levels=(level_in_words(),))
    chart.curve(bands.x, bands.median, style.BLUE, name="largest run", dash="dash")
    chart.label(date, runs.largest, escape_html(name), style.BLUE)
    # The name stands below the band, clear of its rising edge.
    middle = float(low[bands.x.size // 2])
    chart.label(until, middle, "trend", style.BLUE, below=True)
    chart.mark_level(level, level_words)
    return chart.figure
