"""Chart of the probability that public text is used up by each date: the scenario, both demands,
and the published forecast.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.text_limits.exhaustion_dates import ExhaustionDates
from forecasting.text_limits.text_exhaustion import TextExhaustion
from forecasting.text_limits.text_published_dates import THE_PAPER

FIRST_SHOWN_YEAR = 2020


def text_chance_chart(result: TextExhaustion, builder: ChartBuilder[TextExhaustion]) -> Figure:
    """P(used up by t): the scenario as a line, each demand alone dotted, even odds and the median
    date marked.
    """
    horizon = float(result.scenario.horizon_year)
    years = result.chance_years
    shown = years >= FIRST_SHOWN_YEAR
    chart = builder.over_time(
        "Probability that public text is used up",
        "{:.0%}".format,
        values=[np.array([0.0, 1.0])],
        years=(FIRST_SHOWN_YEAR, horizon),
        hover_year="{:.2f}".format,
        log=False,
    )
    chart.mark_projection(float(result.growth.sizes.dates[-1]), horizon)
    chart.mark_level(0.5, "even odds")
    if result.scenario.demand == "mixture":
        for dates, name, colour, place, right in (
            (result.history, "past growth alone", style.OCHRE, 0.9, False),
            (result.compute, "compute forecast alone", style.VERMILION, 0.72, True),
        ):
            _curve(chart, years[shown], dates, colour, name, dash="dot", width=1.5)
            _name(chart, dates, place, name, colour, right=right)
    _curve(chart, years[shown], result.dates, style.BLUE, "this scenario", width=3)
    for pin in builder.pinned():
        _curve(chart, years[shown], pin.result.dates, pin.colour, pin.name, dash=pin.dash)
        _name(chart, pin.result.dates, 0.3, pin.name, pin.colour, right=True)
    if math.isfinite(result.median_year):
        chart.mark_moment(result.median_year, str(math.floor(result.median_year)))
    _mark_published(chart)
    return chart.figure


def _curve(
    chart: Chart,
    years: np.ndarray,
    dates: ExhaustionDates,
    colour: str,
    name: str,
    *,
    dash: str = "solid",
    width: float = 2.0,
) -> None:
    chart.curve(years, dates.share_by(years), colour, name=name, dash=dash, width=width)


def _name(
    chart: Chart, dates: ExhaustionDates, share: float, name: str, colour: str, *, right: bool
) -> None:
    """The curve's name, to the left above it or to the `right` below it, since curves rise."""
    at = dates.quantile(share)
    if math.isfinite(at):
        anchor, away = ("left", 0.4) if right else ("right", -0.4)
        chart.label(at + away, share, name, colour, anchor=anchor, below=right)


def _mark_published(chart: Chart) -> None:
    """The paper's own median with its 80% range, at even odds."""
    assert THE_PAPER.value is not None
    assert THE_PAPER.low is not None
    assert THE_PAPER.high is not None
    chart.point(
        THE_PAPER.value,
        0.5,
        f"{THE_PAPER.who}: {THE_PAPER.words}",
        style.GREY,
        name="published",
        symbol="diamond",
        size=10,
    )
    chart.figure.data[-1]["error_x"] = {
        "type": "data",
        "symmetric": False,
        "array": [THE_PAPER.high - THE_PAPER.value],
        "arrayminus": [THE_PAPER.value - THE_PAPER.low],
        "color": style.GREY,
    }
    chart.label(THE_PAPER.high + 0.4, 0.5, "published: 2028", style.GREY, anchor="left", below=True)
