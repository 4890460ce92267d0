"""Chart of throughput against the time of a token: the frontier by batch, and what was measured."""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import counted, in_words
from forecasting.reporting.serving_answers import in_milliseconds
from forecasting.serving.service_frontier import MeasuredPoint, ServiceFrontier
from forecasting.stats.bands import QUANTILES

SYMBOLS = {"fp16": "square", "fp8": "circle", "fp4": "diamond"}


def service_frontier_chart(
    result: ServiceFrontier, builder: ChartBuilder[ServiceFrontier]
) -> Figure:
    """From one request at a time to a full replica; measurements of other lengths and precisions
    are beside it.
    """
    tpot = [result.middle.tpot_s, np.array([each.tpot_s for each in result.measured])]
    tokens = [
        result.middle.tokens_per_s_per_chip,
        np.array([each.tokens_per_s_per_chip for each in result.measured]),
    ]
    chart = builder.xy(
        style.Axis(
            "Mean time per output token (TPOT)",
            in_milliseconds,
            ends=_ends(tpot, result.scenario.tpot_limit_s),
            hover=lambda seconds: f"{in_milliseconds(seconds)} per token",
        ),
        style.Axis(
            "Output tokens per second per chip",
            in_words,
            tokens,
            log=builder.log,
            hover=lambda value: f"{in_words(value)} tokens/s per chip",
        ),
    )
    for level in builder.levels:
        low = QUANTILES.index(round((1.0 - level) / 2.0, 4))
        ends = [-1 - low, low]
        x = [result.spread.tpot_s[end] for end in ends]
        y = [result.spread.tokens_per_s_per_chip[end] for end in ends]
        chart.figure.add_scatter(
            x=np.concatenate([x[0], x[1][::-1]]),
            y=np.concatenate([y[0], y[1][::-1]]),
            fill="toself",
            fillcolor=style.translucent(style.BLUE, 0.16),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=f"{level:.0%} band",
        )
    name = f"{result.best.chips} chips" if result.best.chips > 1 else "1 chip"
    middle = result.middle
    batches = np.asarray(middle.batch)
    chart.figure.add_scatter(
        x=middle.tpot_s,
        y=middle.tokens_per_s_per_chip,
        mode="lines",
        line={"color": style.BLUE, "width": 2.5},
        text=[
            f"{counted(float(f'{batch:.2g}'), 'request')} on {name}<br>{in_milliseconds(tpot_s)}"
            " per token, the"
            f" first in {in_milliseconds(ttft_s)}<br>{in_words(speed)} tokens/s per chip"
            for batch, tpot_s, ttft_s, speed in zip(
                batches,
                middle.tpot_s,
                np.asarray(middle.ttft_s),
                middle.tokens_per_s_per_chip,
                strict=True,
            )
        ],
        hovertemplate="%{text}<extra></extra>",
        name="model of serving",
    )
    at = batches.size // 3
    chart.label(float(middle.tpot_s[at]), float(middle.tokens_per_s_per_chip[at]), name, style.BLUE)
    for precision, symbol in SYMBOLS.items():
        points = [each for each in result.measured if each.precision == precision]
        if points:
            chart.points(
                np.array([each.tpot_s for each in points]),
                np.array([each.tokens_per_s_per_chip for each in points]),
                [measured_words(each) for each in points],
                style.OCHRE,
                name=f"measured at {precision.upper()}",
                symbol=symbol,
                size=8,
            )
            top = max(points, key=lambda each: each.tokens_per_s_per_chip)
            chart.label(
                top.tpot_s,
                top.tokens_per_s_per_chip,
                f"measured, {precision.upper()}",
                style.OCHRE,
                anchor="center",
            )
    for pin in builder.pinned():
        other = pin.result.middle
        chart.curve(
            other.tpot_s, other.tokens_per_s_per_chip, pin.colour, name=pin.name, dash=pin.dash
        )
        at = 40 + 25 * pin.number
        chart.label(other.tpot_s[at], other.tokens_per_s_per_chip[at], pin.name, pin.colour)
    limit = result.scenario.tpot_limit_s
    if np.isfinite(limit):
        chart.mark_moment(limit, f"limit: {in_milliseconds(limit)}")
    best = result.best
    speed = float(best.tokens_per_s_per_chip)
    chart.point(
        float(best.tpot_s),
        speed,
        f"{in_words(float(best.batch), 2)} requests in flight: {in_words(speed)} tokens/s per chip",
        style.VERMILION,
        name="best within the limits",
    )
    chart.label(
        float(best.tpot_s),
        speed,
        f"<b>{in_words(speed)} tokens/s</b>",
        style.VERMILION,
        anchor="right",
        arrow=(-30, -30),
    )
    return chart.figure


def measured_words(point: MeasuredPoint) -> str:
    """A measurement, with who made it; a figure a chip is not MLPerf's own result."""
    who = ", ".join(filter(None, (point.submitter, point.scenario)))
    derived = "<br>derived per chip: not an MLPerf result" if point.is_mlperf else ""
    return (
        f"{point.source} {point.round}<br>{who}: {point.model} at {point.precision.upper()},"
        f" {counted(point.chips, 'chip')}<br>{in_words(point.tokens_in, 2)} tokens in,"
        f" {in_words(point.tokens_out, 2)} out<br>{in_words(point.tokens_per_s_per_chip)} tokens/s"
        f" per chip, {in_milliseconds(point.tpot_s)} per token{derived}"
    )


def _ends(
    values: list[np.ndarray[tuple[int], np.dtype[np.float64]]], limit: float
) -> tuple[float, float]:
    """The ends of the axis of latency: what is drawn, and the limit."""
    joined = np.concatenate([*values, [limit] if np.isfinite(limit) else []])
    return float(joined.min()) / 1.4, float(joined.max()) * 1.4
