"""A CSV of unknown dialect as columns of text: separator, decimal sign, comment lines and header
are found, bad rows named.

sheet = open_sheet(text.content, limits, deadline)
sheet.header, sheet.sample, sheet.dialect
for batch in sheet.batches(["loss", "tokens"]): batch.columns["loss"], batch.rows

Arrow splits the rows, a piece at a time and without holding the interpreter, so that a large file
leaves other sessions alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.errors import InputError
from forecasting.ingest.cell_numbers import OddCells, numbers_of
from forecasting.ingest.column_names import is_loss_name
from forecasting.ingest.csv_bytes import Deadline, Limits
from forecasting.ingest.csv_dialect import (
    BLOCK_BYTES,
    DELIMITERS,
    SAMPLE_ROWS,
    Dialect,
    decimal_of,
    delimiter_of,
    has_quotes,
    is_separator_line,
    looks_like_number,
    records_of,
    unclosed_quote,
)
from forecasting.ingest.table_shapes import regular_table, uncertain_note

#: Is told how many rows have been read, and which share of the file that is; what it raises ends
#: the reading.
Watch = Callable[[int, float], None]

SAMPLE_BYTES = 256 * 1024
#: Of the cells of a sample.
SAMPLE_CHARACTERS = 300
_MAX_BAD_ROWS = 100_000
#: Of fewer rows the last cell's length says nothing.
MIN_ROWS_OF_A_CUT = 5


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file: row as a spreadsheet counts (the file's first row is 1;
    None: the file as a whole).

    `kept` says that the run stays in the table all the same, `file` in which of many files it is.
    """

    row: int | None
    column: str
    value: str
    remedy: str
    kept: bool = False
    file: str = ""

    def __str__(self) -> str:
        where = f"Row {self.row}" if self.row is not None else "File"
        where += f" of {self.file}" if self.file else ""
        column = f", column {self.column}" if self.column else ""
        return f"{where}{column}: “{self.value}”. {self.remedy}"


