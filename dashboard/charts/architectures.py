"""Chart of learning curves side by side: points, curves with bands, and where one passes
another.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.fitting.group_comparison import Crossover
from forecasting.formatting import in_words, significant
from forecasting.scaling.architectures import ArchitectureComparison, ArchitectureCurve
from forecasting.stats.range_level import level_in_words, range_heading

STYLES = (
    (style.BLUE, "circle"),
    (style.VERMILION, "diamond"),
    (style.GREEN, "square"),
    (style.PURPLE, "triangle-up"),
    (style.GREY, "cross"),
    (style.OCHRE, "star"),
)
LABEL_GAP = 0.055  # of the height of the axis


def architectures_chart(
    result: ArchitectureComparison, builder: ChartBuilder[ArchitectureComparison]
) -> Figure:
    """Filled points were fitted, open ones held out; curves are dashed beyond the last point that
    their fit saw.
    """
    x = result.model.x
    drawn = [
        one.bands.interval(max(builder.levels)) if builder.levels else (one.line, one.line)
        for one in result.curves
    ]
    measured = [
        np.concatenate([one.points.losses, one.points.held_losses]) for one in result.curves
    ]
    first = min(float(one.points.examples.min()) for one in result.curves)
    x_axis = style.Axis(
        f"{result.unit.capitalize()} seen in training",
        in_words,
        ends=(first / 1.15, float(x[-1])),
        unit=result.unit,
    )
    shown = np.concatenate([*(end for ends in drawn for end in ends), *measured])
    y_ends = (
        (float(shown.min()) / 1.2, float(shown.max()) * 1.08)
        if builder.log
        else (0.0, float(shown.max()) * 1.05)
    )
    y_axis = style.Axis(result.measured, _error_words(result), log=builder.log, ends=y_ends)
    chart = builder.xy(x_axis, y_axis)
    last = max(one.last for one in result.curves)
    chart.mark_beyond(
        last,
        float(x[-1]),
        f"projection, {math.log10(x[-1] / last):.0f} orders of magnitude beyond the points fitted",
    )
    for one, (colour, symbol) in zip(result.curves, STYLES, strict=False):
        _draw(chart, result, one, colour, symbol)
    _label_ends(chart, result)
    for crossing, (colour, _), one in zip(
        result.crossovers, STYLES[1:], result.curves[1:], strict=False
    ):
        _mark_crossing(chart, result, crossing, one, colour)
    chart.mark_moment(result.at, in_words(result.at))
    return chart.figure


def _draw(
    chart: Chart, result: ArchitectureComparison, one: ArchitectureCurve, colour: str, symbol: str
) -> None:
    name, words = one.architecture.name, _error_words(result)
    chart.bands(one.bands, colour, fades_after=one.last * 10.0)
    start = one.fit.examples.min()
    for keep, marker, opacity, what in (
        (one.points.examples >= start, symbol, 0.6, "fitted"),
        (one.points.examples < start, f"{symbol}-open", 0.35, "too early, not fitted"),
        (None, f"{symbol}-open", 0.95, "held out"),
    ):
        examples = one.points.held_examples if keep is None else one.points.examples[keep]
        losses = one.points.held_losses if keep is None else one.points.losses[keep]
        if examples.size:
            hover = [
                f"{name}, {what}<br>{in_words(a)} {result.unit}: {words(b)}"
                for a, b in zip(examples, losses, strict=True)
            ]
            chart.points(
                examples,
                losses,
                hover,
                colour,
                name=f"{name}, {what}",
                symbol=marker,
                size=6,
                opacity=opacity,
            )
    seen = (one.x >= start * 0.999) & (one.x <= one.last)
    beyond = one.x >= one.x[seen][-1]
    for part, dash in ((seen, "solid"), (beyond, "dash")):
        chart.curve(one.x[part], one.line[part], colour, name=name, dash=dash)


def _label_ends(chart: Chart, result: ArchitectureComparison) -> None:
    """Each curve is named at its right end; names that would overlap are moved apart."""
    low, high = chart.figure.range_y
    ends = [chart.place_y(one.line[-1]) for one in result.curves]
    # The lowest curve is named below itself, the others above.
    off = [(-1 if end == min(ends) else 1) * 0.01 * (high - low) for end in ends]
    places = style.spread(
        [end + away for end, away in zip(ends, off, strict=True)], LABEL_GAP * (high - low)
    )
    for one, place, away, (colour, _) in zip(result.curves, places, off, STYLES, strict=False):
        chart.label(one.x[-1], chart.value_y(place), one.architecture.label, colour, below=away < 0)


def _mark_crossing(
    chart: Chart,
    result: ArchitectureComparison,
    crossing: Crossover,
    other: ArchitectureCurve,
    colour: str,
) -> None:
    """A ring where the curves cross, with its range as a bar; open and named so where it is
    not determined.
    """
    low, high = crossing.interval(level_in_words())
    end = float(result.model.x[-1])
    if not math.isfinite(crossing.value) or crossing.value > end:
        return
    y = float(np.interp(math.log(crossing.value), np.log(other.x), other.line))
    certain = crossing.verdict == "inside"
    chart.figure.add_scatter(
        x=[low, min(high, end)],
        y=[y, y],
        mode="lines",
        line={"color": colour, "width": 5, "dash": "solid" if certain else "dot"},
        opacity=0.8,
        hoverinfo="skip",
        name=f"{range_heading()} of the crossover",
    )
    text = (
        f"{in_words(crossing.value, 2)} {result.unit}<br>{range_heading()} {in_words(low, 2)} to"
        f" {in_words(high, 2) if math.isfinite(high) else 'never'}"
    )
    chart.point(
        crossing.value,
        y,
        f"{crossing.better} passes {crossing.worse}: {text}",
        colour,
        name="crossover",
        symbol="circle" if certain else "circle-open",
        size=13,
    )
    verdict = {
        "inside": "",
        "outside": ", extrapolated",
        "undetermined": ", not reliable",
        "none": "",
    }[crossing.verdict]
    words = f"{in_words(crossing.value, 2)}{verdict}"
    # To the left where there is little room on the right.
    right = crossing.value > end / 30.0
    anchor, arrow = ("right", (-24, 44)) if right else ("auto", (30, -36))
    chart.label(crossing.value, y, words, colour, anchor=anchor, arrow=arrow)


def _error_words(result: ArchitectureComparison) -> style.Words:
    """Shares as percentages; losses as they are."""
    if result.scenario.task == "vision":
        return lambda value: f"{significant(100 * value, 3)}%"
    return lambda value: significant(value, 3)
