"""Tables as people lay them out, made regular: a title above the header, two rows of header,
headings between blocks, ragged rows, columns set apart by spaces.

Only files of up to MAX_BYTES and MAX_LINES are looked at: these are sheets made by hand, not logs.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from forecasting.errors import InputError
from forecasting.ingest.cell_numbers import MISSING, UNCERTAIN, number_of
from forecasting.ingest.column_names import is_loss_name
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.csv_dialect import DELIMITERS, delimiter_of
from forecasting.ingest.turned_tables import Records, turned

MAX_BYTES, MAX_LINES, MAX_COLUMNS = 4 * 2**20, 30_000, 500
_TOP_ROWS = 20
_UNIT = re.compile(
    r"[(\[]?\s*(k|m|mn|b|bn|t|tn|million|millions|billion|billions|trillion|thousand|nats?|bits?"
    r"|nats?/token|bits?/byte|tokens?|params?|parameters?|[kmgtpez]?flops?|pf-?days|%|steps?|-|#|"
    r"[mb](illion)? (params|tokens|parameters))\s*[)\]]?",
    re.IGNORECASE,
)
_MARKS = ("#", "//", "%")


@dataclass(eq=False)
class RegularTable:
    """`content` is a CSV with its header first; `rows` says where each of its records stood,
    `notes` what was done.
    """

    content: bytes
    header_row: int
    rows: list[int]
    notes: list[str] = field(default_factory=list)


def regular_table(
    content: bytes, limits: Limits, is_known: Callable[[str], bool]
) -> RegularTable | None:
    """The table with its header first and a row a record; None where it is so as it stands.

    Parameters
    ----------
    content : bytes
        The file as UTF-8 text.
    limits : Limits
        Its largest sizes.
    is_known : function of a name
        Whether a column of this name is known.
    """
    if len(content) > MAX_BYTES or content.count(b"\n") > MAX_LINES:
        return None
    first = content[: 64 * 1024].splitlines()[:_TOP_ROWS]
    if any(line.count(mark.encode()) > MAX_COLUMNS for line in first for mark in DELIMITERS):
        return None
    lines = list(io.StringIO(content.decode("utf-8", "replace"), newline=""))
    found = _records(lines, limits, is_known)
    if found is None:
        return None
    records, delimiter, notes, changed = found
    other = turned([(at, row) for at, row in records if any(row)], is_known)
    if other is not None:
        records, changed = other.records, True
        notes.append(other.note)
    top = _header_row(records, is_known)
    if top is None:
        return None
    header = records[top][1]
    above = [row for _, row in records[:top] if any(row)]
    if above:
        changed = True
        title = next(cell for cell in above[0] if cell)
        which = f"Rows 1 to {records[top][0] - 1} stand" if records[top][0] > 2 else "Row 1 stands"
        are = "are" if records[top][0] > 2 else "is"
        notes.append(f"{which} above the header and {are} not read: “{_short(title)}”.")
    body = records[top + 1 :]
    second = _second_header(header, body, is_known)
    if second is not None:
        changed = True
        notes.append(f"The header takes two rows: {', '.join(name for name in second if name)}.")
        header, body = second, body[1:]
    kept, said, dropped = _rows(header, body, is_known)
    notes += said
    kept, carried = _carried_down(header, kept)
    notes += carried
    if not (changed or dropped or carried):
        return None
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(row for _, row in kept)
    return RegularTable(
        text.getvalue().encode("utf-8", "replace"),
        records[top][0],
        [row for row, _ in kept],
        notes,
    )


def uncertain_note(rows: Sequence[Sequence[str]]) -> list[str]:
    """A note where cells give a value and how uncertain it is."""
    for row in rows:
        for cell in row:
            if (
                len(cell) <= 100
                and ("±" in cell or "+" in cell or ")" in cell)
                and UNCERTAIN.fullmatch(cell)
            ):
                return [f"From cells such as “{_short(cell)}”, the first value is used."]
    return []


def _records(
    lines: list[str], limits: Limits, is_known: Callable[[str], bool]
) -> tuple[Records, str, list[str], bool] | None:
    """The records with their rows (counted from 1), the separator, notes, and whether the file was
    written otherwise than as CSV.
    """
    filled = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not filled or re.fullmatch(r"sep=.", filled[0].strip()):
        return None
    if sum(line.lstrip().startswith("|") for line in filled) > 0.8 * len(filled):
        rows = [
            (at, [cell.strip() for cell in line.strip().strip("|").split("|")])
            for at, line in enumerate(lines, start=1)
            if not re.fullmatch(r"[|:\-\s+=]*", line)
        ]
        return rows, ",", [], True
    delimiter = _delimiter(filled, limits, is_known)
    if delimiter is None:
        spaced = _spaced(lines)
        return None if spaced is None else (spaced, ",", ["Columns are separated by spaces."], True)
    try:
        rows = [
            (at, [cell.strip() for cell in row])
            for at, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1)
        ]
    except csv.Error:
        return None
    if sum(line.count('"') for line in lines) % 2:
        return None  # an open quote is named by what reads the sheet
    rows = [(at, row) for at, row in rows if not (row and row[0].startswith("#"))]
    return rows, delimiter, [], False


def _delimiter(lines: list[str], limits: Limits, is_known: Callable[[str], bool]) -> str | None:
    """The separator of the first row of known names, else that of the rows; None: there is none."""
    for line in lines[:_TOP_ROWS]:
        known = {
            mark: sum(is_known(cell.strip().strip('"')) for cell in line.split(mark))
            for mark in DELIMITERS
            if mark in line
        }
        best = max(known, key=lambda mark: known[mark], default=None)
        if best is not None and known[best] >= 2:
            return best
    widths = Counter({mark: sum(mark in line for line in lines[:200]) for mark in DELIMITERS})
    best, count = widths.most_common(1)[0]
    if count <= len(lines[:200]) / 2:
        return None
    try:
        found = delimiter_of(lines, limits)
    except InputError:
        return best
    return found if widths[found] > len(lines[:200]) / 2 else best


def _spaced(lines: list[str]) -> Records | None:
    """Columns set apart by two spaces or more, or by single ones where each row has as many."""
    for pattern in (r"\s{2,}", r"\s+"):
        rows = [
            (at, re.split(pattern, line.strip()))
            for at, line in enumerate(lines, start=1)
            if line.strip() and not re.fullmatch(r"[-=+\s]*", line)
        ]
        if not rows:
            return None
        width, count = Counter(len(row) for _, row in rows).most_common(1)[0]
        if width >= 3 and count > 0.8 * len(rows):
            return rows
    return None


def _header_row(records: Records, is_known: Callable[[str], bool]) -> int | None:
    """Which record names the columns: the first with two known names or more; else the first of
    several cells below rows of one.
    """
    top = records[:_TOP_ROWS]
    for at, (_, row) in enumerate(top):
        names = [cell for cell in row if cell]
        # A title, a remark or a number is no name.
        known = sum(is_known(cell) for cell in names if len(cell) <= 60)
        if known >= 2 and not any(_is_number(cell) for cell in names if not is_known(cell)):
            return at
    widest = max((sum(map(bool, row)) for _, row in top), default=0)
    for at, (_, row) in enumerate(top):
        filled = [cell for cell in row if cell]
        if len(filled) >= 2 and len(filled) > widest / 2:
            return at if not any(_is_number(cell) for cell in filled) else None
    return None


def _second_header(
    header: list[str], body: Records, is_known: Callable[[str], bool]
) -> list[str] | None:
    """The names of a header of two rows, None where it has one."""
    if len(body) < 3 or len(body[0][1]) > len(header):
        return None
    row = body[0][1] + [""] * (len(header) - len(body[0][1]))
    below = [cells for _, cells in body[1:30] if any(cells)]
    numeric = [
        at
        for at in range(len(header))
        if sum(at < len(cells) and _is_number(cells[at]) for cells in below) > 0.6 * len(below)
    ]
    given = [row[at] for at in numeric if row[at]]
    if not given or any(_is_number(cell) or cell.lower() in MISSING - {"-", ""} for cell in given):
        return None
    filled = [cell for cell in row if cell]
    if all(_UNIT.fullmatch(cell) for cell in filled):
        return None  # a row of units is read with the columns
    if not any(not name for name in header) and len(set(header)) == len(header):
        return None
    if sum(is_known(cell) for cell in filled) < 1:
        return None
    groups, last = [], ""
    for name in header:
        last = name or last
        groups.append(last)
    repeated = len(set(filled)) < len(filled)
    return [
        (f"{group} {cell}".strip() if repeated else cell) if cell else name
        for name, group, cell in zip(header, groups, row, strict=True)
    ]


def _rows(
    header: list[str], body: Records, is_known: Callable[[str], bool]
) -> tuple[Records, list[str], bool]:
    """The rows of data, notes, and whether anything was changed."""
    width = len(header)
    kept: Records = []
    padded: list[int] = []
    again: list[int] = []
    marks = 0
    for at, row in body:
        filled = [cell for cell in row if cell]
        if not filled:
            continue
        first = filled[0]
        if first.startswith(_MARKS[1:]) and not _is_number(first):
            marks += 1
            continue
        if [cell for cell in row if cell] == [name for name in header if name]:
            again.append(at)
            continue
        if _is_other_header(filled, is_known):
            raise InputError(
                "file",
                f"two tables, the second from row {at} on ({_short(', '.join(filled[:4]))})",
                "Give each its own file, or put all rows below one header.",
            )
        if len(row) > width and not any(row[width:]):
            row = row[:width]
        elif 2 <= len(row) < width and not any(map(is_known, header[len(row) :])):
            padded.append(at)
            row = row + [""] * (width - len(row))
        kept.append((at, row))
    notes = []
    if padded:
        notes.append(
            f"{_places(padded)} fewer cells than the header: the missing ones are taken as empty."
        )
    if again:
        notes.append(f"{_places(again)} the header again and {_is(again)} not read.")
    return kept, notes, bool(padded or again or marks)


def _is_other_header(cells: Sequence[str], is_known: Callable[[str], bool]) -> bool:
    """Whether a row below the header names a loss and another column of runs, and no number."""
    # Numbers first: to look up a name takes longer, and nearly all rows hold some.
    if len(cells) < 2 or any(map(_is_number, cells)):
        return False
    return sum(map(is_known, cells)) >= 2 and any(map(is_loss_name, cells))


def _carried_down(header: list[str], rows: Records) -> tuple[Records, list[str]]:
    """Headings between blocks: the first column is given only in rows that hold nothing else, and
    counts for the rows below.
    """
    heads = [at for at, (_, row) in enumerate(rows) if row and row[0]]
    others = [at for at, (_, row) in enumerate(rows) if not (row and row[0])]
    if len(heads) < 2 or len(others) < 2 * len(heads) or heads[0] != 0 or not header[0]:
        return rows, []
    data = [
        column
        for column in range(1, len(header))
        if sum(column < len(rows[at][1]) and bool(rows[at][1][column]) for at in others)
        > 0.8 * len(others)
    ]
    if len(data) < 2 or any(any(rows[at][1][1:]) for at in heads):
        return rows, []
    kept: Records = []
    heading = ""
    for at, row in rows:
        heading = row[0] or heading
        if not row[0]:
            kept.append((at, [heading, *row[1:]]))
    return kept, [
        f"The column “{_short(header[0])}” is given in {len(heads)} headings and counts for the"
        " rows below each."
    ]


def _is_number(cell: str) -> bool:
    value = number_of(cell, "," if re.fullmatch(r"[+-]?\d+,\d+", cell) else ".")
    return value is not None and value == value


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _is(rows: Sequence[object]) -> str:
    return "is" if len(rows) == 1 else "are"


def _places(rows: list[int]) -> str:
    """Rows 3, 7 and 12 hold."""
    if len(rows) == 1:
        return f"Row {rows[0]} holds"
    more = f" and {len(rows) - 4} more" if len(rows) > 4 else ""
    return f"Rows {', '.join(str(row) for row in rows[:4])}{more} hold"


__all__ = ["RegularTable", "regular_table", "uncertain_note"]
