"""Chart of what renting and owning cost together up to each year: owning with and without selling
the chips, and renting on the contract in view and on the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_dollars, in_percent
from forecasting.supply.ownership import RentOrOwn

#: The least space between labels at the right end, as a share of the height.
LABEL_GAP = 0.055
#: How renting on each contract is drawn, whichever is chosen; the chosen one is solid.
CONTRACT_STYLES: Mapping[str, tuple[str, str]] = {
    "on_demand": (style.VERMILION, "longdash"),
    "spot": (style.PURPLE, "dot"),
    "marketplace": (style.GREEN, "dashdot"),
    "one_year": (style.OCHRE, "dash"),
    "three_year": (style.GREY, "longdashdot"),
}


def use_words(utilisation: float) -> str:
    """What the chart says of its hours in use."""
    return f"in use {in_percent(utilisation, 2)} of hours"


def rent_or_own_chart(result: RentOrOwn, builder: ChartBuilder[RentOrOwn]) -> Figure:
    """Cumulative cost over the years, medians with bands for owning and for the chosen contract."""
    chosen = result.scenario.contract
    rented = result.rented_bands
    last = float(result.owned_bands.x[-1])
    values = [
        *builder.outermost(result.owned_bands),
        *builder.outermost(rented[chosen]),
        *(bands.median for bands in rented.values()),
        *(pin.owned_bands.median for pin in builder.pins),
    ]
    chart = builder.over_time(
        f"Cost so far (present value, {result.price_year} USD)",
        in_dollars,
        values=values,
        years=(0.0, last * 1.16),
        log=False,
        hover_year=lambda year: f"after {year:g} years",
    )
    chart.figure.update_xaxes(title={"text": "Years of use"}, tickvals=list(range(int(last) + 1)))
    chart.bands(result.owned_bands, style.BLUE)
    chart.bands(rented[chosen], CONTRACT_STYLES[chosen][0])
    lines = [
        ("owned", result.owned_bands, style.BLUE, "solid", 2.5),
        ("owned, if sold then", result.sold_bands, style.BLUE, "dot", 2.0),
        *(
            (
                COMMITMENT_LABELS[name],
                bands,
                CONTRACT_STYLES[name][0],
                "solid" if name == chosen else CONTRACT_STYLES[name][1],
                2.5 if name == chosen else 1.5,
            )
            for name, bands in rented.items()
        ),
    ]
    high = max(float(value.max()) for value in values)
    ends = style.spread([float(line[1].median[-1]) for line in lines], LABEL_GAP * high)
    for (name, bands, colour, dash, width), end in zip(lines, ends, strict=True):
        words = name if name.startswith("owned") else f"rented {name}"
        chart.curve(bands.x, bands.median, colour, name=words, dash=dash, width=width)
        chart.label(last, end, f" {name}", colour, anchor="left", middle=True)
    chart.label(0.0, high, use_words(result.scenario.utilisation), None, anchor="left", below=True)
    for pin in builder.pinned():
        bands = pin.result.owned_bands
        chart.curve(bands.x, bands.median, pin.colour, name=f"{pin.name}, owned", dash=pin.dash)
        middle = len(bands.x) // 2
        chart.label(bands.x[middle], bands.median[middle], pin.name, pin.colour)
    paid = result.payback_years.value
    if math.isfinite(paid) and 0.0 < paid < last:
        chart.mark_moment(paid, f"buying has paid back: {paid:.1f} years", at_top=True)
    return chart.figure
