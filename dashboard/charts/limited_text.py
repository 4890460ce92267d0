"""Chart of what compute buys with limited text: unlimited, repeated and read once, with the compute
at which the text runs out.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_flop, in_words, significant
from forecasting.stats.bands import Bands
from forecasting.text_limits.limited_text import LimitedText


def limited_text_chart(
    curves: LimitedText,
    irreducible: float,
    *,
    levels: Sequence[float],
    log: bool,
    bands: Bands | None = None,
    marks: Sequence[tuple[float, str]] = (),
) -> go.Figure:
    """Loss above the law's irreducible loss along compute; `bands` go with the curve with
    repetition, `marks` name values of compute.
    """
    flop = curves.training_flop
    above = {
        name: getattr(curves, name) - irreducible for name in ("unlimited", "repeated", "once")
    }
    spread = None if bands is None else Bands(bands.x, bands.values - irreducible)
    shown = [
        *above.values(),
        *(spread.interval(max(levels)) if spread is not None and levels else ()),
    ]
    chart = style.xy_figure(
        style.Axis("Training compute in FLOP", in_flop, ends=(float(flop[0]), float(flop[-1]))),
        style.Axis("Loss above the law's floor (nats per token)", _nats, shown, log=log),
    )
    style.mark_beyond(
        chart,
        curves.wall_flop,
        float(flop[-1]),
        "compute-optimal runs want more text than there is",
        log_x=True,
    )
    if spread is not None:
        style.add_bands(chart, spread, levels, style.BLUE)
    for name, words, colour, dash in (
        ("once", "read once", style.VERMILION, "dash"),
        ("repeated", "repeated", style.BLUE, "solid"),
        ("unlimited", "text unlimited", style.GREEN, "dot"),
    ):
        style.add_curve(
            chart, flop, above[name], colour, name=words, words=(in_words, _nats), dash=dash
        )
        style.point_label(
            chart,
            float(flop[-1]),
            float(above[name][-1]),
            words,
            colour,
            log=(True, log),
            below=name == "unlimited",
        )
    for number, (at, text) in enumerate(marks):
        if flop[0] < at < flop[-1]:
            style.mark_moment(chart, at, text, log_x=True)
            # One above the other, since marks may lie close together.
            chart.layout.annotations[-1].update(y=0.02 + 0.07 * number)
    return chart


def _nats(value: float) -> str:
    return significant(value, 2)
