"""Chart of a price series: its points, its trend with bands, its projection."""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_html
from forecasting.compute_cost.price_trend import PriceTrend
from forecasting.formatting import in_words


def price_trend_chart(
    result: PriceTrend, builder: ChartBuilder[PriceTrend], *, new_observation: bool
) -> Figure:
    """Points solid, projection dashed on shaded ground; bands for the trend or for a new
    observation.
    """
    bands = result.observation_bands if new_observation else result.trend_bands
    points = result.points
    observed = (math.floor(points.dates[0]), float(points.dates[-1]))
    shown = [
        points.values,
        *builder.outermost(bands),
        *(p.trend_bands.median for p in builder.pins),
    ]
    chart = builder.over_time(
        points.unit,
        in_words,
        values=shown,
        years=(observed[0] - 0.5, max(float(result.scenario.until_year), observed[1]) + 0.5),
        unit=points.unit,
    )
    chart.mark_projection(observed[1], result.scenario.until_year)
    chart.bands(bands, style.BLUE, fades_after=observed[1] + result.observed_years)
    outside = ~np.isin(result.all_points.dates, points.dates)
    if outside.any():
        hover = hover_texts(result, outside)
        chart.points(
            result.all_points.dates[outside],
            result.all_points.values[outside],
            hover,
            style.GREY,
            name="outside the window",
            symbol="circle-open",
            opacity=0.4,
        )
    chart.points(
        points.dates,
        points.values,
        hover_texts(result),
        style.VERMILION,
        name=points.points_are,
        size=5,
        opacity=0.55,
    )
    if points.gap is not None:
        chart.mark_gap(*points.gap, "no offers known")
    chart.line(
        result.trend_bands,
        style.BLUE,
        solid_until=observed[1] if points.gap is None else points.gap[0],
        name="trend",
    )
    chart.label(
        result.scenario.until_year,
        result.trend_bands.median[-1],
        "trend",
        style.BLUE,
        below=not points.rises,
    )
    for pin in builder.pinned():
        chart.line(pin.result.trend_bands, pin.colour, name="pinned trend", dash=pin.dash)
        chart.label(
            pin.result.trend_bands.x[-1], pin.result.trend_bands.median[-1], "pin", pin.colour
        )
    if result.growth_break.found and result.growth_break.date is not None:
        chart.mark_moment(
            result.growth_break.date, f"growth changes, {result.growth_break.date:.0f}"
        )
    return chart.figure


def hover_texts(result: PriceTrend, keep: np.ndarray | None = None) -> list[str]:
    """Name, year and value of each point."""
    series = result.points if keep is None else result.all_points
    names = map(escape_html, series.names)
    rows = zip(names, series.dates, series.values, strict=True)
    texts = [f"{name}<br>{date:.1f}: {in_words(value)} {series.unit}" for name, date, value in rows]
    return texts if keep is None else [text for text, use in zip(texts, keep, strict=True) if use]
