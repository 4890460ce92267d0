"""Chart of the least loss that a compute buys, with the measured runs and the other
published laws.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, in_words, significant
from forecasting.laws.published_laws import published_laws
from forecasting.scaling.compute_buys import ComputeBuys, base_law

#: What gives a feeling for the axis: Brown et al. 2020, table D.1.
ANCHOR = "GPT-3 took 3 × 10²³"
#: Laws drawn thin beside the one in use.
BESIDE = {
    "chinchilla": ("Hoffmann et al.", style.GREEN, "dot"),
    "kaplan": ("Kaplan's line", style.PURPLE, "dashdot"),
}


def compute_buys_chart(result: ComputeBuys, builder: ChartBuilder[ComputeBuys]) -> Figure:
    """Each point is a run that was trained; no run can lie below the line but by chance or by a
    better recipe.
    """
    grid, runs = result.bands.x, result.runs
    beside = {
        name: np.asarray(base_law(published_laws()[name].law).loss_at_compute(grid))
        for name in BESIDE
        if name != result.law.name
    }
    lowest = min(float(line.min()) for line in (result.line, *beside.values()))
    shown = (lowest / 1.05, float(runs.loss.max()) * 1.03)
    chart = builder.xy(
        style.Axis(
            f"Training compute in FLOP ({ANCHOR})",
            in_flop,
            ends=(float(grid[0]), float(grid[-1])),
            unit="FLOP",
        ),
        style.Axis(
            "Loss (nats per token)",
            significant,
            log=builder.log,
            ends=shown if builder.log else (shown[0] - 0.1, shown[1]),
            unit="nats per token",
        ),
    )
    last = float(runs.training_flop.max())
    beyond = f"projection, {math.log10(grid[-1] / last):.0f} orders of magnitude beyond the runs"
    chart.mark_beyond(last, float(grid[-1]), beyond)
    chart.bands(
        result.bands,
        style.BLUE,
        levels=builder.levels if result.law.has_range else (),
        fades_after=last * 1e4,
    )
    hover = [
        f"{in_words(n)} parameters, {in_words(d)} tokens<br>{in_words(c)} FLOP:"
        f" {significant(value)} nats per token"
        for n, d, c, value in zip(
            runs.params, runs.tokens, runs.training_flop, runs.loss, strict=True
        )
    ]
    whose = "your runs" if result.law.is_yours else "runs of the Chinchilla figure"
    chart.points(
        runs.training_flop, runs.loss, hover, style.VERMILION, name=whose, size=5, opacity=0.5
    )
    for name, line in beside.items():
        words, colour, dash = BESIDE[name]
        chart.curve(grid, line, colour, name=words, dash=dash, width=1.5)
        at = int(0.62 * grid.size)
        chart.label(grid[at], line[at], words, colour, anchor="left", below=name != "kaplan")
    for part, dash in ((grid <= last * 1.05, "solid"), (grid >= last / 1.4, "dash")):
        chart.curve(grid[part], result.line[part], style.BLUE, name=result.law.title, dash=dash)
    chart.label(grid[-1], result.line[-1], "law in use", style.BLUE)
    for pin in builder.pinned():
        chart.curve(pin.result.bands.x, pin.result.line, pin.colour, name=pin.name, dash=pin.dash)
        mark(chart, pin.result, pin.name, pin.colour)
    mark(chart, result, in_words(result.scenario.training_flop), style.BLUE)
    chart.mark_moment(
        result.scenario.training_flop, f"{in_words(result.scenario.training_flop)} FLOP"
    )
    return chart.figure


def mark(chart: Chart, result: ComputeBuys, name: str, colour: str) -> None:
    """The scenario's compute on its line, with what it buys."""
    flop, loss = result.scenario.training_flop, result.loss.value
    text = (
        f"{name}: loss {result.words(result.loss, '', 3)}<br>"
        f"{result.words(result.params, 'parameters')}<br>{result.words(result.tokens, 'tokens')}"
    )
    chart.point(flop, loss, text, colour, name=name)
    words = (
        f"{in_words(result.params.value, 2)} parameters,<br>{in_words(result.tokens.value, 2)}"
        " tokens"
    )
    chart.label(flop, loss, words, colour, anchor="auto", arrow=(76, -40))
