"""Chart of earlier plans against what was trained: parameters and tokens, planned and real."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_words
from forecasting.planning.plan_backtest import PlannedRun

#: Tokens a parameter of the rule of thumb that is drawn as a line (Hoffmann et al. 2022).
REFERENCE = 20.0
#: Keeps a name clear of the marker that it stands beside.
BESIDE = "\u00a0" * 3


def plan_backtest_chart(runs: Sequence[PlannedRun]) -> Figure:
    """Each model twice, as trained and as planned at the same compute, joined by a line."""
    params = np.array([value for run in runs for value in (run.params, run.trained_params)])
    tokens = np.array([value for run in runs for value in (run.tokens, run.trained_tokens)])
    low, high = float(params.min()) / 8, float(params.max()) * 3  # room for names on the left
    chart = ChartBuilder().xy(
        style.Axis("Parameters", in_words, ends=(low, high)),
        style.Axis("Training tokens", in_words, (tokens,)),
    )
    chart.figure.add_scatter(
        x=[params.min(), high],
        y=[REFERENCE * params.min(), REFERENCE * high],
        mode="lines",
        line={"color": style.GREY, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
        name=f"{REFERENCE:g} tokens per parameter",
    )
    for run in runs:
        chart.figure.add_scatter(
            x=[run.params, run.trained_params],
            y=[run.tokens, run.trained_tokens],
            mode="lines+markers",
            line={"color": style.translucent(style.GREY, 0.6), "width": 1.2},
            marker={
                "color": [style.BLUE, style.VERMILION],
                "symbol": ["circle-open", "diamond"],
                "size": 10,
                "line": {"width": 2},
            },
            text=[
                (
                    f"{run.model} as planned in {math.floor(run.cutoff)}: {in_words(run.params)}"
                    f" parameters, {in_words(run.tokens)} tokens"
                ),
                (
                    f"{run.model} as trained: {in_words(run.trained_params)} parameters,"
                    f" {in_words(run.trained_tokens)} tokens"
                ),
            ],
            hovertemplate="%{text}<extra></extra>",
            name=run.model,
        )
        # On the side away from the line, or above it where another model's diamond is in the way:
        # the chart element has little to move.
        blocked = any(_in_the_way(run, other) for other in runs)
        side = "right" if run.params > run.trained_params and not blocked else "left"
        name = BESIDE.join(("", run.model.split(" (")[0], ""))
        place = run.trained_params, run.trained_tokens
        chart.label(*place, name, style.VERMILION, anchor=side, middle=not blocked)
    far = max(runs, key=lambda run: abs(math.log(run.params_ratio)))
    chart.label(far.params, far.tokens, "planned", style.BLUE, anchor="center", below=True)
    return chart.figure


def _in_the_way(run: PlannedRun, other: PlannedRun) -> bool:
    """Whether another model stands left of this one at the same height, so near that a name between
    them would cover it on a phone.
    """
    apart = math.log10(run.trained_params / other.trained_params)
    return 0.25 < apart < 1.2 and abs(math.log10(run.trained_tokens / other.trained_tokens)) < 0.08
