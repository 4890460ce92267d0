"""Chart of one forecast of the past: what was known, what would have been said, what came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.evaluation.track_record import TrackRecord
from forecasting.formatting import in_flop, in_words


def past_forecast_chart(
    result: TrackRecord, *, levels: Sequence[float], log: bool, pins: Sequence[TrackRecord]
) -> go.Figure:
    """Known points, bands from the cut-off on, later points inside and outside the 80% band."""
    series, bands = result.series, result.bands
    cut_off = float(result.cut_off_year)
    end = float(bands.x[-1])
    words = in_flop if series.unit == "FLOP" else in_words
    shown = [
        series.values[result.known | result.later],
        *(bands.interval(max(levels)) if levels else (bands.median,)),
    ]
    chart = style.figure(
        y_title=series.unit,
        log=log,
        words=words,
        values=shown,
        years=(float(series.dates[0]) - 0.5, end + 0.5),
    )
    style.mark_beyond(chart, cut_off, end, "what was not known then")
    style.add_bands(chart, bands, levels, style.BLUE)
    style.add_line(chart, bands, style.BLUE, solid_until=-np.inf, name="forecast then", words=words)
    for pin, (colour, dash, _) in zip(pins, style.PIN_STYLES, strict=False):
        style.add_line(
            chart,
            pin.bands,
            colour,
            solid_until=-np.inf,
            name="pinned forecast",
            words=words,
            dash=dash,
        )
        style.label(
            chart, float(pin.bands.x[-1]), float(pin.bands.median[-1]), "pin", colour, log=log
        )
    outside = result.later.copy()
    outside[result.later] = ~result.inside
    groups = (
        (result.known, style.GREY, "known then", "circle", 4.0),
        (result.later & ~outside, style.GREEN, "came, inside the 80% band", "circle", 6.0),
        (outside, style.VERMILION, "came, outside the 80% band", "x", 6.0),
    )
    for keep, colour, name, symbol, size in groups:
        if keep.any():
            dates, values = series.dates[keep], series.values[keep]
            hover = [
                f"{name}<br>{date:.1f}: {words(value)} {series.unit}"
                for date, value in zip(dates, values, strict=True)
            ]
            style.add_points(
                chart, dates, values, hover, colour, name=name, symbol=symbol, size=size
            )
    style.mark_moment(chart, cut_off, f"1 January {result.cut_off_year}")
    falls = bands.median[-1] < bands.median[0]
    ends = bands.interval(max(levels)) if levels else (bands.median, bands.median)
    style.label(
        chart,
        end,
        float(ends[1 if falls else 0][-1]),
        "forecast then",
        style.BLUE,
        log=log,
        below=not falls,
    )
    return chart
