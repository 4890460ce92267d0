"""Charts of a machine's answer against a person's: cost over time, the date as a distribution, and list prices of tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import house
from forecasting.bands import Bands
from forecasting.human_parity import HORIZON, HumanParity, month_words, percent
from forecasting.token_prices import ListPrices
from forecasting.units import decimal_years, in_dollars

#: Below a hundredth of a cent a task is no longer a question of money.
LEAST_USD = 1e-4


def parity_costs_chart(result: HumanParity, *, levels: Sequence[float], log: bool, pins: Sequence[HumanParity]) -> go.Figure:
    """Cost a task over time, machine and person, with bands and the month in which they cross."""
    start = float(result.years[0])
    until = _until(result)
    shown = result.years <= until
    lines = ((_cut(result.machine, shown), house.BLUE, "machine's answer"), (_cut(result.human, shown), house.VERMILION, "person's answer"))
    ends = [end for bands, *_ in lines for end in (bands.interval(max(levels)) if levels else (bands.median,))]
    values = [np.maximum(end, LEAST_USD) for end in ends] if log else [lines[0][0].median, lines[1][0].median]
    chart = house.figure(y_title="Cost a task (USD, nominal)", log=log, words=in_dollars, values=values, years=(start - 0.3, until + 0.1))
    house.mark_projection(chart, start, until)
    for bands, colour, name in lines:
        house.add_bands(chart, bands, levels, colour)
        house.add_line(chart, bands, colour, solid_until=start, name=name, words=in_dollars)
        house.add_points(
            chart,
            bands.years[:1],
            bands.median[:1],
            [f"{name}, {month_words(start)}: {in_dollars(bands.median[0])}"],
            colour,
            name=name,
            size=9,
        )
    machine, human = lines[0][0], lines[1][0]
    tenth = max(1, int(0.12 * machine.years.size))
    house.label(chart, float(machine.years[tenth]), float(machine.median[tenth]), "machine's answer", house.BLUE, log=log, anchor="left")
    late = int(0.75 * human.years.size)
    house.label(chart, float(human.years[late]), float(human.median[late]), "person's answer", house.VERMILION, log=log, anchor="left")
    for number, (pin, (colour, dash, _)) in enumerate(zip(pins, house.PIN_STYLES, strict=False), start=1):
        bands = _cut(pin.machine, pin.years <= until)
        house.add_line(chart, bands, colour, solid_until=-math.inf, name=f"pin {number}", words=in_dollars, dash=dash)
        at = min(bands.years.size - 1, 2 + number)
        house.label(chart, float(bands.years[at]), float(bands.median[at]), f"pin {number}", colour, log=log)
    if start < result.crossing.value <= until:
        house.mark_moment(chart, result.crossing.value, month_words(result.crossing.value))
    return chart


def parity_date_chart(result: HumanParity, *, pins: Sequence[HumanParity]) -> go.Figure:
    """The probability that the machine's answer costs less, by date."""
    years = result.years
    chart = house.figure(
        y_title="Probability that the machine's answer costs less",
        log=False,
        words=_percent,
        values=[np.array([0.0, 1.0])],
        years=(float(years[0]) - 0.2, HORIZON + 1.5),
    )
    _probability(chart, result, house.BLUE, "by this date", "solid")
    for number, (pin, (colour, dash, _)) in enumerate(zip(pins, house.PIN_STYLES, strict=False), start=1):
        _probability(chart, pin, colour, f"pin {number}", dash)
        at = min(pin.years.size - 1, 8 + 4 * number)
        house.label(chart, float(pin.years[at]), float(pin.cheaper_by[at]), f"pin {number}", colour, log=False)
    house.mark_level(chart, 0.5, "even chance", log=False)
    if years[0] < result.crossing.value < HORIZON:
        house.mark_moment(chart, result.crossing.value, f"even chance {month_words(result.crossing.value)}")
    by_then = float(np.interp(HORIZON, years, result.cheaper_by))
    house.add_points(
        chart, np.array([HORIZON]), np.array([by_then]), [f"by {HORIZON}: {_percent(by_then)}"], house.VERMILION, name="horizon", size=10
    )
    house.label(
        chart,
        HORIZON,
        by_then,
        f"not by {HORIZON}: {percent(result.not_by_horizon)}",
        house.VERMILION,
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
    chart = house.figure(
        y_title="List price (USD a million tokens)",
        log=log,
        words=in_dollars,
        values=[usd],
        years=(float(years.min()) - 0.1, float(years.max()) + 0.1),
    )
    chart.update_xaxes(
        dtick=0.5, tickformat=None, tickvals=[2024, 2024.5, 2025, 2025.5, 2026], ticktext=["2024", "mid", "2025", "mid", "2026"]
    )
    hover = [
        f"{model} ({provider or 'seller not named'}), {date:%B %Y}: {in_dollars(price)}"
        for model, provider, date, price in zip(table["model"], table["provider"].fillna(""), table["date"], usd, strict=True)
    ]
    bands = Bands(grid, prices.trend.forecast(grid, kind="trend").quantile([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]))
    house.add_bands(chart, bands, levels, house.BLUE)
    house.add_line(chart, bands, house.BLUE, solid_until=math.inf, name="trend of new listings", words=in_dollars)
    house.add_points(chart, years, usd, hover, house.VERMILION, name="list price", size=6)
    house.label(chart, float(grid[-4]), float(bands.median[-4]), "trend of what is newly listed", house.BLUE, log=log)
    return chart


def _probability(chart: go.Figure, result: HumanParity, colour: str, name: str, dash: str) -> None:
    chart.add_scatter(
        x=result.years,
        y=result.cheaper_by,
        mode="lines",
        line={"color": colour, "width": 2.5, "dash": dash},
        text=[f"{name}, {month_words(year)}: {_percent(share)}" for year, share in zip(result.years, result.cheaper_by, strict=True)],
        hovertemplate="%{text}<extra></extra>",
        name=name,
    )


def _until(result: HumanParity) -> float:
    """The years that matter: past the late end of the date's range, at least four, at most all."""
    start, last = float(result.years[0]), float(result.years[-1])
    late = result.crossing.high if math.isfinite(result.crossing.high) else result.crossing.value
    return last if late == math.inf else min(last, max(start + 4.0, math.ceil(late) + 1.0))


def _cut(bands: Bands, shown: np.ndarray) -> Bands:
    return Bands(bands.years[shown], bands.values[:, shown])


def _percent(share: float) -> str:
    return f"{share:.0%}"
