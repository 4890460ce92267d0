"""Chart of searching step by step: accuracy against steps written, for each way to search, with the
target and the perfect limits.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_percent, in_words
from forecasting.inference.step_comparison import WAYS, StepComparison

STYLES = {
    "retried steps": (style.BLUE, "solid", "circle"),
    "beam": (style.GREEN, "dash", "square"),
    "best of N chains": (style.PURPLE, "dashdot", "diamond"),
    "whole answers": (style.VERMILION, "dot", "triangle-up"),
}
#: Where the name of each line stands, in pixels from its end.
LABEL_PLACES = {
    "retried steps": (46, 20),
    "beam": (40, 24),
    "best of N chains": (-34, 62),
    "whole answers": (60, 26),
}


def step_search_chart(result: StepComparison, builder: ChartBuilder[StepComparison]) -> Figure:
    """One line a way to search, at growing effort; a large mark where it first reaches the target
    at least cost.
    """
    length = float(result.problem.steps)
    until = 3000.0 * length
    x_ends = (0.8 * length, until) if builder.log else (0.0, 40.0 * length)
    chart = builder.xy(
        style.Axis("Steps written per answer", in_words, ends=x_ends, log=builder.log, hover=steps),
        style.Axis(
            "Probability that the answer is right",
            percent,
            ends=(0.0, 1.2),
            log=False,
            ticks=style.SHARE_TICKS,
        ),
    )
    names = [
        f"beams up to width {result.scenario.beam_width}" if way == "beam" else way for way in WAYS
    ]
    ends = []
    for way, name in zip(WAYS, names, strict=True):
        colour, dash, symbol = STYLES[way]
        shown = [each for each in result.curves[way] if each.cost <= x_ends[1]]
        cost, accuracy = (
            np.array([each.cost for each in shown]),
            np.array([each.accuracy for each in shown]),
        )
        chart.curve(cost, accuracy, colour, name=name, dash=dash)
        hover = [
            f"{name}, {each.setting}<br>{steps(each.cost)}: {percent(each.accuracy)} right"
            for each in shown
        ]
        chart.points(cost, accuracy, hover, colour, name=name, symbol=symbol, size=6, opacity=0.9)
        ends.append((float(cost[-1]), float(accuracy[-1])))
        best = result.cheapest[way]
        if best is not None and best.cost <= x_ends[1]:
            words = (
                f"{best.way}, {best.setting}<br>{steps(best.cost)} reach {percent(best.accuracy)}"
            )
            chart.point(
                best.cost,
                best.accuracy,
                words,
                colour,
                name="reaches the target",
                symbol=symbol,
                size=13,
            )
    for way, name, (x, y) in zip(WAYS, names, ends, strict=True):
        chart.label(x, y, name, STYLES[way][0], anchor="auto", arrow=LABEL_PLACES[way])
    target = result.scenario.target_accuracy
    chart.mark_level(target, f"target {in_percent(target)}")
    perfect = (
        (result.problem.perfect_retried_steps, "step by step", style.BLUE),
        (result.problem.perfect_whole_answers, "whole answers", style.VERMILION),
    )
    for number, (at, what, colour) in enumerate(perfect):
        if at <= x_ends[1]:
            words = f"perfect, {what}: {in_words(at, 3)}"
            chart.point(at, 1.0, f"{words} steps", colour, name=words, symbol="star", size=13)
            chart.label(
                at, 1.0, words, colour, anchor="left", arrow=(12, -18 if number == 0 else -36)
            )
    return chart.figure


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)


def steps(count: float) -> str:
    """A number of steps."""
    return f"{in_words(count, 3 if count < 1000 else 2)} steps"
