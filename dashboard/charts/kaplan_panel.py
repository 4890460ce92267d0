"""Chart of one of Kaplan's panels: measured runs, the refitted line, Kaplan's line, and below them
what the runs leave over.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, in_words, significant
from forecasting.scaling.kaplan_panels import KaplanPanels, PanelSet

STYLES = ((style.BLUE, "circle"), (style.VERMILION, "diamond"))
TITLES = {"compute": "Training compute in FLOP", "params": "Parameters", "tokens": "Tokens"}
UNITS = {"compute": "FLOP", "params": "parameters", "tokens": "tokens"}
#: How much of the height the losses take; the residuals take the rest, less a gap.
UPPER, LOWER = (0.32, 1.0), (0.0, 0.22)
HEIGHT = 560
#: Lines go on to this factor beyond the runs; their names take this share of the width again.
BEYOND, NAME_ROOM = 10.0, 0.22


def kaplan_panel_chart(result: KaplanPanels, builder: ChartBuilder[KaplanPanels]) -> Figure:
    """Filled points are those that the lines were fitted to; dotted lines are each set's own law,
    which bends towards its floor.
    """
    panel = result.scenario.panel
    x_words = in_flop if panel == "compute" else in_words
    all_x = np.concatenate([one.x for one in result.shown])
    first, last = float(all_x.min()) / 2.0, float(all_x.max())
    grid = np.geomspace(first, last * BEYOND, 60)
    # Beyond the lines there is room for their names.
    ends = (first, last * BEYOND * (last * BEYOND / first) ** NAME_ROOM)
    losses = np.concatenate([one.loss for one in result.shown])
    fitted = [float(one.line(grid[-1:])[0]) for one in result.shown if one.slope]
    bottom = min([float(losses.min()), *fitted, float(result.kaplan_line(grid[-1:])[0])]) / 1.15
    top = float(losses.max()) * 1.04
    chart = builder.xy(
        style.Axis(TITLES[panel], x_words, ends=ends, unit=UNITS[panel]),
        style.Axis(
            "Loss (nats per token)",
            significant,
            log=builder.log,
            ends=(bottom if builder.log else bottom - 0.1, top),
            unit="nats per token",
        ),
    )
    chart.figure.update_layout(height=HEIGHT)
    chart.mark_beyond(last, ends[1], "beyond the runs")
    for one, (colour, symbol) in zip(result.shown, STYLES, strict=True):
        if one.slope:
            chart.bands(one.bands(grid), colour)
        _points(chart, one, colour, symbol, x_words)
        chart.curve(grid, one.unlimited(grid), colour, name=law_name(one), dash="dot", width=1.3)
        if one.slope:
            used = one.x[one.used]
            for part, dash, width in (
                (grid <= used.max(), "solid", 2.5),
                (grid >= used.max() / 1.4, "dash", 2),
            ):
                line = one.line(grid[part])
                name = f"{one.title}: slope {one.slope.value:.3f}".replace("-0", "−0")
                chart.curve(grid[part], line, colour, name=name, dash=dash, width=width)
    chart.curve(
        grid, result.kaplan_line(grid), style.PURPLE, name="Kaplan's line", dash="dashdot", width=2
    )
    _names(chart, result, grid)
    _residuals(chart, result)
    return chart.figure


def law_name(one: PanelSet) -> str:
    """What a set's dotted line is."""
    return (
        f"{one.title}: its own law,"
        f" {'at the optimum' if one.panel == 'compute' else 'all else unlimited'}"
    )


def _points(chart: Chart, one: PanelSet, colour: str, symbol: str, x_words: style.Words) -> None:
    for keep, opacity, size, what in (
        (~one.used, 0.18, 5, "not fitted"),
        (one.used, 0.9, 6, "fitted"),
    ):
        hover = [
            f"{one.title}, {what}<br>{x_words(a)} {UNITS[one.panel]}: {significant(b)} nats per"
            " token"
            for a, b in zip(one.x[keep], one.loss[keep], strict=True)
        ]
        chart.points(
            one.x[keep],
            one.loss[keep],
            hover,
            colour,
            name=what,
            symbol=symbol,
            size=size,
            opacity=opacity,
        )


def _names(chart: Chart, result: KaplanPanels, grid: np.ndarray) -> None:
    """Each line is named at its right end, names that would overlap moved apart."""
    named = [
        (f"{short(one)} {one.slope.value:.3f}", one.line(grid[-1:])[0], STYLES[i][0])
        for i, one in enumerate(result.shown)
        if one.slope
    ]
    named.append(
        (
            f"Kaplan {result.kaplan_slope(result.scenario.panel):.3f}",
            result.kaplan_line(grid[-1:])[0],
            style.PURPLE,
        )
    )
    low, high = chart.figure.range_y
    ends = [chart.place_y(value) for _, value, _ in named]
    for (text, _, colour), place in zip(
        named,
        style.spread([end - 0.03 * (high - low) for end in ends], 0.075 * (high - low)),
        strict=True,
    ):
        y = chart.value_y(place)
        at = 10.0 ** chart.figure.range_x[1]
        chart.label(at, y, text.replace("-0", "−0"), colour)


def _residuals(chart: Chart, result: KaplanPanels) -> None:
    """The residual scatter, in a strip of its own with the same x axis."""
    shown = [one for one in result.shown if one.slope]
    size = max([0.02, *(1.15 * float(np.max(np.abs(one.residuals))) for one in shown)])
    ticks = style.linear_ticks(-size, size)
    chart.figure.update_yaxes(domain=UPPER)
    chart.figure.update_xaxes(anchor="y2")
    chart.figure.update_layout(
        yaxis2={
            "domain": LOWER,
            "range": [-size, size],
            "title": {"text": "Loss against the line"},
            "tickvals": ticks,
            "ticktext": [
                f"{100 * tick:+.3g}%".replace("-", "−") if tick else "0" for tick in ticks
            ],
            "automargin": True,
            "zeroline": True,
        },
    )
    for one, (colour, symbol) in zip(result.shown, STYLES, strict=True):
        if not one.slope:
            continue
        hover = [f"{one.title}: {100 * r:+.2f}% off its line" for r in one.residuals]
        chart.figure.add_scatter(
            x=one.x[one.used],
            y=one.residuals,
            yaxis="y2",
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 5, "opacity": 0.8},
            text=hover,
            hovertemplate="%{text}<extra></extra>",
            name=f"{one.title}, residuals",
        )


def short(one: PanelSet) -> str:
    """The set's name, short enough for a label."""
    return {"chinchilla": "Chinchilla", "overtraining": "over-trained", "repeated": "repeated"}[
        one.name
    ]
