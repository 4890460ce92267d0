"""Training logs larger than memory, reduced to a row a run where they lie, on as many processes or
machines as FORECASTING_JOBS or FORECASTING_DASK names (see `stats.parallel`).

    runs = fc.read_logs("logs/")       # or "logs/*/steps.csv", or a list of files
    runs.table                         # a row a run, as read_runs gives it
    fc.fit_scaling_law(runs)

Files are read by the rules of `read_runs`, piece by piece. A run may lie in several files.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.errors import ForecastingError, InputError, NotEnoughDataError, shown
from forecasting.ingest.column_mapping import ColumnMapping
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.csv_reading import Problem, ProblemList
from forecasting.ingest.log_pieces import PIECE_BYTES, LogFile, PieceTask, head_of, pieces, tasks_of
from forecasting.ingest.log_rows import LogRows, joined
from forecasting.ingest.run_reading import RunReading
from forecasting.ingest.run_rows import find_columns, frame_of_log, is_wide, part_of_log
from forecasting.ingest.runs import DEFAULT_LIMITS, ParsedRuns, RunFile, combined
from forecasting.stats.parallel import parallel_each

#: Files of a folder that are taken for logs, packed by gzip or not.
ENDINGS = (".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".xlsx")
#: Rows that wait to be thinned together.
_WAITING_ROWS = 200_000
#: Runs of one name in two files whose steps overlap by more of the shorter one are named.
_MAX_OVERLAP = 0.5

LogSource = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
#: What the files whose runs belong together have in common: header, kind and mapping.
_Kind = tuple[tuple[str, ...], str, str]


@dataclass(frozen=True, eq=False)
class _Part:
    """What one worker found in a part of a file; only `error` where it can't be used."""

    kind: _Kind | None = None
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    rows: LogRows | None = None
    header_row: int = 0
    lines: int = 0
    rows_read: int = 0
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    digest: bytes = b""
    error: ForecastingError | None = None


@dataclass(eq=False)
class _Log:
    """All files of one kind, as far as they are read."""

    task: PieceTask
    mapping: ColumnMapping
    rows: LogRows
    waiting: list[LogRows] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    rows_read: int = 0
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    overlapping: dict[str, str] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, rows: LogRows, file: LogFile) -> None:
        """The rows of another file."""
        self._compare(rows, file)
        self.waiting.append(rows)
        if sum(map(len, self.waiting)) > max(_WAITING_ROWS, len(self.rows)):
            self.settle()

    def settle(self) -> LogRows:
        """All rows so far, thinned."""
        self.rows = joined([self.rows, *self.waiting]).thinned(self.mapping.take)
        self.waiting.clear()
        return self.rows

    def _compare(self, rows: LogRows, file: LogFile) -> None:
        if rows.endings is None:
            return
        pairs = zip(rows.endings.first.tolist(), rows.endings.last.tolist(), strict=True)
        for name, (first, last) in zip(rows.names, pairs, strict=True):
            begun, ended = self.spans.get(name, (first, last))
            shorter = min(last - first, ended - begun)
            if name in self.spans and min(last, ended) - max(first, begun) > _MAX_OVERLAP * shorter:
                self.overlapping.setdefault(name, file.name)
            self.spans[name] = (min(first, begun), max(last, ended))


def read_logs(
    source: LogSource,
    mapping: ColumnMapping | Mapping[str, Any] | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    piece_bytes: int = PIECE_BYTES,
    jobs: int | None = None,
    dask: str | None = None,
) -> ParsedRuns:
    """Training logs of any size as a table with a row a run.

    Files that can't be used are listed in `problems`, with the reason, and kept apart whole. Runs
    of one name in files with the same columns are one run, in the order of their steps, else of the
    files' names; a file without a column of runs is a run by itself.

    Parameters
    ----------
    source : path, pattern or sequence of these
        A folder (all tables and logs in it, and in folders within), a pattern such as
        "logs/*/steps.csv", or files. CSV, Parquet and gzip files may be of any size; others as an
        upload.
    mapping : ColumnMapping, mapping or None
        Names columns where their names don't tell (see ColumnMapping).
    limits : Limits
        Largest sizes of a piece, and how many runs there may be.
    piece_bytes : int
        What is read at once, in bytes; memory is some four times that in each process.
    jobs, dask : int, str or None
        As for `parallel_map`; workers read the files by the same paths.

    Returns
    -------
    ParsedRuns
        The runs, as `read_runs` gives them.

    Raises
    ------
    ForecastingError
        The first reason where no file has a run; InputError for no file.
    """
    given = ColumnMapping.of(mapping)
    if piece_bytes < 1:
        raise InputError("piece_bytes", piece_bytes, "Give at least 1.")
    files = log_files(source)
    refused: list[tuple[str, ForecastingError]] = []
    logs: dict[_Kind, _Log] = {}
    offsets: list[int] = []
    tasks = _tasks(files, piece_bytes, limits, refused)
    parts = parallel_each(partial(_read_part, given), tasks, jobs=jobs, dask=dask, in_order=True)
    read: list[LogFile] = []
    below = 0
    for file, of_file in groupby(parts, key=lambda part: part[0].file):
        rows, error = _of_file(list(of_file), logs, below)
        if error is not None:
            refused.append((file.name, error))
            continue
        read.append(file)
        offsets.append(below)
        below += rows
    if not logs and refused:
        raise refused[0][1]
    place = partial(_place, read, offsets)
    several = []
    for log in logs.values():
        try:
            several.append(_runs_of(log, given, limits, place))
        except ForecastingError as error:
            refused.append((log.task.file.name, error))
    if not several and refused:
        raise refused[0][1]
    return combined(several, refused, name_files=False)


