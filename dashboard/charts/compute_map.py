"""Chart of quality over training compute and compute an answer: curves of equal quality, the
budget, its best split, the span's end.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, in_words
from forecasting.inference.compute_map import ComputeMap, EqualCurve, Split
from forecasting.stats.quantiles import quantile_of

#: Shades of the ground, from the least quality to the best; see-through, so that they serve both
#: themes.
_SHADES = [[0.0, style.translucent(style.BLUE, 0.03)], [1.0, style.translucent(style.BLUE, 0.34)]]
_MAX_LABELS = 9
#: Curves are named this share of their way from their left end.
_LABELS_AT = 0.3
HEIGHT = 520


def compute_map_chart(result: ComputeMap, builder: ChartBuilder[ComputeMap]) -> Figure:
    """The map; both axes are logarithmic, whatever the page's switch says, since a curve of equal
    quality is a power law.
    """
    x, y = result.training_flop, result.inference
    unit = (
        "Positions searched per move" if result.is_game else "Inference compute per answer (FLOP)"
    )
    chart = builder.xy(
        style.Axis(
            "Training compute (FLOP)", in_flop, ends=(float(x[0]), float(x[-1])), unit="FLOP"
        ),
        style.Axis(
            unit,
            in_words if result.is_game else in_flop,
            ends=(float(y[0]), float(y[-1])),
            unit="positions" if result.is_game else "FLOP",
        ),
    )
    chart.figure.update_layout(height=HEIGHT)
    _ground(chart, result)
    _beyond(chart, result)
    _equal_curves(chart, result)
    _points(chart, result)
    _budget(chart, result)
    for pin in builder.pinned():
        if pin.result.best is not None and pin.result.is_game == result.is_game:
            _budget_line(
                chart, pin.result, pin.colour, f"{pin.name}: {pin.result.budget_words}", pin.dash
            )
            _best(chart, result, pin.result.best, pin.name, pin.colour, pin.symbol)
    return chart.figure


def _ground(chart: Chart, result: ComputeMap) -> None:
    """Quality as a shade of the ground, in 255 steps; the numbers are on the curves."""
    score = _one_cell_further(result.score)
    low, high = float(np.nanmin(score)), float(np.nanmax(score))
    steps = 255.0 * (np.nan_to_num(score, nan=low) - low) / max(high - low, 1e-9)
    chart.figure.add_heatmap(
        x=result.training_flop,
        y=result.inference,
        z=steps.astype(np.uint8),
        zmin=0,
        zmax=255,
        colorscale=_SHADES,
        showscale=False,
        hoverinfo="skip",
    )


def _beyond(chart: Chart, result: ComputeMap) -> None:
    """Grey beyond the span and below the least compute of an answer, with words for both."""
    x = result.training_flop
    top, bottom = float(result.inference[-1]), float(result.inference[0])
    one = "no search" if result.is_game else "one pass of a small model"
    edges = (
        (np.minimum(result.most, top), top, "more compute per answer does not help here", True),
        (result.least, bottom, one, False),
    )
    for edge, end, words, is_top in edges:
        inside = np.clip(edge, bottom, top)
        chart.figure.add_scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([inside, np.full(x.size, end)]),
            fill="toself",
            fillcolor=style.translucent(style.GREY, 0.28),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=words,
        )
        chart.figure.add_scatter(
            x=x,
            y=inside,
            mode="lines",
            line={"color": style.GREY, "width": 2},
            hoverinfo="skip",
            name=words,
        )
        if is_top:
            # Some way down, clear of the name of the best split and of the budget's flat part.
            at = 4
            place = (
                float(x[at]),
                top * (float(inside[at]) / top) ** (0.4 if result.is_game else 0.62),
                "left",
                True,
            )
        else:
            at = x.size - 4
            place = (float(x[at]), bottom, "right", False)
        room = abs(math.log(float(inside[at]) / end)) / math.log(top / bottom)
        if room > 0.05:
            chart.label(place[0], place[1], words, None, anchor=place[2], below=place[3])


def _equal_curves(chart: Chart, result: ComputeMap) -> None:
    """All curves as one trace with gaps, and their names as another: a trace and an annotation each
    would take most of a rerun.
    """
    if not result.curves:
        return
    names = [
        curve.words if result.is_game else in_flop(10.0**curve.score) for curve in result.curves
    ]
    gap = [np.nan]
    x = np.concatenate([part for curve in result.curves for part in (curve.training_flop, gap)])
    y = np.concatenate([part for curve in result.curves for part in (curve.inference, gap)])
    as_good = [name if result.is_game else f"as good as {name} FLOP in one pass" for name in names]
    hover = [
        text
        for curve, text in zip(result.curves, as_good, strict=True)
        for text in [text] * (curve.inference.size + 1)
    ]
    chart.figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": style.BLUE, "width": 1.4},
        text=hover,
        hovertemplate="%{text}<extra></extra>",
        name="equal quality",
    )
    every = max(1, math.ceil(len(result.curves) / _MAX_LABELS))
    shown = [at for at in range(len(names)) if at % every == 0]
    places = [_name_place(result, result.curves[at], at / max(1, len(names) - 1)) for at in shown]
    chart.figure.add_scatter(
        x=[place[0] for place in places],
        y=[place[1] for place in places],
        mode="text",
        text=[names[at] for at in shown],
        textposition=[place[2] for place in places],
        textfont={"color": style.BLUE, "size": 13},
        hoverinfo="skip",
        cliponaxis=False,
        name="names of equal quality",
    )


def _name_place(result: ComputeMap, curve: EqualCurve, rank: float) -> tuple[float, float, str]:
    """Where a curve is named, and on which side of that point; `rank` is its place among the
    curves, 0 to 1.
    """
    # Parallel lines close together: names go down from one to the next, so that they do not meet on
    # a narrow screen.
    along = 0.08 + 0.7 * rank if result.is_game else _LABELS_AT
    log_x, log_y = np.log(curve.training_flop), np.log(curve.inference)
    at = int(np.argmin(np.abs(log_x - log_x.min() - along * np.ptp(log_x))))
    first, last = np.log(result.training_flop[[0, -1]])
    near_the_edge = log_x[at] > first + 0.86 * (last - first)
    return (
        float(np.exp(log_x[at])),
        float(np.exp(log_y[at])),
        "bottom left" if near_the_edge else "top right",
    )


def _points(chart: Chart, result: ComputeMap) -> None:
    if not result.points:
        return
    chart.points(
        np.array([point.training_flop for point in result.points]),
        np.array([point.inference for point in result.points]),
        [f"{point.name}: {round(point.score):,} Elo" for point in result.points],
        style.PURPLE,
        name="known",
        symbol="diamond",
        size=10,
        opacity=1.0,
    )
    first, last = result.points[0], result.points[-1]
    chart.curve(
        np.array([first.training_flop, last.training_flop]),
        np.array([first.inference, last.inference]),
        style.PURPLE,
        name=f"{in_words(last.training_flop / first.training_flop, 2)} times the training",
        dash="dot",
    )
    # One below the line and one above it, so that they do not meet on a narrow screen.
    for point, anchor, below in ((first, "left", True), (last, "right", False)):
        words = f"{point.name}: {round(point.score):,} Elo"
        chart.label(
            point.training_flop, point.inference, words, style.PURPLE, anchor=anchor, below=below
        )


def _budget(chart: Chart, result: ComputeMap) -> None:
    if result.best is None:
        return
    _budget_line(chart, result, style.VERMILION, result.budget_words, "dash")
    _name_budget(chart, result)
    low_x, high_x = np.log(result.budget_training_flop[[0, -1]])
    for level in chart.levels:
        ends = quantile_of(result.share_draws, [(1 - level) / 2, (1 + level) / 2], "linear")
        share = np.linspace(ends[0], ends[1], 40)
        total = result.best.training_flop / result.best.train_share
        log_x = np.clip(np.log(share * total), low_x, high_x)
        chart.figure.add_scatter(
            x=np.exp(log_x),
            y=np.exp(
                np.interp(
                    log_x, np.log(result.budget_training_flop), np.log(result.budget_inference)
                )
            ),
            mode="lines",
            line={"color": style.translucent(style.VERMILION, 0.35), "width": 10},
            hoverinfo="skip",
            name=f"{level:.0%} of draws",
        )
    _best(
        chart,
        result,
        result.best,
        f"{result.train_share.value:.0%} in training",
        style.VERMILION,
        "circle",
    )


def _budget_line(chart: Chart, result: ComputeMap, colour: str, name: str, dash: str) -> None:
    chart.curve(
        result.budget_training_flop,
        result.budget_inference,
        colour,
        name=name,
        dash=dash,
        width=2.5,
    )


def _name_budget(chart: Chart, result: ComputeMap) -> None:
    """The budget named on its line, where it enters the map from the left or from above."""
    x, y = result.budget_training_flop, result.budget_inference
    first, last = np.log(result.training_flop[[0, -1]])
    seen = np.flatnonzero(
        (np.log(x) >= first + 0.02 * (last - first))
        & (y <= result.inference[-1])
        & (y >= result.inference[0])
    )
    if seen.size == 0:
        return
    words = f"budget {result.budget_short}"
    # The flat part has room above it; a line that comes in from above has it beside itself.
    flat = y[seen[0]] < 0.6 * result.inference[-1]
    place = float(x[seen[0]]), float(y[seen[0]])
    chart.label(*place, words, style.VERMILION, anchor="left" if flat else "right", below=not flat)


def _best(
    chart: Chart, result: ComputeMap, best: Split, words: str, colour: str, symbol: str
) -> None:
    per = "per move" if result.is_game else "per answer"
    chart.point(
        best.training_flop,
        best.inference,
        f"{words}<br>training {in_words(best.training_flop)} FLOP<br>{per}"
        f" {in_words(best.inference)} {'positions' if result.is_game else 'FLOP'}",
        colour,
        name=words,
        symbol=symbol,
        size=13,
    )
    # Above the budget, on the side with more room.
    first, last = np.log(result.training_flop[[0, -1]])
    left = math.log(best.training_flop) > first + 0.7 * (last - first)
    side: dict[str, Any] = (
        {"anchor": "right", "arrow": (-16, -84)} if left else {"anchor": "left", "arrow": (20, -50)}
    )
    chart.label(best.training_flop, best.inference, f"<b>{words}</b>", colour, **side)


def _one_cell_further(score: np.ndarray) -> np.ndarray:
    """The score with its rim carried one cell on, so that the shade ends under the grey and not
    before it.
    """
    wider = score.copy()
    for shift in (1, -1):
        moved = np.roll(score, shift, axis=0)
        moved[0 if shift == 1 else -1] = np.nan
        wider = np.where(np.isnan(wider), moved, wider)
    return wider
