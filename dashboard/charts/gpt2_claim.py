"""Chart of the claim “GPT-2 for $30”: the claim, its arithmetic, our own forecast, and the measured
reproductions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.compute_cost.gpt2_claim import CLAIM_DATE, TARGETS, Gpt2Claim
from forecasting.formatting import in_dollars
from forecasting.units import date_of_year

TARGET_STYLES = {
    "original": ("star", style.VERMILION),
    "1.5B": ("circle", style.VERMILION),
    "grade": ("diamond", style.GREEN),
    "124M": ("x", style.GREY),
}


def gpt2_claim_chart(result: Gpt2Claim, *, levels: Sequence[float], log: bool) -> go.Figure:
    """Each target of reproduction has a marker of its own; only runs of one grade are joined by the
    measured line.
    """
    own = result.own_line
    until = float(result.claim_years[-1])
    costs = np.array([run.cost_usd for run in result.runs])
    chart = style.figure(
        y_title="Cost of GPT-2 (nominal USD)",
        log=log,
        words=in_dollars,
        values=[
            costs,
            np.array([result.scenario.claim_usd, 3.0]),
            result.claim_line_usd[result.claim_line_usd > 1],
        ],
        years=(float(result.claim_years[0]), until),
    )
    style.mark_projection(chart, result.latest.date, until)
    style.add_bands(chart, own, levels, style.BLUE)
    style.add_line(
        chart,
        own,
        style.BLUE,
        solid_until=-np.inf,
        name="our forecast with algorithms",
        words=in_dollars,
        dash="dash",
        width=2,
    )
    chart.add_scatter(
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
        style.add_points(
            chart,
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
        style.label(
            chart,
            first.date,
            first.cost_usd,
            TARGETS[target],
            colour,
            log=log,
            anchor="auto",
            arrow=arrow,
        )
    style.add_points(
        chart,
        np.array([CLAIM_DATE]),
        np.array([result.scenario.claim_usd]),
        [f"the claim: {in_dollars(result.scenario.claim_usd)}, January 2025"],
        style.PURPLE,
        name="the claim",
        symbol="triangle-down",
        size=14,
        opacity=1,
    )
    style.label(
        chart,
        CLAIM_DATE,
        result.scenario.claim_usd,
        "the claim",
        style.PURPLE,
        log=log,
        anchor="auto",
        arrow=(44, 22),
    )
    at = int(np.searchsorted(result.claim_years, 2021.0))
    line = (float(result.claim_years[at]), float(result.claim_line_usd[at]))
    style.label(
        chart,
        *line,
        "the claim's arithmetic",
        style.PURPLE,
        log=log,
        anchor="auto",
        arrow=(-60, 44),
    )
    style.label(
        chart,
        2023.0,
        own.at(2023.0)[3],
        "our forecast, with algorithms",
        style.BLUE,
        log=log,
        anchor="auto",
        arrow=(-80, 60),
    )
    return chart


def _measured_line(chart: go.Figure, result: Gpt2Claim, until: float) -> None:
    original, latest = result.runs[0], result.latest
    ahead = latest.cost_usd * result.measured_gain_per_year ** -(until - latest.date)
    for years, costs, dash in (
        ([original.date, latest.date], [original.cost_usd, latest.cost_usd], "solid"),
        ([latest.date, until], [latest.cost_usd, ahead], "dash"),
    ):
        chart.add_scatter(
            x=years,
            y=costs,
            mode="lines",
            line={"color": style.GREEN, "width": 2, "dash": dash},
            hovertemplate=(
                f"measured line: ×{result.measured_gain_per_year:.2f} cheaper a year<extra></extra>"
            ),
        )
