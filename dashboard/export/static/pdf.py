"""A drawing on the page of a PDF, as lines and text, not as a picture of them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from dashboard.export.downloads import without_controls
from dashboard.export.static.drawing import Disc, Drawing, Ink, Part, Raster, Shape, Words
from dashboard.export.static.fonts import FAMILY, REGULAR, SEMIBOLD
from dashboard.export.static.traces import rgba

BOLD = f"{FAMILY} Bold"


def register_fonts() -> None:
    """Make the typeface known to reportlab, once."""
    if FAMILY not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FAMILY, str(REGULAR)))
        pdfmetrics.registerFont(TTFont(BOLD, str(SEMIBOLD)))
        pdfmetrics.registerFontFamily(FAMILY, normal=FAMILY, bold=BOLD, italic=FAMILY)


def page_of(drawing: Drawing) -> bytes:
    """A PDF of one page that the drawing fills, a point to a pixel, on its own ground."""
    register_fonts()
    held = io.BytesIO()
    size = (drawing.width, drawing.height)
    canvas = Canvas(held, pagesize=size, pageCompression=0)
    canvas.setFillColor(_colour(drawing.ground, 1.0))
    canvas.rect(0, 0, *size, stroke=0, fill=1)
    DrawingOnPage(drawing, drawing.width).drawOn(canvas, 0, 0)
    canvas.save()
    return held.getvalue()


class DrawingOnPage(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A drawing as wide as the text."""

    def __init__(self, drawing: Drawing, width: float) -> None:
        super().__init__()
        self.drawing, self.scale = drawing, width / drawing.width
        self.width, self.height = width, drawing.height * self.scale

    def draw(self) -> None:
        """Draw it on the canvas, from its lower left corner up."""
        canvas = self.canv
        canvas.scale(self.scale, self.scale)
        for part in self.drawing.parts:
            canvas.saveState()
            self._draw(canvas, part)
            canvas.restoreState()

    def _draw(self, canvas: Any, part: Part) -> None:
        match part:
            case Shape():
                path = canvas.beginPath()
                for outline in part.outlines:
                    (x, y), *others = outline.tolist()
                    path.moveTo(x, self._up(y))
                    for x, y in others:
                        path.lineTo(x, self._up(y))
                    if part.is_closed:
                        path.close()
                canvas.drawPath(path, **_inked(canvas, part.ink))
            case Disc():
                canvas.circle(part.x, self._up(part.y), part.radius, **_inked(canvas, part.ink))
            case Raster():
                image = ImageReader(Image.fromarray(part.cells))
                bottom = self._up(part.top + part.height)
                canvas.drawImage(image, part.left, bottom, part.width, part.height, mask="auto")
            case Words():
                self._write(canvas, part)

    def _write(self, canvas: Any, words: Words) -> None:
        font = BOLD if words.is_bold else FAMILY
        text = without_controls(words.text)
        width = pdfmetrics.stringWidth(text, font, words.size)
        left = {"start": 0.0, "middle": -width / 2, "end": -width}[words.anchor]
        canvas.translate(words.x, self._up(words.y))
        canvas.rotate(-words.turned)
        canvas.setFont(font, words.size)
        if words.has_halo:
            red, green, blue, _ = rgba(self.drawing.ground)
            canvas.setStrokeColor(Color(red / 255, green / 255, blue / 255, alpha=0.75))
            canvas.setLineWidth(3)
            canvas.setLineJoin(1)
            canvas.drawString(left, 0, text, mode=1)
        canvas.setFillColor(_colour(words.colour, 1.0))
        canvas.drawString(left, 0, text, mode=0)
        if words.link:
            box = (left, -0.25 * words.size, left + width, words.size)
            canvas.linkURL(words.link, box, relative=1)

    def _up(self, y: float) -> float:
        """PDF counts from the bottom up."""
        return self.drawing.height - y


def _inked(canvas: Any, ink: Ink) -> dict[str, int]:
    """Set the canvas to an ink and say what of line and filling is drawn."""
    has_line = bool(ink.stroke and ink.width)
    if ink.fill:
        canvas.setFillColor(_colour(ink.fill, ink.opacity))
    if has_line:
        canvas.setStrokeColor(_colour(str(ink.stroke), ink.opacity))
        canvas.setLineWidth(ink.width)
        if ink.dash:
            canvas.setDash(list(ink.dash))
    return {"stroke": int(has_line), "fill": int(bool(ink.fill))}


def _colour(colour: str, opacity: float) -> Color:
    names = {"white": "#ffffff", "black": "#000000"}
    red, green, blue, alpha = rgba(names.get(colour, colour))
    return Color(red / 255, green / 255, blue / 255, alpha=alpha * opacity)
