"""Chart of choosing one of many tries: accuracy of each way to choose, and the ceilings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_percent, in_words
from forecasting.inference.best_of_many import BestOfMany

STYLES = {
    "perfect": (style.GREEN, "dash"),
    "binary": (style.BLUE, "solid"),
    "score": (style.PURPLE, "dashdot"),
    "majority": (style.GREY, "dot"),
}


def selection_chart(result: BestOfMany, *, pins: Sequence[BestOfMany] = ()) -> go.Figure:
    """One line a way to choose; the ceiling of the yes-or-no verifier is drawn and named."""
    most = float(result.tries[-1])
    top = max(float(np.nanmax(curve.accuracy)) for each in (result, *pins) for curve in each.curves)
    chart = style.xy_figure(
        style.Axis("Tries to choose from", in_words, ends=(1.0, 1.6 * most)),
        style.Axis(
            "The chosen answer is right",
            percent,
            ends=(0.0, min(1.06, max(0.05, top * 1.12))),
            log=False,
        ),
    )
    for curve in result.curves:
        colour, dash = STYLES[curve.name]
        width = 3.0 if curve.name == "binary" else 2.2
        hover = (lambda n: f"{in_words(n)} tries", percent)
        known = np.isfinite(curve.accuracy)
        style.add_curve(
            chart,
            result.tries[known],
            curve.accuracy[known],
            colour,
            name=curve.title,
            words=hover,
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
        style.point_label(
            chart,
            float(result.tries[curve.last]),
            at,
            words,
            STYLES[curve.name][0],
            log=(True, False),
        )
    ceiling = result.curve("binary").ceiling
    line = {"color": style.BLUE, "width": 1, "dash": "dot"}
    chart.add_shape(
        type="line", xref="paper", yref="y", x0=0, x1=1, y0=ceiling, y1=ceiling, line=line
    )
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        accuracy, name = pin.curve("binary").accuracy, f"pin {number}: yes-or-no verifier"
        style.add_curve(
            chart,
            pin.tries,
            accuracy,
            colour,
            name=name,
            words=(lambda n: f"{in_words(n)} tries", percent),
            dash=dash,
            width=2,
        )
        at = int((0.3 + 0.12 * number) * (pin.tries.size - 1))
        style.point_label(
            chart,
            float(pin.tries[at]),
            float(accuracy[at]),
            f"pin {number}",
            colour,
            log=(True, False),
        )
    one = np.array([result.one_try])
    style.add_points(
        chart,
        np.ones(1),
        one,
        [f"one try: {percent(result.one_try)}"],
        style.BLUE,
        name="one try",
        size=9,
        opacity=1,
    )
    return chart


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)
