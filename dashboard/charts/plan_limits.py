"""Chart of what stops the plan: for each year the probability that money, text, power or chips is
what binds.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.contrast import legible
from dashboard.charts.figure import Figure
from dashboard.charts.plan_split import year_ends
from forecasting.planning.plan import LIMITS, PlanResult


def _in_bars(colour: str) -> str:
    """The colour, so dark that white words are legible on it."""
    return legible(colour, "#ffffff", 4.6)


#: Colour and name of each limit; the name stands in its bars, so that they are not told apart by
#: colour alone.
STYLES = {
    "budget": (_in_bars(style.GREY), "money"),
    "text": (_in_bars(style.BLUE), "text"),
    "power": (_in_bars(style.VERMILION), "power"),
    "chips": (_in_bars(style.PURPLE), "chips"),
}
#: A bar names its limit where it is at least this high.
MIN_NAMED = 0.09


def plan_limits_chart(result: PlanResult) -> Figure:
    """Stacked bars to 100% a year, each part named where it is high enough."""
    chart = ChartBuilder().over_time(
        "Probability of being the limit",
        "{:.0%}".format,
        values=(np.array([0.0, 1.0]),),
        years=year_ends(result),
        log=False,
    )
    chart.figure.update_yaxes(
        range=[0.0, 1.0],
        tickvals=[0, 0.25, 0.5, 0.75, 1.0],
        ticktext=["0%", "25%", "50%", "75%", "100%"],
    )
    chart.figure.update_layout(barmode="stack", bargap=0.12)
    chart.figure.update_xaxes(dtick=1 if len(result.years) <= 12 else 2)
    for limit, probability in zip(LIMITS, result.binding, strict=True):
        colour, words = STYLES[limit]
        named = [f"{words}<br>{share:.0%}" if share >= MIN_NAMED else "" for share in probability]
        chart.figure.add_bar(
            x=result.years,
            y=probability,
            marker={"color": colour, "line": {"color": "white", "width": 1}},
            text=named,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"size": 13, "color": "white"},
            customdata=[
                f"{year:.0f}: {words}, {share:.0%}"
                for year, share in zip(result.years, probability, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            name=words,
        )
    return chart.figure
