"""Files of one folder replaced together, whole or not at all, whatever happens meanwhile.

New files are written beside the old ones, in a folder `.refresh`, and put on the disk. A journal
that names them is then moved to its place, which is the one step that counts: before it the old
files hold, after it the new ones, and `read_file` reads through it. Moving the files to their
places can be interrupted at any point and is finished by the next replacement.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from forecasting.errors import FolderInUseError

#: Where a folder of tables keeps what it needs for replacing them; it holds no table in use.
WORK_FOLDER = ".refresh"
_JOURNAL = "journal.json"
_LOCK = "lock"
_STAGED = "staged-"


def read_file(folder: Path, name: str) -> bytes:
    """The file's content by the last replacement, even if that was interrupted; raises OSError."""
    journal = _journal(folder)
    if journal is not None and name in journal[1]:
        with contextlib.suppress(FileNotFoundError):  # it has been moved to its place
            return (journal[0] / name).read_bytes()
    return (folder / name).read_bytes()


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Replace (or add) these files together; hold the folder's lock while calling it.

    After an OSError, such as a full disk, the folder is as it was before.
    """
    work = folder / WORK_FOLDER
    finish_replacement(folder)
    staged = work / f"{_STAGED}{uuid.uuid4().hex[:12]}"
    new_journal = work / "journal.new"
    try:
        staged.mkdir(parents=True)
        for name, content in contents.items():
            _write(staged / name, content)
        _sync_folder(staged)
        _sync_folder(work)
        _write(new_journal, json.dumps({"from": staged.name, "files": list(contents)}).encode())
        new_journal.replace(work / _JOURNAL)
    except OSError:
        new_journal.unlink(missing_ok=True)
        shutil.rmtree(staged, ignore_errors=True)
        raise
    # The new files hold from here on: what can't be moved now is moved by the next replacement.
    with contextlib.suppress(OSError):
        _sync_folder(work)
        finish_replacement(folder)


def finish_replacement(folder: Path) -> None:
    """Complete an interrupted replacement and clear what one left behind; raises OSError."""
    work = folder / WORK_FOLDER
    journal = _journal(folder)
    if journal is not None:
        staged, names = journal
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # moved before the interruption
                (staged / name).replace(folder / name)
        _sync_folder(folder)
        (work / _JOURNAL).unlink()
        _sync_folder(work)
    for left in work.glob(f"{_STAGED}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from replacing files of this folder meanwhile; the lock ends with its
    process.

    Raises FolderInUseError at once where another holds it, OSError for a folder that can't be
    written to.
    """
    work = folder / WORK_FOLDER
    work.mkdir(exist_ok=True)
    with (work / _LOCK).open("a+", encoding="utf-8") as file:
        if not _lock(file):
            file.seek(0)
            raise FolderInUseError(str(folder), file.read().strip())
        file.truncate(0)
        now = dt.datetime.now().astimezone()
        file.write(f"process {os.getpid()} since {now:%Y-%m-%d %H:%M}")
        file.flush()
        yield


def _journal(folder: Path) -> tuple[Path, list[str]] | None:
    """The staged files' folder and their names, between the step that counts and the end."""
    work = folder / WORK_FOLDER
    try:
        journal = json.loads((work / _JOURNAL).read_bytes())
        return work / journal["from"], list(journal["files"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError):  # written by nobody here: it names nothing
        return None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Put the folder's entries on the disk, where the system can."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        try:
            # Far beyond the text, since others could not read a byte that is locked.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