@dataclass(eq=False)
class ProblemList:
    """The first `most` problems, and the count of all."""

    most: int = 1000
    found: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(
        self, row: int | None, column: str, value: object, remedy: str, *, kept: bool = False
    ) -> None:
        """Note a problem.

        Parameters
        ----------
        row : int or None
            Row as a spreadsheet counts, the file's first is 1; None: the file as a whole.
        column : str
            Name of the column, or "".
        value : object
            What was found there; its text is cut to 60 characters.
        remedy : str
            A sentence on what would be right.
        kept : bool
            Whether the run stays in the table all the same.
        """
        self.count += 1
        if len(self.found) < self.most:
            text = str(value)
            self.found.append(
                Problem(row, column, text if len(text) <= 60 else text[:59] + "…", remedy, kept)
            )


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows: `columns` of text by name, and the `rows` they stand in."""

    columns: Mapping[str, pa.StringArray]
    rows: IntArray


@dataclass(frozen=True, eq=False)
class Sheet:
    """A CSV with its `header` found; `sample` holds the first rows, as many cells as the header
    each. `notes` say how it was made regular, a sentence each.
    """

    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    dialect: Dialect
    problems: ProblemList
    _content: bytes = field(repr=False)
    _start: int
    _cells: int
    _limits: Limits
    _deadline: Deadline
    _unclosed_line: int | None = None
    _odd: OddCells = field(default_factory=OddCells, repr=False)
    notes: tuple[str, ...] = ()
    _rows: IntArray | None = field(default=None, repr=False)
    _watch: Watch | None = field(default=None, repr=False)

    @cached_property
    def _place(self) -> dict[str, int]:
        """Where each column stands; of columns of one name the first."""
        return {name: at for at, name in reversed(list(enumerate(self.header)))}

    def numbers(self, cells: pa.StringArray) -> tuple[FloatArray, BoolArray]:
        """Values of cells of this file, and which of them hold no finite number."""
        return numbers_of(cells, self.dialect.decimal, self._odd)

    def sample_of(self, name: str) -> list[str]:
        """The first cells of a column that are not empty."""
        at = self._place[name]
        return [row[at] for row in self.sample if row[at]]

    @property
    def above_rows(self) -> bytes:
        """The lines of the file down to its header."""
        return self._content[: self._start]

    @property
    def has_open_quote(self) -> bool:
        """Whether a quote opens that is never closed."""
        return self._unclosed_line is not None

    @property
    def is_laid_out_anew(self) -> bool:
        """Whether the rows of the file were put another way, so that they can't be read apart."""
        return self._rows is not None

    @property
    def is_large(self) -> bool:
        """Whether reading columns that are not needed takes a while."""
        return len(self._content) > 2**21

    @property
    def _piece_bytes(self) -> int:
        return max(BLOCK_BYTES, self._limits.cell_bytes)

    def rows_like(self, rows_of_first_batch: int) -> int:
        """About how many rows there are, from those of the first batch."""
        pieces = (len(self._content) - self._start) / self._piece_bytes
        return int(rows_of_first_batch * max(pieces, 1.0) * 1.02) + 16

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """The named columns, a batch of rows at a time; rows without any cell and comment lines are
        left out.

        Rows of another number of cells are noted in `problems`. Raises InputError beyond the
        limits.
        """
        if self._start >= len(self._content):
            return
        bad_rows: list[int] = []
        reader = self._reader(names, bad_rows)
        # Counted as Arrow counts: from 1 at the first row below the header, rows that it skips
        # included.
        passed, skipped, pieces = 0, 0, 0
        piece_share = self._piece_bytes / (len(self._content) - self._start)
        most_rows = self._limits.most_rows(len(self._content))
        first = f"c{self._place[names[0]]}"
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except pa.ArrowInvalid as error:
                raise self._unreadable(error) from None
            self._deadline.check()
            numbers = np.arange(passed + 1, passed + batch.num_rows + 1, dtype=np.int64)
            while skipped < len(bad_rows) and batch.num_rows and bad_rows[skipped] <= numbers[-1]:
                numbers[numbers >= bad_rows[skipped]] += 1
                skipped += 1
            passed = int(numbers[-1]) if batch.num_rows else passed
            pieces += 1
            if self._watch is not None:
                self._watch(passed, min(pieces * piece_share, 1.0))
            if passed > most_rows:
                raise InputError(
                    "file",
                    f"more than {most_rows:,} rows",
                    "Give fewer: log less often, or give one row per run.",
                )
            keep = pc.invert(pc.starts_with(batch.column(first), "#"))
            empty = None
            for name in names:
                blank = pc.equal(batch.column(f"c{self._place[name]}"), "")
                empty = blank if empty is None else pc.and_(empty, blank)
                if pc.any(empty).as_py() is not True:
                    break
            keep = pc.and_(keep, pc.invert(empty))
            if pc.all(keep).as_py() is False:
                numbers = numbers[keep.to_numpy(zero_copy_only=False)]
                batch = batch.filter(keep)
            if batch.num_rows:
                columns = {name: batch.column(f"c{self._place[name]}") for name in names}
                yield Batch(columns, self._where(numbers))

    def _where(self, numbers: IntArray) -> IntArray:
        """Rows of the file as it came, of rows counted from 1 below the header."""
        if self._rows is None:
            return numbers + self.dialect.header_row
        rows: IntArray = self._rows[np.minimum(numbers, self._rows.size) - 1]
        return rows

    def _reader(self, names: Sequence[str], bad_rows: list[int]) -> Any:
        def skip(row: Any) -> str:
            bad_rows.append(row.number)
            text = (row.text or "").strip()
            # A quote that is never closed has been named, with its line, when the sheet was opened.
            swallowed = self._unclosed_line is not None and text.count('"') % 2 == 1
            if text and not text.startswith("#") and not swallowed:
                remedy = (
                    f"The header names {len(self.header)} columns: give as many cells, and put"
                    " cells with separators in quotes."
                )
                self.problems.add(
                    int(self._where(np.array([row.number]))[0]),
                    "",
                    f"{row.actual_columns} cells: {text.split(chr(10))[0]}",
                    remedy,
                )
            if len(bad_rows) > _MAX_BAD_ROWS:
                return "error"
            return "skip"

        include = list(dict.fromkeys(f"c{self._place[name]}" for name in names))
        content = self._content
        try:
            return pacsv.open_csv(
                pa.BufferReader(pa.py_buffer(content).slice(self._start)),
                pacsv.ReadOptions(
                    column_names=[f"c{at}" for at in range(self._cells)],
                    use_threads=False,
                    block_size=self._piece_bytes,
                ),
                pacsv.ParseOptions(
                    delimiter=self.dialect.delimiter,
                    newlines_in_values=has_quotes(content),
                    ignore_empty_lines=False,
                    invalid_row_handler=skip,
                ),
                pacsv.ConvertOptions(
                    include_columns=include,
                    column_types=dict.fromkeys(include, pa.string()),
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> InputError:
        if "straddling" in str(error) or "block" in str(error).lower():
            return InputError(
                "file",
                f"a row of more than {self._limits.cell_bytes // 1024:,} KiB",
                "A quote that is never closed can cause this. Close it, or shorten the cell.",
            )
        return InputError(
            "file",
            "rows that do not fit the header",
            "Use one separator and as many cells in each row as in the header.",
        )


def open_sheet(
    content: bytes,
    limits: Limits,
    deadline: Deadline,
    is_known: Callable[[str], bool] | None = None,
) -> Sheet:
    """Finds header and dialect.

    Parameters
    ----------
    content : bytes
        The file as UTF-8 text.
    limits : Limits
        Its largest sizes.
    deadline : Deadline
        When reading must have ended.
    is_known : function of a name or None
        Whether a column of this name is known, by which the header is found below a title, and
        tables that are laid out otherwise are made regular. None: they are read as they stand.

    Raises
    ------
    InputError
        Where there is no header or more columns than allowed.
    """
    if is_known:
        content = _without_header_mark(content, is_known)
    regular = regular_table(content, limits, is_known) if is_known else None
    if regular is not None:
        content = regular.content
    text = content[:SAMPLE_BYTES].decode("utf-8", "replace")
    if len(content) > SAMPLE_BYTES:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    lines = list(io.StringIO(text, newline=""))
    above = 0
    forced = None
    while above < len(lines) and (
        not lines[above].strip()
        or lines[above].lstrip().startswith("#")
        or is_separator_line(lines[above])
    ):
        if is_separator_line(lines[above]):
            forced = lines[above].strip()[4:]
        above += 1
    if above == len(lines):
        raise InputError(
            "file", "comments only", "Give a row of column names and a row for each run."
        )
    delimiter = forced if forced in DELIMITERS else delimiter_of(lines[above:], limits)
    unclosed = unclosed_quote(content, delimiter)
    records, header_lines = records_of(lines[above:], delimiter)
    if unclosed is not None and unclosed[0] <= above + 1:
        raise InputError(
            "header",
            unclosed[1],
            f"A quote opens in line {unclosed[0]} and is never closed: close it, or remove it.",
        )
    header_cells = records[0] if records else []
    if len(header_cells) > limits.columns:
        raise InputError(
            "file",
            f"{len(header_cells):,} columns",
            f"Give at most {limits.columns:,}: leave out what the fit does not use.",
        )
    rows = [row for row in records[1:] if any(row) and not row[0].startswith("#")]
    width = len(header_cells)
    cells = width
    wider = [row for row in rows if len(row) == width + 1 and not row[-1]]
    if rows and len(wider) > len(rows) / 2:  # every row ends with one more separator
        cells = width + 1
    losses = [at for at, name in enumerate(header_cells) if is_loss_name(name)]
    decimal = decimal_of(rows, delimiter, losses)
    problems = ProblemList()
    if unclosed is not None:
        remedy = (
            f"A quote opens in line {unclosed[0]} and is never closed, so everything below it is"
            " one cell: close it, or remove it."
        )
        problems.add(unclosed[0], "", unclosed[1], remedy)
    if cut := _cut_cell(content, delimiter, rows):
        problems.add(
            content.count(b"\n") + 1,
            "",
            cut,
            (
                "The file ends in this row, and its last cell is shorter than all others: is the"
                " file incomplete?"
            ),
            kept=True,
        )
    header_row = regular.header_row if regular is not None else above + 1
    header = _names(header_cells, header_row, limits, problems)
    sample = tuple(
        tuple(cell[:SAMPLE_CHARACTERS] for cell in row[:width])
        for row in rows
        if len(row) in (width, cells)
    )[:SAMPLE_ROWS]
    start = len("".join(lines[: above + header_lines]).encode())
    if header and all(not name or looks_like_number(name, decimal) for name in header):
        shown = ", ".join(header[:4])
        raise InputError(
            "header",
            shown,
            "The first row must name the columns, such as params,tokens,loss. Add it.",
        )
    return Sheet(
        header,
        sample,
        Dialect(delimiter, decimal, header_row),
        problems,
        content,
        start,
        cells,
        limits,
        deadline,
        unclosed and unclosed[0],
        notes=(*(regular.notes if regular is not None else ()), *uncertain_note(sample)),
        _rows=None if regular is None else np.array(regular.rows, dtype=np.int64),
    )


def _without_header_mark(content: bytes, is_known: Callable[[str], bool]) -> bytes:
    """The file without the “#” before its header, as numpy writes it: names that are known above a
    row of numbers.
    """
    lines = content[:SAMPLE_BYTES].splitlines()
    at = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if at >= len(lines) or not lines[at].lstrip().startswith(b"#"):
        return content
    name = lines[at].decode("utf-8", "replace").lstrip(" \t#")
    below = next((line for line in lines[at + 1 :] if line.strip()), b"#")
    if below.lstrip().startswith(b"#"):
        return content
    for mark in (*DELIMITERS, None):
        if mark is None or mark in name:
            names = [cell.strip().strip('"') for cell in name.split(mark)]
            cells = [cell.strip() for cell in below.decode("utf-8", "replace").split(mark)]
            is_header = len(names) == len(cells) and not any(map(is_known, cells))
            if is_header and sum(map(is_known, names)) >= 2:
                # In its place a space, so that no row moves.
                return content.replace(b"#", b" ", 1)
    return content


def _cut_cell(content: bytes, delimiter: str, rows: Sequence[Sequence[str]]) -> str:
    """The last cell of a file without a line end that is shorter than all others of its column, ""
    where there is none.
    """
    if content.endswith((b"\n", b"\r")) or len(rows) < MIN_ROWS_OF_A_CUT:
        return ""
    last = content[-2_000:].decode("utf-8", "replace").splitlines()[-1].split(delimiter)
    others = [row[-1] for row in rows[:-1] if len(row) == len(last) and row[-1]]
    cell = last[-1].strip().strip('"')
    is_short = len(others) >= MIN_ROWS_OF_A_CUT - 1 and len(cell) < min(map(len, others)) - 1
    is_number = len(last) > 1 and all("." in each for each in others)
    return cell or "an empty cell" if is_short and is_number else ""


def _names(
    cells: Sequence[str], row: int, limits: Limits, problems: ProblemList
) -> tuple[str, ...]:
    names: list[str] = []
    seen: dict[str, int] = {}
    for at, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())
        if len(name) > limits.name_length:
            problems.add(
                row,
                f"number {at}",
                name,
                f"Names may have at most {limits.name_length} characters: it is shortened.",
                kept=True,
            )
            name = name[: limits.name_length]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            if name:
                problems.add(
                    row,
                    name,
                    name,
                    "The name appears twice: the first column of that name is used. Rename one.",
                    kept=True,
                )
            name = f"{name} ({seen[name]})"
            while name in seen:
                name += "'"
            seen[name] = 1
        names.append(name)
    return tuple(names)
