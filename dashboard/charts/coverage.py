"""Chart of coverage against tries: what was counted, what the laws make of it beyond, and the other
sizes for comparison.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_html
from forecasting.arrays import FloatArray
from forecasting.formatting import counted, in_percent, in_words
from forecasting.inference.coverage import LAW_TITLES, Coverage

LAW_STYLES = {
    "power": (style.VERMILION, "dash"),
    "beta": (style.GREEN, "dashdot"),
    "scaled": (style.PURPLE, "dot"),
}
#: Below this distance the scaled beta-binomial is the plain one, and a second line would only hide
#: the first.
SAME_SHARE = 0.004


def coverage_chart(
    result: Coverage,
    builder: ChartBuilder[Coverage],
    others: Mapping[str, tuple[FloatArray, FloatArray]],
) -> Figure:
    """Points are counted; lines beyond what the laws have seen are theirs, with the band of both
    together.
    """
    until = float(result.extended[-1])
    chart = builder.xy(
        style.Axis("Tries per problem", in_words, ends=(1.0, 1.6 * until), hover=tries),
        style.Axis(
            "Problems solved in at least one try (share)",
            percent,
            ends=(0.0, 1.04),
            log=False,
            ticks=style.SHARE_TICKS,
        ),
    )
    chart.mark_beyond(
        result.most_seen,
        until,
        f"beyond the {in_words(result.most_seen)} tries that the laws were fitted to",
    )
    _add_others(chart, result, others)
    chart.bands(result.bands, style.BLUE)
    for name in _laws_shown(result):
        colour, dash = LAW_STYLES[name]
        values = result.laws[name].coverage(result.extended)[0]
        chart.curve(result.extended, values, colour, name=LAW_TITLES[name], dash=dash, width=2)
    hover = [
        f"{escape_html(result.counts.name)}<br>{tries(k)}: {in_percent(share)} counted"
        for k, share in zip(result.tries, result.counted, strict=True)
    ]
    chart.points(
        result.tries,
        result.counted,
        hover,
        style.BLUE,
        name=escape_html(result.counts.name),
        size=7,
        opacity=0.95,
    )
    _name_lines(chart, result)
    for pin in builder.pinned():
        values = pin.result.power.coverage(pin.result.extended)[0]
        name = f"{pin.name}: {pin.result.counts.name}, power law"
        chart.curve(pin.result.extended, values, pin.colour, name=name, dash=pin.dash, width=2)
        at = int((0.25 + 0.12 * pin.number) * (pin.result.extended.size - 1))
        chart.label(pin.result.extended[at], values[at], pin.name, pin.colour)
    target = result.scenario.target_coverage
    chart.mark_level(target, f"target {in_percent(target)}")
    needed = result.tries_for_target.value
    if math.isfinite(needed) and needed <= until:
        chart.mark_moment(needed, f"{in_words(needed, 2)} tries")
    return chart.figure


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)


def tries(count: float) -> str:
    """A number of tries."""
    return counted(float(f"{count:.2g}"), "try", "tries")


def _laws_shown(result: Coverage) -> list[str]:
    apart = np.abs(
        result.scaled.coverage(result.extended) - result.beta.coverage(result.extended)
    ).max()
    return [name for name in result.laws if name != "scaled" or apart > SAME_SHARE]


def _add_others(
    chart: Chart, result: Coverage, others: Mapping[str, tuple[FloatArray, FloatArray]]
) -> None:
    drawn = [
        (model, k, solved) for model, (k, solved) in others.items() if model != result.counts.name
    ]
    for model, k, solved in drawn:
        chart.curve(k, solved, style.translucent(style.GREY, 0.55), name=model, width=1.2)
    ends = style.spread([float(solved[-1]) for _, _, solved in drawn], 0.042)
    for (model, k, _), at in zip(drawn, ends, strict=True):
        chart.label(k[-1], at - 0.02, model.removeprefix("Pythia "), style.GREY, anchor="left")


def _name_lines(chart: Chart, result: Coverage) -> None:
    """The laws are named where they go on beyond what they saw, each set off; the counts where they
    rise.
    """
    beyond = np.flatnonzero(result.extended >= result.most_seen)
    high = result.bands.median[beyond[0]] > 0.5
    places = ((24, 60), (10, 90), (0, 120)) if high else ((-6, 36), (-8, 64), (-10, 92))
    for name, share, place in zip(_laws_shown(result), (0.3, 0.55, 0.8), places, strict=False):
        at = int(beyond[int(share * (beyond.size - 1))])
        y = float(result.laws[name].coverage(result.extended[at : at + 1])[0, 0])
        colour = LAW_STYLES[name][0]
        chart.label(result.extended[at], y, LAW_TITLES[name], colour, anchor="auto", arrow=place)
    middle = int(0.55 * (result.tries.size - 1))
    x, y = float(result.tries[middle]), float(result.counted[middle])
    chart.label(x, y, f"{result.counts.name}, counted", style.BLUE, anchor="auto", arrow=(-50, -30))
