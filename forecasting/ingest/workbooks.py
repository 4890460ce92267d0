"""Workbooks of Excel (XLSX) as a CSV a sheet: saved values of formulas, dates as text, cells merged
downwards filled, hidden sheets left out.

for sheet in sheets_of(content, limits, deadline): sheet.title, sheet.content
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import ParseError

from forecasting.errors import InputError
from forecasting.ingest.archives import entries_of
from forecasting.ingest.csv_bytes import MIB, Deadline, Limits

#: A workbook unpacked, its shared text, and the tags of its parts that are in memory as a whole.
MAX_WORKBOOK_BYTES = 64 * MIB
MAX_TEXT_BYTES = 12 * MIB
MAX_TAGS = 60_000
#: Cells of all sheets, empty ones within a row included, and sheets.
MAX_CELLS = 600_000
MAX_SHEETS = 50
#: Empty rows in one piece: what stands below them is not read.
MAX_GAP = 1_000
#: Bytes of a sheet that hold no end of a row: they are in memory as a whole.
MAX_ROW_BYTES = 3 * MIB
#: Cells that merging fills.
MAX_FILLED = 100_000
_MERGED = re.compile(
    rb"<(?:\w{1,20}:)?mergeCell\s[^>]{0,100}?"
    rb'ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_UNSAVED = re.compile(
    rb"</(?:\w{1,20}:)?f>\s{0,9}"
    rb"(?:<(?:\w{1,20}:)?v\s?/>|<(?:\w{1,20}:)?v>\s{0,9}</(?:\w{1,20}:)?v>)?\s{0,9}"
    rb"</(?:\w{1,20}:)?c>"
)
_ROW_END = re.compile(rb"</(?:\w{1,20}:)?row\s{0,9}>|<(?:\w{1,20}:)?row(?:\s[^<>]{0,200})?/>")
_OVERLAP = 300


@dataclass(frozen=True)
class BookSheet:
    """One sheet: its `title`, `content` as CSV of UTF-8, and `notes` on what was done."""

    title: str
    content: bytes = field(repr=False)
    notes: tuple[str, ...] = ()


def sheets_of(content: bytes, limits: Limits, deadline: Deadline) -> list[BookSheet]:
    """The sheets that hold anything, in the order of the workbook.

    Parameters
    ----------
    content : bytes
        The workbook.
    limits : Limits
        The longest cell.
    deadline : Deadline
        When reading must have ended.

    Raises
    ------
    InputError
        For damage and beyond a limit.
    """
    # Imported where it is needed: it takes a while.
    from openpyxl import load_workbook

    marks = _checked_parts(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if len(shown) > MAX_SHEETS:
            raise InputError("file", f"{len(shown):,} sheets", f"Give at most {MAX_SHEETS}.")
        left = [MAX_CELLS]
        found = []
        for sheet in shown:
            sheet.reset_dimensions()
            merged, unsaved = marks.get(getattr(sheet, "_worksheet_path", "").lstrip("/"), ([], 0))
            rows = _within(sheet.iter_rows(values_only=True), left, limits, deadline)
            text, notes = _as_csv(rows, merged)
            if unsaved:
                notes.append(
                    f"{unsaved:,} cells of the sheet {sheet.title} hold formulas without a saved"
                    " value and are read as empty: open the workbook in a spreadsheet and save it."
                )
            if text.strip(b",\r\n"):
                found.append(BookSheet(sheet.title, text, tuple(notes)))
    except InputError:
        raise
    except (ParseError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError,
            IndexError, OSError, EOFError, NotImplementedError, RuntimeError):  # fmt: skip
        # What is wrong in a part shows as any of these.
        raise _damaged() from None
    if not found:
        raise InputError("file", "an Excel workbook without a cell", "Give a sheet with runs.")
    return found


def _damaged() -> InputError:
    return InputError(
        "file", "a damaged or encrypted Excel workbook", "Save it again, or save the sheet as CSV."
    )


def _checked_parts(content: bytes) -> dict[str, tuple[list[tuple[int, int, int]], int]]:
    """Of each sheet's part the cells merged downwards (column from 0, first and last row from 1),
    and how many formulas have no saved value; raises InputError for what would cost too much.
    """
    found = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in entries_of(archive, MAX_WORKBOOK_BYTES):
                if not entry.filename.endswith((".xml", ".rels")):
                    continue
                if entry.filename.startswith("xl/worksheets/"):
                    found[entry.filename] = _marks_of(archive, entry)
                    continue
                most = MAX_TEXT_BYTES
                if entry.file_size > most:
                    raise InputError(
                        "file",
                        f"{entry.filename} of {entry.file_size / MIB:.0f} MiB in a workbook",
                        f"Give at most {most // MIB} MiB of text, or save the sheet as CSV.",
                    )
                part = archive.read(entry)
                if b"<!DOCTYPE" in part[:4_096] or b"<!ENTITY" in part[:4_096]:
                    raise _damaged()
                tags = part.count(b"<")
                if tags > MAX_TAGS * (20 if "sharedStrings" in entry.filename else 1):
                    raise InputError(
                        "file",
                        f"{tags:,} marks in {entry.filename} of a workbook",
                        "Save the sheet as CSV.",
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise _damaged() from None
    return found


def _marks_of(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> tuple[list[tuple[int, int, int]], int]:
    merged: list[tuple[int, int, int]] = []
    unsaved = filled = since_row = 0
    rest = b""
    with archive.open(entry) as file:
        while piece := file.read(MIB):
            text = rest + piece
            end = len(text) if len(piece) < MIB else len(text) - _OVERLAP
            ends = [0, *(hit.end() for hit in _ROW_END.finditer(text)), end]
            longest = max(after - before for before, after in pairwise(ends))
            if max(since_row + ends[1], longest) > MAX_ROW_BYTES:
                raise InputError(
                    "file",
                    f"a row of more than {MAX_ROW_BYTES // MIB} MiB in a workbook",
                    "Leave out columns that the fit does not use, or save the sheet as CSV.",
                )
            since_row = end - ends[-2] if len(ends) > 2 else since_row + end
            for hit in _MERGED.finditer(text):
                top, bottom = int(hit[2]), int(hit[4])
                if hit.end() <= end and bottom > top and filled + bottom - top <= MAX_FILLED:
                    merged.append((_column(hit[1]), top, bottom))
                    filled += bottom - top
            unsaved += sum(hit.end() <= end for hit in _UNSAVED.finditer(text))
            rest = text[end:]
    return merged, unsaved


def _column(letters: bytes) -> int:
    at = 0
    for letter in letters:
        at = 26 * at + letter - 64
    return at - 1


def _within(
    rows: Iterable[tuple[Any, ...]], left: list[int], limits: Limits, deadline: Deadline
) -> Iterator[list[str]]:
    """The rows as text, as long as cells and time are left, down to MAX_GAP empty ones."""
    gap = 0
    for at, row in enumerate(rows):
        gap = 0 if any(cell is not None for cell in row) else gap + 1
        if gap > MAX_GAP:
            return
        left[0] -= len(row) + 1
        if not at % 1_000:
            deadline.check()
        if left[0] < 0:
            raise InputError(
                "file",
                f"a workbook of more than {MAX_CELLS:,} cells",
                "Save the sheet with the runs as CSV.",
            )
        yield [_text_of(cell, limits.cell_bytes) for cell in row]


def _text_of(cell: object, longest: int) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell) if not cell.is_integer() or abs(cell) > 1e15 else str(int(cell))
    if isinstance(cell, dt.datetime):
        is_day = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if is_day else cell.isoformat(" ")
    return str(cell)[:longest]


def _as_csv(
    rows: Iterable[list[str]], merged: list[tuple[int, int, int]]
) -> tuple[bytes, list[str]]:
    """The rows as a CSV as wide as the widest, merged cells filled downwards, and notes."""
    table = list(rows)
    while table and not any(table[-1]):
        table.pop()
    width = max((at + 1 for row in table for at, cell in enumerate(row) if cell), default=0)
    count = 0
    for column, top, bottom in merged:
        if top > len(table) or column >= len(table[top - 1]):
            continue
        for row in table[top : min(bottom, len(table))]:
            row += [""] * (column + 1 - len(row))
            count += not row[column]
            row[column] = row[column] or table[top - 1][column]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in table:
        cells = row[:width]
        writer.writerow([cell.replace("\r", " ").replace("\n", " ") for cell in cells]
                        + [""] * (width - len(cells)))  # fmt: skip
    notes = [f"Merged cells are filled downwards: {count:,}."] if count else []
    return text.getvalue().encode("utf-8", "replace"), notes


__all__ = ["BookSheet", "sheets_of"]
