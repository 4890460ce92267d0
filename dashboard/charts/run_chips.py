"""Chart of the chips of one run: what power, capital and one buyer's share of all chips allow."""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_words
from forecasting.supply.run_chips import SHOWN, RunChips

LIMIT_STYLES = {
    "power": ("power of the site", style.VERMILION, "dash"),
    "purchase": ("capital", style.OCHRE, "dot"),
    "stock": ("one buyer's share", style.PURPLE, "dashdot"),
}


def run_chips_chart(result: RunChips, builder: ChartBuilder[RunChips]) -> Figure:
    """H100 equivalents over the years: the run with its bands, each limit, and all chips."""
    quarters, total = result.stock.quarters, result.stock.total
    chart = builder.over_time(
        "Chips (H100 equivalents)",
        in_words,
        values=[
            *builder.outermost(result.bands),
            *(bands.median for bands in result.limit_bands.values()),
            result.stock_bands.median,
        ],
        years=(float(SHOWN[0]), float(SHOWN[-1]) + 1.2),
        unit="H100 equivalents",
    )
    as_of = result.stock.as_of
    chart.mark_projection(as_of, float(SHOWN[-1]))
    chart.bands(result.bands, style.BLUE)
    chart.line(result.stock_bands, style.GREY, name="all AI chips", solid_until=as_of)
    inside = quarters >= SHOWN[0]
    chart.points(
        quarters[inside],
        total[inside],
        [f"shipped by then: {in_words(value)} H100 equivalents" for value in total[inside]],
        style.GREY,
        name="all AI chips",
    )
    at = len(SHOWN) // 2
    chart.label(
        SHOWN[at], result.stock_bands.median[at], "all AI chips", style.GREY, anchor="right"
    )
    ends = {name: bands.median[-1] for name, bands in result.limit_bands.items()}
    placed = style.spread([float(np.log10(end)) for end in ends.values()], 0.35)
    for (name, end), place in zip(ends.items(), placed, strict=True):
        words, colour, dash = LIMIT_STYLES[name]
        chart.curve(SHOWN, result.limit_bands[name].median, colour, name=words, dash=dash, width=2)
        y = 10.0**place if chart.log_y else float(end)
        chart.label(float(SHOWN[-1]), y, f" {words}", colour, anchor="left", middle=True)
    chart.line(result.bands, style.BLUE, name="one run", solid_until=as_of, width=3.0)
    chart.label(SHOWN[at], result.bands.median[at], "one run", style.BLUE, below=True)
    for pin in builder.pinned():
        chart.line(pin.result.bands, pin.colour, name=pin.name, dash=pin.dash)
        chart.label(SHOWN[-4], pin.result.bands.median[-4], pin.name, pin.colour)
    return chart.figure
