"""Places of direct labels: clear of each other, of lines and of the chart's edges.

The rules are those of the live chart (ui/chart_labels.js), so that both put a label in one place: a
“label” may stand anywhere near its point, a “moment” along its vertical line, a “level” along its
horizontal one, and the cheapest of all candidate places is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray

_CELL = 4
_DX, _DY = np.meshgrid(np.arange(-132, 133, 12), np.arange(-96, 97, 6))
_NEAR = np.column_stack([_DX.ravel(), _DY.ravel()]).astype(float)
_NEAR = _NEAR[np.argsort(np.hypot(_NEAR[:, 0], _NEAR[:, 1]), kind="stable")]

#: Left, top, right, bottom.
Box = FloatArray


class DrawnCells:
    """How much is drawn in a box, from sums over a coarse raster of the picture."""

    def __init__(self, width: float, height: float) -> None:
        self.columns, self.rows = int(width // _CELL) + 2, int(height // _CELL) + 2
        self._cells = np.zeros((self.rows, self.columns))
        self._sums: FloatArray | None = None

    def dots(self, points: FloatArray, weight: float) -> None:
        """Count points, an array of shape (n, 2)."""
        points = points[np.isfinite(points).all(axis=1)]
        cells = np.floor_divide(points, _CELL).astype(int)
        inside = ((cells >= 0) & (cells < [self.columns, self.rows])).all(axis=1)
        column, row = cells[inside].T
        np.maximum.at(self._cells, (row, column), weight)

    def line(self, points: FloatArray, weight: float) -> None:
        """Count what lies on the lines between points that follow each other."""
        if len(points) < 2:
            return
        starts, ends = points[:-1], points[1:]
        drawn = np.isfinite(starts).all(axis=1) & np.isfinite(ends).all(axis=1)
        starts, ends = starts[drawn], ends[drawn]
        far = 4 * _CELL * (self.columns + self.rows)
        steps = np.minimum(np.hypot(*(ends - starts).T) / (_CELL - 1), far)
        steps = np.maximum(np.ceil(steps).astype(int), 1)
        which = np.repeat(np.arange(len(steps)), steps + 1)
        first = np.cumsum(steps + 1) - (steps + 1)
        share = (np.arange(len(which)) - first[which]) / steps[which]
        self.dots(starts[which] + (ends - starts)[which] * share[:, None], weight)

    def within(self, boxes: FloatArray) -> FloatArray:
        """How much is drawn in each box, an array of shape (n, 4)."""
        if self._sums is None:
            self._sums = np.zeros((self.rows + 1, self.columns + 1))
            self._sums[1:, 1:] = self._cells.cumsum(axis=0).cumsum(axis=1)
        sums = self._sums
        left, top = (np.floor(boxes[:, i] / _CELL).astype(int) for i in (0, 1))
        right, bottom = (np.ceil(boxes[:, i] / _CELL).astype(int) for i in (2, 3))
        left, right = np.clip(left, 0, self.columns), np.clip(right, 0, self.columns)
        top, bottom = np.clip(top, 0, self.rows), np.clip(bottom, 0, self.rows)
        found: FloatArray = (
            sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        )
        return found


@dataclass
class Movable:
    """A label that may move: its `kind`, its `box` as given, and by how much it is moved.

    `mirrors` is by how much a moment stands on the other side of its line, `rises` whether it moves
    down from the top; `has_arrow` whether it is joined to its point anyway.
    """

    kind: str
    box: Box
    mirrors: float = 0.0
    is_at_top: bool = False
    has_arrow: bool = False
    at: FloatArray | None = None

    @property
    def moved(self) -> Box:
        """Its box where it stands now."""
        by = np.zeros(2) if self.at is None else self.at
        return self.box + np.tile(by, 2)


def place(
    labels: Sequence[Movable],
    fixed: Sequence[Box],
    drawn: DrawnCells,
    plot: tuple[float, float, float, float],
) -> None:
    """Move each label to its best place in turn, twice, since a later one may leave room.

    `plot` is the box (left, top, right, bottom) that labels should not leave.
    """
    for label in labels:
        label.at = np.zeros(2)
    for _ in range(2):
        for label in labels:
            others = [*fixed, *(each.moved for each in labels if each is not label)]
            label.at = _best(label, others, drawn, plot)


def _best(
    label: Movable,
    others: Sequence[Box],
    drawn: DrawnCells,
    plot: tuple[float, float, float, float],
) -> FloatArray:
    at = _candidates(label, plot)
    boxes = label.box + np.hstack([at, at])
    way = np.hypot(at[:, 0] * 0.8, at[:, 1])
    is_free = label.kind == "label"
    cost = way * (0.12 if is_free else 0.02)
    if is_free and not label.has_arrow:
        cost = cost + np.where(way > 24, 2.0, 0.0)
    left, top, right, bottom = plot
    beyond = (
        np.maximum(0, left - boxes[:, 0])
        + np.maximum(0, boxes[:, 2] - right)
        + np.maximum(0, top - boxes[:, 1])
        + np.maximum(0, boxes[:, 3] - bottom)
    )
    cost = cost + drawn.within(boxes) * 1.2 + np.where(beyond > 0, 6 + 2 * beyond, 0.0)
    if others:
        against = np.array(others)
        across = (
            np.minimum(boxes[:, None, 2], against[None, :, 2])
            - np.maximum(boxes[:, None, 0], against[None, :, 0])
            + 4
        )
        down = np.minimum(boxes[:, None, 3], against[None, :, 3]) - np.maximum(
            boxes[:, None, 1], against[None, :, 1]
        )
        met = (across > 0) & (down > 0)
        cost = cost + np.where(met, 8 + across * down * 0.05, 0.0).sum(axis=1)
    best: FloatArray = at[int(np.argmin(cost))]
    return best


def _candidates(label: Movable, plot: tuple[float, float, float, float]) -> FloatArray:
    if label.kind == "label":
        return _NEAR
    left, top, right, bottom = plot
    width, height = label.box[2] - label.box[0], label.box[3] - label.box[1]
    if label.kind == "moment":
        away = np.arange(0, max(bottom - top - height - 12, 1), 8)
        up = away if label.is_at_top else -away
        here, there = np.zeros_like(away, float), np.full(len(away), label.mirrors)
        return np.column_stack([np.column_stack([here, there]).ravel(), np.repeat(up, 2)])
    away = np.arange(0, max(right - left - width - 12, 1), 12)
    return np.column_stack([np.repeat(away, 2), np.tile([0.0, height + 2], len(away))])
