"""The chart within a page: SVG at several widths, whose colours follow the reader's theme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.charts.figure import Figure
from dashboard.export.static.chart import drawn
from dashboard.export.static.svg import svg_of

#: Widths in pixels at which a chart is drawn: of a phone, a tablet, a desktop. Which of them is
#: shown is said in first_paint.css.
WIDTHS = {"narrow": 368, "middle": 700, "wide": 1120}

_COLOUR = re.compile(r'(?<=(?:fill|roke)=")(?:#[0-9a-fA-F]{6}|rgba?\([^"()]*\))(?=")')


@dataclass(frozen=True)
class InlineChart:
    """A chart as SVG.

    Parameters
    ----------
    height : float
        Its height in pixels, at all widths.
    svg : mapping of str to str
        By the name of a width.
    colours : mapping of str to (str, str)
        The variables that the SVG is coloured by, each with its value on a light and on a dark
        ground.
    """

    height: float
    svg: Mapping[str, str] = field(repr=False)
    colours: Mapping[str, tuple[str, str]] = field(repr=False)


def inline_chart(figure: Figure, *, about: str) -> InlineChart:
    """The chart for each of WIDTHS. `about` is for those who hear it."""
    first, *_ = WIDTHS.values()
    light, dark = (_colours(svg_of(drawn(figure, first, theme))) for theme in ("light", "dark"))
    on_dark = dict(zip(light, (colour for _, colour in dark), strict=True))
    names = {
        key: f"--chart-{number}" for number, key in enumerate(on_dark) if on_dark[key] != key[1]
    }
    return InlineChart(
        float(figure.layout["height"]),
        {
            name: _named(svg_of(drawn(figure, width), about=about), names)
            for name, width in WIDTHS.items()
        },
        {name: (key[1], on_dark[key]) for key, name in names.items()},
    )


def _colours(svg: str) -> list[tuple[bool, str]]:
    """The colours of a drawing in their order, each with whether it is one of words: these differ
    from the colour of their series where that is too light, or too dark, to read.
    """
    return [
        (_is_words(line), colour) for line in svg.split("\n") for colour in _COLOUR.findall(line)
    ]


def _named(svg: str, names: Mapping[tuple[bool, str], str]) -> str:
    """The drawing with variables in place of the colours that have a name."""

    lines = []
    for line in svg.split("\n"):
        is_words = _is_words(line)
        for colour in dict.fromkeys(_COLOUR.findall(line)):
            if name := names.get((is_words, colour)):
                line = line.replace(f'"{colour}"', f'"var({name})"')
        lines.append(line)
    return "\n".join(lines)


def _is_words(line: str) -> bool:
    return line.startswith(("<text", "<a "))
