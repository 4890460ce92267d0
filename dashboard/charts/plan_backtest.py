"""Chart of earlier plans against what was trained: parameters and tokens, planned and real."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import house
from forecasting.core.units import in_words
from forecasting.planning.plan_backtest import PlannedRun


def plan_backtest_chart(runs: Sequence[PlannedRun]) -> go.Figure:
    """Each model twice, as trained and as planned at the same compute, joined by a line."""
    params = np.array([value for run in runs for value in (run.params, run.trained_params)])
    tokens = np.array([value for run in runs for value in (run.tokens, run.trained_tokens)])
    chart = house.xy_figure(house.Axis("Parameters", in_words, (params,)), house.Axis("Training tokens", in_words, (tokens,)))
    low, high = params.min() / 3, params.max() * 3
    chart.add_scatter(
        x=[low, high],
        y=[20 * low, 20 * high],
        mode="lines",
        line={"color": house.GREY, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
        name="20 tokens a parameter",
    )
    at = math.sqrt(low * high)
    house.point_label(chart, at, 20 * at, "20 tokens a parameter", house.GREY, log=(True, True), anchor="left", below=True)
    for run in runs:
        chart.add_scatter(
            x=[run.params, run.trained_params],
            y=[run.tokens, run.trained_tokens],
            mode="lines+markers",
            line={"color": house.translucent(house.GREY, 0.6), "width": 1.2},
            marker={"color": [house.BLUE, house.VERMILION], "symbol": ["circle-open", "diamond"], "size": 10, "line": {"width": 2}},
            text=[
                f"{run.model} as planned in {math.floor(run.cutoff)}: {in_words(run.params)} parameters, {in_words(run.tokens)} tokens",
                f"{run.model} as trained: {in_words(run.trained_params)} parameters, {in_words(run.trained_tokens)} tokens",
            ],
            hovertemplate="%{text}<extra></extra>",
            name=run.model,
        )
        name = run.model.split(" (")[0]
        crowded = any(_close(run, other) for other in runs if other is not run and other.trained_params < run.trained_params)
        anchor = "left" if crowded else "center"
        house.point_label(
            chart, run.trained_params, run.trained_tokens, name, house.VERMILION, log=(True, True), anchor=anchor, below=crowded
        )
    far = max(runs, key=lambda run: abs(math.log(run.params_ratio)))
    house.point_label(chart, far.params, far.tokens, "planned", house.BLUE, log=(True, True), anchor="center", below=True)
    return chart


def _close(run: PlannedRun, other: PlannedRun) -> bool:
    """Whether two trained models stand so close that their names would overlap."""
    apart = abs(math.log10(run.trained_params / other.trained_params)), abs(math.log10(run.trained_tokens / other.trained_tokens))
    return apart[0] < 0.25 and apart[1] < 0.08
