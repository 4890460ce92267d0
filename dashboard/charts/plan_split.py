"""Chart of the best split by year: the share of inference with its bands, training above it, and when something other than money binds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import house
from forecasting.core.bands import Bands
from forecasting.planning.plan import LIMIT_WORDS, PlanResult

LAST_OBSERVED = 2025
#: Above this share there is no room for a label over the line.
HIGH = 0.92


def plan_split_chart(result: PlanResult, *, levels: Sequence[float], pins: Sequence[PlanResult]) -> go.Figure:
    """Inference below the line, training above it; shares of what is spent."""
    bands, years = result.bands["inference_share"], result.years
    chart = house.figure(
        y_title="Share of what is spent",
        log=False,
        words="{:.0%}".format,
        values=(np.array([0.0, 1.0]),),
        years=year_ends(result),
    )
    chart.update_yaxes(range=[0.0, 1.0], tickvals=[0, 0.25, 0.5, 0.75, 1.0], ticktext=["0%", "25%", "50%", "75%", "100%"])
    chart.add_scatter(
        x=np.concatenate([years, years[::-1]]),
        y=np.concatenate([bands.median, np.zeros_like(years)]),
        fill="toself",
        fillcolor=house.translucent(house.BLUE, 0.10),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="inference",
    )
    mark_plan_years(chart, result)
    house.add_bands(chart, bands, levels, house.BLUE)
    house.add_line(chart, bands, house.BLUE, solid_until=-np.inf, name="share of inference", words="{:.0%}".format)
    for number, (pin, (colour, dash, _)) in enumerate(zip(pins, house.PIN_STYLES, strict=False), start=1):
        pinned = pin.bands["inference_share"]
        house.add_line(chart, pinned, colour, solid_until=-np.inf, name=f"pin {number}", words="{:.0%}".format, dash=dash)
        at = pin_place(pinned, number)
        house.label(chart, float(pinned.years[at]), float(pinned.median[at]), f"pin {number}", colour, log=False)
    for at, anchor in ((0, "left"), (len(years) - 1, "right")):
        value = float(bands.median[at])
        house.label(chart, float(years[at]), value, f"{value:.0%}", house.BLUE, log=False, anchor=anchor, below=value > HIGH)
    at = len(years) // 2
    middle = float(bands.median[at])
    if middle > 1 - HIGH:
        house.label(chart, float(years[at]), middle / 2, "into inference", house.BLUE, log=False, anchor="center")
    if middle < HIGH:
        house.label(chart, float(years[at]), (1 + middle) / 2, "into training", house.VERMILION, log=False, anchor="center")
    return chart


def year_ends(result: PlanResult) -> tuple[float, float]:
    """The ends of the x axis: half a year of air about the plan."""
    return float(result.years[0]) - 0.4, float(result.years[-1]) + 0.4


def pin_place(bands: Bands, number: int) -> int:
    """Where the line of a pin is named: each in another year, away from the ends where the plan's own names stand."""
    return min(number, len(bands.years) - 1)


def projection_words(last_year: int) -> str:
    """What the shaded ground is."""
    return f"projection to {last_year}, from prices and supplies observed to {LAST_OBSERVED}"


def mark_plan_years(chart: go.Figure, result: PlanResult) -> None:
    """All years of a plan are projected; the moment that matters is when something other than money first binds."""
    first, last = year_ends(result)
    house.mark_beyond(chart, first, last, projection_words(int(result.years[-1])))
    found = result.first_limit
    if found is not None:
        limit, year = found
        house.mark_moment(chart, year, f"{LIMIT_WORDS[limit]} binds")
    chart.update_xaxes(dtick=1 if len(result.years) <= 12 else 2)
