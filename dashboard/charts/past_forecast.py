"""Chart of one forecast of the past: what was known, what would have been said, what came."""

from __future__ import annotations

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.evaluation.track_record import TrackRecord
from forecasting.formatting import in_flop, in_words


def past_forecast_chart(result: TrackRecord, builder: ChartBuilder[TrackRecord]) -> Figure:
    """Known points, bands from the cut-off on, later points inside and outside the 80% band."""
    series, bands = result.series, result.bands
    cut_off = float(result.cut_off_year)
    end = float(bands.x[-1])
    words = in_flop if series.unit == "FLOP" else in_words
    shown = [series.values[result.known | result.later], *builder.outermost(bands)]
    chart = builder.over_time(
        series.unit,
        words,
        values=shown,
        years=(float(series.dates[0]) - 0.5, end + 0.5),
        unit=series.unit,
    )
    chart.mark_beyond(cut_off, end, "later data, not known then")
    chart.bands(bands, style.BLUE)
    chart.line(bands, style.BLUE, name="forecast then")
    for pin in builder.pinned():
        chart.line(pin.result.bands, pin.colour, name="pinned forecast", dash=pin.dash)
        chart.label(pin.result.bands.x[-1], pin.result.bands.median[-1], "pin", pin.colour)
    outside = result.later.copy()
    outside[result.later] = ~result.inside
    groups = (
        (result.known, style.GREY, "known then", "circle", 4.0),
        (result.later & ~outside, style.GREEN, "later data, inside the 80% band", "circle", 6.0),
        (outside, style.VERMILION, "later data, outside the 80% band", "x", 6.0),
    )
    for keep, colour, name, symbol, size in groups:
        if keep.any():
            dates, values = series.dates[keep], series.values[keep]
            hover = [
                f"{name}<br>{date:.1f}: {words(value)} {series.unit}"
                for date, value in zip(dates, values, strict=True)
            ]
            chart.points(dates, values, hover, colour, name=name, symbol=symbol, size=size)
    chart.mark_moment(cut_off, f"1 January {result.cut_off_year}")
    falls = bands.median[-1] < bands.median[0]
    outer = builder.outermost(bands)
    chart.label(end, outer[-1 if falls else 0][-1], "forecast then", style.BLUE, below=not falls)
    return chart.figure
