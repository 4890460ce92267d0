"""The log of refreshes beside the tables, changes.csv: rows that each changed, and figures that
moved with them. It only grows, and is no table that a forecast reads.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from forecasting.data.replacement import read_file

CHANGES_FILE = "changes.csv"


@dataclass(frozen=True)
class LoggedChange:
    """A line of the log.

    Parameters
    ----------
    day : str
        The day of the refresh.
    since : str
        The newest day, or month, of the tables before.
    kind : str
        "table" or "figure".
    name : str
        The table's name, or the figure's label.
    rows_added, rows_changed, rows_removed : str
        Counts of a table's rows; "" for a figure.
    before, after : str
        A figure in words; "" for a table.
    by : str
        The tables that move the figure, each alone, "; " between them.
    """

    day: str
    since: str
    kind: str
    name: str
    rows_added: str = ""
    rows_changed: str = ""
    rows_removed: str = ""
    before: str = ""
    after: str = ""
    by: str = ""


COLUMNS = tuple(field.name for field in fields(LoggedChange))


def read_changes(folder: Path) -> tuple[LoggedChange, ...]:
    """The lines of the log in the order they were written; none where there is no log, or none
    that can be read.
    """
    try:
        text = read_file(folder, CHANGES_FILE).decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        return tuple(LoggedChange(**{name: row[name] for name in COLUMNS}) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError):
        return ()


def log_with(folder: Path, lines: Sequence[LoggedChange]) -> bytes:
    """The log's file with these lines after those it has; raises OSError where it can't be read."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    try:
        before = read_file(folder, CHANGES_FILE)
    except FileNotFoundError:
        before = b""
        writer.writerow(COLUMNS)
    writer.writerows(map(astuple, lines))
    return before + buffer.getvalue().encode()
