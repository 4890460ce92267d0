"""Where the supply of chips and power comes from, in words."""

from __future__ import annotations

import math

from forecasting.answers import sentence_of
from forecasting.formatting import in_month, in_words
from forecasting.planning.supplies import FIRST_RUN_YEAR, SupplyTrend


@sentence_of.register
def supply_trend_sentence(trend: SupplyTrend) -> str:
    """The largest run so far and its growth, with the table."""
    date, amount, name = trend.largest
    low, high = trend.growth_per_year.interval(0.8)
    shown = (
        f"{in_words(amount, 2)} chips"
        if trend.unit == "chips"
        else f"{in_words(amount / 1e6, 2)} MW"
    )
    count = len(trend.dates)
    rows = (
        f"data_center_timelines, {count} states of sites to {in_month(float(trend.dates[-1]))}"
        if trend.key == "sites"
        else f"ai_models, {count} runs since {FIRST_RUN_YEAR}"
    )
    return (
        f"{trend.title} ({rows}): {shown} at"
        f" {name}, {math.floor(date)}, growing {trend.growth_per_year.value:.2f}× a year (80%"
        f" range {low:.2f} to {high:.2f})"
    )
