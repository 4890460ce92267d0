"""A figure as a drawing: what Plotly's script draws of it in the browser, at a given width."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.charts.contrast import legible
from dashboard.charts.figure import Figure, Properties
from dashboard.export.static import traces
from dashboard.export.static.axes import Axis
from dashboard.export.static.cutting import Box, cut
from dashboard.export.static.drawing import Drawing, Ink, Shape, Words
from dashboard.export.static.fonts import BASELINE, LINE, rich_lines, text_box
from dashboard.export.static.placement import DrawnCells, Movable, place
from dashboard.export.static.theme import COLOURS, Colours, Theme
from forecasting.arrays import FloatArray

#: Sizes of the words on axes, and the gap between them and the plot, in pixels.
TICK_SIZE, TITLE_SIZE, TEXT_SIZE, GAP = 12.0, 13.0, 13.0, 4.0
#: Kinds of annotations that may move (charts/style.py, ui/chart_labels.js).
MOVABLE = ("label", "moment", "level")
#: A label further than this from its point is joined to it by a thin line.
JOINED_FROM = 16.0


@dataclass(frozen=True)
class _Frame:
    """The plot within the picture, and the axes by their names (x, y, y2 …)."""

    left: float
    top: float
    right: float
    bottom: float
    axes: dict[str, Axis]

    @property
    def box(self) -> Box:
        """The plot."""
        return self.left, self.top, self.right, self.bottom

    def across(self, ref: str, value: Any) -> float:
        """Pixels of a value of x, or of a share of the plot's width where `ref` is the paper."""
        if ref == "paper":
            return self.left + float(value) * (self.right - self.left)
        return float(self.axes[ref].at(value))

    def up(self, ref: str, value: Any) -> float:
        """Pixels of a value of y, or of a share of the plot's height where `ref` is the paper."""
        if ref == "paper":
            return self.bottom - float(value) * (self.bottom - self.top)
        return float(self.axes[ref].at(value))


def drawn(figure: Figure, width: float, theme: Theme = "light") -> Drawing:
    """The figure, `width` pixels wide and as high as it says."""
    colours = COLOURS[theme]
    height = float(figure.layout["height"])
    frame = _framed(figure.layout, width, height)
    drawing = Drawing(width, height, colours.ground)
    shapes = list(enumerate(figure.layout.get("shapes", [])))
    for number, shape in shapes:
        if shape.get("layer") == "below":
            _shape(shape, frame, drawing, number)
    _axes(frame, drawing, colours)
    bars = traces.Bars(figure.layout)
    for number, trace in enumerate(figure.data):
        x, y = (frame.axes[str(trace.get(f"{name}axis", name))] for name in "xy")
        where = traces.Place(x, y, colours.text, colours.ground)
        traces.draw(trace, where, drawing, bars, role=f"trace{number}")
    for number, shape in shapes:
        if shape.get("layer") != "below":
            _shape(shape, frame, drawing, number)
    _annotations(figure, frame, drawing, colours)
    return drawing


def _framed(layout: Properties, width: float, height: float) -> _Frame:
    """The plot as large as the words of its axes leave room for."""
    margin = layout["margin"]
    names = [name for name in layout if name[:5] in ("xaxis", "yaxis")]
    left = margin["l"] + max(
        _words_across(layout[name]) for name in names if name.startswith("yaxis")
    )
    x = layout["xaxis"]
    bottom = height - margin["b"] / 2 - GAP - TICK_SIZE * LINE
    if _title(x):
        bottom -= TITLE_SIZE * LINE + GAP
    top, right = float(margin["t"]), width - margin["r"]
    last = Axis(x, left, right).ticks()[-1:]
    for pixel, words in last:  # the last tick's words may reach beyond the plot
        right = min(right, width - 2 - max(0.0, text_box(words, TICK_SIZE)[0] / 2 - right + pixel))
    axes = {}
    for name in names:
        if name.startswith("x"):
            axes["x"] = Axis(layout[name], left, right)
        else:
            low, high = layout[name].get("domain", (0.0, 1.0))
            span = bottom - top
            axes[f"y{name[5:]}"] = Axis(layout[name], bottom - low * span, bottom - high * span)
    return _Frame(left, top, right, bottom, axes)


def _title(axis: Properties) -> str:
    return str(axis.get("title", {}).get("text", ""))


def _words_across(axis: Properties) -> float:
    """The width that title and ticks of a vertical axis take."""
    # Which ticks are in sight depends on the range alone, not on pixels.
    widest = max(
        (text_box(words, TICK_SIZE)[0] for _, words in Axis(axis, 1.0, 0.0).ticks()), default=0
    )
    return widest + GAP + (TITLE_SIZE * LINE + GAP if _title(axis) else 0.0)