def log_files(source: LogSource) -> list[LogFile]:
    """The files of a folder, of a pattern, or those given, sorted by name as people count: part 2
    before part 10. Each is called by what its path has after that of the folder they share.

    Raises InputError where there is none.
    """
    sources = [source] if isinstance(source, str | os.PathLike) else list(source)
    found: dict[Path, None] = {}
    for each in sources:
        found |= dict.fromkeys(_paths(os.fspath(each)))
    if not found:
        raise InputError("logs", ", ".join(map(str, sources)), "There is no file: give some.")
    paths = sorted(found, key=lambda path: _counted(str(path)))
    shared = Path(os.path.commonpath([path.parent for path in paths]))
    names = [_plain_name(path.relative_to(shared).as_posix()) for path in paths]
    return [
        LogFile(str(path), name if names.count(name) == 1 else path.relative_to(shared).as_posix())
        for path, name in zip(paths, names, strict=True)
    ]


def _paths(source: str) -> Iterator[Path]:
    path = Path(source)
    if path.is_dir():
        for each in path.rglob("*"):
            hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
            if each.is_file() and not hidden and _plain_name(each.name) != each.name:
                yield each.absolute()
    elif path.exists() or not glob.has_magic(source):
        yield path.absolute()
    else:
        files = map(Path, glob.glob(source, recursive=True))
        yield from (each.absolute() for each in files if each.is_file())


def _plain_name(name: str) -> str:
    """A name without the ending of a table or a log; the name itself where it has none."""
    bare = name.removesuffix(".gz")
    ending = next((each for each in ENDINGS if bare.lower().endswith(each)), "")
    return bare.removesuffix(bare[len(bare) - len(ending) :]) if ending else name


def _counted(name: str) -> list[tuple[int, str]]:
    """A key by which names sort with their numbers as numbers."""
    return [
        (int(word[:18]), "") if word.isdigit() else (-1, word)
        for word in re.split(r"([0-9]+)", name)
    ]


def _tasks(
    files: Sequence[LogFile],
    piece_bytes: int,
    limits: Limits,
    refused: list[tuple[str, ForecastingError]],
) -> Iterator[PieceTask]:
    for file in files:
        try:
            yield from tasks_of(file, piece_bytes, limits)
        except ForecastingError as error:
            refused.append((file.name, error))


def _read_part(given: ColumnMapping, task: PieceTask) -> tuple[PieceTask, _Part]:
    """What is in a part of a file."""
    try:
        return task, _part(given, task)
    except ForecastingError as error:
        return task, _Part(error=error)


def _part(given: ColumnMapping, task: PieceTask) -> _Part:
    head, is_whole = head_of(task)
    if is_whole and task.number:
        return _Part()
    reading = _begun(head, given)
    find_columns(reading)
    header_row = head.sheet.dialect.header_row
    if is_whole:
        rows = part_of_log(reading)
        if rows is None:
            raise _no_log(reading)
        found = _Part(mapping=reading.mapping, lines=head.text.content.count(b"\n") + 1)
        found = _and_piece(found, rows, reading, head.data_hash.encode())
    else:
        found = _Part(mapping=_mapping_of_steps(reading))
        for piece in pieces(task, head):
            file = head.piece(piece.content)
            if file.sheet.has_open_quote:
                raise InputError(
                    "file",
                    "a quote that is not closed in the same part of the file",
                    "Cells of a log of this size can't have line breaks: leave them out.",
                )
            here = _begun(file, found.mapping)
            try:
                rows = part_of_log(here)
            except NotEnoughDataError:  # no row in this piece
                found = replace(found, lines=found.lines + piece.lines)
                continue
            if rows is None:
                raise _no_log(here)
            digest = hashlib.sha256(piece.content).digest()
            found = replace(_and_piece(found, rows, here, digest), lines=found.lines + piece.lines)
    kind = (head.sheet.header, head.shape, repr(sorted(found.mapping.as_dict.items(), key=str)))
    return replace(found, kind=kind, header_row=header_row)


def _begun(file: RunFile, given: ColumnMapping) -> RunReading:
    if file.sheets:
        raise InputError(
            "file", "a workbook with several sheets of runs", "Save each sheet as a CSV."
        )
    reading = file.begun(given)
    reading.is_part = True
    return reading


