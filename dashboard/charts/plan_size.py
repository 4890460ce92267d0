"""Chart of what to train by year: parameters and tokens, and the unique text that there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.plan_split import mark_plan_years, pin_place, year_ends
from forecasting.formatting import in_words
from forecasting.planning.plan import PlanResult

LINES = (
    ("tokens", style.BLUE, "training tokens", "dash"),
    ("unique_tokens", style.GREY, "unique text there is", "dot"),
    ("params", style.VERMILION, "parameters", "dash"),
)


def plan_size_chart(
    result: PlanResult, *, levels: Sequence[float], log: bool, pins: Sequence[PlanResult]
) -> go.Figure:
    """Three lines with bands on one axis of counts; where tokens pass the unique text, text is read
    more than once.
    """
    finite = [line for line in LINES if np.isfinite(result.bands[line[0]].median).all()]
    ends = [end for name, *_ in finite for end in _ends(result, name, levels if log else ())]
    chart = style.figure(
        y_title="Tokens and parameters",
        log=log,
        words=in_words,
        values=[*ends, *(pin.bands[name].median for pin in pins for name in ("tokens", "params"))],
        years=year_ends(result),
    )
    mark_plan_years(chart, result)
    for name, colour, words, dash in finite:
        bands = result.bands[name]
        style.add_bands(chart, bands, levels, colour)
        style.add_line(
            chart, bands, colour, solid_until=-np.inf, name=words, words=in_words, dash=dash
        )
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        for name in ("tokens", "params"):
            bands = pin.bands[name]
            style.add_line(
                chart,
                bands,
                colour,
                solid_until=-np.inf,
                name=f"pin {number}, {name}",
                words=in_words,
                dash=dash,
            )
            at = pin_place(bands, number)
            style.label(
                chart,
                float(bands.x[at]),
                float(bands.median[at]),
                f"pin {number}",
                colour,
                log=log,
            )
    last = float(result.years[-1])
    logs = [float(np.log10(result.bands[name].median[-1])) for name, *_ in finite]
    for height, (name, colour, words, _) in zip(style.spread(logs, 0.35), finite, strict=True):
        value = 10.0**height if log else float(result.bands[name].median[-1])
        style.label(chart, last, value, words, colour, log=log)
    return chart


def _ends(result: PlanResult, name: str, levels: Sequence[float]) -> list[np.ndarray]:
    bands = result.bands[name]
    return [
        bands.median,
        *(end for level in levels for end in bands.interval(level) if np.isfinite(end).all()),
    ]
