"""Chart of the chips that a demand takes: a staircase of whole replicas over requests a day, beside
what the bill for bought tokens would rent.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.arrays import FloatArray
from forecasting.formatting import in_dollars, in_words
from forecasting.serving.served_demand import REQUESTS, ServedDemand
from forecasting.stats.bands import QUANTILES
from forecasting.stats.quantiles import quantile_of

TITLES = {"chips": "Chips", "usd": "Cost per month (USD)"}
#: Steps that are drawn one by one; beyond them a step is too small to be seen.
STEPS = 60


def served_demand_chart(
    result: ServedDemand, builder: ChartBuilder[ServedDemand], *, shows: str
) -> Figure:
    """Chips, or their cost a month, over requests a day; the demand and the break-even marked."""
    words = in_dollars if shows == "usd" else in_words
    middle = Staircase.of(result, shows, 0.5)
    drawn = [middle.values, *(Staircase.of(pin, shows, 0.5).values for pin in builder.pins)]
    for level in builder.levels[:1]:
        drawn += [Staircase.of(result, shows, q).values for q in _ends(level)]
    bought = bought_line(result, shows)
    chart = builder.xy(
        style.Axis(
            "Requests per day",
            in_words,
            ends=(float(REQUESTS[0]), float(REQUESTS[-1])),
            hover=lambda value: f"{in_words(value, 2)} requests per day",
        ),
        style.Axis(
            TITLES[shows],
            words,
            drawn,
            log=builder.log,
            unit="" if shows == "usd" else "chips",
        ),
    )
    for level in builder.levels:
        low, high = (Staircase.of(result, shows, quantile) for quantile in _ends(level))
        _band(chart, low, high, name=f"{level:.0%} band")
    _line(chart, middle, style.BLUE, "served", "solid")
    chart.label(*middle.at(3e8), "served", style.BLUE)
    if bought is not None and result.bought is not None:
        name = result.bought.listed.name
        chart.curve(REQUESTS, bought, style.OCHRE, name=f"bought: {name}", dash="dash")
        chart.label(
            REQUESTS[150], bought[150], f"bought: {name}", style.OCHRE, anchor="left", below=True
        )
    for pin in builder.pinned():
        stairs = Staircase.of(pin.result, shows, 0.5)
        _line(chart, stairs, pin.colour, pin.name, pin.dash)
        chart.label(*stairs.at(2e7 * 3.0**pin.number), pin.name, pin.colour)
    _marks(chart, result, shows, words)
    return chart.figure


class Staircase:
    """Whole replicas over requests a day at one quantile of the draws: the corners of its steps."""

    def __init__(self, requests: FloatArray, values: FloatArray) -> None:
        self.requests, self.values = requests, values

    @classmethod
    def of(cls, result: ServedDemand, shows: str, quantile: float) -> Staircase:
        """The chips of a result, or their cost a month."""
        per_request = float(quantile_of(result.fleet.per_daily_request, (quantile,), "nearest")[0])
        last = float(REQUESTS[-1])
        if math.isinf(per_request):
            return cls(REQUESTS, np.full(REQUESTS.shape, np.nan))
        first = max(1.0, math.ceil(REQUESTS[0] * per_request))
        replicas = first + np.arange(STEPS)
        most = math.ceil(last * per_request)
        if most > replicas[-1]:
            replicas = np.concatenate([replicas, np.geomspace(replicas[-1] * 1.02, most, 120)])
        ends = np.minimum(replicas / per_request, last)
        starts = np.concatenate([[REQUESTS[0]], ends[:-1]])
        value = chips_or_usd(result, shows) * (
            result.replica.chips * (replicas + result.scenario.spare_replicas)
        )
        inside = starts < last
        corners = np.stack([starts, ends], axis=1)[inside].ravel()
        return cls(corners, np.repeat(value[inside], 2))

    def at(self, requests: float) -> tuple[float, float]:
        """A point of it at this many requests a day."""
        return requests, float(np.interp(requests, self.requests, self.values))


def bought_line(result: ServedDemand, shows: str) -> FloatArray | None:
    """The bill for bought tokens at REQUESTS a day, in chips that it would rent or in dollars."""
    if result.bought_by_requests is None:
        return None
    per_chip = 1.0 if shows == "usd" else result.usd_per_month_of_chip
    line: FloatArray = result.bought_by_requests / per_chip
    return line


def chips_or_usd(result: ServedDemand, shows: str) -> float:
    """What a chip counts on the axis."""
    return result.usd_per_month_of_chip if shows == "usd" else 1.0


def _ends(level: float) -> tuple[float, float]:
    low = round((1.0 - level) / 2.0, 4)
    assert low in QUANTILES
    return low, round(1.0 - low, 4)


def _band(chart: Chart, low: Staircase, high: Staircase, *, name: str) -> None:
    """The ground between two staircases, whose corners lie at different demands."""
    above = high.values
    if np.isnan(above).any():  # never: no number of chips is fast enough
        return
    chart.figure.add_scatter(
        x=np.concatenate([low.requests, high.requests[::-1]]),
        y=np.concatenate([low.values, above[::-1]]),
        fill="toself",
        fillcolor=style.translucent(style.BLUE, 0.16),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name=name,
    )


def _line(chart: Chart, stairs: Staircase, colour: str, name: str, dash: str) -> None:
    chart.curve(stairs.requests, stairs.values, colour, name=name, dash=dash)


def _marks(chart: Chart, result: ServedDemand, shows: str, words: style.Words) -> None:
    """The break-even, where there is one, and the demand."""
    met = result.break_even_requests_per_day
    if met is not None and REQUESTS[0] < met.value < REQUESTS[-1]:
        chart.mark_moment(
            met.value, f"serving is cheaper from {in_words(met.value, 2)}", at_top=True
        )
    asked = result.scenario.requests_per_day
    if not REQUESTS[0] <= asked <= REQUESTS[-1]:
        return
    value = result.chips.value * chips_or_usd(result, shows)
    if not math.isfinite(value):
        return
    chart.mark_moment(asked, "your demand")
    text = f"{words(value)} chips" if shows == "chips" else words(value)
    chart.point(
        asked,
        value,
        f"{in_words(asked)} requests per day: {text}",
        style.VERMILION,
        name="your demand",
    )
    chart.label(asked, value, f"<b>{text}</b>", style.VERMILION, anchor="right", arrow=(-26, -30))
