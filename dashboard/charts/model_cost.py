"""Chart of the cost of a model by year: hardware alone, and hardware with algorithms, with the
budget and when it is met.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.arrays import FloatArray
from forecasting.compute_cost.compute_cost import FIRST_YEAR, LAST_YEAR, ModelCost
from forecasting.formatting import in_dollars
from forecasting.stats.bands import Bands

#: Rental prices are observed from this year on.
FIRST_OBSERVED_YEAR = 2017.0
#: Below this the axis is cut: a run that costs less is no longer a question of money.
MIN_USD = 1.0


def model_cost_chart(result: ModelCost, builder: ChartBuilder[ModelCost]) -> Figure:
    """Two lines with bands: hardware alone, and from the model's own date on with algorithms; solid
    where prices were observed.
    """
    budget, anchor = result.scenario.budget_usd, result.chip_hour.date
    known_from = max(FIRST_OBSERVED_YEAR, math.floor(result.model.date))
    lines = (
        (result.hardware, style.VERMILION, "hardware alone", FIRST_OBSERVED_YEAR),
        (
            since(result.with_algorithms, result.model.date),
            style.BLUE,
            "with algorithms",
            known_from,
        ),
    )
    chart = builder.over_time(
        f"Cost of training ({result.price_year} USD)",
        in_dollars,
        values=_shown_values(result, [bands for bands, *_ in lines], builder),
        years=(FIRST_YEAR - 0.5, LAST_YEAR + 0.5),
    )
    chart.mark_projection(anchor, LAST_YEAR)
    for bands, colour, name, solid_from in lines:
        chart.bands(bands, colour, fades_after=2 * anchor - FIRST_OBSERVED_YEAR)
        chart.line(bands, colour, solid_from=solid_from, solid_until=anchor, name=name)
    _label_lines(chart, lines)
    chart.mark_level(budget, f"budget {in_dollars(budget)}")
    _mark_year(chart, result, result.scenario.year)
    _mark_published(chart, result)
    for pin in builder.pinned():
        bands = since(pin.result.with_algorithms, pin.result.model.date)
        chart.line(bands, pin.colour, name=pin.name, dash=pin.dash)
        at = min(len(bands.x) - 1, 2 + 2 * pin.number)
        chart.label(bands.x[at], bands.median[at], pin.name, pin.colour)
    return chart.figure


def since(bands: Bands, year: float) -> Bands:
    """The bands from the last whole year before `year` on: before its own date a model was not
    there to be made cheaper.
    """
    keep = bands.x >= min(math.floor(year), bands.x[-2])
    return Bands(bands.x[keep], bands.values[:, keep])


def _label_lines(chart: Chart, lines: Sequence[tuple[Bands, str, str, float]]) -> None:
    """Each line is named below itself, where it has come most of its way and is still above the
    axis.
    """
    for bands, colour, name, _ in lines:
        visible = np.flatnonzero(bands.median >= MIN_USD)
        at = int(visible[int(0.7 * (visible.size - 1))]) if visible.size else 0
        chart.label(bands.x[at], bands.median[at], name, colour, below=True)


def _shown_values(
    result: ModelCost, drawn: Sequence[Bands], builder: ChartBuilder[ModelCost]
) -> list[FloatArray]:
    """What must fit on the axis. On a linear axis that is what comes after the model's date, else
    its past hides the rest.
    """
    budget = np.array([result.scenario.budget_usd])
    if not builder.log:
        return [since(result.hardware, result.model.date).median, budget]
    ends = [end for bands in drawn for end in builder.outermost(bands)]
    pinned = [since(pin.with_algorithms, pin.model.date).median for pin in builder.pins]
    values = [*ends, *pinned, budget]
    least = min(MIN_USD, float(budget[0]) / 3)
    return [np.maximum(value, least) for value in values]


def _mark_published(chart: Chart, result: ModelCost) -> None:
    if not result.published_costs:
        return
    chart.points(
        np.array([when for _, when, _ in result.published_costs]),
        np.array([usd for _, _, usd in result.published_costs]),
        [f"{label}: {in_dollars(usd)}" for label, _, usd in result.published_costs],
        style.PURPLE,
        name="published estimates",
        symbol="diamond",
        size=10,
        opacity=1,
    )
    _, when, usd = max(result.published_costs, key=lambda cost: cost[2])
    chart.label(when, usd, "published", style.PURPLE, anchor="auto", arrow=(26, -34))


def _mark_year(chart: Chart, result: ModelCost, year: int) -> None:
    for figure, colour, name in (
        (result.hardware_at_year, style.VERMILION, "hardware alone"),
        (result.with_algorithms_at_year, style.BLUE, "with algorithms"),
    ):
        chart.figure.add_scatter(
            x=[year],
            y=[figure.value],
            mode="markers",
            marker={
                "color": colour,
                "size": 11,
                "symbol": "circle",
                "line": {"color": "white", "width": 1.5},
            },
            text=[f"{name}, {year}: {figure.with_range(partial(in_dollars, digits=2))}"],
            hovertemplate="%{text}<extra></extra>",
            name=str(year),
        )
    chart.mark_moment(year, str(year))
