"""What a newer table changes: rows added, changed and gone, by the table's key; and the newer
table as a file that keeps unchanged rows to the byte.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecasting.data.catalogue import TableInfo

#: Numbers this close, relative to their size, are the same number.
SAME_NUMBER = 1e-9


@dataclass(frozen=True)
class TableChanges:
    """Names of rows, as their key's cells in words; a table without a key has no changed rows."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Added, changed, removed."""
        return self.added, self.changed, self.removed

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return any(self.groups)


def table_changes(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame) -> TableChanges:
    """The differences between two typed frames of one table.

    Parameters
    ----------
    info : TableInfo
        The table's entry.
    old, new : DataFrame
        Its rows before and after.
    """
    old_rows, new_rows = _rows(info, old), _rows(info, new)
    added = [name for name in new_rows if name not in old_rows]
    removed = [name for name in old_rows if name not in new_rows]
    changed = [
        name
        for name, row in new_rows.items()
        if name in old_rows and not _same_row(old_rows[name], row)
    ]
    return TableChanges(tuple(added), tuple(changed), tuple(removed))


def in_order_of(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """The new rows in the old ones' order: by the first date column if the old are, rows of one
    date and all others as they stood, new ones last.

    Parameters
    ----------
    info : TableInfo
        The table's entry.
    old, new : DataFrame
        Its rows before and after.
    """
    names = _names(info, new)
    places = {name: place for place, name in enumerate(_names(info, old))}
    place = pd.Series([places.get(name, len(places)) for name in names])
    by: list[Any] = [place]
    dates = [column.name for column in info.columns if column.type == "date"]
    if dates and not old[dates[0]].isna().any() and old[dates[0]].is_monotonic_increasing:
        by.insert(0, new[dates[0]].reset_index(drop=True))
    order = np.lexsort([each.to_numpy() for each in reversed(by)])
    return new.iloc[order].reset_index(drop=True)


def csv_bytes(
    info: TableInfo, new: pd.DataFrame, old: pd.DataFrame | None = None, old_file: bytes = b""
) -> bytes:
    """The table as a CSV, columns as in the catalogue; rows that equal an old one as they stand in
    the old file.

    Parameters
    ----------
    info : TableInfo
        The table's entry.
    new : DataFrame
        The rows to write.
    old : DataFrame, optional
        The rows before.
    old_file : bytes
        Their file; b"": none.
    """
    header = [column.name for column in info.columns]
    kept: dict[str, str] = {}
    if old is not None and old_file:
        lines = _records(old_file)
        if lines[0] == header and len(lines) == len(old) + 1:
            old_rows = _rows(info, old)
            kept = {
                name: _line(cells)
                for (name, row), cells in zip(old_rows.items(), lines[1:], strict=False)
                if len(old_rows) == len(old)
            }
            new_rows = _rows(info, new)
            kept = {
                name: line
                for name, line in kept.items()
                if name in new_rows and _same_row(old_rows[name], new_rows[name])
            }
    columns = {name: new[name].tolist() for name in header}
    written = [
        kept.get(name) or _line([_cell(value) for value in row])
        for name, row in zip(_names(info, new), zip(*columns.values(), strict=True), strict=True)
    ]
    return (_line(header) + "".join(written)).encode()


def _rows(info: TableInfo, frame: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    columns = [frame[column.name].tolist() for column in info.columns]
    return dict(zip(_names(info, frame), zip(*columns, strict=True), strict=True))


def _names(info: TableInfo, frame: pd.DataFrame) -> list[str]:
    """A name of each row: its key's cells, or all of them; numbered where it stands again."""
    key = info.primary_key or tuple(column.name for column in info.columns)
    cells = [frame[name].tolist() for name in key]
    names = [", ".join(filter(None, map(_cell, row))) for row in zip(*cells, strict=True)]
    counts: Counter[str] = Counter()
    told_apart = []
    for name in names:
        counts[name] += 1
        told_apart.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return told_apart


def _same_row(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(_same(a, b) for a, b in zip(one, other, strict=True))


def _same(one: Any, other: Any) -> bool:
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    if isinstance(one, float):
        return bool(abs(one - other) <= SAME_NUMBER * max(abs(one), abs(other)))
    return bool(one == other)


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)


def _records(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
