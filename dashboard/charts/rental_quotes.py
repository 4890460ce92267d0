"""Chart of what each vendor asks for a chip-hour, the cheapest on top, beside owning."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_dollars
from forecasting.supply.quotes import Quotes

#: Offers that are drawn; the table has them all.
DRAWN = 24
SYMBOLS = {"spot": "diamond", "marketplace": "square", "serverless": "triangle-up"}


def rental_quotes_chart(result: Quotes, builder: ChartBuilder[Quotes]) -> Figure:
    """A dot an offer, told by its terms; the median of the vendors as a line."""
    rows = result.table.head(DRAWN).iloc[::-1]
    usd = rows["usd_per_chip_hour"].to_numpy(dtype=np.float64)
    median = result.usd_per_chip_hour.value
    chart = builder.xy(
        style.Axis("USD per chip-hour", in_dollars, [np.append(usd, median)], log=builder.log),
        style.Axis("", str, ends=(-0.8, len(rows) + 0.9), log=False),
    )
    names = [f"{vendor}" for vendor in rows["vendor"]]
    chart.figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=names, showgrid=False)
    for tier in dict.fromkeys(rows["tier"]):
        mine = (rows["tier"] == tier).to_numpy()
        at = np.flatnonzero(mine).astype(np.float64)
        is_spot = tier in ("spot", "marketplace")
        chart.points(
            usd[mine],
            at,
            [_hover(row) for _, row in rows[mine].iterrows()],
            style.VERMILION if is_spot else style.BLUE,
            name=COMMITMENT_LABELS[str(tier)],
            symbol=SYMBOLS.get(str(tier), "circle"),
            size=10,
            opacity=1.0,
        )
    for place, (value, tier) in enumerate(zip(usd, rows["tier"], strict=True)):
        words = in_dollars(float(value))
        if result.scenario.quoted_tier == "any":
            words += f" {COMMITMENT_LABELS[str(tier)]}"
        chart.label(float(value), place, f"  {words}", None, anchor="left", middle=True)
    chart.mark_moment(
        median, f"median of {result.vendors} vendors: {in_dollars(median)}", at_top=True
    )
    chart.figure.update_layout(height=max(300, 110 + 24 * len(rows)))
    return chart.figure


def _hover(row: pd.Series[float]) -> str:
    least = row["min_chips"]
    size = f"<br>{least:g} chips or more" if least > 1 else ""
    return (
        f"{row['vendor']}: {row['chip']},"
        f" {COMMITMENT_LABELS[str(row['tier'])]}<br>{in_dollars(float(row['usd_per_chip_hour']))}"
        f" per chip-hour, {in_dollars(float(row['usd_total']))} in all<br>last seen"
        f" {pd.Timestamp(row['last_seen']):%Y-%m-%d}{size}"
    )