def _mapping_of_steps(reading: RunReading) -> ColumnMapping:
    """The mapping of a log by its first rows; raises InputError where rows are runs."""
    rows = part_of_log(reading)
    if rows is not None:
        return reading.mapping
    mapping = reading.mapping
    # In the first rows each run may stand once: a log with a row a run and step, by step.
    is_open = mapping.one_row_is is None and not is_wide(reading)
    if is_open and mapping.run and mapping.step and not reading.notes:
        return replace(mapping, one_row_is="step")
    raise _no_log(reading)


def _no_log(reading: RunReading) -> InputError:
    why = next((note for note in reading.notes if note.startswith("Each row counts as a run")), "")
    return InputError(
        "file",
        "a table with a row a run",
        f"{why} Read it with read_runs; if its rows are steps, say so (one_row_is step).".strip(),
    )


def _and_piece(found: _Part, rows: LogRows, reading: RunReading, digest: bytes) -> _Part:
    """With another piece of the same part, `found.lines` further down."""
    below, problems = found.lines if found.rows is not None else 0, reading.problems
    rows = rows.shifted(below)
    if found.rows is not None:
        if rows.endings is None and found.mapping.take == "smoothed":
            raise _smoothed_columns()
        rows = joined([found.rows, rows]).thinned(found.mapping.take)
    header_row = reading.sheet.dialect.header_row
    # What is wrong in the header is said once.
    again = sum(1 for each in problems.found if below and (each.row or 0) <= header_row)
    listed = [
        _moved(each, below) for each in problems.found if not below or _row(each) > header_row
    ]
    return replace(
        found,
        rows=rows,
        rows_read=found.rows_read + reading.rows_read,
        problems=(*found.problems, *listed)[: problems.most],
        problem_count=found.problem_count + problems.count - again,
        digest=found.digest + digest,
    )


def _row(problem: Problem) -> int:
    return problem.row or 0


def _moved(problem: Problem, rows: int) -> Problem:
    return problem if problem.row is None else replace(problem, row=problem.row + rows)


def _smoothed_columns() -> InputError:
    return InputError(
        "take",
        "smoothed, of a chart in several pieces",
        "Take the last or the lowest loss of each run.",
    )


def _of_file(
    parts: Sequence[tuple[PieceTask, _Part]], logs: dict[_Kind, _Log], below: int
) -> tuple[int, ForecastingError | None]:
    """Add the parts of a file to the log of its kind; gives how many rows it has, and why it can't
    be used.
    """
    error = next((part.error for _, part in parts if part.error is not None), None)
    if error is not None:
        return 0, error
    task = parts[0][0]
    rows_below, rows, log = below, [], None
    for _, part in parts:
        if part.rows is not None and part.kind is not None:
            log = log or logs.get(part.kind)
            if log is None:
                log = logs[part.kind] = _Log(task, part.mapping, part.rows.emptied())
            rows.append(part.rows.shifted(rows_below))
            log.rows_read += part.rows_read
            log.problem_count += part.problem_count
            log.problems += [_moved(each, rows_below) for each in part.problems]
            del log.problems[ProblemList.most :]
            log.digest.update(part.digest)
        rows_below += part.lines
    if log is None:
        return 0, NotEnoughDataError(0, 1, "The file has a header and no rows.")
    try:
        if len(rows) > 1 and rows[0].endings is None and log.mapping.take == "smoothed":
            raise _smoothed_columns()
        log.add(joined(rows), task.file)
    except ForecastingError as raised:
        return 0, raised
    return rows_below - below + parts[0][1].header_row, None


def _runs_of(log: _Log, given: ColumnMapping, limits: Limits, place: Any) -> ParsedRuns:
    """The runs of the files of one kind, checked."""
    file, _ = head_of(log.task)
    reading = _begun(file, given)
    find_columns(reading)
    reading.mapping = log.mapping
    reading.rows_read = log.rows_read
    reading.problems.found[:] = log.problems
    reading.problems.count = log.problem_count
    rows = log.settle()
    if len(rows.names) > 10 * limits.runs:
        raise InputError(
            "runs", f"{len(rows.names):,} runs", f"At most {limits.runs:,} can be fitted."
        )
    frame = frame_of_log(reading, rows)
    if log.overlapping:
        name, other = next(iter(log.overlapping.items()))
        reading.notes.append(
            f"Steps of {len(log.overlapping):,} of the runs overlap between files, such as those of"
            f" {shown(name, 40)} in {shown(other, 40)}: are these the same runs? They are taken as"
            " such."
        )
    runs = file.checked(reading, frame, given)
    return replace(
        runs,
        data_hash=log.digest.hexdigest(),
        problems=tuple(
            replace(each, row=place(each.row)[0], file=place(each.row)[1])
            if each.row is not None
            else each
            for each in runs.problems
        ),
        places=tuple(
            "row {} of {}".format(*place(int(words.removeprefix("row ")))) for words in runs.places
        ),
    )


def _place(files: Sequence[LogFile], offsets: Sequence[int], row: int) -> tuple[int, str]:
    """The row in its file, and the file, of a row counted through all files."""
    at = int(np.searchsorted(offsets, row, side="left")) - 1
    return row - offsets[at], files[at].name
