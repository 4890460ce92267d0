"""The style of all charts: one template for light and dark, bands, projection ground, direct
labels, ticks in plain words.

Text, grid and ground colours are left to the theme of the page, so that a chart follows it; series
colours keep at least 3:1 contrast on both grounds and differ in lightness as well as hue (after
Okabe & Ito's palette for colour-blind readers).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from forecasting.arrays import BoolArray, FloatArray
from forecasting.formatting import in_words, significant
from forecasting.stats.bands import Bands

BLUE, VERMILION, GREEN, PURPLE, GREY = "#2b83ba", "#d95f02", "#1a9873", "#a55fa8", "#8a8f98"
#: For what is neither a pin nor one of two things compared.
OCHRE = "#b08a00"
#: Colours, dashes and markers of pinned scenarios: never told apart by colour alone.
PIN_STYLES = (
    (GREEN, "dash", "square"),
    (PURPLE, "dashdot", "diamond"),
    (GREY, "longdash", "triangle-up"),
)
HEIGHT = 460
#: Ticks of an axis of shares that ends near 100%.
SHARE_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
#: Names of annotations that the chart element moves apart and off lines (chart_labels.js): anywhere
#: near their point; “moment” along its vertical line, “level” along its horizontal one.
MOVABLE = "label"
#: Pixels between a label and its line: where labels stand clear from the start, the chart element
#: need not draw a second time.
CLEAR = 7
PHONE_SAFE_MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}

Words = Callable[[float], str]


@dataclass(frozen=True)
class Axis:
    """One axis: its title with the unit, all `values` that must fit on it, whether it is
    logarithmic, and `words` for its ticks.

    `ends` fixes the range where the values alone do not give it, `ticks` the ticks.
    """

    title: str
    words: Words
    values: Sequence[FloatArray] = ()
    log: bool = True
    ends: tuple[float, float] | None = None
    ticks: Sequence[float] | None = None

    @property
    def layout(self) -> dict[str, Any]:
        """The axis as Plotly takes it, ticks in plain words."""
        low, high = self.ends or _extent(self.values, self.log)
        axis: dict[str, Any] = {
            "title": {"text": self.title},
            "automargin": True,
            "zeroline": False,
        }
        ticks = self.ticks or (decade_ticks(low, high) if self.log else linear_ticks(low, high))
        axis |= {"tickvals": ticks, "ticktext": [self.words(tick) for tick in ticks]}
        if self.log:
            return axis | {"type": "log", "range": [math.log10(low), math.log10(high)]}
        return axis | {"range": [low, high]}


def figure(
    *,
    y_title: str,
    log: bool,
    words: Words,
    values: Sequence[FloatArray],
    years: tuple[float, float],
) -> go.Figure:
    """An empty chart over time; `values` are all that must fit on the y axis, `words` says a
    value in plain units.
    """
    x = {
        "range": list(years),
        "tickformat": "d",
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
    }
    return _empty(x, Axis(y_title, words, values, log).layout)


def xy_figure(x: Axis, y: Axis) -> go.Figure:
    """An empty chart of one quantity against another."""
    return _empty(x.layout | {"showgrid": False}, y.layout)


def _empty(x: dict[str, Any], y: dict[str, Any]) -> go.Figure:
    return go.Figure(
        layout={
            "height": HEIGHT,
            "margin": PHONE_SAFE_MARGIN,
            "showlegend": False,
            "hovermode": "closest",
            "uirevision": "keep",
            "xaxis": x,
            "yaxis": y,
        }
    )


def add_bands(
    chart: go.Figure,
    bands: Bands,
    levels: Sequence[float],
    colour: str,
    fades_after: float = math.inf,
) -> None:
    """The bands of the levels, widest first; past `fades_after` they fade, since nothing observed
    speaks for them.
    """
    if len(bands.x) == 1:  # one year has no course: upright bars
        for level in levels:
            low, high = bands.interval(level)
            chart.add_scatter(
                x=[bands.x[0]] * 2,
                y=[low[0], high[0]],
                mode="lines",
                line={"color": translucent(colour, 0.3), "width": 14},
                hoverinfo="skip",
                name=f"{level:.0%} band",
            )
        return
    near = bands.x <= fades_after
    # Both parts hold the year in which one ends and the other begins, so that no gap shows.
    far = bands.x >= (bands.x[near][-1] if near.any() else -math.inf)
    for part, strength in ((near, 1.0), (far, 0.4)):
        if part.sum() < 2:
            continue
        for level in levels:
            low, high = bands.interval(level)
            chart.add_scatter(
                x=np.concatenate([bands.x[part], bands.x[part][::-1]]),
                y=np.concatenate([high[part], low[part][::-1]]),
                fill="toself",
                fillcolor=translucent(colour, 0.16 * strength),
                line={"width": 0},
                mode="lines",
                hoverinfo="skip",
                name=f"{level:.0%} band",
            )


def add_line(
    chart: go.Figure,
    bands: Bands,
    colour: str,
    *,
    solid_until: float,
    name: str,
    words: Words,
    solid_from: float = -math.inf,
    dash: str = "dash",
    width: float = 2.5,
) -> None:
    """The median: solid inside the observed years, dashed outside them."""
    years, median = bands.x, bands.median
    hover = [
        f"{name}, {year:.0f}: {words(value)}" for year, value in zip(years, median, strict=True)
    ]
    if len(years) == 1:
        add_points(chart, years, median, hover, colour, name=name, size=10, opacity=1.0)
        return
    inside = (years >= solid_from) & (years <= solid_until)
    parts = (
        (inside, "solid"),
        (years <= solid_from, dash),
        (years >= _first_outside(years, inside, solid_until), dash),
    )
    for part, style in parts:
        if part.sum() >= 2:
            chart.add_scatter(
                x=years[part],
                y=median[part],
                mode="lines",
                line={"color": colour, "width": width, "dash": style},
                text=[h for h, keep in zip(hover, part, strict=True) if keep],
                hovertemplate="%{text}<extra></extra>",
                name=name,
            )


def add_points(
    chart: go.Figure,
    years: FloatArray,
    values: FloatArray,
    hover: Sequence[str],
    colour: str,
    *,
    name: str,
    symbol: str = "circle",
    size: float = 6,
    opacity: float = 0.65,
) -> None:
    """Measured points with their names on hover."""
    chart.add_scatter(
        x=years,
        y=values,
        mode="markers",
        marker={"color": colour, "size": size, "opacity": opacity, "symbol": symbol},
        text=list(hover),
        hovertemplate="%{text}<extra></extra>",
        name=name,
    )


def add_curve(
    chart: go.Figure,
    x: FloatArray,
    y: FloatArray,
    colour: str,
    *,
    name: str,
    words: tuple[Words, Words],
    dash: str = "solid",
    width: float = 2.5,
) -> None:
    """A line of one quantity against another; on hover its name and both values in `words` (of x,
    of y).
    """
    chart.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": colour, "width": width, "dash": dash},
        text=[f"{name}<br>{words[0](a)}: {words[1](b)}" for a, b in zip(x, y, strict=True)],
        hovertemplate="%{text}<extra></extra>",
        name=name,
    )


def mark_projection(chart: go.Figure, last_observed: float, until: float) -> None:
    """Shade what lies beyond the data and say by how many years it does."""
    if until > last_observed:
        mark_beyond(
            chart,
            last_observed,
            until,
            f"projection, {significant(until - last_observed, 2)} years beyond the data",
        )


def mark_beyond(
    chart: go.Figure, last_observed: float, until: float, text: str, *, log_x: bool = False
) -> None:
    """Shade what lies beyond `last_observed` on the x axis, with words above it."""
    chart.add_shape(
        type="rect",
        xref="x",
        yref="paper",
        x0=last_observed,
        x1=until,
        y0=0,
        y1=1,
        fillcolor=translucent(GREY, 0.10),
        line={"width": 0},
        layer="below",
    )
    at = math.log10(until) if log_x else until
    chart.add_annotation(
        x=at,
        y=1,
        xref="x",
        yref="paper",
        text=text,
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
        font={"size": 12},
    )


def label(
    chart: go.Figure,
    year: float,
    value: float,
    text: str,
    colour: str | None,
    *,
    log: bool,
    anchor: str = "right",
    below: bool = False,
    middle: bool = False,
    arrow: tuple[float, float] | None = None,
) -> None:
    """A label on the line itself, instead of a legend: above it, `below` it or on its `middle`, or
    with `arrow` that many pixels off.

    Without a `colour` it has that of the page's text.
    """
    chart.add_annotation(
        x=year,
        y=math.log10(value) if log else value,
        text=text,
        showarrow=arrow is not None,
        ax=arrow[0] if arrow else 0,
        ay=arrow[1] if arrow else 0,
        arrowcolor=colour,
        arrowwidth=1,
        arrowhead=0,
        xanchor=anchor,
        yanchor=(
            "auto" if arrow is not None else "middle" if middle else "top" if below else "bottom"
        ),
        yshift=0 if arrow is not None or middle else -CLEAR if below else CLEAR,
        font={"color": colour, "size": 13},
        name=MOVABLE,
    )


def point_label(
    chart: go.Figure,
    x: float,
    y: float,
    text: str,
    colour: str | None,
    *,
    log: tuple[bool, bool],
    anchor: str = "right",
    below: bool = False,
    middle: bool = False,
    arrow: tuple[float, float] | None = None,
) -> None:
    """A label on a chart of one quantity against another; `log` says which of its axes (x, y) are,
    `arrow` sets it off in pixels.
    """
    label(
        chart,
        math.log10(x) if log[0] else x,
        y,
        text,
        colour,
        log=log[1],
        anchor=anchor,
        below=below,
        middle=middle,
        arrow=arrow,
    )


def spread(values: Sequence[float], least_gap: float) -> list[float]:
    """The values moved apart, in their order, so that labels at them do not overlap; as little as
    need be, about their middle.
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    placed = [values[at] for at in order]
    for _ in range(50):
        for below in range(len(placed) - 1):
            lack = least_gap - (placed[below + 1] - placed[below])
            if lack > 1e-12:
                placed[below] -= lack / 2
                placed[below + 1] += lack / 2
    result = [0.0] * len(values)
    for at, value in zip(order, placed, strict=True):
        result[at] = value
    return result