def _axes(frame: _Frame, drawing: Drawing, colours: Colours) -> None:
    """Grid lines, ticks and titles."""
    ink = Ink(stroke=colours.grid, width=1.0)
    for name, axis in frame.axes.items():
        if name == "x":
            for pixel in axis.grid():
                drawing.line(pixel, frame.top, pixel, frame.bottom, ink)
            _across_words(axis, frame, drawing, colours)
            continue
        for pixel in axis.grid():
            drawing.line(frame.left, pixel, frame.right, pixel, ink)
        low, high = axis.ends
        if axis.given.get("zeroline") and low <= 0 <= high and not axis.is_log:
            zero = float(axis.at(0.0))
            drawing.line(frame.left, zero, frame.right, zero, Ink(stroke=colours.grid, width=2.0))
        _upright_words(name, axis, frame, drawing, colours)


def _across_words(axis: Axis, frame: _Frame, drawing: Drawing, colours: Colours) -> None:
    """The words below the plot; where they would run into each other, every second and so on."""
    ticks = axis.ticks()
    widest = max((text_box(words, TICK_SIZE)[0] for _, words in ticks), default=0.0)
    steps = [abs(b - a) for (a, _), (b, _) in itertools.pairwise(ticks)]
    every = max(1, int(np.ceil((widest + 6) / max(min(steps, default=1e9), 1.0))))
    baseline = frame.bottom + GAP + BASELINE * LINE * TICK_SIZE
    for pixel, words in ticks[::every]:
        drawing.parts.append(
            Words(pixel, baseline, words, TICK_SIZE, colours.text, "middle", role="tick:x")
        )
    if _title(axis.given):
        below = baseline + TICK_SIZE * LINE + GAP
        middle = (frame.left + frame.right) / 2
        title = Words(
            middle, below, _title(axis.given), TITLE_SIZE, colours.text, "middle", role="title:x"
        )
        drawing.parts.append(title)


def _upright_words(
    name: str, axis: Axis, frame: _Frame, drawing: Drawing, colours: Colours
) -> None:
    """The words left of the plot."""
    for pixel, words in axis.ticks():
        lines = rich_lines(words)
        top = pixel - len(lines) * TICK_SIZE * LINE / 2
        for number, (line, bold) in enumerate(lines):
            baseline = top + (number + BASELINE) * TICK_SIZE * LINE
            drawing.parts.append(
                Words(
                    frame.left - GAP,
                    baseline,
                    line,
                    TICK_SIZE,
                    colours.text,
                    "end",
                    bold,
                    role=f"tick:{name}",
                )
            )
    if _title(axis.given):
        x, middle = TITLE_SIZE * LINE, (axis.first + axis.last) / 2
        drawing.parts.append(
            Words(
                x,
                middle,
                _title(axis.given),
                TITLE_SIZE,
                colours.text,
                "middle",
                turned=-90.0,
                role=f"title:{name}",
            )
        )


def _shape(shape: Properties, frame: _Frame, drawing: Drawing, number: int) -> None:
    """A line or an area that is no trace, as far as it lies in the plot."""
    corners = _ends(shape, frame)
    if not np.isfinite(corners).all():
        return
    line = shape.get("line", {})
    width = float(line.get("width", 2))
    ink = Ink(
        fill=shape.get("fillcolor"),
        stroke=line.get("color") if width else None,
        width=width,
        dash=traces.dashes(line.get("dash"), width),
    )
    is_area = shape["type"] != "line"
    if is_area:
        (x0, y0), (x1, y1) = corners
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    outlines = cut(corners, frame.box, is_closed=is_area)
    drawing.parts.append(Shape(outlines, ink, is_area, role=f"shape{number}"))


def _ends(shape: Properties, frame: _Frame) -> FloatArray:
    """Both ends of a shape, or two of its corners."""
    return np.array(
        [
            (
                frame.across(str(shape.get("xref", "x")), shape[f"x{end}"]),
                frame.up(str(shape.get("yref", "y")), shape[f"y{end}"]),
            )
            for end in (0, 1)
        ]
    )


@dataclass
class _Label:
    """An annotation as it stands: its point, the box of its words, and what of it may move."""

    given: Properties
    number: int
    point: tuple[float, float]
    box: FloatArray
    moves: Movable | None = None


def _annotations(figure: Figure, frame: _Frame, drawing: Drawing, colours: Colours) -> None:
    labels = [
        _label(given, number, frame)
        for number, given in enumerate(figure.layout.get("annotations", []))
        if is_in_sight(given, figure.layout)
    ]
    movable = [label.moves for label in labels if label.moves is not None]
    if movable:
        fixed = [label.box for label in labels if label.moves is None]
        plot = (frame.left, 0.0, min(frame.right + 4, drawing.width), frame.bottom)
        place(movable, fixed, _cells_drawn(figure, frame, drawing), plot)
    for label in labels:
        _draw_label(label, drawing, colours)


def is_in_sight(annotation: Properties, layout: Properties) -> bool:
    """Whether the point of an annotation lies on its axes; where it does not, none is drawn."""
    for letter in "xy":
        ref = str(annotation.get(f"{letter}ref", letter))
        if ref != "paper":
            low, high = sorted(layout[f"{letter}axis{ref[1:]}"]["range"])
            room = 1e-9 * (high - low)
            if not low - room <= annotation[letter] <= high + room:
                return False
    return True


