"""Traces of a figure as shapes: lines, areas, marks, whiskers, bars, cells, and words at points."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.charts.contrast import legible
from dashboard.charts.figure import Properties
from dashboard.export.static.axes import Axis
from dashboard.export.static.cutting import Box, cut
from dashboard.export.static.drawing import Disc, Drawing, Ink, Outline, Part, Raster, Shape, Words
from dashboard.export.static.fonts import BASELINE, LINE, rich_lines, text_box
from forecasting.arrays import FloatArray

#: What Plotly draws around a mark whose line has a width and no colour.
DARK_LINE = "#444444"
#: Dashes as lengths of stroke and gap, in widths of the line (of at least three pixels).
DASHES = {
    "solid": (),
    "dot": (1, 1),
    "dash": (3, 3),
    "longdash": (5, 5),
    "dashdot": (3, 1, 1, 1),
    "longdashdot": (5, 1, 1, 1),
}
_STAR = [
    (radius * math.sin(math.pi * k / 5), -radius * math.cos(math.pi * k / 5))
    for k in range(10)
    for radius in (1.4 if k % 2 == 0 else 1.4 * 0.382,)
]
#: Marks by their corners in radii; lines where there are two.
SYMBOLS: dict[str, list[list[tuple[float, float]]]] = {
    "square": [[(-1, -1), (1, -1), (1, 1), (-1, 1)]],
    "diamond": [[(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)]],
    "triangle-up": [[(-1.1547, 0.5), (1.1547, 0.5), (0, -1)]],
    "triangle-down": [[(-1.1547, -0.5), (1.1547, -0.5), (0, 1)]],
    "star": [_STAR],
    "x": [
        [
            (0, -0.5657), (0.5657, -1.1314), (1.1314, -0.5657), (0.5657, 0), (1.1314, 0.5657),
            (0.5657, 1.1314), (0, 0.5657), (-0.5657, 1.1314), (-1.1314, 0.5657), (-0.5657, 0),
            (-1.1314, -0.5657), (-0.5657, -1.1314),
        ]
    ],
    "x-thin": [[(-1, -1), (1, 1)], [(-1, 1), (1, -1)]],
    "cross-thin": [[(0, -1.4), (0, 1.4)], [(-1.4, 0), (1.4, 0)]],
    "line-ns": [[(0, -1.4), (0, 1.4)]],
    "line-ew": [[(-1.4, 0), (1.4, 0)]],
}  # fmt: skip
_LINES = ("x-thin", "cross-thin", "line-ns", "line-ew")


def dashes(dash: str | None, width: float) -> tuple[float, ...]:
    """The lengths of a dash by its name, for a line of a width."""
    return tuple(part * max(width, 3.0) for part in DASHES[dash or "solid"])


@dataclass(frozen=True)
class Place:
    """Where traces are drawn: their axes and ground; what has no colour of its own is drawn in
    `ink`.
    """

    x: Axis
    y: Axis
    ink: str
    ground: str

    @property
    def box(self) -> Box:
        """The plot, within which lines and areas stay."""
        (left, right), (top, bottom) = (
            sorted((axis.first, axis.last)) for axis in (self.x, self.y)
        )
        return left, top, right, bottom


def draw(trace: Properties, place: Place, drawing: Drawing, bars: Bars, *, role: str) -> None:
    """Add a trace to the drawing; `bars` tells bars where the ones below them end."""
    match trace["type"]:
        case "scatter":
            drawing.parts += _scatter(trace, place, role)
        case "bar":
            drawing.parts += bars.drawn(trace, place, role)
        case "heatmap":
            drawing.parts.append(_cells(trace, place, role))
        case kind:
            raise ValueError(f"a trace of the kind {kind!r}, of which pictures know nothing")


def _scatter(trace: Properties, place: Place, role: str) -> Iterator[Part]:
    points = np.column_stack([place.x.at(trace["x"]), place.y.at(trace["y"])])
    mode = str(trace.get("mode", "lines+markers"))
    opacity = float(trace.get("opacity", 1.0))
    line = trace.get("line", {})
    if "fill" in trace:
        ink = Ink(fill=trace.get("fillcolor"), opacity=opacity)
        yield Shape(_runs(points, place, is_closed=True), ink, True, f"{role}:area")
    if "lines" in mode and line.get("width", 2) and line.get("width", 2) > 0:
        width = float(line.get("width", 2))
        ink = Ink(
            stroke=line.get("color", place.ink),
            width=width,
            dash=dashes(line.get("dash"), width),
            opacity=opacity,
        )
        yield Shape(_runs(points, place), ink, False, f"{role}:line")
    marker = trace.get("marker", {})
    for name in ("error_y", "error_x"):
        if name in trace:
            colour = marker.get("color", line.get("color", place.ink))
            yield _whiskers(trace, name, place, colour, opacity, f"{role}:{name}")
    if "markers" in mode:
        yield from _marks(points, marker, place, opacity, f"{role}:mark")
    if "text" in mode:
        yield from _words_at(trace, points, place, f"{role}:text")


def _runs(points: FloatArray, place: Place, *, is_closed: bool = False) -> list[Outline]:
    """The points in runs without a gap, as far as they are in sight."""
    there = np.isfinite(points).all(axis=1)
    ends = np.flatnonzero(np.diff(there.astype(int))) + 1
    runs = [run for run in np.split(points, ends) if np.isfinite(run).all() and len(run) > 1]
    return [part for run in runs for part in cut(run, place.box, is_closed=is_closed)]


def _whiskers(
    trace: Properties, name: str, place: Place, colour: Any, opacity: float, role: str
) -> Shape:
    """Error bars with their caps."""
    error = trace[name]
    along, across = (place.y, place.x) if name == "error_y" else (place.x, place.y)
    values = np.asarray(trace[name[-1]], dtype=float)
    others = across.at(trace["x" if name == "error_y" else "y"])
    up = np.asarray(error["array"], dtype=float)
    down = np.asarray(error.get("arrayminus", up), dtype=float)
    thickness, cap = float(error.get("thickness", 2)), float(error.get("width", 4))
    outlines: list[Outline] = []
    for middle, low, high in zip(
        others, along.at(values - down), along.at(values + up), strict=True
    ):
        if not np.isfinite([middle, low, high]).all():
            continue
        parts = [[(low, middle), (high, middle)]] + [
            [(end, middle - cap), (end, middle + cap)] for end in (low, high)
        ]
        for part in parts:
            outline = np.array(part)
            outline = outline[:, ::-1] if name == "error_y" else outline
            outlines += cut(outline, place.box, is_closed=False)
    one = colour if isinstance(colour, str) else place.ink
    ink = Ink(stroke=error.get("color", one), width=thickness, opacity=opacity)
    return Shape(outlines, ink, False, role)


def _marks(
    points: FloatArray, marker: Properties, place: Place, opacity: float, role: str
) -> Iterator[Part]:
    many = len(points)
    colours = _colours(marker, many, place.ink)
    left, top, right, bottom = place.box
    sizes = _each(marker.get("size", 6), many)
    symbols = _each(marker.get("symbol", "circle"), many)
    opacities = _each(marker.get("opacity", 1.0), many)
    line = marker.get("line", {})
    line_colours = _each(line.get("color", DARK_LINE), many)
    line_widths = _each(line.get("width"), many)
    for at, (x, y) in enumerate(points):
        if not (left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1):
            continue
        name = str(symbols[at] or "circle")
        is_open = name.endswith("-open")
        name = name.removesuffix("-open")
        width = line_widths[at]
        if is_open or name in _LINES:
            looks = Ink(
                stroke=colours[at],
                width=float(1 if width is None else width) or 1.0,
                opacity=float(opacities[at]) * opacity,
            )
        else:
            looks = Ink(
                fill=colours[at],
                stroke=line_colours[at],
                width=float(width or 0.0),
                opacity=float(opacities[at]) * opacity,
            )
        radius = float(sizes[at]) / 2
        if name == "circle":
            yield Disc(float(x), float(y), radius, looks, role)
            continue
        outlines = [np.array(corners) * radius + (x, y) for corners in SYMBOLS[name]]
        yield Shape(outlines, looks, name not in _LINES, role)


def _each(value: Any, many: int) -> Sequence[Any]:
    return [value] * many if isinstance(value, str) or np.ndim(value) == 0 else list(value)


def _colours(marker: Properties, many: int, ink: str) -> Sequence[str]:
    """A colour for each mark; numbers are looked up in the colour scale."""
    given = marker.get("color", ink)
    if isinstance(given, str) or (len(given) and isinstance(given[0], str)):
        return _each(given, many)
    low, high = float(marker["cmin"]), float(marker["cmax"])
    return [
        f"rgba({r:.0f},{g:.0f},{b:.0f},{a:.3g})"
        for r, g, b, a in _scaled(np.asarray(given, float), low, high, marker["colorscale"])
    ]


def _scaled(values: FloatArray, low: float, high: float, scale: Sequence[Any]) -> FloatArray:
    """Red, green, blue (to 255) and alpha (to 1) of values on a colour scale."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    stops = [float(stop) for stop, _ in scale]
    colours = np.array([rgba(colour) for _, colour in scale])
    return np.stack([np.interp(share, stops, part) for part in colours.T], axis=-1)


