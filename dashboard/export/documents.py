"""The files of an export that are documents; the libraries that write them are imported when one
is first asked for, not when the server starts.
"""

from __future__ import annotations

from dashboard.export.exports import PageExport

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF, ZIP = "application/pdf", "application/zip"


def docx_bytes(shown: PageExport) -> bytes:
    """The memo as a Word document."""
    from dashboard.export.memo_docx import docx_of

    return docx_of(shown)


def pdf_bytes(shown: PageExport) -> bytes:
    """The memo as PDF."""
    from dashboard.export.memo_pdf import pdf_of

    return pdf_of(shown)


def xlsx_bytes(shown: PageExport) -> bytes:
    """The numbers as an Excel workbook."""
    from dashboard.export.workbook import xlsx_of

    return xlsx_of(shown)


def zip_bytes(shown: PageExport) -> bytes:
    """All files of the export in one archive."""
    from dashboard.export.archive import zip_of

    return zip_of(shown)
