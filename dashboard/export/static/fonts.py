"""The typeface of pictures and documents, and how wide a text is in it.

The files are Source Sans 3 (© Adobe), which pages are set in too, cut to the letters, Greek and
signs that texts of this product take; its licence (OFL.txt) asks that such a version has another
name.
"""

from __future__ import annotations

from functools import cache
from html import unescape
from pathlib import Path

from PIL import ImageFont

FAMILY = "Compute Forecast Sans"
FOLDER = Path(__file__).with_name("fonts")
REGULAR = FOLDER / "ComputeForecastSans-Regular.ttf"
SEMIBOLD = FOLDER / "ComputeForecastSans-Semibold.ttf"
#: A line of text is this many times as high as its letters' size.
LINE = 1.3
#: The baseline of a line lies at this share of its height.
BASELINE = 0.74
#: Where letters are measured, in pixels.
_SIZE = 200


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """The width of one line of text in pixels."""
    return sum(_advance(letter, is_bold) for letter in text) * size


def rich_lines(text: str) -> list[tuple[str, bool]]:
    """The lines of a figure's text, which are divided by <br>, and whether <b> makes them bold."""
    lines = []
    for line in text.split("<br>"):
        plain = line.replace("<b>", "").replace("</b>", "")
        lines.append((unescape(plain), plain != line))
    return lines


def text_box(text: str, size: float) -> tuple[float, float]:
    """Width and height of a figure's text of one or several lines."""
    lines = rich_lines(text)
    widest = max(text_width(line, size, is_bold=bold) for line, bold in lines)
    return widest, len(lines) * size * LINE


def wrapped(text: str, size: float, width: float, *, most: int | None = None) -> list[str]:
    """The text in lines of at most `width` pixels, broken between words, a longer word within;
    of more than `most` lines the last one kept ends in “…”.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, size) > width and len(line) > 1:
            fits = next(n for n in range(len(line) - 1, 0, -1) if _fits(line[:n], size, width))
            lines.append(line[:fits])
            line = line[fits:]
    lines += [line] if line else []
    if most is None or len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and text_width(f"{last} …", size) > width:
        last = last.rpartition(" ")[0]
    return [*lines[: most - 1], f"{last} …"]


def _fits(text: str, size: float, width: float) -> bool:
    return len(text) == 1 or text_width(text, size) <= width


@cache
def _font(is_bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(SEMIBOLD if is_bold else REGULAR), _SIZE)


@cache
def _advance(letter: str, is_bold: bool) -> float:
    """The width of a letter as a share of its size."""
    return float(_font(is_bold).getlength(letter)) / _SIZE
