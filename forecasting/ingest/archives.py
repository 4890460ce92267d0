"""Files out of gzip and ZIP, within limits on bytes and parts.

content = unpacked(content, limits, deadline)     # as it came where it is no archive
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from forecasting.errors import InputError, shown
from forecasting.ingest.csv_bytes import MIB, Deadline, Limits

#: Members of a gzip file; those that people pack have one, compressed blocks a few thousand.
MAX_GZIP_MEMBERS = 20_000
#: Entries of a ZIP archive or of a workbook.
MAX_ENTRIES = 2_000
_PIECE = MIB
_FIRST_INPUT, _LARGEST_INPUT = 256, MIB
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


def unpacked(content: bytes, limits: Limits, deadline: Deadline) -> bytes:
    """What a gzip file, or a ZIP archive of one file, holds; a workbook and all others as they are.

    Parameters
    ----------
    content : bytes
        The file.
    limits : Limits
        Its largest sizes, packed and unpacked.
    deadline : Deadline
        When reading must have ended.

    Raises
    ------
    InputError
        Beyond a limit, for damage, and for an archive of several files.
    """
    if len(content) > limits.content_bytes:
        raise InputError(
            "file",
            size_words(len(content)),
            f"Give at most {size_words(limits.content_bytes)}: fewer rows or columns, or gzip.",
        )
    if content.startswith(GZIP):
        content = _of_gzip(content, limits, deadline)
    if content.startswith(ZIP) and not is_workbook(content):
        content = _of_zip(content, limits)
        if content.startswith((GZIP, ZIP)) and not is_workbook(content):
            raise InputError("file", "an archive within an archive", "Unpack it once.")
    return content


def is_workbook(content: bytes) -> bool:
    """Whether the file is a workbook of Excel (XLSX)."""
    if not content.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.NameToInfo
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        # Too damaged to list: its beginning tells.
        return b"xl/" in content[:4_000] or b"[Content_Types]" in content[:200]


def entries_of(archive: zipfile.ZipFile, most_bytes: int) -> list[zipfile.ZipInfo]:
    """The entries of an archive; raises InputError beyond the limits of bytes and entries.

    No entry gives more bytes than it declares here.
    """
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InputError(
            "file", f"an archive of {len(entries):,} files", f"Give at most {MAX_ENTRIES:,}."
        )
    size = sum(entry.file_size for entry in entries)
    if size > most_bytes:
        raise InputError(
            "file",
            f"an archive of {size_words(size)} unpacked",
            f"Give at most {size_words(most_bytes)}, or save the table as CSV.",
        )
    return entries


def size_words(count: int) -> str:
    """Bytes in words: 12 MiB."""
    return f"{count / MIB:,.0f} MiB" if count >= MIB else f"{count:,} bytes"


def _of_zip(content: bytes, limits: Limits) -> bytes:
    damaged = InputError(
        "file",
        "a damaged or encrypted ZIP archive or Excel workbook",
        "Compress the file again, or give it uncompressed.",
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [
                entry
                for entry in entries_of(archive, limits.unpacked_bytes)
                if not entry.is_dir() and not _is_hidden(entry.filename)
            ]
            names = {entry.filename for entry in entries}
            if "mimetype" in names and "content.xml" in names:
                raise InputError("file", "an OpenDocument sheet", "Save it as XLSX or CSV.")
            if len(entries) != 1:
                told = ", ".join(shown(entry.filename, 40) for entry in entries[:4])
                raise InputError(
                    "file",
                    f"a ZIP archive of {len(entries):,} files" + (f" ({told})" if told else ""),
                    "Unpack it and give the files themselves.",
                )
            return archive.read(entries[0])
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise damaged from None


def _is_hidden(name: str) -> bool:
    """Whether an entry is what an operating system adds."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name.startswith(".")


def _of_gzip(content: bytes, limits: Limits, deadline: Deadline) -> bytes:
    """All members, one after the other. Input goes in by small pieces that grow, so that what is
    left behind a short member is not copied each time.
    """
    out = bytearray()
    at, members = 0, 0
    remedy = "Compress the file again with gzip, or give it uncompressed."
    try:
        while content.startswith(GZIP, at):
            members += 1
            if members > MAX_GZIP_MEMBERS:
                raise InputError(
                    "file",
                    f"a gzip file of more than {MAX_GZIP_MEMBERS:,} parts",
                    remedy,
                )
            member = zlib.decompressobj(wbits=31)
            waiting, size = b"", _FIRST_INPUT
            while not member.eof:
                if not waiting:
                    waiting = content[at : at + size]
                    at += len(waiting)
                    size = min(4 * size, _LARGEST_INPUT)
                    if not waiting:
                        raise InputError("file", "a gzip archive that ends early", remedy)
                out += member.decompress(waiting, _PIECE)
                waiting = member.unconsumed_tail
                if len(out) > limits.unpacked_bytes:
                    most = size_words(limits.unpacked_bytes)
                    raise InputError(
                        "file",
                        f"a gzip archive of more than {most} unpacked",
                        f"Give at most {most}.",
                    )
                deadline.check()
            at -= len(member.unused_data)
    except zlib.error:
        raise InputError("file", "a damaged gzip archive", remedy) from None
    return bytes(out)