def mark_moment(
    chart: go.Figure, year: float, text: str, *, log_x: bool = False, at_top: bool = False
) -> None:
    """A vertical line at the moment that matters, or at another value of x, with its name at its
    foot or `at_top`.

    The name stands right of the line, or left of it where the line is near the right end of an axis
    with a fixed range.
    """
    chart.add_shape(
        type="line",
        xref="x",
        yref="paper",
        x0=year,
        x1=year,
        y0=0,
        y1=1,
        line={"color": GREY, "width": 1.2, "dash": "dot"},
    )
    at = math.log10(year) if log_x else year
    place = {"y": 0.98, "yanchor": "top"} if at_top else {"y": 0.02, "yanchor": "bottom"}
    low, high = chart.layout.xaxis.range or (at, at + 1.0)
    side, clear = ("right", -CLEAR) if at > low + 0.65 * (high - low) else ("left", CLEAR)
    place |= {"xref": "x", "yref": "paper", "xanchor": side, "xshift": clear}
    chart.add_annotation(
        x=at, text=text, showarrow=False, font={"size": 12}, name="moment", **place
    )


def mark_level(chart: go.Figure, value: float, text: str, *, log: bool) -> None:
    """A horizontal line at a level that matters, with its name."""
    chart.add_shape(
        type="line",
        xref="paper",
        yref="y",
        x0=0,
        x1=1,
        y0=value,
        y1=value,
        line={"color": GREY, "width": 1.2, "dash": "dot"},
    )
    chart.add_annotation(
        x=0.01,
        y=math.log10(value) if log else value,
        xref="paper",
        yref="y",
        text=text,
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        font={"size": 12},
        name="level",
    )


