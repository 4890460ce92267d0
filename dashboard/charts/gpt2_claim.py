"""Chart of the claim “GPT-2 for $30”: the claim, its arithmetic, our own forecast, and the measured
reproductions.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.compute_cost.gpt2_claim import CLAIM_DATE, TARGETS, Gpt2Claim
from forecasting.formatting import in_dollars
from forecasting.units import date_of_year

TARGET_STYLES = {
    "original": ("star", style.VERMILION),
    "1.5B": ("circle", style.VERMILION),
    "grade": ("diamond", style.GREEN),
    "124M": ("x", style.GREY),
}


def gpt2_claim_chart(result: Gpt2Claim, builder: ChartBuilder[Gpt2Claim]) -> Figure:
    """Each target of reproduction has a marker of its own; only runs of one grade are joined by the
    measured line.
    """
    own = result.own_line
    until = float(result.claim_years[-1])
    costs = np.array([run.cost_usd for run in result.runs])
    chart = builder.over_time(
        "Cost of GPT-2 (nominal USD)",
        in_dollars,
        values=[
            costs,
            np.array([result.scenario.claim_usd, 3.0]),
            result.claim_line_usd[result.claim_line_usd > 1],
        ],
        years=(float(result.claim_years[0]), until),
    )
    chart.mark_projection(result.latest.date, until)
    chart.bands(own, style.BLUE)
    chart.line(own, style.BLUE, name="our forecast with algorithms", dash="dash", width=2)
    chart.figure.add_scatter(
        x=result.claim_years,
        y=result.claim_line_usd,
        mode="lines",
        line={"color": style.PURPLE, "width": 2, "dash": "dot"},
        text=[
            f"the claim's arithmetic, {y:.1f}: {in_dollars(v)}"
            for y, v in zip(result.claim_years, result.claim_line_usd, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    _measured_line(chart, result, until)
    for target, (symbol, colour) in TARGET_STYLES.items():
        runs = [run for run in result.runs if run.target == target]
        chart.points(
            np.array([run.date for run in runs]),
            np.array([run.cost_usd for run in runs]),
            [
                f"{run.run}<br>{date_of_year(run.date):%B %Y},"
                f" {in_dollars(run.cost_usd)}<br>{run.hardware}"
                for run in runs
            ],
            colour,
            name=TARGETS[target],
            symbol=symbol,
            size=11,
            opacity=0.95,
        )
        first = runs[0]
        arrow = {"original": (70, -4), "1.5B": (30, -30), "grade": (50, -34), "124M": (-50, 30)}[
            target
        ]
        chart.label(first.date, first.cost_usd, TARGETS[target], colour, anchor="auto", arrow=arrow)
    chart.point(
        CLAIM_DATE,
        result.scenario.claim_usd,
        f"the claim: {in_dollars(result.scenario.claim_usd)}, January 2025",
        style.PURPLE,
        name="the claim",
        symbol="triangle-down",
        size=14,
    )
    chart.label(
        CLAIM_DATE,
        result.scenario.claim_usd,
        "the claim",
        style.PURPLE,
        anchor="auto",
        arrow=(44, 22),
    )
    at = int(np.searchsorted(result.claim_years, 2021.0))
    line = (float(result.claim_years[at]), float(result.claim_line_usd[at]))
    chart.label(*line, "the claim's arithmetic", style.PURPLE, anchor="auto", arrow=(-60, 44))
    chart.label(
        2023.0,
        own.at(2023.0)[3],
        "our forecast, with algorithms",
        style.BLUE,
        anchor="auto",
        arrow=(-80, 60),
    )
    return chart.figure


def _measured_line(chart: Chart, result: Gpt2Claim, until: float) -> None:
    original, latest = result.runs[0], result.latest
    ahead = latest.cost_usd * result.measured_gain_per_year ** -(until - latest.date)
    for years, costs, dash in (
        ([original.date, latest.date], [original.cost_usd, latest.cost_usd], "solid"),
        ([latest.date, until], [latest.cost_usd, ahead], "dash"),
    ):
        chart.figure.add_scatter(
            x=years,
            y=costs,
            mode="lines",
            line={"color": style.GREEN, "width": 2, "dash": dash},
            hovertemplate=(
                f"measured line: {result.measured_gain_per_year:.2f} times cheaper each"
                " year<extra></extra>"
            ),
        )
