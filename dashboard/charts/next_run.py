"""Chart of the runs that could be done next: by how much each would narrow the interval of the big
run's loss.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.fitting.next_run import LITTLE, NextRun
from forecasting.formatting import in_words, significant
from forecasting.user_runs.own_runs import RunsForecast


def next_run_chart(result: RunsForecast, advice: NextRun) -> Figure:
    """Each dot is an affordable run, larger and darker the more it tells; the runs that there are
    stand as crosses.
    """
    runs = result.fit.runs
    params = np.concatenate([advice.grid_params, runs.params])
    tokens = np.concatenate([advice.grid_tokens, runs.tokens])
    x = style.Axis(
        "Parameters", in_words, ends=(float(params.min()) / 1.6, float(params.max()) * 1.6)
    )
    chart = ChartBuilder().xy(
        x,
        style.Axis(
            "Training tokens", in_words, ends=(float(tokens.min()) / 1.6, float(tokens.max()) * 1.6)
        ),
    )
    share = advice.grid_shrinkage / max(float(advice.grid_shrinkage.max()), LITTLE)
    hover = [
        f"{in_words(n, 2)} parameters, {in_words(d, 2)} tokens<br>narrows by about"
        f" {significant(100 * s, 2)}%"
        for n, d, s in zip(
            advice.grid_params, advice.grid_tokens, advice.grid_shrinkage, strict=True
        )
    ]
    chart.figure.add_scatter(
        x=advice.grid_params,
        y=advice.grid_tokens,
        mode="markers",
        marker={
            "color": style.BLUE,
            "size": 3.0 + 9.0 * share,
            "opacity": 0.15 + 0.6 * share,
            "line": {"width": 0},
        },
        text=hover,
        hovertemplate="%{text}<extra></extra>",
        name="affordable runs",
    )
    seen = [
        f"there is already a run of {in_words(n, 2)} parameters on {in_words(d, 2)} tokens"
        for n, d in zip(runs.params, runs.tokens, strict=True)
    ]
    chart.points(
        runs.params,
        runs.tokens,
        seen,
        style.GREY,
        name="runs",
        symbol="x-thin-open",
        size=6,
        opacity=0.7,
    )
    chart.point(
        advice.params,
        advice.tokens,
        advice.answer,
        style.VERMILION,
        name="next run",
        symbol="star",
        size=16,
    )
    label = "none is informative" if advice.tells_little else "do this next"
    chart.label(
        advice.params, advice.tokens, label, style.VERMILION, anchor="auto", arrow=(30, -36)
    )
    return chart.figure
