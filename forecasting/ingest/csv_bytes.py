"""The bytes of an upload as UTF-8 text: encodings, and what is no CSV at all; its limits.

text = csv_text(content, deadline)
text.content, text.encoding
"""

from __future__ import annotations

import codecs
import re
import time
from dataclasses import dataclass, field

from forecasting.errors import InputError

MIB = 2**20
SHORT_ROW_BYTES = 30
_PIECE = MIB
#: What files of other kinds begin with, and what to do about them.
_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save it as XLSX or CSV."),
    (b"ARROW1", "an Arrow file", "Save it as CSV."),
    (b"%PDF", "a PDF document", "Give the table itself as CSV."),
    (b"\x89PNG", "a PNG image", "Give the table itself as CSV."),
    (b"\xff\xd8\xff", "a JPEG image", "Give the table itself as CSV."),
    (b"\x93NUMPY", "an array of NumPy", "Save it as CSV."),
    (b"\x89HDF", "an HDF5 file", "Save the table as CSV."),
    (b"SQLite format 3", "an SQLite database", "Save the table as CSV."),
    (b"GGUF", "weights of a model", "Give a CSV of its training run."),
    (b"BZh", "a bzip2 archive", "Unpack it, or compress it with gzip."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it, or compress it with gzip."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it, or compress it with gzip."),
)
#: And what they hold near their start.
_OTHER_MARKS = (
    (b"brain.Event:", "an event file of TensorBoard", "Export the scalars as CSV."),
    (b"version https://git-lfs", "a pointer of Git LFS", "Fetch the file itself: git lfs pull."),
    (b"<!doctype html", "a web page", "Download the file itself."),
    (b"<html", "a web page", "Download the file itself."),
    (b'"nbformat"', "a notebook", "Save the table itself as CSV."),
)
_MAX_CONTROL_SHARE = 0.02
_SOMETHING = re.compile(rb"[^ \t\r\n\x00\xef\xbb\xbf]")


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most; `seconds` for reading it. Beyond them InputError says which
    limit and what to do.
    """

    content_bytes: int = 256 * MIB
    unpacked_bytes: int = 256 * MIB
    rows: int = 20_000_000
    columns: int = 5_000
    name_length: int = 200
    cell_bytes: int = MIB
    runs: int = 20_000
    odd_cells: int = 400_000
    seconds: float = 120.0
    short_rows: int = 2_000_000

    def most_rows(self, content_bytes: int) -> int:
        """Rows of a file of that size: of rows shorter than 30 bytes at most `short_rows`, since
        the numbers of a row take memory however short it is.
        """
        return min(self.rows, max(self.short_rows, content_bytes // SHORT_ROW_BYTES))


class Deadline:
    """The time that reading may take, from its creation on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds

    def check(self) -> None:
        """Raises InputError once the time is over."""
        if time.monotonic() > self.ends:
            raise InputError(
                "file",
                f"not read within {self.seconds:g} seconds",
                "Give a smaller file: fewer rows or columns.",
            )


@dataclass(frozen=True)
class CsvText:
    """UTF-8 `content` without a byte order mark, and what it was before."""

    content: bytes = field(repr=False)
    encoding: str


def csv_text(content: bytes, deadline: Deadline) -> CsvText:
    """The content as UTF-8.

    Parameters
    ----------
    content : bytes
        The file, unpacked.
    deadline : Deadline
        When reading must have ended.

    Raises
    ------
    InputError
        For what is empty or no text.
    """
    if _SOMETHING.search(content) is None:
        raise InputError(
            "file", "empty", "Give a CSV with a row of column names and a row for each run."
        )
    for start, kind, remedy in _OTHER_KINDS:
        if content.startswith(start):
            raise InputError("file", kind, remedy)
    lower = content[:2048].lower()
    for mark, kind, remedy in _OTHER_MARKS:
        if mark.lower() in lower and (mark[:1] != b"<" or lower.lstrip().startswith(mark)):
            raise InputError("file", kind, remedy)
    encoding = _encoding(content, deadline)
    if encoding == "utf-8":
        if cut := _cut_character(content):
            content = content[:-cut] + "\ufffd".encode()
        _refuse_binary(content)
        return CsvText(content.removeprefix(codecs.BOM_UTF8), encoding)
    try:
        recoded = content.decode(
            encoding, "replace" if encoding.startswith("utf") else "strict"
        ).encode()
    except UnicodeDecodeError:
        encoding = "latin-1"
        recoded = content.decode(encoding).encode()
    _refuse_binary(recoded)
    return CsvText(recoded.removeprefix(codecs.BOM_UTF8), encoding)


def _encoding(content: bytes, deadline: Deadline) -> str:
    """utf-8, or utf-16 by its mark or its zero bytes, else cp1252 (the Windows superset of
    latin-1).
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = content[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd > len(sample) // 4:
        if odd > 0.4 * len(sample) and even <= len(sample) // 50:
            return "utf-16-le"
        if even > 0.4 * len(sample) and odd <= len(sample) // 50:
            return "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        # Piece by piece: one call over a large file would hold the interpreter, and make a second
        # copy.
        for start in range(0, len(content), _PIECE):
            decoder.decode(view[start : start + _PIECE])
            deadline.check()
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        # A character cut in two at the very end is a truncated file, not another encoding.
        return (
            "utf-8"
            if error.reason == "unexpected end of data" and start + _PIECE >= len(content)
            else "cp1252"
        )
    return "utf-8"


def _cut_character(content: bytes) -> int:
    """How many bytes at the very end begin a UTF-8 character that is not all there: what reads the
    rows would stumble over them.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(content[-4:])
    return len(decoder.getstate()[0])


def _refuse_binary(content: bytes) -> None:
    sample = content[:65536]
    control = sum(sample.count(code) for code in range(32) if code not in (9, 10, 13))
    if content.find(b"\x00", 0, 16 * MIB) >= 0 or control > _MAX_CONTROL_SHARE * len(sample):
        raise InputError(
            "file",
            "not text (it holds control characters)",
            "Give a CSV: text, one run per row, saved as UTF-8.",
        )


__all__ = ["MIB", "CsvText", "Deadline", "Limits", "csv_text"]