def rgba(colour: str) -> tuple[float, float, float, float]:
    """A colour as CSS has it by its parts: #rrggbb or rgba(…)."""
    if colour.startswith("#"):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return red, green, blue, 1.0
    parts = [float(part) for part in re.findall(r"[\d.]+", colour)]
    return parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else 1.0


def _words_at(trace: Properties, points: FloatArray, place: Place, role: str) -> Iterator[Words]:
    font = trace.get("textfont", {})
    size, colour = float(font.get("size", 12)), legible(font.get("color", place.ink), place.ground)
    positions = _each(trace.get("textposition", "middle center"), len(points))
    for (x, y), text, position in zip(points, trace["text"], positions, strict=True):
        if not (math.isfinite(x) and math.isfinite(y)):
            continue
        down, _, across = str(position).partition(" ")
        # “right” says where the text stands, so that its start is at the point.
        anchor = {"left": "end", "right": "start"}.get(across, "middle")
        lower = {"top": -0.3, "bottom": 1.0}.get(down, 0.35)
        yield Words(float(x), float(y) + lower * size, text, size, colour, anchor, role=role)


def _cells(trace: Properties, place: Place, role: str) -> Raster:
    x, y = (axis.at(trace[name]) for axis, name in ((place.x, "x"), (place.y, "y")))
    z = np.asarray(trace["z"], dtype=float)
    coloured = _scaled(z, float(trace["zmin"]), float(trace["zmax"]), trace["colorscale"])
    coloured[..., 3] *= 255
    cells = np.round(coloured).astype(np.uint8)
    across, down = (x[-1] - x[0]) / (len(x) - 1), (y[0] - y[-1]) / (len(y) - 1)
    return Raster(
        float(x[0] - across / 2),
        float(y[-1] - down / 2),
        float(x[-1] - x[0] + across),
        float(y[0] - y[-1] + down),
        cells[::-1],
        role,
    )


