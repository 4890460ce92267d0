"""Files are replaced together or not at all: killed, cut off by a full disk, or locked."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecasting.data.replacement import (
    WORK_FOLDER,
    finish_replacement,
    locked,
    read_file,
    replace_files,
)
from forecasting.errors import FolderInUseError
from tests.examples import SOAK

ROOT = Path(__file__).parents[3]
NAMES = ("a.csv", "b.csv", "c.csv", "datapackage.json")
OLD = {name: f"old {name}".encode() for name in NAMES}
NEW = {name: f"new {name}".encode() for name in NAMES}

#: Replaces the files and kills itself before the n-th call that touches the disk.
KILLED = """
import os, signal, sys
from pathlib import Path
from forecasting.data import replacement

left = int(sys.argv[2])
def counted(function):
    def wrapper(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return wrapper

os.fsync = counted(os.fsync)
for name in ("replace", "unlink", "mkdir", "open"):
    setattr(Path, name, counted(getattr(Path, name)))
replacement.shutil.rmtree = counted(replacement.shutil.rmtree)
folder = Path(sys.argv[1])
with replacement.locked(folder):
    replacement.replace_files(folder, {name: f"new {name}".encode() for name in sys.argv[3:]})
print("done")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in OLD.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {name: read_file(folder, name) for name in NAMES}


def kill_points() -> Iterator[int]:
    """Far enough for every step of a replacement of four files, and one beyond; every fourth step
    outside of soak, since each is a process.
    """
    return iter(range(0, 33, 1 if SOAK else 4))


def test_files_are_replaced_together_and_nothing_is_left_beside_them(folder: Path) -> None:
    with locked(folder):
        replace_files(folder, NEW)
    assert contents(folder) == NEW
    assert {path.name for path in (folder / WORK_FOLDER).iterdir()} == {"lock"}


def test_a_kill_at_any_step_leaves_all_files_old_or_all_new(folder: Path) -> None:
    seen = set()
    for steps in kill_points():
        for name, content in OLD.items():
            (folder / name).write_bytes(content)
        command = [sys.executable, "-c", KILLED, str(folder), str(steps), *NAMES]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        found = contents(folder)
        assert found in (OLD, NEW), f"mixed after {steps} steps: {found}"
        seen.add((found == NEW, "done" in done.stdout))
        # The next replacement finishes what was begun, and its lock is free.
        with locked(folder):
            finish_replacement(folder)
        assert contents(folder) == found
        assert {name: (folder / name).read_bytes() for name in NAMES} == found
        assert {path.name for path in (folder / WORK_FOLDER).iterdir()} <= {"lock", "journal.new"}
    # Killed before the step that counts, killed after it, not killed.
    assert seen == {(False, False), (True, False), (True, True)}


def test_a_full_disk_at_any_step_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync
    outcomes = set()
    for steps in range(12):
        left = steps

        def full(handle: int) -> None:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(handle)

        for name, content in OLD.items():
            (folder / name).write_bytes(content)
        monkeypatch.setattr(os, "fsync", full)
        try:
            with locked(folder):
                replace_files(folder, NEW)
            raised = False
        except OSError:
            raised = True
        monkeypatch.setattr(os, "fsync", sync)
        assert contents(folder) == (OLD if raised else NEW)
        outcomes.add(raised)
        with locked(folder):
            finish_replacement(folder)
        assert not list((folder / WORK_FOLDER).glob("staged-*"))
    assert outcomes == {True, False}


def test_a_second_replacement_at_once_is_told_who_is_at_work(folder: Path) -> None:
    held = f"process {os.getpid()} since"
    with locked(folder), pytest.raises(FolderInUseError, match=held), locked(folder):
        pass
    with locked(folder):
        replace_files(folder, NEW)
    assert contents(folder) == NEW


def test_a_journal_that_nobody_wrote_hides_no_file(folder: Path) -> None:
    with locked(folder):
        (folder / WORK_FOLDER / "journal.json").write_text("{")
        assert contents(folder) == OLD
        replace_files(folder, NEW)
    assert contents(folder) == NEW