def toolbar(name: str, image: str) -> dict[str, Any]:
    """Chart configuration: image download at publication size in the format of the display bar."""
    return {
        "displaylogo": False,
        # The buttons there are, not those to leave out: a new Plotly may bring others, such as one
        # that uploads the chart.
        "modeBarButtons": [
            ["toImage"],
            ["zoom2d", "pan2d"],
            ["zoomIn2d", "zoomOut2d", "resetScale2d"],
        ],
        "plotlyServerURL": "",
        "showSendToCloud": False,
        "toImageButtonOptions": {
            "format": image,
            "filename": name,
            "width": 1200,
            "height": 675,
            "scale": 2,
        },
    }


def decade_ticks(low: float, high: float) -> list[float]:
    """Powers of ten between two values, thinned to at most eight; with fewer than two decades,
    1-2-5 steps, within one decade finer.
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 2:
        multiples = (
            (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0) if high < 10.0 * low else (1, 2, 5)
        )
        steps = [m * 10.0**e for e in range(first - 1, last + 1) for m in multiples]
        return [s for s in steps if low <= s <= high]
    step = max(1, math.ceil((last - first + 1) / 8))
    return [10.0**e for e in range(first, last + 1, step)]


def linear_ticks(low: float, high: float) -> list[float]:
    """About five round steps between two values."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= rough)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def count_words(value: float, digits: int = 3) -> str:
    """A count in words to the end, for axes on which words and powers of ten would mix: 7,300
    quadrillion.
    """
    return (
        f"{significant(value / 1e15, digits)} quadrillion"
        if value >= 1e18
        else in_words(value, digits)
    )


def between(share: float) -> str:
    """A colour on the way from vermilion over purple to blue, for lines in an order; `share` from 0
    to 1.
    """
    stops = [
        [int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (VERMILION, PURPLE, BLUE)
    ]
    at = min(max(share, 0.0), 1.0) * 2.0
    first = min(int(at), 1)
    mixed = [
        round(a + (b - a) * (at - first))
        for a, b in zip(stops[first], stops[first + 1], strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def translucent(colour: str, alpha: float) -> str:
    """A hex colour with an alpha channel."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:.3g})"


def _extent(values: Sequence[FloatArray], log: bool) -> tuple[float, float]:
    joined = np.concatenate([np.ravel(v) for v in values])
    joined = joined[np.isfinite(joined) & ((joined > 0) | (not log))]
    if joined.size == 0:
        return (1.0, 10.0) if log else (0.0, 1.0)
    low, high = float(joined.min()), float(joined.max())
    if log:
        return low / 1.6, high * 1.6
    room = 0.05 * (high - low or 1.0)
    return (0.0 if low >= 0 else low - room), high + room


def _first_outside(years: FloatArray, inside: BoolArray, solid_until: float) -> float:
    """The dashed part starts where the solid one ends, so that no gap shows."""
    return float(years[inside][-1]) if inside.any() else solid_until
