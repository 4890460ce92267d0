"""All files of an export in one archive."""

from __future__ import annotations

from dashboard.export import exports, pictures
from dashboard.export.archive_bytes import packed
from dashboard.export.exports import PageExport
from dashboard.export.memo_docx import docx_of
from dashboard.export.memo_pdf import pdf_of
from dashboard.export.workbook import xlsx_of


def zip_of(shown: PageExport) -> bytes:
    """Table, metadata, memo, workbook, chart and a README in one archive; the same bytes for the
    same numbers on the same day.
    """
    files = [
        (f"{shown.stem}.csv", exports.table_csv(shown, comments=False)),
        (f"{shown.stem}.json", exports.json_of(shown)),
        (f"{shown.stem}.docx", docx_of(shown)),
        (f"{shown.stem}.pdf", pdf_of(shown)),
        (f"{shown.stem}.xlsx", xlsx_of(shown)),
        ("README.md", exports.report_bytes(shown)),
    ]
    if shown.has_figure:
        files += [
            (f"{shown.stem}.svg", pictures.svg_bytes(shown)),
            (f"{shown.stem}.png", pictures.png_bytes(shown)),
        ]
    return packed(files)
