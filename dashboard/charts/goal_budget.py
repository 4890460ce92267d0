"""Chart of the yearly budget that a goal needs, by year, beside the budget of the plan."""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.plan_split import projection_words
from forecasting.formatting import in_dollars
from forecasting.planning.goal_seek import MAX_USD, GoalResult
from forecasting.stats.bands import Bands


def goal_budget_chart(
    result: GoalResult, builder: ChartBuilder[GoalResult], budget: Bands
) -> Figure:
    """One line with bands; where most futures never reach the goal there is no line."""
    # Out of reach lies beyond the top of the axis.
    shown = Bands(
        result.years, np.where(np.isfinite(result.needed.values), result.needed.values, MAX_USD)
    )
    reached = np.isfinite(result.needed.median)
    in_reach = result.needed.values[np.isfinite(result.needed.values)]
    values = [
        result.needed.median[reached],
        budget.median,
        in_reach[in_reach < 1e15] if builder.log else budget.median,
    ]
    first, last = float(result.years[0]) - 0.4, float(result.years[-1]) + 0.4
    chart = builder.over_time(
        f"Budget needed per year ({result.price_year} USD)",
        in_dollars,
        values=values,
        years=(first, last),
    )
    chart.mark_beyond(first, last, projection_words(int(result.years[-1])))
    chart.figure.update_xaxes(dtick=1 if len(result.years) <= 12 else 2)
    if reached.any():
        part = Bands(result.years[reached], shown.values[:, reached])
        chart.bands(part, style.BLUE)
        chart.line(part, style.BLUE, name="needed")
        at = max(0, len(part.x) - 2)
        chart.label(part.x[at], part.median[at], "needed", style.BLUE, anchor="left")
    chart.line(budget, style.GREY, name="budget of the plan", dash="dot")
    chart.label(budget.x[-1], budget.median[-1], "budget of the plan", style.GREY)
    chart.mark_moment(result.scenario.goal_year, f"goal: {result.scenario.goal_year}")
    return chart.figure
