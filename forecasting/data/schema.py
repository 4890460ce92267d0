"""What a table must look like: its catalogue entry, reading its cells, and sentences on what does
not fit.

The catalogue is a Frictionless Data Package (https://specs.frictionlessdata.io); of its types and
constraints this module knows the ones in use: string, integer, number, year, date; required,
unique, minimum, maximum, enum; primaryKey.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray
from forecasting.data.catalogue import ColumnInfo, TableInfo
from forecasting.errors import TableError, shown

PROBLEMS_SHOWN_PER_COLUMN = 5

# Python's float() also takes "1_000", "nan" and "infinity", which no spreadsheet would.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_csv(info: TableInfo, content: bytes) -> pd.DataFrame:
    """The typed frame of a CSV file's bytes; raises TableError where columns are missing or cells
    do not parse.

    Numbers of every kind become float64 (products such as 6·N·D overflow 64-bit integers without a
    word), dates datetime64[s], text the pandas `str` type. Empty cells become NaN, NaT and NaN.
    Constraints are left to `constraint_problems`.
    """
    header, rows, problems = _split_rows(info, content)
    problems = problems or _header_problems(info, header)
    if not problems:
        cells = dict(zip(header, zip(*rows, strict=True), strict=True))
        frame, problems = _typed_frame(info, cells)
    if problems:
        raise TableError(info.name, problems)
    return frame


def read_frame(info: TableInfo, frame: pd.DataFrame) -> pd.DataFrame:
    """The same for a DataFrame, whose cells may be typed already or still text; raises TableError
    like `read_csv`.
    """
    header = [str(name) for name in frame.columns]
    problems = _header_problems(info, header)
    if not problems and frame.empty:
        problems = [_empty(info)]
    if not problems:
        # Plain cells from here on: one reader for files and frames keeps their rules from drifting
        # apart.
        cells = {name: _plain_cells(frame[name]) for name in frame.columns}
        typed, problems = _typed_frame(info, cells)
    if problems:
        raise TableError(info.name, problems)
    return typed


def constraint_problems(info: TableInfo, frame: pd.DataFrame) -> list[str]:
    """One sentence for each cell of a typed frame that breaks a constraint of its column or repeats
    the primary key.
    """
    problems: list[str] = []
    for column in info.columns:
        problems += _broken_constraints(info, column, frame[column.name])
    if info.primary_key:
        keys = list(info.primary_key)
        repeated = np.flatnonzero(frame.duplicated(keys).to_numpy())
        problems += _listed(
            info,
            f"columns {', '.join(keys)}" if len(keys) > 1 else f"column {keys[0]}",
            [
                (
                    row,
                    ", ".join(_display(frame[key].iloc[row]) for key in keys),
                    "is in an earlier row, too",
                )
                for row in repeated
            ],
            "Keep one row for each, or make them different.",
        )
    return problems


def check_table(info: TableInfo, table: pd.DataFrame | bytes | Path) -> list[str]:
    """Everything that keeps a table from matching its entry, one sentence a problem; an empty list
    when it matches.

    `table` is a frame, the bytes of a CSV file, or its path. Each sentence names the file, row,
    column and value, and what would be right. Rows are counted as in a spreadsheet: the header is
    row 1, so the first row of values is row 2, for frames too.
    """
    try:
        if isinstance(table, pd.DataFrame):
            frame = read_frame(info, table)
        else:
            frame = read_csv(info, table.read_bytes() if isinstance(table, Path) else table)
    except TableError as error:
        return list(error.problems)
    except OSError as error:
        return [f"{error.filename} can't be read ({error.strerror}). Put the file there."]
    return constraint_problems(info, frame)


def _split_rows(info: TableInfo, content: bytes) -> tuple[list[str], list[list[str]], list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        start = content.rfind(b"\n", 0, error.start) + 1
        # What stands before the bad byte is sound, so the cell can be found by counting cells up to
        # it.
        before = next(csv.reader([content[start : error.start].decode("utf-8", "replace")]), [""])
        header = next(csv.reader([content.split(b"\n", 1)[0].decode("utf-8", "replace")]), [])
        column = header[len(before) - 1] if 0 < len(before) <= len(header) else str(len(before))
        value = shown(before[-1] + "�" if before else "�")
        remedy = f"is not UTF-8 (byte 0x{content[error.start]:02x}). Save the file as UTF-8."
        return [], [], [f"{info.file}, row {line}, column {column}: {value} {remedy}"]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return (
            [],
            [],
            [
                f"{info.file} is not a CSV file ({error}). Close every quoted cell and separate"
                " cells by commas."
            ],
        )
    if not rows:
        return [], [], [f"{info.file} is empty. {_header_remedy(info)}"]
    header, body = rows[0], rows[1:]
    if not body:
        return header, [], _header_problems(info, header) or [_empty(info)]
    ragged = [(row, cells) for row, cells in enumerate(body) if len(cells) != len(header)]
    problems = [
        f"{info.file}, row {row + 2}: {shown(','.join(cells))} has {len(cells)} cells. Give"
        f" {len(header)}, one for each column; put cells with commas in quotes."
        for row, cells in ragged[:PROBLEMS_SHOWN_PER_COLUMN]
    ]
    return header, body, problems + _rest(info, "wrong numbers of cells", len(ragged))


def _header_problems(info: TableInfo, header: Sequence[str]) -> list[str]:
    expected = [column.name for column in info.columns]
    seen = set(header)
    problems = [
        f"{info.file}, row 1: the column {name} is missing; the columns are"
        f" {shown(', '.join(header))}. {_header_remedy(info)}"
        for name in expected
        if name not in seen
    ]
    problems += [
        f"{info.file}, row 1: {shown(name)} is not a column of this table. Remove or rename it."
        for name in header
        if name not in expected
    ]
    problems += [
        f"{info.file}, row 1: the column {name} appears {header.count(name)} times. Keep one."
        for name in dict.fromkeys(header)
        if name in expected and header.count(name) > 1
    ]
    return problems


def _header_remedy(info: TableInfo) -> str:
    return (
        f"The first row must name the columns: {', '.join(column.name for column in info.columns)}."
    )


def _empty(info: TableInfo) -> str:
    return f"{info.file}, row 2: there are no rows of values. Add at least one."


def _plain_cells(column: pd.Series[Any]) -> list[Any]:
    return [
        None if missing else cell
        for cell, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _typed_frame(
    info: TableInfo, cells: Mapping[str, Sequence[Any]]
) -> tuple[pd.DataFrame, list[str]]:
    columns: dict[str, Any] = {}
    problems: list[str] = []
    for column in info.columns:
        columns[column.name], found = _typed_column(info, column, cells[column.name])
        problems += found
    return (pd.DataFrame() if problems else pd.DataFrame(columns)), problems


def _typed_column(
    info: TableInfo, column: ColumnInfo, cells: Sequence[Any]
) -> tuple[Any, list[str]]:
    if column.is_numeric:
        return _numbers(info, column, cells)
    if column.type == "date":
        return _dates(info, column, cells)
    bad = [
        (row, shown(cell), "is not text")
        for row, cell in enumerate(cells)
        if cell is not None and not isinstance(cell, str)
    ]
    return pd.array([cell or None for cell in cells] if not bad else [], dtype="str"), _listed(
        info, f"column {column.name}", bad, "Write text, or leave the cell empty."
    )


def _numbers(
    info: TableInfo, column: ColumnInfo, cells: Sequence[Any]
) -> tuple[FloatArray, list[str]]:
    values = np.full(len(cells), np.nan)
    bad: list[tuple[int, str, str]] = []
    for row, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        if isinstance(cell, str):
            number = float(cell) if _NUMBER.fullmatch(cell) else math.nan
        else:
            number = (
                float(cell)
                if isinstance(cell, int | float | np.number) and not isinstance(cell, bool)
                else math.nan
            )
        if not math.isfinite(number):
            bad.append((row, shown(cell), "is not a number"))
        elif column.type != "number" and number != math.floor(number):
            bad.append((row, shown(cell), "is not a whole number"))
        values[row] = number
    example = {"year": "1984", "integer": "1200"}.get(column.type, "1234.5 or 1.2e9")
    remedy = (
        f"Write a plain number such as {example} ({column.unit}), without thousands separators or"
        " units, or leave the cell empty."
    )
    return values, _listed(info, f"column {column.name}", bad, remedy)


def _dates(
    info: TableInfo, column: ColumnInfo, cells: Sequence[Any]
) -> tuple[NDArray[np.datetime64], list[str]]:
    days: list[str | None] = []
    bad: list[tuple[int, str, str]] = []
    for row, cell in enumerate(cells):
        text = (
            cell.date().isoformat()
            if isinstance(cell, dt.datetime)
            else cell.isoformat()
            if isinstance(cell, dt.date)
            else cell
        )
        if text is None or text == "":
            days.append(None)
        elif isinstance(text, str) and _is_day(text):
            days.append(text)
        else:
            bad.append((row, shown(cell), "is not a calendar date"))
    values = np.array(
        [] if bad else [np.datetime64("NaT", "s") if day is None else day for day in days],
        dtype="datetime64[s]",
    )
    return values, _listed(
        info, f"column {column.name}", bad, "Write it as year-month-day, such as 2024-02-29."
    )


def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _broken_constraints(info: TableInfo, column: ColumnInfo, values: pd.Series[Any]) -> list[str]:
    missing = values.isna().to_numpy()
    found: list[tuple[BoolArray, str, str]] = []
    if column.required:
        found.append(
            (
                missing,
                "is given where a value is needed",
                f"Give one in every row: {column.description}.",
            )
        )
    if column.minimum is not None:
        below = (values < column.minimum).to_numpy()
        found.append(
            (
                below,
                f"is below {column.minimum:g}",
                f"Give at least {column.minimum:g} ({column.unit}).",
            )
        )
    if column.maximum is not None:
        above = (values > column.maximum).to_numpy()
        found.append(
            (
                above,
                f"is above {column.maximum:g}",
                f"Give at most {column.maximum:g} ({column.unit}).",
            )
        )
    if column.allowed:
        unknown = ~values.isin(list(column.allowed)).to_numpy() & ~missing
        found.append(
            (
                unknown,
                "is not a known value",
                f"Use one of: {', '.join(str(value) for value in column.allowed)}.",
            )
        )
    if column.unique and info.primary_key != (
        column.name,
    ):  # a repeated key is reported once, as a key
        repeated = values.duplicated().to_numpy() & ~missing
        found.append((repeated, "is in an earlier row, too", "Give each value once."))
    problems: list[str] = []
    for broken, what, remedy in found:
        cells = [(row, _display(values.iloc[row]), what) for row in np.flatnonzero(broken)]
        problems += _listed(info, f"column {column.name}", cells, remedy)
    return problems


def _display(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "an empty cell" if math.isnan(value) else f"{value:g}"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return "an empty cell" if value is None or value is pd.NaT else shown(value)


def _listed(
    info: TableInfo, place: str, bad: Sequence[tuple[Any, str, str]], remedy: str
) -> list[str]:
    """Sentences on bad cells, given as (row position, value, what is wrong), the rest counted."""
    sentences = [
        f"{info.file}, row {row + 2}, {place}: {value} {what}. {remedy}"
        for row, value, what in bad[:PROBLEMS_SHOWN_PER_COLUMN]
    ]
    return sentences + _rest(info, f"such cells in {place}", len(bad))


def _rest(info: TableInfo, what: str, count: int) -> list[str]:
    more = count - PROBLEMS_SHOWN_PER_COLUMN
    return [f"{info.file} has {more} more {what}."] if more > 0 else []


def frame_digest(frame: pd.DataFrame) -> str:
    """The sha256 (hex) of a frame's content: its column names and every cell, floats to the last
    bit.
    """
    return sha256_of(frame.to_csv(index=False, lineterminator="\n").encode())


def sha256_of(content: bytes | Iterable[str]) -> str:
    """The sha256 (hex) of bytes, or of lines of text."""
    return hashlib.sha256(
        content if isinstance(content, bytes) else "\n".join(content).encode()
    ).hexdigest()
