"""Charts of a machine's answer against a person's: cost over time, the date as a distribution, and
list prices of tokens.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_dollars
from forecasting.inference.human_parity import HORIZON, HumanParity
from forecasting.inference.token_prices import ListPrices
from forecasting.reporting.inference_answers import month_words, percent
from forecasting.stats.bands import Bands
from forecasting.units import decimal_years

#: Below a hundredth of a cent a task is no longer a question of money.
MIN_USD = 1e-4


def parity_costs_chart(result: HumanParity, builder: ChartBuilder[HumanParity]) -> Figure:
    """Cost a task over time, machine and person, with bands and the month in which they cross."""
    start = float(result.years[0])
    until = _until(result)
    shown = result.years <= until
    lines = (
        (_cut(result.machine, shown), style.BLUE, "machine's answer"),
        (_cut(result.human, shown), style.VERMILION, "person's answer"),
    )
    ends = [end for bands, *_ in lines for end in builder.outermost(bands)]
    values = (
        [np.maximum(end, MIN_USD) for end in ends]
        if builder.log
        else [lines[0][0].median, lines[1][0].median]
    )
    chart = builder.over_time(
        "Cost per task (USD, nominal)", in_dollars, values=values, years=(start - 0.3, until + 0.1)
    )
    if until - start < 12.0:
        chart.figure.update_xaxes(dtick=1)
    chart.mark_projection(start, until)
    for bands, colour, name in lines:
        chart.bands(bands, colour)
        chart.line(bands, colour, solid_until=start, name=name)
        chart.points(
            bands.x[:1],
            bands.median[:1],
            [f"{name}, {month_words(start)}: {in_dollars(bands.median[0])}"],
            colour,
            name=name,
            size=9,
        )
    machine, human = lines[0][0], lines[1][0]
    tenth = max(1, int(0.12 * machine.x.size))
    chart.label(
        machine.x[tenth], machine.median[tenth], "machine's answer", style.BLUE, anchor="left"
    )
    late = int(0.75 * human.x.size)
    chart.label(
        human.x[late], human.median[late], "person's answer", style.VERMILION, anchor="left"
    )
    _measured(chart, result, until)
    for pin in builder.pinned():
        bands = _cut(pin.result.machine, pin.result.years <= until)
        chart.line(bands, pin.colour, name=pin.name, dash=pin.dash)
        at = min(bands.x.size - 1, 2 + pin.number)
        chart.label(bands.x[at], bands.median[at], pin.name, pin.colour)
    if start < result.crossing.value <= until:
        chart.mark_moment(result.crossing.value, month_words(result.crossing.value))
    return chart.figure


def parity_date_chart(result: HumanParity, builder: ChartBuilder[HumanParity]) -> Figure:
    """The probability that the machine's answer costs less, by date, with the ranges that hold the
    date.
    """
    years = result.months
    chart = builder.over_time(
        "Probability that the machine's answer costs less",
        _percent,
        values=[np.array([0.0, 1.0])],
        years=(float(years[0]) - 0.2, HORIZON + 1.5),
        log=False,
    )
    for level in builder.levels:
        low, high = np.clip(
            np.sort(result.draws)[
                [
                    int((1 - level) / 2 * (result.draws.size - 1)),
                    int((1 + level) / 2 * (result.draws.size - 1)),
                ]
            ],
            *chart.figure.range_x,
        )
        _range(chart, low, high, level)
    _probability(chart, result, style.BLUE, "by this date", "solid")
    for pin in builder.pinned():
        _probability(chart, pin.result, pin.colour, pin.name, pin.dash)
        at = min(pin.result.months.size - 1, 24 + 12 * pin.number)
        chart.label(pin.result.months[at], pin.result.cheaper_by_month[at], pin.name, pin.colour)
    chart.mark_level(0.5, "even chance")
    if years[0] < result.crossing.value < HORIZON:
        chart.mark_moment(result.crossing.value, month_words(result.crossing.value))
    by_then = float(np.interp(HORIZON, years, result.cheaper_by_month))
    chart.points(
        np.array([HORIZON]),
        np.array([by_then]),
        [f"by {HORIZON}: {_percent(by_then)}"],
        style.VERMILION,
        name="horizon",
        size=10,
    )
    chart.label(
        HORIZON,
        by_then,
        f"not by {HORIZON}: {percent(result.not_by_horizon)}",
        style.VERMILION,
        below=by_then > 0.5,
    )
    return chart.figure


def list_prices_chart(prices: ListPrices, builder: ChartBuilder[ListPrices]) -> Figure:
    """List prices of newly listed models, and the line through them."""
    table = prices.table
    years = decimal_years(table["date"].to_numpy())
    usd = table["usd_per_mtok"].to_numpy()
    grid = np.linspace(float(years.min()), float(years.max()), 60)
    chart = builder.over_time(
        "List price (USD per million tokens)",
        in_dollars,
        values=[usd],
        years=(float(years.min()) - 0.1, float(years.max()) + 0.1),
    )
    ticks = np.arange(math.ceil(years.min() * 2) / 2, years.max(), 0.5)
    chart.figure.update_xaxes(
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
    chart.bands(bands, style.BLUE)
    chart.line(bands, style.BLUE, solid_until=math.inf, name="trend of new listings")
    chart.points(years, usd, hover, style.VERMILION, name="list price", size=6)
    chart.label(grid[-4], bands.median[-4], "trend of what is newly listed", style.BLUE)
    return chart.figure


def _range(chart: Chart, low: float, high: float, level: float) -> None:
    """The range that holds the date with a probability, as a ground."""
    if high > low:
        chart.shade(low, high, f"{level:.0%} range", style.BLUE)


def _measured(chart: Chart, result: HumanParity, until: float) -> None:
    """What the leaderboard has of the machine's cost: each system that cost less than all before
    it at the case's score, when its model came out.
    """
    found = result.measured
    if found is None or not found.steps:
        return
    dates = np.array([step.released for step in found.steps], dtype="datetime64[D]")
    years, usd = decimal_years(dates), np.array([step.usd for step in found.steps])
    shown = (years >= result.years[0] - 0.3) & (years <= until)
    if not shown.any():
        return
    chart.points(
        years[shown],
        usd[shown],
        [
            f"{step.name}, {step.released:%B %Y}: {step.score:g}% for {in_dollars(step.usd, 2)}"
            for step, keep in zip(found.steps, shown, strict=True)
            if keep
        ],
        style.GREEN,
        name="measured",
        size=9,
    )
    chart.label(
        years[shown][-1],
        usd[shown][-1],
        f"measured at {found.score:g}% or more",
        style.GREEN,
        anchor="auto",
        arrow=(40, -46),
    )


def _probability(chart: Chart, result: HumanParity, colour: str, name: str, dash: str) -> None:
    chart.figure.add_scatter(
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
