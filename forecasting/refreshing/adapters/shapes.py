"""What adapters take and give, and reading JSON, CSV and zip with a word on what was expected."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from forecasting.data.catalogue import TableInfo
from forecasting.errors import ForecastingError, shown

MAX_MEMBER_BYTES = 64 * 1024 * 1024
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_AMERICAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class UnexpectedShapeError(ForecastingError):
    """A source has changed its shape: says what was expected and what was found."""

    def __init__(self, source: str, expected: str, found: str) -> None:
        super().__init__(f"{source}: expected {expected}; found {found}.")


@dataclass(frozen=True)
class Body:
    """What came from one address, or a file of it, by its `name`."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Known:
    """What is known before: the table's entry, its rows, and the day."""

    info: TableInfo
    frame: pd.DataFrame
    today: dt.date


@dataclass(frozen=True)
class Adapted:
    """The whole new table; `as_of` is the day the source states for it (""; none), `notes` say what
    was left out, a sentence each.
    """

    frame: pd.DataFrame
    as_of: str = ""
    notes: tuple[str, ...] = ()


Adapter = Callable[[Sequence[Body], Known], Adapted]


def json_of(body: Body, kind: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """The body as JSON whose outermost value is of `kind`; raises UnexpectedShapeError."""
    expected = "a JSON list" if kind is list else "a JSON object"
    try:
        value = json.loads(body.content)
    except (ValueError, RecursionError):
        raise UnexpectedShapeError(body.name, expected, _start(body.content)) from None
    if not isinstance(value, kind):
        raise UnexpectedShapeError(body.name, expected, f"a JSON {type(value).__name__}")
    return value


def rows_of(body: Body, needed: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV by column, cells stripped, with at least the columns `needed`; raises
    UnexpectedShapeError.
    """
    expected = f"a CSV with the columns {', '.join(needed)}"
    try:
        reader = csv.DictReader(io.StringIO(body.content.decode("utf-8-sig"), newline=""))
        header = list(reader.fieldnames or ())
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise UnexpectedShapeError(body.name, expected, _start(body.content)) from None
    missing = [name for name in needed if name not in header]
    if missing:
        found = shown(", ".join(header), 400)
        raise UnexpectedShapeError(body.name, expected, f"{found}, without {', '.join(missing)}")
    ragged = sum(None in row or None in row.values() for row in rows)
    if ragged:
        raise UnexpectedShapeError(body.name, expected, f"{ragged} rows of another length")
    if not rows:
        raise UnexpectedShapeError(body.name, expected, "a header without rows")
    return [{name: " ".join(cell.split()) for name, cell in row.items()} for row in rows]


def member_of(body: Body, name: str) -> Body:
    """The file of that name in a zip, in whatever folder; raises UnexpectedShapeError."""
    expected = f"a zip with {name}"
    try:
        with zipfile.ZipFile(io.BytesIO(body.content)) as archive:
            for each in archive.infolist():
                if PurePosixPath(each.filename).name == name:
                    with archive.open(each) as file:
                        content = file.read(MAX_MEMBER_BYTES + 1)
                    if len(content) > MAX_MEMBER_BYTES:
                        found = f"{name} of more than {MAX_MEMBER_BYTES // 2**20} MiB"
                        raise UnexpectedShapeError(body.name, expected, found)
                    return Body(f"{body.name}, {name}", content)
            found = shown(", ".join(archive.namelist()), 300)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        found = _start(body.content)
    raise UnexpectedShapeError(body.name, expected, found)


def number(value: Any) -> float | None:
    """A plain number in a cell or a JSON value; None for an empty or unreadable one."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        read = float(value)
    except (TypeError, ValueError):
        return None
    return read if abs(read) < float("inf") else None


def day(text: str) -> str | None:
    """A day as YYYY-MM-DD, given so, with a time, or as M/D/YYYY; None for what is neither."""
    if found := _DAY.fullmatch(text):
        year, month, of_month = map(int, found.groups())
    elif found := _AMERICAN_DAY.fullmatch(text):
        month, of_month, year = map(int, found.groups())
    else:
        return None
    try:
        return dt.date(year, month, of_month).isoformat()
    except ValueError:
        return None


def table_of(known: Known, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Records as a frame with the table's columns."""
    columns = [column.name for column in known.info.columns]
    return pd.DataFrame([{name: record.get(name) for name in columns} for record in records])


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A typed frame's rows with days as text and None for missing values."""
    columns = {
        str(name): [
            None if missing else cell.date().isoformat() if isinstance(cell, dt.datetime) else cell
            for cell, missing in zip(frame[name].tolist(), frame[name].isna().tolist(), strict=True)
        ]
        for name in frame.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def without(rows: int, what: str) -> tuple[str, ...]:
    """The sentence on rows that were left out, if any were."""
    return (f"{rows} {'row' if rows == 1 else 'rows'} {what} left out.",) if rows else ()


def _start(content: bytes) -> str:
    return shown(" ".join(content[:120].decode("utf-8", "replace").split()), 100)
