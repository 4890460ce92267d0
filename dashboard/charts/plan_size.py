"""Chart of what to train by year: parameters and tokens, and the unique text that there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.plan_split import mark_plan_years, pin_place, year_ends
from forecasting.formatting import in_words
from forecasting.planning.plan import PlanResult

LINES = (
    ("tokens", style.BLUE, "training tokens", "dash"),
    ("unique_tokens", style.GREY, "unique text available", "dot"),
    ("params", style.VERMILION, "parameters", "dash"),
)


def plan_size_chart(result: PlanResult, builder: ChartBuilder[PlanResult]) -> Figure:
    """Three lines with bands on one axis of counts; where tokens pass the unique text, text is read
    more than once.
    """
    finite = [line for line in LINES if np.isfinite(result.bands[line[0]].median).all()]
    ends = [
        end
        for name, *_ in finite
        for end in _ends(result, name, builder.levels if builder.log else ())
    ]
    chart = builder.over_time(
        "Tokens and parameters",
        in_words,
        values=[
            *ends,
            *(pin.bands[name].median for pin in builder.pins for name in ("tokens", "params")),
        ],
        years=year_ends(result),
    )
    mark_plan_years(chart, result)
    for name, colour, words, dash in finite:
        bands = result.bands[name]
        chart.bands(bands, colour)
        chart.line(bands, colour, name=words, dash=dash)
    for pin in builder.pinned():
        for name in ("tokens", "params"):
            bands = pin.result.bands[name]
            chart.line(bands, pin.colour, name=f"{pin.name}, {name}", dash=pin.dash)
            at = pin_place(bands, pin.number)
            chart.label(bands.x[at], bands.median[at], pin.name, pin.colour)
    last = float(result.years[-1])
    logs = [float(np.log10(result.bands[name].median[-1])) for name, *_ in finite]
    for height, (name, colour, words, _) in zip(style.spread(logs, 0.35), finite, strict=True):
        value = 10.0**height if builder.log else float(result.bands[name].median[-1])
        chart.label(last, value, words, colour)
    return chart.figure


def _ends(result: PlanResult, name: str, levels: Sequence[float]) -> list[np.ndarray]:
    bands = result.bands[name]
    return [
        bands.median,
        *(end for level in levels for end in bands.interval(level) if np.isfinite(end).all()),
    ]
