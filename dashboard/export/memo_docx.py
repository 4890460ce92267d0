"""The memo as a Word document."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from dashboard.export.archive_bytes import packed
from dashboard.export.exports import PRODUCT, PageExport
from dashboard.export.memo import Memo, memo_of
from dashboard.export.static.theme import COLOURS
from forecasting.data.today import today

_INK = COLOURS["light"]
#: Set on most machines that have Word; others take what is nearest.
_FAMILY = "Calibri"


def docx_of(shown: PageExport) -> bytes:
    """The memo as .docx; the same bytes for the same numbers on the same day."""
    memo = memo_of(shown)
    document = docx.Document()
    _set_up(document, memo)
    _write(document, memo)
    held = io.BytesIO()
    document.save(held)
    # Its parts carry the time at which they were written: packed anew, they carry the day.
    with zipfile.ZipFile(held) as archive:
        return packed((name, archive.read(name)) for name in archive.namelist())


def _set_up(document: Any, memo: Memo) -> None:
    """Paper, typeface and properties."""
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(16)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FAMILY, Pt(10)
    normal.paragraph_format.space_after = Pt(3)
    for name, size in (("Title", 20), ("Heading 2", 12)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.bold = _FAMILY, Pt(size), True
        style.font.color.rgb = RGBColor.from_string(_INK.text.lstrip("#"))
        style.paragraph_format.space_after = Pt(3)
        fonts = style.element.rPr.rFonts  # headings name a typeface of the theme, which goes first
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        fonts.set(qn("w:ascii"), _FAMILY)
        fonts.set(qn("w:hAnsi"), _FAMILY)
    document.styles["Heading 2"].paragraph_format.space_before = Pt(8)
    properties = document.core_properties
    properties.title, properties.author, properties.subject = memo.title, PRODUCT, memo.answer[:250]
    properties.comments = memo.link[:250]
    day = today()
    properties.created = properties.modified = dt.datetime(day.year, day.month, day.day)
    properties.last_modified_by = PRODUCT


def _write(document: Any, memo: Memo) -> None:
    """The parts of the memo in their order."""
    document.add_paragraph(memo.title, style="Title")
    _small(document.add_paragraph(), memo.question, 10.5)
    document.add_paragraph().add_run(memo.answer).font.size = Pt(11.5)
    for line in memo.lines:
        document.add_paragraph(line, style="List Bullet")
    if memo.png is not None:
        document.add_picture(io.BytesIO(memo.png), width=Mm(170))
        properties = document.inline_shapes[-1]._inline.docPr
        properties.set("descr", memo.answer)
        properties.set("title", memo.title)
    document.add_paragraph("The numbers", style="Heading 2")
    _table(document, memo)
    if memo.table_note:
        _small(document.add_paragraph(), memo.table_note)
    document.add_paragraph("Assumptions", style="Heading 2")
    for each in memo.changed:
        line = document.add_paragraph(style="List Bullet")
        line.add_run(f"{each.label}: {each.value}").bold = True
        line.add_run(f" (changed). {each.why}")
    if memo.unchanged:
        _small(document.add_paragraph(), memo.unchanged)
    for note in memo.notes:
        document.add_paragraph(note, style="List Bullet")
    if memo.what_moves:
        document.add_paragraph("What moves it most", style="Heading 2")
        document.add_paragraph(memo.what_moves)
    document.add_paragraph("What would change the answer", style="Heading 2")
    for words in memo.what_changes:
        document.add_paragraph(words, style="List Bullet")
    document.add_paragraph("Sources", style="Heading 2")
    for source in memo.sources:
        line = document.add_paragraph()
        _small(line, f"{source.title}: ")
        for number, (title, path) in enumerate(source.links):
            if number:
                _small(line, ", ")
            _link(line, title, path)
        _small(line, f"; {source.licences}; as of {source.date}.")
    _small(document.add_paragraph(), memo.citation)
    _link(document.add_paragraph(), memo.link, memo.link)


def _small(paragraph: Any, words: str, size: float = 8.5) -> None:
    run = paragraph.add_run(words)
    run.font.size = Pt(size)
    run.font.color.rgb = RGBColor.from_string(_INK.muted.lstrip("#"))


def _table(document: Any, memo: Memo) -> None:
    table = document.add_table(rows=1, cols=len(memo.headings), style="Light List")
    for cell, name in zip(table.rows[0].cells, memo.headings, strict=True):
        _fill(cell, name, is_bold=True)
    for row in memo.rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            _fill(cell, words)


def _fill(cell: Any, words: str, *, is_bold: bool = False) -> None:
    (paragraph,) = cell.paragraphs
    run = paragraph.add_run(words)
    run.font.size, run.font.bold = Pt(8), is_bold
    paragraph.paragraph_format.space_after = Pt(1)


def _link(paragraph: Any, words: str, path: str) -> None:
    """Words that open an address, which python-docx can read and not write."""
    if not path:
        _small(paragraph, words)
        return
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(path, RELATIONSHIP_TYPE.HYPERLINK, True))
    run = paragraph.add_run(words)
    run.font.size = Pt(8.5)
    run.font.color.rgb = RGBColor.from_string(_INK.link.lstrip("#"))
    link.append(run._r)
    paragraph._p.append(link)
