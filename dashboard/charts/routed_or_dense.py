"""Chart of what routing to experts saves, by dense size: nothing is left where a line
crosses zero.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_words, significant
from forecasting.scaling.routed_or_dense import LARGEST, RoutedOrDense

STYLES = {
    "S-Base": (style.BLUE, "circle"),
    "RL-R": (style.VERMILION, "diamond"),
    "Hash": (style.GREEN, "square"),
}


def routed_or_dense_chart(result: RoutedOrDense, builder: ChartBuilder[RoutedOrDense]) -> Figure:
    """Lines and bands for the chosen number of experts; filled points were run with that many,
    faint ones with others.
    """
    experts = float(result.scenario.experts)
    gains = np.concatenate([one.gains for one in result.routers])
    x = style.Axis(
        "Parameters of the dense model",
        in_words,
        ends=(float(result.routers[0].saved.x[0]) / 1.3, LARGEST),
        unit="dense parameters",
    )
    y = style.Axis(
        "Loss saved by routing (share of the dense model's)",
        percent,
        ends=(-0.06, float(gains.max()) * 1.08),
        log=False,
    )
    chart = builder.xy(x, y)
    beyond = (
        f"projection, {math.log10(LARGEST / result.largest_run):.0f} orders of magnitude beyond the"
        " runs"
    )
    chart.mark_beyond(result.largest_run, LARGEST, beyond)
    chart.mark_level(0.0, "")
    for one in result.routers:
        colour, symbol = STYLES[one.router]
        chart.bands(one.saved, colour, fades_after=result.largest_run * 10.0)
        same = one.experts == experts
        for keep, opacity, size in ((~same, 0.22, 5), (same, 0.95, 8)):
            hover = [
                f"{one.router}, {e:.0f} experts<br>{in_words(n)} dense parameters: {percent(g)}"
                " less loss"
                for n, e, g in zip(
                    one.params[keep], one.experts[keep], one.gains[keep], strict=True
                )
            ]
            chart.points(
                one.params[keep],
                one.gains[keep],
                hover,
                colour,
                name=one.router,
                symbol=symbol,
                size=size,
                opacity=opacity,
            )
        grid, line = one.saved.x, one.saved_line
        for part, dash in (
            (grid <= result.largest_run * 1.02, "solid"),
            (grid >= result.largest_run / 1.25, "dash"),
        ):
            chart.curve(grid[part], line[part], colour, name=one.router, dash=dash)
    # Names stand where the lines are furthest apart, crossings where they reach zero.
    for number, one in enumerate(sorted(result.routers, key=lambda fit: fit.crossover.value)):
        colour = STYLES[one.router][0]
        at = one.crossover.value
        if at < LARGEST:
            chart.point(at, 0.0, one.crossover_words, colour, name="crossover")
            words = f"{one.router}: {in_words(at, 1)}"
            place = (-40 + 36 * number, 30 + 22 * number)
            chart.label(at, 0.0, words, colour, anchor="auto", arrow=place)
    chart.mark_moment(result.largest_run, f"{result.scenario.experts} experts")
    return chart.figure


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{significant(100 * share, 2)}%"
