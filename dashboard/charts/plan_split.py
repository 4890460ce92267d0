"""Chart of the best split by year: the share of inference with its bands, training above it, and
when something other than money binds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.arrays import FloatArray
from forecasting.planning.plan import PlanResult
from forecasting.reporting.planning_answers import LIMIT_WORDS
from forecasting.stats.bands import Bands

LAST_OBSERVED = 2025
#: Above this share there is no room for a label over the line.
HIGH = 0.92
#: Where a pin's line is no higher than this above the plan's own, the plan's label stands below its
#: line.
CROWDED = 0.1
#: Heights at which labels stand between the grid lines, and how far from any line they must stay
#: and need not stay farther.
LABEL_HEIGHTS = (0.055, 0.125, 0.195, 0.305, 0.375, 0.445, 0.555, 0.625, 0.695, 0.805, 0.875, 0.945)
MIN_ROOM, ENOUGH_ROOM = 0.03, 0.1


def plan_split_chart(result: PlanResult, builder: ChartBuilder[PlanResult]) -> Figure:
    """Inference below the line, training above it; shares of what is spent."""
    bands, years = result.bands["inference_share"], result.years
    chart = builder.over_time(
        "Share of spending",
        "{:.0%}".format,
        values=(np.array([0.0, 1.0]),),
        years=year_ends(result),
        log=False,
    )
    chart.figure.update_yaxes(
        range=[0.0, 1.0],
        tickvals=[0, 0.25, 0.5, 0.75, 1.0],
        ticktext=["0%", "25%", "50%", "75%", "100%"],
    )
    chart.figure.add_scatter(
        x=np.concatenate([years, years[::-1]]),
        y=np.concatenate([bands.median, np.zeros_like(years)]),
        fill="toself",
        fillcolor=style.translucent(style.BLUE, 0.10),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="inference",
    )
    mark_plan_years(chart, result)
    chart.bands(bands, style.BLUE)
    chart.line(bands, style.BLUE, name="share of inference")
    for pin in builder.pinned():
        pinned = pin.result.bands["inference_share"]
        chart.line(pinned, pin.colour, name=pin.name, dash=pin.dash)
        at = pin_place(pinned, pin.number)
        chart.label(pinned.x[at], pinned.median[at], pin.name, pin.colour)
    pinned_lines = [_over(years, pin) for pin in builder.pins]
    for at, anchor in ((0, "left"), (len(years) - 1, "right"))[: len(years)]:
        value = float(bands.median[at])
        crowded = value > HIGH or any(0.0 < line[at] - value < CROWDED for line in pinned_lines)
        chart.label(years[at], value, f"{value:.0%}", style.BLUE, anchor=anchor, below=crowded)
    lines = [
        bands.median,
        *(end for level in builder.levels for end in bands.interval(level)),
        *pinned_lines,
    ]
    moment = result.first_limit[1] if result.first_limit else None
    for words, colour, is_above in (
        ("into inference", style.BLUE, False),
        ("into training", style.VERMILION, True),
    ):
        place = free_place(years, bands.median, lines, is_above=is_above, avoid=moment)
        if place is not None:
            chart.label(place[0], place[1], words, colour, anchor="center", middle=True)
    return chart.figure


def free_place(
    years: FloatArray,
    split: FloatArray,
    lines: Sequence[FloatArray],
    *,
    is_above: bool,
    avoid: int | None,
) -> tuple[float, float] | None:
    """Year and height for a label on one side of the split, clear of all lines and as near to the
    middle as can be; None without room.

    Heights between grid lines are tried, in years away from the ends and from the one to `avoid`,
    where a vertical line stands.
    """
    wide = max(1, len(years) // 7)
    places = []
    for at in range(wide, len(years) - wide):
        if avoid is not None and abs(years[at] - avoid) < wide:
            continue
        near = slice(at - wide, at + wide + 1)
        for height in LABEL_HEIGHTS:
            sides = [np.sign(line[near] - height) for line in (split, *lines)]
            # A line that is on both sides of the height goes through the label.
            if (sides[0] != (-1.0 if is_above else 1.0)).any() or any(
                float(np.ptp(side)) > 0 for side in sides
            ):
                continue
            room = min(float(np.abs(line[near] - height).min()) for line in lines)
            middle = (split[at] + is_above) / 2
            if room > MIN_ROOM:
                places.append(
                    (
                        min(room, ENOUGH_ROOM),
                        -abs(at - (len(years) - 1) / 2),
                        -abs(height - middle),
                        float(years[at]),
                        height,
                    )
                )
    return max(places)[3:] if places else None


def _over(years: FloatArray, pin: PlanResult) -> FloatArray:
    """A pin's line in these years; held at its ends where it covers others."""
    pinned = pin.bands["inference_share"]
    line: FloatArray = np.interp(years, pinned.x, pinned.median)
    return line


def year_ends(result: PlanResult) -> tuple[float, float]:
    """The ends of the x axis: half a year of air about the plan."""
    return float(result.years[0]) - 0.5, float(result.years[-1]) + 0.5


def pin_place(bands: Bands, number: int) -> int:
    """Where the line of a pin is named: each in another year, away from the ends where the plan's
    own names stand.
    """
    return min(number, len(bands.x) - 1)


def projection_words(last_year: int) -> str:
    """What the shaded ground is."""
    return f"projection to {last_year} from data to {LAST_OBSERVED}"


def mark_plan_years(chart: Chart, result: PlanResult) -> None:
    """All years of a plan are projected; the moment that matters is when something other than money
    first binds.
    """
    first, last = year_ends(result)
    chart.mark_beyond(first, last, projection_words(int(result.years[-1])))
    found = result.first_limit
    if found is not None:
        limit, year = found
        chart.mark_moment(year, f"{LIMIT_WORDS[limit]} limits")
    chart.figure.update_xaxes(dtick=1 if len(result.years) <= 12 else 2)
