"""The numbers as an Excel workbook: the answer with its chart, the table, every input with its
reason, the sources.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from typing import Any

import xlsxwriter

from dashboard.export import exports
from dashboard.export.downloads import guard_cell
from dashboard.export.exports import PRODUCT, PageExport
from dashboard.export.memo import Memo, memo_of
from forecasting.data.today import today

#: The longest text that a cell takes, and the widest column, in letters.
MAX_TEXT, MAX_LETTERS = 32_000, 60
#: Formats of numbers by what their column's name has in it; the first that fits holds.
FORMATS = (
    (("year", "date"), "0"),
    (("share", "probability", "coverage", "chance"), "0.0%"),
    (("usd",), "$#,##0.00"),
)


def xlsx_of(shown: PageExport) -> bytes:
    """The workbook; the same bytes for the same numbers on the same day."""
    memo = memo_of(shown)
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    day = today()
    book.set_properties(
        {
            "title": memo.title,
            "author": PRODUCT,
            "subject": memo.answer[:250],
            "created": dt.datetime(day.year, day.month, day.day),
        }
    )
    sheets = _Sheets(book)
    _answer(sheets, memo)
    sheets.table(
        "Numbers",
        [heading_with_unit(str(name)) for name in shown.table.columns],
        shown.table.itertuples(index=False, name=None),
        [number_format(str(name)) for name in shown.table.columns],
    )
    sheets.table(
        "Inputs",
        ["Input", "Value", "Unit", "Changed", "Why", "Name in links"],
        (
            (
                row["label"],
                row["value"],
                row["unit"],
                "" if row["is_default"] else "changed",
                row["why"],
                row["name"],
            )
            for row in exports.rows_of_inputs(shown.inputs)
        ),
    )
    sheets.table(
        "Sources",
        ["Table", "Source", "Address", "Licences", "As of"],
        (
            (source.title, title, path, source.licences, source.date)
            for source in memo.sources
            for title, path in source.links
        ),
    )
    book.close()
    return held.getvalue()


def _answer(sheets: _Sheets, memo: Memo) -> None:
    """The first sheet: what a reader needs who opens nothing else."""
    sheet = sheets.book.add_worksheet("Answer")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    rows = [
        ("Title", memo.title),
        ("Question", memo.question),
        ("Answer", "\n".join((memo.answer, *memo.lines))),
        ("What moves it most", memo.what_moves),
        ("What would change it", "\n".join(memo.what_changes)),
        ("Assumed and left out", "\n".join(memo.notes)),
        ("Made by, on", memo.made),
        ("Link", memo.link),
        ("To cite", memo.citation),
    ]
    at = 0
    for name, words in rows:
        if words:
            sheet.write_string(at, 0, name, sheets.bold)
            sheet.write_string(at, 1, sheets.text(words), sheets.wrapped)
            at += 1
    if memo.png is not None:
        options = {
            "image_data": io.BytesIO(memo.png),
            "x_scale": 0.5,
            "y_scale": 0.5,
            "description": memo.answer[:250],
            "object_position": 1,
        }
        sheet.insert_image(at + 1, 1, f"{memo.stem}.png", options)


class _Sheets:
    """A workbook's sheets of rows, with the looks that they share."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats: dict[str, Any] = {}

    @staticmethod
    def text(words: str) -> str:
        """Text that no spreadsheet runs as a formula, as long as a cell takes."""
        return str(guard_cell(words))[:MAX_TEXT]

    def table(
        self, name: str, headings: list[str], rows: Any, formats: list[str] | None = None
    ) -> None:
        """A sheet with a heading that stays in sight and rows that can be filtered; numbers are
        written as numbers.
        """
        sheet = self.book.add_worksheet(name)
        widths = [len(heading) / 2 for heading in headings]
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, self.text(heading), self.bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                words = self._write(sheet, last, column, cell, formats)
                widths[column] = max(widths[column], len(words))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(max(width + 2, 9), MAX_LETTERS))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(last, 1), len(headings) - 1)

    def _write(
        self, sheet: Any, row: int, column: int, cell: Any, formats: list[str] | None
    ) -> str:
        value = exports.plain_value(cell)
        if value is None:
            return ""
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
            return "FALSE"
        if isinstance(value, int | float) and math.isfinite(value):
            pattern = (formats[column] if formats else "") or plain_format(float(value))
            sheet.write_number(row, column, value, self._format(pattern))
            return f"{value:,.2f}" if abs(value) < 1e15 else "0.000E+00"
        words = self.text(str(value))
        sheet.write_string(row, column, words, self.wrapped)
        return words

    def _format(self, pattern: str) -> Any:
        if pattern not in self._formats:
            self._formats[pattern] = self.book.add_format({"num_format": pattern, "valign": "top"})
        return self._formats[pattern]


def number_format(name: str) -> str:
    """The format of the numbers of a column; none where it follows from their size."""
    parts = name.lower().split("_")
    return next((pattern for words, pattern in FORMATS if set(words) & set(parts)), "")


def plain_format(value: float) -> str:
    """The format of a number by its size: digits as far as they say something."""
    if value == int(value) and abs(value) < 1e15:
        return "#,##0"
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-3:
        return "0.000E+00"
    return "#,##0.000" if abs(value) < 100 else "#,##0"


#: Units as they stand in the names of columns.
UNITS = {
    "usd": "USD",
    "flop": "FLOP",
    "mw": "MW",
    "oom": "orders of magnitude",
    "years": "years",
    "days": "days",
    "hours": "hours",
    "tokens": "tokens",
    "params": "parameters",
    "year": "year",
    "share": "share",
    "probability": "share",
    "seconds": "seconds",
    "bytes": "bytes",
}


def heading_with_unit(name: str) -> str:
    """A column's name in words with its unit in brackets: “training usd, median (USD)”."""
    heading = exports.heading(name)
    parts = name.lower().split("_")
    unit = next((UNITS[part] for part in reversed(parts) if part in UNITS), "")
    return f"{heading[:1].upper()}{heading[1:]}{f' ({unit})' if unit else ''}"
