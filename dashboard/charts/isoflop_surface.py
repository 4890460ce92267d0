"""Charts of a run set's surface: IsoFLOP curves with the optimal path, and the residuals with the
runs held out.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.fitting.held_out import HeldOutCheck
from forecasting.formatting import in_flop, in_words, likely, significant
from forecasting.reporting.scaling_answers import target_words
from forecasting.scaling.isoflop_surface import Surface, budgets
from forecasting.stats.bands import Bands
from forecasting.stats.range_level import level_in_words

#: Curves are named where their right ends lie at least this factor of loss apart.
NAMED_APART = 1.05


def isoflop_chart(
    surface: Surface, builder: ChartBuilder[Surface], *, new_run: bool = False
) -> Figure:
    """Each curve is one budget of compute: small models leave loss to gain, large ones starve; the
    path runs through the lowest points.
    """
    runs, law = surface.fit.runs, surface.fit.law
    flops = np.log(runs.training_flop)
    span = (float(flops.min()), float(flops.max()))
    path_to = (
        surface.scenario.target_flop
        if surface.scenario.predict == "compute"
        else float(runs.training_flop.max())
    )
    path_flop = np.geomspace(
        float(runs.training_flop.min()), max(path_to, float(runs.training_flop.max())), 40
    )
    path_params, _ = law.optimal(path_flop)
    path_loss = np.asarray(law.loss_at_compute(path_flop))
    low_loss = min(float(runs.loss.min()), float(path_loss.min()))
    ends = (low_loss / 1.03, float(np.quantile(runs.loss, 0.995)) * 1.03)
    sizes = (
        float(runs.params.min()) / 1.3,
        max(float(runs.params.max()), float(path_params[-1])) * 1.5,
    )
    chart = builder.xy(
        style.Axis("Parameters", in_words, ends=sizes, unit="parameters"),
        style.Axis(
            "Loss (nats per token)",
            significant,
            log=builder.log,
            ends=ends,
            unit="nats per token",
        ),
    )
    if sizes[1] > float(runs.params.max()) * 1.6:
        chart.mark_beyond(float(runs.params.max()), sizes[1], "beyond the models run")
    # The path's bands are those of the loss at each compute, drawn above the best size at it.
    path = surface.fit.forecast(
        training_flop=path_flop, kind="run" if new_run else "curve", seed=surface.scenario.seed
    )
    chart.bands(Bands.of_draws(path_params, path.draws), style.GREEN)
    last_named = math.inf
    for flop, small, large in budgets(surface):
        colour = style.between((math.log(flop) - span[0]) / (span[1] - span[0]))
        params = np.geomspace(small, large, 25)
        loss = np.asarray(law.loss(params, flop / (6.0 * params)))
        name = f"{in_flop(flop, 2)} FLOP"
        chart.curve(params, loss, colour, name=name, width=1.6)
        reaches = large > 2.0 * law.optimal(flop)[0]
        if reaches and ends[0] < loss[-1] < ends[1] and loss[-1] < last_named / NAMED_APART:
            last_named = float(loss[-1])
            chart.label(large, last_named, name, colour, anchor="left")
    _points(chart, surface, (flops - span[0]) / (span[1] - span[0]))
    _minima(chart, surface, span)
    seen = path_flop <= float(runs.training_flop.max()) * 1.0001
    for part, dash in ((seen, "solid"), (path_flop >= path_flop[seen][-1], "dash")):
        if part.sum() > 1:
            chart.curve(
                path_params[part],
                path_loss[part],
                style.GREEN,
                name="optimal path",
                dash=dash,
                width=3,
            )
    _target(chart, surface)
    return chart.figure


def residual_chart(surface: Surface, held_out: HeldOutCheck | None) -> Figure:
    """How far each run's fitted loss is from the measured one, by compute; crosses are the largest
    runs, predicted without them.
    """
    runs = surface.fit.runs
    errors = np.log(np.asarray(surface.fit.law.loss(runs.params, runs.tokens)) / runs.loss)
    hidden = held_out.errors if held_out else np.empty(0)
    size = float(np.quantile(np.abs(np.concatenate([errors, hidden])), 0.99)) * 1.15
    flops = runs.training_flop
    chart = ChartBuilder().xy(
        style.Axis(
            "Training compute in FLOP",
            in_flop,
            ends=(float(flops.min()) / 1.5, float(flops.max()) * 1.5),
        ),
        style.Axis(
            "Fitted loss / measured loss",
            lambda share: f"{100 * share:+.2g}%",
            log=False,
            ends=(-size, size),
        ),
    )
    chart.mark_level(0.0, "")
    for x, e, sets, colour, name, symbol in (
        (flops, errors, runs, style.BLUE, "fitted", "circle"),
        (
            held_out.hidden.training_flop if held_out else hidden,
            hidden,
            held_out.hidden if held_out else runs,
            style.VERMILION,
            "held out",
            "x",
        ),
    ):
        hover = [
            f"{name}: {in_words(n)} parameters, {in_words(d)} tokens<br>{100 * error:+.2f}%"
            for n, d, error in zip(sets.params, sets.tokens, e, strict=False)
        ]
        chart.points(x, e, hover, colour, name=name, symbol=symbol, size=6)
    if held_out:
        first = float(held_out.hidden.training_flop.min())
        chart.mark_moment(first, "hidden from here on: ×")
    return chart.figure


def _points(chart: Chart, surface: Surface, shares: np.ndarray) -> None:
    """All runs, in the colour of their compute."""
    runs = surface.fit.runs
    chart.figure.add_scatter(
        x=runs.params,
        y=runs.loss,
        mode="markers",
        marker={
            "color": shares,
            "colorscale": [[0.0, style.VERMILION], [0.5, style.PURPLE], [1.0, style.BLUE]],
            "cmin": 0.0,
            "cmax": 1.0,
            "size": 5,
            "opacity": 0.6,
        },
        text=[
            f"{in_words(n)} parameters, {in_words(d)} tokens<br>{in_words(c)} FLOP:"
            f" {significant(value)} nats per token"
            for n, d, c, value in zip(
                runs.params, runs.tokens, runs.training_flop, runs.loss, strict=True
            )
        ],
        hovertemplate="%{text}<extra></extra>",
        name="runs",
    )


def _minima(chart: Chart, surface: Surface, span: tuple[float, float]) -> None:
    """The lowest point of each budget's curve with its range, apart from the law."""
    if surface.isoflop is None:
        return
    lowest = [
        (part, part.params, part.loss)
        for part in surface.isoflop.usable
        if part.params is not None and part.loss is not None
    ]
    sizes = np.array([params.value for _, params, _ in lowest])
    ends = np.array([params.interval(level_in_words()) for _, params, _ in lowest]).reshape(-1, 2)
    colours = [
        style.between((math.log(part.training_flop) - span[0]) / (span[1] - span[0]))
        for part, _, _ in lowest
    ]
    chart.figure.add_scatter(
        x=sizes,
        y=[loss for _, _, loss in lowest],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": ends[:, 1] - sizes,
            "arrayminus": sizes - ends[:, 0],
            "color": style.GREY,
        },
        mode="markers",
        marker={
            "color": colours,
            "size": 8,
            "symbol": "diamond",
            "line": {"color": "white", "width": 1},
        },
        text=[
            f"curve at {in_flop(part.training_flop, 2)} FLOP<br>lowest at"
            f" {params.with_range(partial(in_words, digits=2), 'parameters')}"
            for part, params, _ in lowest
        ],
        hovertemplate="%{text}<extra></extra>",
        name="lowest points",
    )


def _target(chart: Chart, surface: Surface) -> None:
    """The predicted loss with its interval for a new run, where the target has a size."""
    params, _ = surface.target
    if not math.isfinite(params):
        return
    level, value = level_in_words(), surface.curve.value
    low, high = surface.run.interval(level)
    chart.figure.add_scatter(
        x=[params],
        y=[value],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(high - value, 0.0)],
            "arrayminus": [max(value - low, 0.0)],
            "width": 6,
        },
        mode="markers",
        marker={"color": style.GREEN, "size": 12},
        text=[
            f"{target_words(surface)}: {value:.2f} nats per token<br>a single new run:"
            f" {likely(low, high, level, '{:.2f}'.format)}"
        ],
        hovertemplate="%{text}<extra></extra>",
        name="prediction",
    )
    chart.label(
        params, value, f"predicted {value:.2f}", style.GREEN, anchor="right", arrow=(-26, -44)
    )
