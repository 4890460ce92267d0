"""Chart of residuals: by how much each run's loss lies above or below the fitted law."""

from __future__ import annotations

import html

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, in_words, significant
from forecasting.user_runs.own_runs import RunsForecast


def residuals_chart(result: RunsForecast) -> Figure:
    """Per cent of the fitted loss over compute; a bend or a slope says that the law's form does not
    hold.
    """
    runs = result.fit.runs
    residual = result.table["residual_percent"].to_numpy()
    reach = max(float(np.abs(residual).max()) * 1.15, 0.1)
    flop = runs.training_flop
    x = style.Axis(
        "Training compute in FLOP", in_flop, ends=(float(flop.min()) / 1.6, float(flop.max()) * 1.6)
    )
    chart = ChartBuilder().xy(
        x, style.Axis("Measured loss above the fit, %", percent, log=False, ends=(-reach, reach))
    )
    chart.mark_level(0.0, "")
    spread = 1.4826 * float(np.median(np.abs(residual - np.median(residual))))
    for level in (-2.0 * spread, 2.0 * spread):
        chart.mark_level(
            level,
            f"{'+' if level > 0 else '−'}2 robust deviations" if abs(level) > 0.04 * reach else "",
        )
    names = result.frame["run"] if "run" in result.frame else [""] * len(runs)
    hover = [
        f"{html.escape(str(name)[:60])}<br>{in_words(n, 3)} parameters, {in_words(d, 3)}"
        f" tokens<br>{percent(r)} above the fit"
        for name, n, d, r in zip(names, runs.params, runs.tokens, residual, strict=True)
    ]
    chart.points(flop, residual, hover, style.VERMILION, name="Runs", opacity=0.6)
    return chart.figure


def percent(value: float) -> str:
    """A share in per cent, with its sign."""
    return "0%" if value == 0 else f"{'−' if value < 0 else ''}{significant(abs(value), 2)}%"
