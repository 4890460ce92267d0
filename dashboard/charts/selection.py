"""Chart of choosing one of many tries: accuracy of each way to choose, and the ceilings."""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import counted, in_percent, in_words
from forecasting.inference.best_of_many import BestOfMany

STYLES = {
    "perfect": (style.GREEN, "dash"),
    "binary": (style.BLUE, "solid"),
    "score": (style.PURPLE, "dashdot"),
    "majority": (style.GREY, "dot"),
}


def selection_chart(result: BestOfMany, builder: ChartBuilder[BestOfMany]) -> Figure:
    """One line a way to choose; the ceiling of the yes-or-no verifier is drawn and named."""
    most = float(result.tries[-1])
    top = max(
        float(np.nanmax(curve.accuracy))
        for each in (result, *builder.pins)
        for curve in each.curves
    )
    chart = builder.xy(
        style.Axis(
            "Tries to choose from",
            in_words,
            ends=(1.0, 1.6 * most),
            hover=lambda count: counted(count, "try", "tries"),
        ),
        style.Axis(
            "Probability that the chosen answer is right",
            percent,
            ends=(0.0, min(1.06, max(0.05, top * 1.12))),
            log=False,
        ),
    )
    for curve in result.curves:
        colour, dash = STYLES[curve.name]
        width = 3.0 if curve.name == "binary" else 2.2
        known = np.isfinite(curve.accuracy)
        chart.curve(
            result.tries[known],
            curve.accuracy[known],
            colour,
            name=curve.title,
            dash=dash,
            width=width,
        )
    gap = 0.055 * min(1.06, max(0.05, top * 1.12))
    ends = style.spread([float(curve.accuracy[curve.last]) for curve in result.curves], gap)
    lift = max(0.0, -min(ends))  # a name moved below the axis would not be seen
    for curve, at in zip(result.curves, (end + lift for end in ends), strict=True):
        words = (
            f"{curve.title}, ceiling {percent(curve.ceiling)}"
            if curve.name == "binary"
            else curve.title
        )
        chart.label(result.tries[curve.last], at, words, STYLES[curve.name][0])
    ceiling = result.curve("binary").ceiling
    line = {"color": style.BLUE, "width": 1, "dash": "dot"}
    chart.figure.add_shape(
        type="line", xref="paper", yref="y", x0=0, x1=1, y0=ceiling, y1=ceiling, line=line
    )
    for pin in builder.pinned():
        accuracy, name = pin.result.curve("binary").accuracy, f"{pin.name}: yes-or-no verifier"
        chart.curve(pin.result.tries, accuracy, pin.colour, name=name, dash=pin.dash, width=2)
        at = int((0.3 + 0.12 * pin.number) * (pin.result.tries.size - 1))
        chart.label(pin.result.tries[at], accuracy[at], pin.name, pin.colour)
    words = f"one try: {percent(result.one_try)}"
    chart.point(1.0, result.one_try, words, style.BLUE, name="one try", size=9)
    return chart.figure


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)
