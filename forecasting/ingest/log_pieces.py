"""Training logs larger than memory, piece by piece: each piece is a table with the header of its
file, so that the reader of files reads it.

    for task in tasks_of(LogFile("logs/a.csv", "a"), PIECE_BYTES, Limits()):
        head, is_whole = head_of(task)
        for piece in pieces(task, head):
            piece.content

A CSV is divided at its lines, wherever the pieces are read; a Parquet file at its groups of rows, a
gzip file is read as it comes. Other kinds are one piece, within the limits of an upload.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from forecasting.errors import ForecastingError, InputError
from forecasting.ingest.archives import GZIP, ZIP
from forecasting.ingest.csv_bytes import MIB, Deadline, Limits, csv_text
from forecasting.ingest.other_forms import as_csv
from forecasting.ingest.parquet_tables import MARK as PARQUET
from forecasting.ingest.parquet_tables import rows_as_csv
from forecasting.ingest.runs import RunFile, is_known_name, open_runs

#: Of a CSV, and unpacked: the reader takes some four times as much.
PIECE_BYTES = 16 * MIB
#: Of the beginning of a file, by which its columns are found.
HEAD_BYTES = MIB // 4
#: A smaller gzip file is unpacked at once: by how much its content may be larger.
_PACKED = 16
_BLOCK = MIB
_PACK_AGAIN = "Compress the file again with gzip, or give it uncompressed."


@dataclass(frozen=True)
class LogFile:
    """A file of a log: where it is, and what it is called."""

    path: str
    name: str


@dataclass(frozen=True)
class PieceTask:
    """What one worker reads of a file: the part `number` of `count`, with pieces of so many
    bytes.
    """

    file: LogFile
    number: int
    count: int
    piece_bytes: int
    limits: Limits


@dataclass(frozen=True)
class Piece:
    """A table with the header of its file, and the number of its `lines` below the header."""

    content: bytes
    lines: int


def tasks_of(file: LogFile, piece_bytes: int, limits: Limits) -> list[PieceTask]:
    """The parts into which a file is divided among workers.

    Parameters
    ----------
    file : LogFile
        The file.
    piece_bytes : int
        About how many bytes are read at once.
    limits : Limits
        Largest sizes of a piece.

    Raises
    ------
    InputError
        Where it can't be read.
    """
    try:
        with Path(file.path).open("rb") as opened:
            mark = opened.read(4)
            size = opened.seek(0, io.SEEK_END)
    except OSError as error:
        raise _unreadable(file, error) from None
    count = -(-size // piece_bytes) if size > piece_bytes and _is_divided(mark) else 1
    return [PieceTask(file, number, count, piece_bytes, limits) for number in range(count)]


def _is_divided(mark: bytes) -> bool:
    return not mark.startswith((GZIP, ZIP, b"{", b"["))


def head_of(task: PieceTask) -> tuple[RunFile, bool]:
    """The file opened by its beginning, and whether that is the whole of it: where it is small, or
    of a kind that can't be divided. Raises InputError where it can't be read, or is too large.
    """
    try:
        about = Path(task.file.path).stat()
        head = _head(task.file, task.piece_bytes, task.limits, about.st_size, about.st_mtime_ns)
        if head is not None:
            return head, False
        with Path(task.file.path).open("rb") as opened:
            return open_runs(opened, name=task.file.name, limits=task.limits), True
    except OSError as error:
        raise _unreadable(task.file, error) from None


def pieces(task: PieceTask, head: RunFile) -> Iterator[Piece]:
    """The pieces of a part of a file, one after the other.

    Parameters
    ----------
    task : PieceTask
        The part.
    head : RunFile
        The beginning of the file, which is not the whole of it.

    Raises
    ------
    InputError
        For damage.
    """
    header = head.sheet.above_rows
    try:
        with Path(task.file.path).open("rb") as opened:
            mark = opened.read(4)
            opened.seek(0)
            if mark == PARQUET:
                yield from _of_parquet(task, opened)
            elif mark.startswith(GZIP):
                yield from _of_stream(task, _Unpacked(opened), header)
            else:
                yield from _of_range(task, opened, header)
    except OSError as error:
        raise _unreadable(task.file, error) from None


def _unreadable(file: LogFile, error: OSError) -> InputError:
    return InputError("file", file.path, f"It can't be read ({error.strerror or error}).")


# The pieces of a file mostly come one after the other.
@lru_cache(maxsize=2)
def _head(
    file: LogFile, piece_bytes: int, limits: Limits, size: int, changed: int
) -> RunFile | None:
    """The beginning of a file as it was last changed; None where it is read as a whole."""
    del changed
    with Path(file.path).open("rb") as opened:
        mark = opened.read(4)
        opened.seek(0)
        is_packed = mark.startswith(GZIP)
        if size <= (piece_bytes // _PACKED if is_packed else piece_bytes):
            return None
        if mark == PARQUET:
            task = PieceTask(file, 0, 1, HEAD_BYTES, limits)
            content = next((piece.content for piece in _of_parquet(task, opened)), b"")
            return open_runs(content, name=file.name, limits=limits)
        content = (_Unpacked(opened) if is_packed else opened).read(HEAD_BYTES)
    content = content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1] or content
    if not _is_plain(content, limits):
        return None
    head = open_runs(content, name=file.name, limits=limits)
    return None if head.sheets or head.sheet.is_laid_out_anew else head


def _is_plain(content: bytes, limits: Limits) -> bool:
    """Whether the beginning is that of a CSV whose lines can be read apart."""
    deadline = Deadline(limits.seconds)
    try:
        text = csv_text(content, deadline)
        return not text.encoding.startswith("utf-16") and (
            as_csv(text.content, "", limits, deadline, is_known_name) is None
        )
    except ForecastingError:
        return False


def _of_range(task: PieceTask, opened: BinaryIO, header: bytes) -> Iterator[Piece]:
    """The lines that begin within a range of bytes."""
    size = opened.seek(0, io.SEEK_END)
    start, end = (size * at // task.count for at in (task.number, task.number + 1))
    start, end = _line_start(opened, start), _line_start(opened, end)
    opened.seek(start)
    yield from _piece(opened.read(end - start), header, task, is_first=not start)


def _piece(raw: bytes, header: bytes, task: PieceTask, *, is_first: bool) -> Iterator[Piece]:
    """The lines as a table, none where there is nothing in them."""
    if not raw.strip():
        return
    text = csv_text(raw, Deadline(task.limits.seconds)).content
    text = text[len(header) :] if is_first else text
    yield Piece(header + text, text.count(b"\n"))


def _line_start(opened: BinaryIO, at: int) -> int:
    """Where the first line begins that does not begin before."""
    if not at:
        return 0
    opened.seek(at - 1)
    opened.readline()
    return opened.tell()


def _of_stream(task: PieceTask, unpacked: _Unpacked, header: bytes) -> Iterator[Piece]:
    rest = b""
    is_first = True
    while block := unpacked.read(task.piece_bytes):
        raw, newline, rest = (rest + block).rpartition(b"\n")
        if newline:
            yield from _piece(raw + newline, header, task, is_first=is_first)
            is_first = False
    yield from _piece(rest, header, task, is_first=is_first)


def _of_parquet(task: PieceTask, opened: BinaryIO) -> Iterator[Piece]:
    """The groups of rows of a part as CSV."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(opened, pre_buffer=False, buffer_size=_BLOCK) as file:
            groups = file.metadata.num_row_groups
            begin, end = (groups * at // task.count for at in (task.number, task.number + 1))
            which = range(begin, end)
            for content, rows in rows_as_csv(file, which, task.piece_bytes, task.limits):
                yield Piece(content, rows)
    except (pa.ArrowException, ValueError, OverflowError):
        raise InputError(
            "file", "a damaged or encrypted Parquet file", "Write it again, or save it as CSV."
        ) from None


class _Unpacked:
    """A gzip file as it comes, all of its members."""

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self._member = zlib.decompressobj(wbits=31)
        self._waiting = b""

    def read(self, most: int) -> bytes:
        """The next bytes, as many as asked for but at the end."""
        out = bytearray()
        while len(out) < most:
            self._waiting = self._waiting or self._opened.read(_BLOCK)
            if not self._waiting:
                if not self._member.eof:
                    raise InputError("file", "a gzip archive that ends early", _PACK_AGAIN)
                break
            try:
                if self._member.eof:
                    self._member = zlib.decompressobj(wbits=31)
                out += self._member.decompress(self._waiting, most - len(out))
            except zlib.error:
                raise InputError("file", "a damaged gzip archive", _PACK_AGAIN) from None
            self._waiting = self._member.unused_data or self._member.unconsumed_tail
        return bytes(out)
