"""Chart of the least loss that a compute buys, with the measured runs and the other
published laws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
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


def compute_buys_chart(
    result: ComputeBuys, *, levels: Sequence[float], log: bool, pins: Sequence[ComputeBuys] = ()
) -> go.Figure:
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
    chart = style.xy_figure(
        style.Axis(
            f"Training compute in FLOP ({ANCHOR})", in_flop, ends=(float(grid[0]), float(grid[-1]))
        ),
        style.Axis(
            "Loss (nats per token)",
            significant,
            log=log,
            ends=shown if log else (shown[0] - 0.1, shown[1]),
        ),
    )
    last = float(runs.training_flop.max())
    beyond = f"projection, {math.log10(grid[-1] / last):.0f} orders of magnitude beyond the runs"
    style.mark_beyond(chart, last, float(grid[-1]), beyond, log_x=True)
    style.add_bands(
        chart,
        result.bands,
        levels if result.law.has_range else (),
        style.BLUE,
        fades_after=last * 1e4,
    )
    hover = [
        f"{in_words(n)} parameters, {in_words(d)} tokens<br>{in_words(c)} FLOP:"
        f" {significant(value)}"
        for n, d, c, value in zip(
            runs.params, runs.tokens, runs.training_flop, runs.loss, strict=True
        )
    ]
    whose = "your runs" if result.law.is_yours else "runs of the Chinchilla figure"
    style.add_points(
        chart,
        runs.training_flop,
        runs.loss,
        hover,
        style.VERMILION,
        name=whose,
        size=5,
        opacity=0.5,
    )
    for name, line in beside.items():
        words, colour, dash = BESIDE[name]
        style.add_curve(
            chart,
            grid,
            line,
            colour,
            name=words,
            words=(in_words, significant),
            dash=dash,
            width=1.5,
        )
        at = int(0.62 * grid.size)
        style.point_label(
            chart,
            float(grid[at]),
            float(line[at]),
            words,
            colour,
            log=(True, log),
            anchor="left",
            below=name != "kaplan",
        )
    for part, dash in ((grid <= last * 1.05, "solid"), (grid >= last / 1.4, "dash")):
        style.add_curve(
            chart,
            grid[part],
            result.line[part],
            style.BLUE,
            name=result.law.title,
            words=(in_words, significant),
            dash=dash,
        )
    style.point_label(
        chart, float(grid[-1]), float(result.line[-1]), "law in use", style.BLUE, log=(True, log)
    )
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        style.add_curve(
            chart,
            pin.bands.x,
            pin.line,
            colour,
            name=f"pin {number}",
            words=(in_words, significant),
            dash=dash,
        )
        mark(chart, pin, f"pin {number}", colour, log)
    mark(chart, result, in_words(result.scenario.training_flop), style.BLUE, log)
    style.mark_moment(
        chart,
        result.scenario.training_flop,
        f"{in_words(result.scenario.training_flop)} FLOP",
        log_x=True,
    )
    return chart


def mark(chart: go.Figure, result: ComputeBuys, name: str, colour: str, log: bool) -> None:
    """The scenario's compute on its line, with what it buys."""
    flop, loss = result.scenario.training_flop, result.loss.value
    text = (
        f"{name}: loss {result.words(result.loss, 3)}<br>{result.words(result.params)}"
        f" parameters<br>{result.words(result.tokens)} tokens"
    )
    style.add_points(
        chart, np.array([flop]), np.array([loss]), [text], colour, name=name, size=12, opacity=1
    )
    words = (
        f"{in_words(result.params.value, 2)} parameters,<br>{in_words(result.tokens.value, 2)}"
        " tokens"
    )
    style.point_label(
        chart, flop, loss, words, colour, log=(True, log), anchor="auto", arrow=(76, -40)
    )