class Bars:
    """Bars of a figure, one stacked on the other where it says so."""

    def __init__(self, layout: Properties) -> None:
        self.gap = float(layout.get("bargap", 0.2))
        self.is_stacked = layout.get("barmode") == "stack"
        self._tops: dict[float, float] = {}

    def drawn(self, trace: Properties, place: Place, role: str) -> Iterator[Part]:
        """The bars of a trace, and what stands in them where there is room."""
        x, y = np.asarray(trace["x"], dtype=float), np.asarray(trace["y"], dtype=float)
        steps = np.diff(np.unique(x))
        half = (1 - self.gap) * (float(steps.min()) if len(steps) else 1.0) / 2
        marker = trace.get("marker", {})
        line, font = marker.get("line", {}), trace.get("textfont", {})
        ink = Ink(
            fill=marker.get("color", place.ink),
            stroke=line.get("color"),
            width=float(line.get("width", 0)),
        )
        texts = trace.get("text", [""] * len(x))
        for at, height, text in zip(x.tolist(), y.tolist(), texts, strict=True):
            foot = self._tops.get(at, 0.0) if self.is_stacked else 0.0
            self._tops[at] = foot + height
            left, right = place.x.at([at - half, at + half]).tolist()
            low, high = place.y.at([foot, foot + height]).tolist()
            corners = np.array([[left, low], [left, high], [right, high], [right, low]])
            outlines = cut(corners, place.box, is_closed=True)
            yield Shape(outlines, ink, True, f"{role}:bar")
            if text:
                colour = font.get("color", place.ink)
                room = right - left, low - high
                middle = (left + right) / 2, (low + high) / 2
                yield from _inside(text, middle, room, font.get("size", 12), colour, role)


def _inside(
    text: str,
    middle: tuple[float, float],
    room: tuple[float, float],
    size: float,
    colour: str,
    role: str,
) -> Iterator[Words]:
    """Words in the middle of a bar, smaller where they would not fit."""
    width, height = text_box(text, size)
    size *= min(1.0, room[0] / (width + 6), room[1] / (height + 6))
    top = middle[1] - text_box(text, size)[1] / 2
    for number, (line, bold) in enumerate(rich_lines(text)):
        baseline = top + (number + BASELINE) * LINE * size
        yield Words(middle[0], baseline, line, size, colour, "middle", bold, role=f"{role}:text")
