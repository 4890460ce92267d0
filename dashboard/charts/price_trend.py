"""Chart of a price series: its points, its trend with bands, its projection."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.compute_cost.price_trend import PriceTrend
from forecasting.formatting import in_words


def price_trend_chart(
    result: PriceTrend,
    *,
    levels: Sequence[float],
    log: bool,
    new_observation: bool,
    pins: Sequence[PriceTrend],
) -> go.Figure:
    """Points solid, projection dashed on shaded ground; bands for the trend or for a new
    observation.
    """
    bands = result.observation_bands if new_observation else result.trend_bands
    points = result.points
    observed = (math.floor(points.dates[0]), float(points.dates[-1]))
    shown = [
        points.values,
        *(bands.interval(max(levels)) if levels else (bands.median,)),
        *(p.trend_bands.median for p in pins),
    ]
    chart = style.figure(
        y_title=points.unit,
        log=log,
        words=in_words,
        values=shown,
        years=(observed[0] - 0.5, max(float(result.scenario.until_year), observed[1]) + 0.5),
    )
    style.mark_projection(chart, observed[1], result.scenario.until_year)
    style.add_bands(
        chart, bands, levels, style.BLUE, fades_after=observed[1] + result.observed_years
    )
    outside = ~np.isin(result.all_points.dates, points.dates)
    if outside.any():
        hover = hover_texts(result, outside)
        style.add_points(
            chart,
            result.all_points.dates[outside],
            result.all_points.values[outside],
            hover,
            style.GREY,
            name="outside the window",
            symbol="circle-open",
            opacity=0.4,
        )
    style.add_points(
        chart,
        points.dates,
        points.values,
        hover_texts(result),
        style.VERMILION,
        name=points.points_are,
        size=5,
        opacity=0.55,
    )
    style.add_line(
        chart,
        result.trend_bands,
        style.BLUE,
        solid_until=observed[1],
        name="trend",
        words=in_words,
    )
    style.label(
        chart,
        result.scenario.until_year,
        float(result.trend_bands.median[-1]),
        "trend",
        style.BLUE,
        log=log,
        below=not points.rises,
    )
    for pin, (colour, dash, _) in zip(pins, style.PIN_STYLES, strict=False):
        style.add_line(
            chart,
            pin.trend_bands,
            colour,
            solid_until=-math.inf,
            name="pinned trend",
            words=in_words,
            dash=dash,
        )
        style.label(
            chart,
            float(pin.trend_bands.x[-1]),
            float(pin.trend_bands.median[-1]),
            "pin",
            colour,
            log=log,
        )
    if result.growth_break.found and result.growth_break.date is not None:
        style.mark_moment(
            chart, result.growth_break.date, f"growth changes, {result.growth_break.date:.0f}"
        )
    return chart


def hover_texts(result: PriceTrend, keep: np.ndarray | None = None) -> list[str]:
    """Name, year and value of each point."""
    series = result.points if keep is None else result.all_points
    rows = zip(series.names, series.dates, series.values, strict=True)
    texts = [f"{name}<br>{date:.1f}: {in_words(value)} {series.unit}" for name, date, value in rows]
    return texts if keep is None else [text for text, use in zip(texts, keep, strict=True) if use]
