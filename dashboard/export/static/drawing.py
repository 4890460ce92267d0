"""What a picture consists of: shapes and words at places in pixels, from the top left down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting.arrays import FloatArray

#: Corners of a line or an area, an array of shape (n, 2); a shape has one or several.
Outline = FloatArray


@dataclass(frozen=True)
class Ink:
    """How a shape is drawn; colours as CSS has them, None for no line or no filling.

    `dash` holds lengths of stroke and gap in pixels.
    """

    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Shape:
    """Lines, or areas where `is_closed`; `role` names what of the figure it shows."""

    outlines: Sequence[Outline]
    ink: Ink
    is_closed: bool = False
    role: str = ""


@dataclass(frozen=True)
class Disc:
    """A round mark."""

    x: float
    y: float
    radius: float
    ink: Ink
    role: str = ""


@dataclass(frozen=True, eq=False)
class Raster:
    """Coloured cells of one size, an array of shape (rows, columns, 4) of red, green, blue and
    alpha as bytes, the top row first.
    """

    left: float
    top: float
    width: float
    height: float
    cells: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
    role: str = ""


@dataclass(frozen=True)
class Words:
    """One line of text, its baseline at `y`; `anchor` is the part of it that stands at `x`.

    `turned` is clockwise in degrees about that point; `has_halo` keeps it legible over lines.
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: str = "start"
    is_bold: bool = False
    turned: float = 0.0
    has_halo: bool = False
    link: str = ""
    role: str = ""


Part = Shape | Disc | Raster | Words


@dataclass
class Drawing:
    """A picture: its size, its ground, and what stands on it in the order of drawing."""

    width: float
    height: float
    ground: str
    parts: list[Part] = field(default_factory=list)

    def line(self, x0: float, y0: float, x1: float, y1: float, ink: Ink, *, role: str = "") -> None:
        """Add a straight line."""
        self.parts.append(Shape([np.array([[x0, y0], [x1, y1]])], ink, role=role))
