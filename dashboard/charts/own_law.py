"""Chart of runs and their law: losses over compute, the least loss that the law gives with its
band, published laws, the big run.
"""

from __future__ import annotations

import html
import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, in_words, significant
from forecasting.stats.bands import Range
from forecasting.user_runs.own_runs import RunsForecast

#: From this many runs on, points are drawn without their outline, smaller and fainter.
MANY_RUNS = 500


def own_law_chart(result: RunsForecast, builder: ChartBuilder[RunsForecast]) -> Figure:
    """The band is for the law's least loss at a compute; runs lie above it by as much as their size
    was off the optimum.

    Runs that determine no law stand alone beside the published ones.
    """
    runs, flop, least = result.fit.runs, result.curve.x, result.least_loss
    if result.undetermined:
        flop = np.geomspace(runs.training_flop.min(), runs.training_flop.max() * 1.1, flop.size)
    target_flop = result.target_flop
    target = np.array(result.target_loss.ends[:2])
    x = style.Axis(
        "Training compute in FLOP",
        in_flop,
        ends=(float(min(flop[0], runs.training_flop.min())) / 1.3, float(flop[-1])),
        hover=_flop_words,
    )
    high = float(np.quantile(runs.loss, 0.995)) * 1.05
    lowest = (
        ()
        if result.undetermined
        else (float(result.curve.interval(0.8)[0].min()), float(target.min()))
    )
    low = min([float(runs.loss.min()), *lowest]) * (0.98 if builder.log else 0.99)
    chart = builder.xy(
        x,
        style.Axis(
            f"Loss in {result.loss_unit}",
            _loss_words,
            log=builder.log,
            ends=(low, high),
            unit=result.loss_unit,
        ),
    )
    # Losses span less than a decade: round steps, not powers of ten.
    ticks = [tick for tick in style.linear_ticks(low, high) if tick > 0]
    chart.figure.update_yaxes(tickvals=ticks, ticktext=[_loss_words(tick) for tick in ticks])
    last = float(runs.training_flop.max())
    beyond = math.log10(flop[-1] / last)
    if beyond > 0.05:
        words = f"projection, {significant(beyond, 2)} orders of magnitude beyond the runs"
        chart.mark_beyond(last, float(flop[-1]), words)
    _add_published(chart, result, flop)
    if not result.undetermined:
        chart.bands(result.curve, style.BLUE, fades_after=last * 100.0)
        for part, dash in (
            (flop <= last, "solid"),
            (flop >= flop[flop <= last][-1] if (flop <= last).any() else flop > 0, "dash"),
        ):
            chart.curve(
                flop[part], least[part], style.BLUE, name="Lowest loss by this fit", dash=dash
            )
    hover = [
        f"{name}{in_words(n, 3)} parameters, {in_words(d, 3)} tokens<br>loss {significant(y, 4)}"
        for name, n, d, y in zip(_names(result), runs.params, runs.tokens, runs.loss, strict=True)
    ]
    many = len(runs) > MANY_RUNS
    chart.points(
        runs.training_flop,
        runs.loss,
        hover,
        style.VERMILION,
        name="Runs",
        size=4 if many else 6,
        opacity=0.35 if many else 0.65,
    )
    if result.undetermined:
        return chart.figure
    if target_flop <= flop[-1] * 1.01:
        _mark_target(chart, target_flop, result.target_loss)
    at = len(flop) // 2
    chart.label(
        flop[at], least[at], "this fit, best split", style.BLUE, anchor="auto", arrow=(40, -50)
    )
    return chart.figure


def _add_published(chart: Chart, result: RunsForecast, flop: np.ndarray) -> None:
    """The published laws, thin and dotted, named on hover."""
    laws = result.comparisons[1:]
    for each in laws:
        chart.curve(
            flop,
            each.law.loss_at_compute(result.fit.product_flop(flop)),
            style.GREY,
            name=html.escape(each.title),
            dash="dot",
            width=1.2,
        )


def _mark_target(chart: Chart, flop: float, loss: Range) -> None:
    """The big run as a diamond with the range of its loss."""
    low, high, level = loss.ends
    chart.figure.add_scatter(
        x=[flop, flop], y=[low, high], mode="lines", line={"color": style.PURPLE,
        "width": 4}, opacity=0.7, hoverinfo="skip",
        name=f"{level:.0%} range of the big run",
    )  # fmt: skip
    words = f"Big run: loss {loss.with_range(_loss_words)}"
    chart.point(flop, loss.value, words, style.PURPLE, name="Big run", symbol="diamond", size=11)
    chart.label(flop, high, "big run", style.PURPLE, anchor="auto", arrow=(-18, -34))


def _names(result: RunsForecast) -> list[str]:
    """Names of runs come from the user's file: what a chart would take for markup is escaped."""
    if "run" not in result.frame:
        return [""] * len(result.fit.runs)
    return [
        f"{html.escape(str(name)[:60])}<br>" if isinstance(name, str) and name else ""
        for name in result.frame["run"]
    ]


def _flop_words(value: float) -> str:
    return f"{in_words(value, 3)} FLOP"


def _loss_words(value: float) -> str:
    return significant(value, 3)
