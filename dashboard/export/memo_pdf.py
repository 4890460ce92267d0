"""The memo as PDF, on A4."""

from __future__ import annotations

import io
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from dashboard.export.exports import PRODUCT, PageExport
from dashboard.export.memo import Memo, memo_of
from dashboard.export.static.fonts import FAMILY
from dashboard.export.static.pdf import BOLD, DrawingOnPage, register_fonts
from dashboard.export.static.theme import COLOURS

_MARGIN = 18 * mm
_INK = COLOURS["light"]


def pdf_of(shown: PageExport) -> bytes:
    """The memo as PDF; the same bytes for the same numbers on the same day."""
    register_fonts()
    memo = memo_of(shown)
    held = io.BytesIO()
    document = SimpleDocTemplate(
        held,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=15 * mm,
        bottomMargin=16 * mm,
        title=memo.title,
        author=PRODUCT,
        subject=memo.answer,
        invariant=1,  # no time of day and no chance in the file
    )

    def numbered(canvas: Any, page: Any) -> None:
        canvas.setFont(FAMILY, 8)
        canvas.setFillColor(HexColor(_INK.muted))
        canvas.drawString(_MARGIN, 9 * mm, memo.made)
        canvas.drawRightString(A4[0] - _MARGIN, 9 * mm, str(page.page))

    document.build(story_of(memo, document.width), onFirstPage=numbered, onLaterPages=numbered)
    return held.getvalue()


def _style(size: float, *, is_bold: bool = False, colour: str = _INK.text, **looks: Any) -> Any:
    return ParagraphStyle(
        f"{size}{is_bold}{colour}{looks}",
        fontName=BOLD if is_bold else FAMILY,
        fontSize=size,
        leading=size * 1.3,
        textColor=HexColor(colour),
        **looks,
    )


_TITLE = _style(17, is_bold=True)
_QUESTION = _style(10.5, colour=_INK.muted, spaceBefore=2)
_ANSWER = _style(11, spaceBefore=5, spaceAfter=5)
_HEADING = _style(11, is_bold=True, spaceBefore=7, spaceAfter=2)
_BODY = _style(8.8, spaceAfter=2)
_LINE = _style(8.8, leftIndent=9, bulletIndent=1, spaceAfter=1)
_SMALL = _style(8, colour=_INK.muted, spaceAfter=2)
_CELL = _style(8)
_HEAD_CELL = _style(8, is_bold=True)


def story_of(memo: Memo, width: float) -> list[Any]:
    """The parts of the memo in their order."""
    story: list[Any] = [
        Paragraph(escape(memo.title), _TITLE),
        Paragraph(escape(memo.question), _QUESTION),
        Paragraph(escape(memo.answer), _ANSWER),
        *(_bullet(escape(line)) for line in memo.lines),
    ]
    if memo.drawing is not None:
        story.append(DrawingOnPage(memo.drawing, width))
    story += [Paragraph("The numbers", _HEADING), _table(memo.headings, memo.rows, width)]
    if memo.table_note:
        story.append(Paragraph(escape(memo.table_note), _SMALL))
    story.append(Paragraph("Assumptions", _HEADING))
    story += [
        _bullet(f"<b>{escape(each.label)}: {escape(each.value)}</b> (changed). {escape(each.why)}")
        for each in memo.changed
    ]
    if memo.unchanged:
        story.append(Paragraph(escape(memo.unchanged), _SMALL))
    story += [_bullet(escape(note)) for note in memo.notes]
    if memo.what_moves:
        story += [Paragraph("What moves it most", _HEADING)]
        story += [Paragraph(escape(memo.what_moves), _BODY)]
    story.append(Paragraph("What would change the answer", _HEADING))
    story += [_bullet(escape(line)) for line in memo.what_changes]
    story.append(Paragraph("Sources", _HEADING))
    for source in memo.sources:
        links = ", ".join(_linked(title, path) for title, path in source.links)
        words = f"{escape(source.title)}: {links}; {escape(source.licences)}; as of {source.date}."
        story.append(Paragraph(words, _SMALL))
    story += [Spacer(1, 4), Paragraph(escape(memo.citation), _SMALL)]
    story.append(Paragraph(_linked(memo.link, memo.link), _SMALL))
    return story


def _bullet(words: str) -> Any:
    return Paragraph(words, _LINE, bulletText="•")


def _linked(title: str, path: str) -> str:
    if not path:
        return escape(title)
    return f'<a href="{escape(path)}" color="{_INK.link}">{escape(title)}</a>'


def _table(headings: Any, rows: Any, width: float) -> Any:
    cells = [[Paragraph(escape(name), _HEAD_CELL) for name in headings]]
    cells += [[Paragraph(escape(cell), _CELL) for cell in row] for row in rows]
    many = len(headings)
    table = Table(cells, colWidths=[width / many] * many, repeatRows=1)
    line = HexColor(_INK.grid)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, line),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table
