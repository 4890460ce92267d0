"""Charts of a machine's answer against a person's: cost over time, the date as a distribution, and
list prices of tokens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_dollars
from forecasting.inference.human_parity import HORIZON, HumanParity
from forecasting.inference.token_prices import ListPrices
from forecasting.reporting.inference_answers import month_words, percent
from forecasting.stats.bands import Bands
from forecasting.units import decimal_years

#: Below a hundredth of a cent a task is no longer a question of money.
MIN_USD = 1e-4


def parity_costs_chart(
    result: HumanParity, *, levels: Sequence[float], log: bool, pins: Sequence[HumanParity]
) -> go.Figure:
    """Cost a task over time, machine and person, with bands and the month in which they cross."""
    start = float(result.years[0])
    until = _until(result)
    shown = result.years <= until
    lines = (
        (_cut(result.machine, shown), style.BLUE, "machine's answer"),
        (_cut(result.human, shown), style.VERMILION, "person's answer"),
    )
    ends = [
        end
        for bands, *_ in lines
        for end in (bands.interval(max(levels)) if levels else (bands.median,))
    ]
    values = (
        [np.maximum(end, MIN_USD) for end in ends]
        if log
        else [lines[0][0].median, lines[1][0].median]
    )
    chart = style.figure(
        y_title="Cost a task (USD, nominal)",
        log=log,
        words=in_dollars,
        values=values,
        years=(start - 0.3, until + 0.1),
    )
    if until - start < 12.0:
        chart.update_xaxes(dtick=1)
    style.mark_projection(chart, start, until)
    for bands, colour, name in lines:
        style.add_bands(chart, bands, levels, colour)
        style.add_line(chart, bands, colour, solid_until=start, name=name, words=in_dollars)
        style.add_points(
            chart,
            bands.x[:1],
            bands.median[:1],
            [f"{name}, {month_words(start)}: {in_dollars(bands.median[0])}"],
            colour,
            name=name,
            size=9,
        )
    machine, human = lines[0][0], lines[1][0]
    tenth = max(1, int(0.12 * machine.x.size))
    style.label(
        chart,
        float(machine.x[tenth]),
        float(machine.median[tenth]),
        "machine's answer",
        style.BLUE,
        log=log,
        anchor="left",
    )
    late = int(0.75 * human.x.size)
    style.label(
        chart,
        float(human.x[late]),
        float(human.median[late]),
        "person's answer",
        style.VERMILION,
        log=log,
        anchor="left",
    )
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        bands = _cut(pin.machine, pin.years <= until)
        style.add_line(
            chart,
            bands,
            colour,
            solid_until=-math.inf,
            name=f"pin {number}",
            words=in_dollars,
            dash=dash,
        )
        at = min(bands.x.size - 1, 2 + number)
        style.label(
            chart, float(bands.x[at]), float(bands.median[at]), f"pin {number}", colour, log=log
        )
    if start < result.crossing.value <= until:
        style.mark_moment(chart, result.crossing.value, month_words(result.crossing.value))
    return chart


def parity_date_chart(
    result: HumanParity, *, levels: Sequence[float], pins: Sequence[HumanParity]
) -> go.Figure:
    """The probability that the machine's answer costs less, by date, with the ranges that hold the
    date.
    """
    years = result.months
    chart = style.figure(
        y_title="Probability that the machine's answer costs less",
        log=False,
        words=_percent,
        values=[np.array([0.0, 1.0])],
        years=(float(years[0]) - 0.2, HORIZON + 1.5),
    )
    for level in levels:
        low, high = np.clip(
            np.sort(result.draws)[
                [
                    int((1 - level) / 2 * (result.draws.size - 1)),
                    int((1 + level) / 2 * (result.draws.size - 1)),
                ]
            ],
            *chart.layout.xaxis.range,
        )
        _range(chart, low, high, level)
    _probability(chart, result, style.BLUE, "by this date", "solid")
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        _probability(chart, pin, colour, f"pin {number}", dash)
        at = min(pin.months.size - 1, 24 + 12 * number)
        style.label(
            chart,
            float(pin.months[at]),
            float(pin.cheaper_by_month[at]),
            f"pin {number}",
            colour,
            log=False,
        )
    style.mark_level(chart, 0.5, "even chance", log=False)
    if years[0] < result.crossing.value < HORIZON:
        style.mark_moment(chart, result.crossing.value, month_words(result.crossing.value))
    by_then = float(np.interp(HORIZON, years, result.cheaper_by_month))
    style.add_points(
        chart,
        np.array([HORIZON]),
        np.array([by_then]),
        [f"by {HORIZON}: {_percent(by_then)}"],
        style.VERMILION,
        name="horizon",
        size=10,
    )
    style.label(
        chart,
        HORIZON,
        by_then,
        f"not by {HORIZON}: {percent(result.not_by_horizon)}",
        style.VERMILION,
        log=False,
        below=by_then > 0.5,
    )
    return chart


def list_prices_chart(prices: ListPrices, *, levels: Sequence[float], log: bool) -> go.Figure:
    """List prices of newly listed models, and the line through them."""
    table = prices.table
    years = decimal_years(table["date"].to_numpy())
    usd = table["usd_per_mtok"].to_numpy()
    grid = np.linspace(float(years.min()), float(years.max()), 60)
    chart = style.figure(
        y_title="List price (USD a million tokens)",
        log=log,
        words=in_dollars,
        values=[usd],
        years=(float(years.min()) - 0.1, float(years.max()) + 0.1),
    )
    ticks = np.arange(math.ceil(years.min() * 2) / 2, years.max(), 0.5)
    chart.update_xaxes(
        tickvals=ticks,
        ticktext=[f"mid-{int(tick)}" if tick % 1 else f"{int(tick)}" for tick in ticks],
    )
    hover = [
        f"{model} ({provider or 'seller not named'}), {date:%B %Y}: {in_dollars(price)}"
        for model, provider, date, price in zip(
            table["model"], table["provider"].fillna(""), table["date"], usd, strict=True
        )
    ]
    bands = Bands(
        grid,
        prices.trend.forecast(grid, kind="trend").quantile(
            [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
        ),
    )
    style.add_bands(chart, bands, levels, style.BLUE)
    style.add_line(
        chart,
        bands,
        style.BLUE,
        solid_until=math.inf,
        name="trend of new listings",
        words=in_dollars,
    )
    style.add_points(chart, years, usd, hover, style.VERMILION, name="list price", size=6)
    style.label(
        chart,
        float(grid[-4]),
        float(bands.median[-4]),
        "trend of what is newly listed",
        style.BLUE,
        log=log,
    )
    return chart


def _range(chart: go.Figure, low: float, high: float, level: float) -> None:
    """The range that holds the date with a probability, as a ground."""
    if high > low:
        chart.add_shape(
            type="rect",
            xref="x",
            yref="paper",
            x0=low,
            x1=high,
            y0=0,
            y1=1,
            fillcolor=style.translucent(style.BLUE, 0.10),
            line={"width": 0},
            layer="below",
        )
        words = f"{level:.0%} range"
        chart.add_annotation(
            x=high,
            y=1,
            xref="x",
            yref="paper",
            text=words,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": 12},
        )


def _probability(chart: go.Figure, result: HumanParity, colour: str, name: str, dash: str) -> None:
    chart.add_scatter(
        x=result.months,
        y=result.cheaper_by_month,
        mode="lines",
        line={"color": colour, "width": 2.5, "dash": dash},
        text=[
            f"{name}, {month_words(year)}: {_percent(share)}"
            for year, share in zip(result.months, result.cheaper_by_month, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        name=name,
    )


def _until(result: HumanParity) -> float:
    """The years that matter: past the late end of the date's range, at least four, at most all."""
    start, last = float(result.years[0]), float(result.years[-1])
    late = result.crossing.high if math.isfinite(result.crossing.high) else result.crossing.value
    return last if late == math.inf else min(last, math.ceil(max(late, start + 3.0)) + 1.0)


def _cut(bands: Bands, shown: np.ndarray) -> Bands:
    return Bands(bands.x[shown], bands.values[:, shown])


def _percent(share: float) -> str:
    return f"{share:.0%}"
