"""Chart of AI data centres over time: every state built and projected, the largest site, what one
run can have of it, and the known runs.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_html
from forecasting.formatting import in_month, in_words
from forecasting.supply.site_supply import SHOWN, SiteSupply

#: States below this share of the largest are too small to matter for one run.
MIN_MW = 20.0


def site_supply_chart(result: SiteSupply, builder: ChartBuilder[SiteSupply]) -> Figure:
    """Power in MW over the years."""
    states, bands = result.states, result.run_bands
    shown = (states.mw >= MIN_MW) & (states.dates >= SHOWN[0])
    runs_mw = np.array([run.mw for run in result.runs])
    chart = builder.over_time(
        "Power (MW at the facility)",
        in_words,
        values=[
            states.mw[shown],
            runs_mw,
            *builder.outermost(bands),
            *builder.outermost(result.site_bands),
        ],
        years=(float(SHOWN[0]), float(SHOWN[-1])),
        unit="MW",
    )
    chart.mark_projection(states.as_of, float(SHOWN[-1]))
    for projected, name, symbol in ((False, "built", "circle"), (True, "projected", "circle-open")):
        mine = shown & (states.projected == projected)
        hover = [
            f"{states.names[states.site[at]]}: {states.mw[at]:,.0f} MW {name}"
            f" {'for ' if projected else 'by '}{in_month(float(states.dates[at]))}"
            for at in np.flatnonzero(mine)
        ]
        chart.points(
            states.dates[mine], states.mw[mine], hover, style.GREY, name=name, symbol=symbol
        )
    whole = result.site_bands
    chart.bands(bands, style.BLUE)
    largest = "largest site" if result.scenario.site_of == "site" else "largest owner"
    chart.line(whole, style.OCHRE, name=largest, solid_until=states.as_of)
    chart.line(bands, style.BLUE, name="one run", solid_until=states.as_of)
    at = int(np.searchsorted(whole.x, 2030.5))
    chart.label(whole.x[at], whole.median[at], largest, style.OCHRE, anchor="right")
    chart.label(bands.x[at], bands.median[at], "one run", style.BLUE, anchor="left", below=True)
    if result.runs:
        chart.points(
            np.array([run.date for run in result.runs]),
            runs_mw,
            [f"{escape_html(run.model)}: {run.mw:,.0f} MW" for run in result.runs],
            style.VERMILION,
            name="known runs",
            symbol="diamond",
            size=9,
            opacity=0.9,
        )
        top = max(result.runs, key=lambda run: run.mw)
        chart.label(
            top.date, top.mw, f"{escape_html(top.model)} (run)", style.VERMILION, below=True
        )
    for pin in builder.pinned():
        other = pin.result.run_bands
        chart.line(other, pin.colour, name=pin.name, dash=pin.dash)
        chart.label(other.x[-1], other.median[-1], pin.name, pin.colour)
    asked, power = result.scenario.supply_year, result.power_mw.value
    if SHOWN[0] <= asked <= SHOWN[-1]:
        chart.point(
            asked,
            power,
            f"{in_month(asked)}: {power:,.0f} MW for one run",
            style.BLUE,
            name="the year asked about",
        )
    return chart.figure
