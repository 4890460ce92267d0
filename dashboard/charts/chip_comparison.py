"""Chart of what a million tokens cost by chip, the cheapest on top."""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_html
from forecasting.formatting import in_dollars
from forecasting.serving.chip_comparison import ChipComparison


def chip_comparison_chart(result: ChipComparison, builder: ChartBuilder[ChipComparison]) -> Figure:
    """A dot a chip with its range, the scenario's own in another colour and shape; the list
    price as a line.
    """
    demands = result.demands[::-1]
    figures = [each.usd_per_million_tokens_blended for each in demands]
    names = [escape_html(short_name(each.service.served.chip.name)) for each in demands]
    bought = _bought_usd(result)
    ends = [[low, each.value, high] for each in figures for low, high, _ in (each.ends,)]
    values = np.array([*ends, [bought] * 3] if bought else ends)
    chart = builder.xy(
        style.Axis(
            "USD per million output tokens, prompts included", in_dollars, [values], log=builder.log
        ),
        style.Axis("", str, ends=(-0.8, len(names) - 0.2), log=False),
    )
    chart.figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names, showgrid=False)
    edge = float(np.max(values[np.isfinite(values)])) * 1.6
    for at, (each, figure) in enumerate(zip(demands, figures, strict=True)):
        own = each.service.served.chip.name == result.scenario.serving_chip
        colour = style.VERMILION if own else style.BLUE
        if not math.isfinite(figure.value):
            continue
        low, high, _ = figure.ends
        chart.figure.add_scatter(
            x=[low, figure.value, min(high, edge)],
            y=[at] * 3,
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={
                "size": [0, 11, 0],
                "symbol": "diamond" if own else "circle",
                "color": colour,
                "opacity": 1.0,
                "line": {"width": 0},
            },
            text=[
                f"{names[at]}: {figure.with_range(_usd, 'per million tokens')}<br>"
                f"{each.chips.value:,.0f} chips at {in_dollars(each.rent.usd_per_chip_hour)}"
                " per hour"
            ]
            * 3,
            hovertemplate="%{text}<extra></extra>",
            name=names[at],
        )
        chart.label(figure.value, at, in_dollars(figure.value), colour, anchor="center")
    if bought and result.demands[0].bought is not None:
        chart.mark_moment(bought, f"bought: {result.demands[0].bought.listed.name}", at_top=True)
    chart.figure.update_layout(height=max(300, 110 + 34 * len(names)))
    return chart.figure


def _usd(usd: float) -> str:
    return in_dollars(usd) if usd < 1e300 else "no limit"


def short_name(chip: str) -> str:
    """A chip's name without its maker, and without what tells it from no other chip here."""
    return chip.partition(" ")[2].removesuffix(" Blackwell Server")


def _bought_usd(result: ChipComparison) -> float | None:
    """What a million written tokens cost when bought, with their prompts."""
    bought = result.demands[0].bought
    if bought is None:
        return None
    return 1e6 * bought.usd_per_request / result.scenario.tokens_out
