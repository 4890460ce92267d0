"""Chart of what compute buys with limited text: unlimited, repeated and read once, with the compute
at which the text runs out.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, significant
from forecasting.stats.bands import Bands
from forecasting.text_limits.limited_text import LimitedText


def limited_text_chart(
    curves: LimitedText,
    builder: ChartBuilder[LimitedText],
    irreducible: float,
    *,
    bands: Bands | None = None,
    marks: Sequence[tuple[float, str]] = (),
) -> Figure:
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
        *(builder.outermost(spread) if spread is not None and builder.levels else ()),
    ]
    chart = builder.xy(
        style.Axis(
            "Training compute in FLOP",
            in_flop,
            ends=(float(flop[0]), float(flop[-1])),
            unit="FLOP",
        ),
        style.Axis(
            "Loss above the law's floor (nats per token)",
            _nats,
            shown,
            log=builder.log,
            unit="nats per token",
        ),
    )
    chart.mark_beyond(
        curves.wall_flop, float(flop[-1]), "compute-optimal runs need more text than there is"
    )
    if spread is not None:
        chart.bands(spread, style.BLUE)
    for name, words, colour, dash in (
        ("once", "read once", style.VERMILION, "dash"),
        ("repeated", "repeated", style.BLUE, "solid"),
        ("unlimited", "text unlimited", style.GREEN, "dot"),
    ):
        chart.curve(flop, above[name], colour, name=words, dash=dash)
        chart.label(flop[-1], above[name][-1], words, colour, below=name == "unlimited")
    for number, (at, text) in enumerate(marks):
        if flop[0] < at < flop[-1]:
            chart.mark_moment(at, text)
            # One above the other, since marks may lie close together.
            chart.figure.annotations[-1].update(y=0.02 + 0.07 * number)
    return chart.figure


def _nats(value: float) -> str:
    return significant(value, 2)
