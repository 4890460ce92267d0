"""Chart of the cost of a model by year: hardware alone, and hardware with algorithms, with the budget and when it is met."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import house
from forecasting.bands import Bands
from forecasting.compute_cost import FIRST_YEAR, LAST_YEAR, ModelCost
from forecasting.units import in_dollars


def model_cost_chart(result: ModelCost, *, levels: Sequence[float], log: bool, pins: Sequence[ModelCost]) -> go.Figure:
    """Two lines with bands; solid back to 2017, the first year of observed rental prices, and up to the anchor."""
    budget, year = result.scenario.budget_usd, result.scenario.year
    anchor = result.chip_hour.date
    drawn = (result.hardware, result.with_algorithms)
    widest = [end for bands in drawn for end in (bands.interval(max(levels)) if levels else (bands.median,))]
    near_budget = np.array([budget])
    shown = [*(b.median for b in drawn), *(_visible(end, drawn, log) for end in widest), near_budget]
    shown += [pin.with_algorithms.median for pin in pins]
    chart = house.figure(
        y_title=f"Cost of training ({result.scenario.price_year} USD)",
        log=log,
        words=in_dollars,
        values=shown if log else [result.hardware.median[result.hardware.years >= math.floor(result.model.date)], near_budget],
        years=(FIRST_YEAR - 0.5, LAST_YEAR + 0.5),
    )
    house.mark_projection(chart, anchor, LAST_YEAR)
    fades = anchor + (anchor - FIRST_YEAR)
    for bands, colour, name in (
        (result.hardware, house.VERMILION, "hardware alone"),
        (result.with_algorithms, house.BLUE, "with algorithms"),
    ):
        house.add_bands(chart, bands, levels, colour, fades_after=fades)
        house.add_line(chart, bands, colour, solid_until=anchor, name=name, words=in_dollars)
        house.label(chart, LAST_YEAR, float(bands.median[-1]), name, colour, log=log)
    house.mark_level(chart, budget, f"budget {in_dollars(budget)}", log=log)
    _mark_year(chart, result, year, log)
    if result.published_costs:
        house.add_points(
            chart,
            np.array([when for _, when, _ in result.published_costs]),
            np.array([usd for _, _, usd in result.published_costs]),
            [f"{label}: {in_dollars(usd)}" for label, _, usd in result.published_costs],
            house.PURPLE,
            name="published estimates",
            symbol="diamond",
            size=10,
            opacity=1,
        )
        _, when, usd = max(result.published_costs, key=lambda cost: cost[2])
        house.label(chart, when, usd, "published", house.PURPLE, log=log, anchor="left", arrow=(14, -18))
    for number, (pin, (colour, dash, _)) in enumerate(zip(pins, house.PIN_STYLES, strict=False), start=1):
        house.add_line(chart, pin.with_algorithms, colour, solid_until=-math.inf, name=f"pin {number}", words=in_dollars, dash=dash)
        middle = len(pin.with_algorithms.years) // 2
        house.label(
            chart, float(pin.with_algorithms.years[middle]), float(pin.with_algorithms.median[middle]), f"pin {number}", colour, log=log
        )
    return chart


def _mark_year(chart: go.Figure, result: ModelCost, year: int, log: bool) -> None:
    for figure, colour in ((result.hardware_at_year, house.VERMILION), (result.with_algorithms_at_year, house.BLUE)):
        chart.add_scatter(
            x=[year],
            y=[figure.value],
            mode="markers",
            marker={"color": colour, "size": 11, "symbol": "circle", "line": {"color": "white", "width": 1.5}},
            text=[f"{year}: {in_dollars(figure.value, 2)} (80% {in_dollars(figure.low, 2)} to {in_dollars(figure.high, 2)})"],
            hovertemplate="%{text}<extra></extra>",
            name=str(year),
        )
    house.mark_moment(chart, year, str(year))


def _visible(end: np.ndarray, drawn: Sequence[Bands], log: bool) -> np.ndarray:
    """Band ends far outside the medians would flatten the lines: the axis shows at most a factor of 1,000 beyond them."""
    if not log:
        return end
    low = min(float(b.median.min()) for b in drawn) / 1e3
    high = max(float(b.median.max()) for b in drawn) * 1e3
    return np.clip(end, low, high)
