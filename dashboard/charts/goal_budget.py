"""Chart of the yearly budget that a goal needs, by year, beside the budget of the plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.plan_split import projection_words
from forecasting.formatting import in_dollars
from forecasting.planning.goal_seek import MAX_USD, GoalResult
from forecasting.stats.bands import Bands


def goal_budget_chart(
    result: GoalResult, budget: Bands, *, levels: Sequence[float], log: bool
) -> go.Figure:
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
        in_reach[in_reach < 1e15] if log else budget.median,
    ]
    first, last = float(result.years[0]) - 0.4, float(result.years[-1]) + 0.4
    chart = style.figure(
        y_title=f"Budget needed a year ({result.scenario.price_year} USD)",
        log=log,
        words=in_dollars,
        values=values,
        years=(first, last),
    )
    style.mark_beyond(chart, first, last, projection_words(int(result.years[-1])))
    chart.update_xaxes(dtick=1 if len(result.years) <= 12 else 2)
    if reached.any():
        part = Bands(result.years[reached], shown.values[:, reached])
        style.add_bands(chart, part, levels, style.BLUE)
        style.add_line(
            chart, part, style.BLUE, solid_until=-np.inf, name="needed", words=in_dollars
        )
        at = max(0, len(part.x) - 2)
        style.label(
            chart,
            float(part.x[at]),
            float(part.median[at]),
            "needed",
            style.BLUE,
            log=log,
            anchor="left",
        )
    style.add_line(
        chart,
        budget,
        style.GREY,
        solid_until=-np.inf,
        name="budget of the plan",
        words=in_dollars,
        dash="dot",
    )
    style.label(
        chart,
        float(budget.x[-1]),
        float(budget.median[-1]),
        "budget of the plan",
        style.GREY,
        log=log,
    )
    style.mark_moment(chart, result.scenario.goal_year, f"goal: {result.scenario.goal_year}")
    return chart
