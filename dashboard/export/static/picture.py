"""A chart as it is sent to others: under its title and answer, over scenario, sources, date and
link, so that the picture alone says what it shows and how to get it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.charts.figure import Figure
from dashboard.export.static.chart import drawn
from dashboard.export.static.drawing import Disc, Drawing, Part, Raster, Shape, Words
from dashboard.export.static.fonts import BASELINE, LINE, wrapped
from dashboard.export.static.theme import COLOURS, Theme

#: Pixels at the sides, and sizes of the words above and below the chart.
SIDE, TITLE, SUBTITLE, SMALL = 16.0, 18.0, 13.0, 11.0
#: Lines that the answer may take; whole it stands on the page that the link opens.
MAX_LINES = 4


@dataclass(frozen=True)
class Caption:
    """The words of a picture: `below` are lines under the chart, the last of them the `link`."""

    title: str
    subtitle: str
    below: Sequence[str]
    link: str


def picture(figure: Figure, caption: Caption, *, width: float, theme: Theme) -> Drawing:
    """The chart with its words, `width` pixels wide."""
    colours, room = COLOURS[theme], width - 2 * SIDE
    chart = drawn(figure, room, theme)
    whole = Drawing(width, 0.0, colours.ground)
    y = SIDE
    for line in wrapped(caption.title, TITLE, room):
        y = _line(whole, line, y, TITLE, colours.text, is_bold=True, role="title")
    y += 2
    for line in wrapped(caption.subtitle, SUBTITLE, room, most=MAX_LINES):
        y = _line(whole, line, y, SUBTITLE, colours.muted, role="subtitle")
    whole.parts += [_moved(part, SIDE, y) for part in chart.parts]
    y += chart.height + 6
    for text in caption.below:
        for line in wrapped(text, SMALL, room):
            y = _line(whole, line, y, SMALL, colours.muted, role="below")
    for line in wrapped(caption.link, SMALL, room):
        y = _line(whole, line, y, SMALL, colours.link, link=caption.link, role="link")
    whole.height = float(np.ceil(y + SIDE / 2))
    return whole


def _line(
    drawing: Drawing,
    text: str,
    top: float,
    size: float,
    colour: str,
    *,
    is_bold: bool = False,
    link: str = "",
    role: str,
) -> float:
    """Add a line of text and give where the next one begins."""
    baseline = top + BASELINE * LINE * size
    drawing.parts.append(
        Words(SIDE, baseline, text, size, colour, is_bold=is_bold, link=link, role=role)
    )
    return top + LINE * size


def _moved(part: Part, right: float, down: float) -> Part:
    match part:
        case Shape():
            return replace(
                part, outlines=[each + np.array([right, down]) for each in part.outlines]
            )
        case Raster():
            return replace(part, left=part.left + right, top=part.top + down)
        case Disc() | Words():
            return replace(part, x=part.x + right, y=part.y + down)
