"""A drawing as SVG, whose text stays text."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from dashboard.export.downloads import without_controls
from dashboard.export.static.drawing import Disc, Drawing, Ink, Outline, Part, Raster, Shape, Words
from dashboard.export.static.fonts import FAMILY

#: Where the picture is seen without its own typeface.
_FAMILIES = f"'{FAMILY}', 'Source Sans', 'Source Sans 3', 'Source Sans Pro', sans-serif"


def svg_of(drawing: Drawing, *, title: str = "", about: str = "") -> str:
    """The drawing as a document of its own; `title` and `about` are for those who hear it."""
    width, height = _number(drawing.width), _number(drawing.height)
    # A description alone is no name for those who hear the page.
    name = f" aria-label={quoteattr(about)}" if about and not title else ""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img"{name} font-family="{_FAMILIES}">',
        f"<title>{_plain(title)}</title>" if title else "",
        f"<desc>{_plain(about)}</desc>" if about else "",
        f'<rect width="{width}" height="{height}" fill="{drawing.ground}"/>',
        *(_element(part, drawing.ground) for part in drawing.parts),
        "</svg>",
    ]
    return "\n".join(filter(None, lines)) + "\n"


def _element(part: Part, ground: str) -> str:
    match part:
        case Shape():
            return f"<path{_role(part.role)} d={quoteattr(_path(part))}{_ink(part.ink)}/>"
        case Disc():
            return (
                f'<circle{_role(part.role)} cx="{_number(part.x)}" cy="{_number(part.y)}"'
                f' r="{_number(part.radius)}"{_ink(part.ink)}/>'
            )
        case Raster():
            return (
                f'<image{_role(part.role)} x="{_number(part.left)}" y="{_number(part.top)}"'
                f' width="{_number(part.width)}" height="{_number(part.height)}"'
                f' preserveAspectRatio="none" image-rendering="optimizeSpeed"'
                f' href="data:image/png;base64,{_image(part)}"/>'
            )
        case Words():
            return _text(part, ground)


def _text(words: Words, ground: str) -> str:
    x, y = _number(words.x), _number(words.y)
    looks = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    looks += ' font-weight="bold"' if words.is_bold else ""
    looks += f' transform="rotate({_number(words.turned)} {x} {y})"' if words.turned else ""
    if words.has_halo:
        looks += (
            f' paint-order="stroke" stroke="{ground}" stroke-opacity="0.75" stroke-width="3"'
            ' stroke-linejoin="round"'
        )
    text = (
        f'<text{_role(words.role)} x="{x}" y="{y}" font-size="{_number(words.size)}"'
        f' fill="{words.colour}"{looks}>{_plain(_with_outer_spaces(words.text))}</text>'
    )
    return f"<a href={quoteattr(words.link)}>{text}</a>" if words.link else text


def _with_outer_spaces(text: str) -> str:
    """SVG drops spaces before and behind a text, which hold it off its mark."""
    core = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    return (
        "\N{NO-BREAK SPACE}" * before
        + core
        + "\N{NO-BREAK SPACE}" * (len(text) - before - len(core))
    )


def _plain(text: str) -> str:
    return escape(without_controls(text))


def _role(role: str) -> str:
    return f" data-part={quoteattr(role)}" if role else ""


def _ink(ink: Ink) -> str:
    looks = f' fill="{ink.fill or "none"}"'
    if ink.stroke and ink.width:
        looks += f' stroke="{ink.stroke}" stroke-width="{_number(ink.width)}"'
        if ink.dash:
            looks += f' stroke-dasharray="{",".join(map(_number, ink.dash))}"'
    return looks + (f' opacity="{_number(ink.opacity)}"' if ink.opacity != 1.0 else "")


def _path(shape: Shape) -> str:
    end = "Z" if shape.is_closed else ""
    return "".join(f"M{_corners(outline)}{end}" for outline in shape.outlines)


def _corners(outline: Outline) -> str:
    rounded = np.round(outline, 2).tolist()
    return "L".join(f"{x:g},{y:g}" for x, y in rounded)


def _number(value: float) -> str:
    return f"{round(value, 2):g}" if abs(value) < 1e5 else f"{value:.0f}"


def _image(raster: Raster) -> str:
    from PIL import Image

    held = io.BytesIO()
    Image.fromarray(raster.cells).save(held, "PNG")
    return base64.b64encode(held.getvalue()).decode()


def roles(parts: Iterable[Part]) -> list[str]:
    """What of the figure the parts show, in the order of drawing."""
    return [part.role for part in parts if part.role]
