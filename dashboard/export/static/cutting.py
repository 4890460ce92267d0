"""Lines and areas cut to a box, since what draws them takes no places far outside the picture."""

from __future__ import annotations

import numpy as np

from dashboard.export.static.drawing import Outline

#: Left, top, right, bottom.
Box = tuple[float, float, float, float]


def cut(outline: Outline, box: Box, *, is_closed: bool) -> list[Outline]:
    """The parts of a line, or of an area where it is closed, that lie in the box."""
    low, high = np.array(box[:2]), np.array(box[2:])
    if ((outline >= low) & (outline <= high)).all():
        return [outline]
    return _area(outline, box) if is_closed else _line(outline, low, high)


def _line(outline: Outline, low: Outline, high: Outline) -> list[Outline]:
    """Each stretch cut by the shares of it that lie between the sides (Liang and Barsky)."""
    start, step = outline[:-1], np.diff(outline, axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at_low, at_high = (low - start) / step, (high - start) / step
    inside = (start >= low) & (start <= high)
    still = step == 0
    enters = np.where(still, np.where(inside, 0.0, np.inf), np.minimum(at_low, at_high)).max(axis=1)
    leaves = np.where(still, np.where(inside, 1.0, -np.inf), np.maximum(at_low, at_high)).min(
        axis=1
    )
    enters, leaves = np.maximum(enters, 0.0), np.minimum(leaves, 1.0)
    # What reaches in by less than a rounding enters and leaves at the same share.
    reaches = np.all((outline > low) & (outline < high), axis=1)
    has_inside = (enters < leaves) | ((enters == leaves) & (reaches[:-1] | reaches[1:]))
    parts: list[list[Outline]] = []
    is_open = False
    for number in np.flatnonzero(has_inside):
        first, last = enters[number], leaves[number]
        if not (is_open and first == 0.0):
            parts.append([start[number] + first * step[number]])
        parts[-1].append(start[number] + last * step[number])
        is_open = bool(last == 1.0)
    return [np.array(part) for part in parts]


def _area(outline: Outline, box: Box) -> list[Outline]:
    """The area cut at one side after the other (Sutherland and Hodgman)."""
    corners = outline
    for side, (way, sign) in zip(box, ((0, 1), (1, 1), (0, -1), (1, -1)), strict=True):
        if len(corners) < 3:
            return []
        beyond = sign * (corners[:, way] - side)
        following = np.roll(corners, -1, axis=0)
        next_beyond = np.roll(beyond, -1)
        crosses = (beyond >= 0) != (next_beyond >= 0)
        share = beyond / np.where(crosses, beyond - next_beyond, 1.0)
        met = corners + share[:, None] * (following - corners)
        # In their order: a corner inside, then where its side leaves or enters.
        both = np.stack([corners, met], axis=1).reshape(-1, 2)
        corners = both[np.column_stack([beyond >= 0, crosses]).ravel()]
    return [corners] if len(corners) >= 3 else []
