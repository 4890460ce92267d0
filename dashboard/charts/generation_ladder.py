"""Chart of the ladder of generations for one need: what each step takes, and what there will be."""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_words
from forecasting.planning.generations import Generations

MODE_STYLES = {
    "compute": (style.BLUE, "100× compute", "circle"),
    "everything": (style.VERMILION, "100× of everything", "diamond"),
}

#: Share of the axis that the names of the steps take.
STRIP = 0.14
#: Keeps a name clear of the marker that it stands beside.
BESIDE = "\u00a0" * 3


def generation_ladder_chart(
    result: Generations,
    need: str,
    *,
    title: str,
    words: style.Words = in_words,
    unit: str = "",
) -> Figure:
    """Needs of both modes with ranges, and the supply as a band, over the dates of the
    steps.
    """
    steps = {mode: result.ladder(mode) for mode in MODE_STYLES}
    past = [step for step in result.past if need in step.needs]
    ends = [
        value
        for step in result.ahead
        for each in (step.needs[need], step.supplies[need])
        for value in each.ends[:2]
    ]
    finite = np.array(
        [
            value
            for value in [*ends, *(step.needs[need].value for step in past)]
            if np.isfinite(value)
        ]
    )
    first = min([step.date.value for step in past], default=steps["compute"][0].date.value) - 1.0
    last = steps["compute"][-1].date.value + 1.6
    chart = ChartBuilder().over_time(
        title, words, values=(finite,), years=(first, last), log=True, unit=unit
    )
    chart.mark_beyond(2025.5, last, "projection")
    ahead = steps["compute"]
    if all(np.isfinite(step.supplies[need].value) for step in ahead):
        dates = np.array([step.date.value for step in ahead])
        middle = np.array([step.supplies[need].value for step in ahead])
        low, high, level = np.array([step.supplies[need].ends for step in ahead]).T
        chart.figure.add_scatter(
            x=np.concatenate([dates, dates[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=style.translucent(style.GREEN, 0.16),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=f"{level[0]:.0%} band",
        )
        chart.curve(dates, middle, style.GREEN, name="available", dash="dash")
        chart.label(dates[-1], low[-1], "available", style.GREEN, below=True)
    if past:
        chart.points(
            np.array([step.date.value for step in past]),
            np.array([step.needs[need].value for step in past]),
            [f"{step.name}: {words(step.needs[need].value)} {unit}".rstrip() for step in past],
            style.GREY,
            name="past",
            size=10,
            opacity=1.0,
        )
        for step in past:
            chart.label(
                step.date.value, step.needs[need].value, step.name, style.GREY, anchor="center"
            )
    for mode, (colour, name, symbol) in MODE_STYLES.items():
        for step in steps[mode]:
            needed = step.needs[need]
            least, most, _ = needed.ends
            chart.figure.add_scatter(
                x=[step.date.value],
                y=[needed.value],
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [most - needed.value],
                    "arrayminus": [needed.value - least],
                },
                mode="markers",
                marker={"color": colour, "size": 10, "symbol": symbol},
                text=[
                    f"{step.name}, {name}: {needed.with_range(words, unit)}; chance that it is"
                    f" available {step.enough[need]:.0%}"
                ],
                hovertemplate="%{text}<extra></extra>",
                name=name,
            )
        reached = steps[mode][-1]
        chart.label(
            reached.date.value, reached.needs[need].value, name + BESIDE, colour, middle=True
        )
    # The steps are named at the foot, in a strip below the lowest grid line.
    foot, top = chart.figure.range_y
    lowest = min(
        foot, math.log10(chart.figure.layout["yaxis"]["tickvals"][0]) - STRIP * (top - foot)
    )
    chart.figure.update_yaxes(range=[lowest, top])
    for step in ahead:
        chart.figure.add_annotation(
            x=step.date.value,
            y=0.0,
            xref="x",
            yref="paper",
            text=step.name.replace(" ", "<br>"),
            showarrow=False,
            yanchor="bottom",
            font={"size": 12},
        )
    return chart.figure