def _label(given: Properties, number: int, frame: _Frame) -> _Label:
    xref, yref = str(given.get("xref", "x")), str(given.get("yref", "y"))
    x = (
        frame.across("paper", given["x"])
        if xref == "paper"
        else float(frame.axes[xref].at_place(given["x"]))
    )
    y = (
        frame.up("paper", given["y"])
        if yref == "paper"
        else float(frame.axes[yref].at_place(given["y"]))
    )
    has_arrow = bool(given.get("showarrow", True))
    width, height = text_box(given["text"], _size(given))
    if given.get("textangle"):
        width, height = height, width
    at_x = x + (given.get("ax", 0) if has_arrow else given.get("xshift", 0))
    at_y = y + (given.get("ay", 0) if has_arrow else -given.get("yshift", 0))
    shares = {"left": 0.0, "center": 0.5, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}
    across, down = str(given.get("xanchor", "auto")), str(given.get("yanchor", "auto"))
    if across == "auto":
        across = _side(given["x"], ("left", "center", "right"), xref == "paper" and not has_arrow)
    if down == "auto":
        down = _side(given["y"], ("bottom", "middle", "top"), yref == "paper" and not has_arrow)
    left, top = at_x - shares[across] * width, at_y - shares[down] * height
    box = np.array([left, top, left + width, top + height])
    label = _Label(given, number, (x, y), box)
    if given.get("name") in MOVABLE:
        to_the_other_side = -width - GAP if across == "left" else width + GAP
        # As in the browser: letters do not fill the height of their lines.
        tight = box + np.array([0.0, 2.0, 0.0, -2.0])
        label.moves = Movable(
            str(given["name"]), tight, to_the_other_side, down == "top", has_arrow
        )
    return label


def _side(value: Any, names: tuple[str, str, str], is_paper: bool) -> str:
    """The anchor that “auto” means: the middle, or on the paper the nearest side."""
    if not is_paper:
        return names[1]
    return names[0] if value < 1 / 3 else names[2] if value > 2 / 3 else names[1]


def _size(given: Properties) -> float:
    return float(given.get("font", {}).get("size", TEXT_SIZE))


def _cells_drawn(figure: Figure, frame: _Frame, drawing: Drawing) -> DrawnCells:
    """What labels keep off: lines, marks, and lines that are no trace."""
    cells = DrawnCells(drawing.width, drawing.height)
    for trace in figure.data:
        mode = str(trace.get("mode", ""))
        if trace["type"] != "scatter" or not mode:
            continue
        x, y = (frame.axes[str(trace.get(f"{name}axis", name))] for name in "xy")
        points = np.column_stack([x.at(trace["x"]), y.at(trace["y"])])
        if "lines" in mode and trace.get("line", {}).get("width", 2) > 0:
            cells.line(points, 1.0)
        if "markers" in mode:
            cells.dots(points, 0.6)
    for shape in figure.layout.get("shapes", []):
        if shape["type"] == "line":
            cells.line(_ends(shape, frame), 0.8)
    return cells


def _draw_label(label: _Label, drawing: Drawing, colours: Colours) -> None:
    given, box, role = label.given, label.box, f"annotation{label.number}"
    size = _size(given)
    colour = legible(str(given.get("font", {}).get("color", colours.text)), colours.ground)
    if label.moves is not None and label.moves.at is not None:
        box = box + np.tile(label.moves.at, 2)
    is_moved = label.moves is not None and bool(np.any(label.moves.at))
    from_label = _edge(box, label.point, towards_middle=not is_moved)
    away = float(np.hypot(*(from_label - label.point)))
    is_far = is_moved and given.get("name") == "label" and away >= JOINED_FROM
    if given.get("showarrow", True) or is_far:
        ink = Ink(
            stroke=str(given.get("arrowcolor", colour)), width=float(given.get("arrowwidth", 1))
        )
        ends = np.array([from_label, label.point])
        drawing.parts.append(Shape([ends], ink, role=f"{role}:arrow"))
    middle = float(box[0] + box[2]) / 2
    turned = float(given.get("textangle", 0))
    lines = rich_lines(given["text"])
    for number, (line, bold) in enumerate(lines):
        x, y = middle, float(box[1]) + (number + BASELINE) * LINE * size
        if turned:
            x, y = float(box[0]) + BASELINE * LINE * size, float(box[1] + box[3]) / 2
        drawing.parts.append(
            Words(x, y, line, size, colour, "middle", bold, turned, has_halo=True, role=role)
        )


def _edge(box: FloatArray, point: tuple[float, float], *, towards_middle: bool) -> FloatArray:
    """Where the line from a label to its point leaves the label's box: as Plotly draws it, on the
    way from its middle, and of a label that was moved where it is nearest.
    """
    if not towards_middle:
        nearest: FloatArray = np.clip(point, box[:2], box[2:])
        return nearest
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    way = np.asarray(point) - middle
    with np.errstate(divide="ignore", invalid="ignore"):
        share = float(np.nanmin(np.where(way == 0, np.inf, half / np.abs(way))))
    edge: FloatArray = middle + way * min(share, 1.0)
    return edge
