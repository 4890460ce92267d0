"""A drawing as PNG: its page of a PDF, painted by PDFium."""

from __future__ import annotations

import io
import threading

from dashboard.export.static.drawing import Drawing
from dashboard.export.static.pdf import page_of

#: Pixels of a PNG to a pixel of the drawing.
ZOOM = 2
#: PDFium may be called by one thread at a time.
_PDFIUM = threading.Lock()
#: Zlib's level: the next ones save a tenth of the bytes and take twice the time.
_COMPRESSION = 2


def png_of(drawing: Drawing, zoom: float = ZOOM) -> bytes:
    """The drawing as a PNG, `zoom` pixels to a pixel of it, in its own typeface alone."""
    import pypdfium2  # only where a PNG is made

    with _PDFIUM:
        document = pypdfium2.PdfDocument(page_of(drawing))
        try:
            image = document[0].render(scale=zoom, rev_byteorder=True).to_pil()
        finally:
            document.close()
    held = io.BytesIO()
    image.save(held, "PNG", compress_level=_COMPRESSION)
    return held.getvalue()
