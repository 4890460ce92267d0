"""How a CSV is written: separator between cells, decimal sign, quotes; found from its first
rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forecasting.errors import InputError
from forecasting.ingest.csv_bytes import Limits
from forecasting.parsing import SUFFIXES

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_ROWS = 200
#: Large enough that a batch costs little by itself, small enough that no batch keeps the
#: interpreter for long.
BLOCK_BYTES = 2**20
_SUFFIX = "|".join(sorted((re.escape(word) for word in SUFFIXES if word), key=len, reverse=True))
_DECIMAL_COMMA = re.compile(rf"[+-]?\d*,\d+(e[+-]?\d+)?\s*({_SUFFIX})?", re.IGNORECASE)
_DECIMAL_POINT = re.compile(rf"[+-]?\d*\.\d+(e[+-]?\d+)?\s*({_SUFFIX})?", re.IGNORECASE)
_ONE_GROUP = re.compile(r"\d{1,2},\d{3}")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True)
class Dialect:
    """How the file is written: separator between cells, decimal sign, and how many records stand
    above the first run.
    """

    delimiter: str
    decimal: str
    header_row: int

    @property
    def words(self) -> str:
        """The dialect in words."""
        return (
            f"{DELIMITER_WORDS[self.delimiter]} between cells, decimal"
            f" {'comma' if self.decimal == ',' else 'point'}"
        )


def has_quotes(content: bytes) -> bool:
    """Whether any cell may be quoted."""
    # Piece by piece: one search over a large file would hold the interpreter for tens of
    # milliseconds.
    return any(
        content.find(b'"', start, start + BLOCK_BYTES) >= 0
        for start in range(0, len(content), BLOCK_BYTES)
    )


def unclosed_quote(content: bytes, delimiter: str) -> tuple[int, str] | None:
    """The line in which a cell opens with a quote that is never closed, counted from 1, and its
    text; None where there is none.
    """
    if (
        sum(
            content.count(b'"', start, start + BLOCK_BYTES)
            for start in range(0, len(content), BLOCK_BYTES)
        )
        % 2
        == 0
    ):
        return None
    record: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.TextIOWrapper(io.BytesIO(content), "utf-8", "replace", newline=""):
            record.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    last, first_line = list(record), 1
    try:
        # Such a cell takes all that follows: it stands in the last record.
        while True:
            begins = reader.line_num + 1
            next(reader)
            last, first_line = list(record), begins
            record.clear()
    except StopIteration:
        pass
    except csv.Error:  # a cell longer than the reader takes
        last, first_line = list(record), begins
    opens = re.compile(rf'(?:^|{re.escape(delimiter)})\s*"')
    for number, line in enumerate(last, start=first_line):
        if line.count('"') % 2:
            return (number, line[:200].strip()) if opens.search(line) else None
    return None


def is_separator_line(line: str) -> bool:
    """Whether the line only names the separator, as spreadsheets write it: sep=;"""
    return re.fullmatch(r"sep=[,;\t|]", line.strip("\r\n ")) is not None


def records_of(
    lines: Sequence[str], delimiter: str, most: int = SAMPLE_ROWS + 1
) -> tuple[list[list[str]], int]:
    """The first records, and how many lines the first of them takes.

    Parameters
    ----------
    lines : sequence of str
        Lines of the file from its header on.
    delimiter : str
        The character between cells.
    most : int
        How many records to read at most.

    Raises
    ------
    InputError
        Where a quote of the header is never closed.
    """
    reader = csv.reader(iter(lines), delimiter=delimiter)
    records: list[list[str]] = []
    header_lines = 1
    try:
        for row in reader:
            if not records:
                header_lines = reader.line_num
            records.append([cell.strip() for cell in row])
            if len(records) >= most:
                break
    except csv.Error:
        if not records:
            raise InputError(
                "header",
                "a cell that is too long",
                "A quote that is never closed can cause this. Close it.",
            ) from None
    return records, header_lines


def delimiter_of(lines: Sequence[str], limits: Limits) -> str:
    """The separator that splits the header, and the rows most evenly."""
    best, best_score = ",", (-1.0, 0)
    for delimiter in DELIMITERS:
        try:
            records, _ = records_of(lines, delimiter, 50)
        except InputError:
            continue
        width = len(records[0]) if records else 0
        if width < 2:
            continue
        rows = [row for row in records[1:] if any(row)]
        even = sum(len(row) == width for row in rows) / len(rows) if rows else 0.5
        if (round(even, 1), width) > best_score:
            best, best_score = delimiter, (round(even, 1), width)
    del limits
    return best


def decimal_of(rows: Sequence[Sequence[str]], delimiter: str, losses: Sequence[int] = ()) -> str:
    """“,” where cells such as 1,5 occur and none such as 1.5; a comma between groups of three
    digits counts for neither, unless it stands behind a zero or in a loss.

    Parameters
    ----------
    rows : sequence of rows
        The first rows, without the header.
    delimiter : str
        The character between cells.
    losses : sequence of int
        Where columns of losses stand: no run ends at a loss of thousands.
    """
    commas = points = grouped = 0
    for row in rows:
        for cell in row:
            if "," in cell and _DECIMAL_COMMA.fullmatch(cell):
                grouped += _THOUSANDS.fullmatch(cell) is not None
                commas += _THOUSANDS.fullmatch(cell) is None or cell.lstrip("+-").startswith("0,")
            points += "." in cell and _DECIMAL_POINT.fullmatch(cell) is not None
    if commas > points:
        return ","
    in_losses = [row[at] for row in rows for at in losses if at < len(row) and "," in row[at]]
    if in_losses and not points and all(_ONE_GROUP.fullmatch(cell) for cell in in_losses):
        return ","
    # 1,234 alone is a decimal comma where the comma could not stand between cells, and thousands
    # where numbers are written with points.
    return "," if grouped and not points and delimiter == ";" else "."


def looks_like_number(text: str, decimal: str) -> bool:
    """Whether a name in the header is a number, so that it is no header."""
    plain = text.replace(",", ".") if decimal == "," else text
    try:
        float(plain)
    except ValueError:
        return False
    return True
