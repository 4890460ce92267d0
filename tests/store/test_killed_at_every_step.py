"""kill -9 at every statement and commit of a save and of a deletion, and at every write of SQLite:
the link is wholly there or not at all, and what was cut off can be done again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.store import NotFoundError, Saved, StoreSettings
from dashboard.store.check import check
from tests.examples import SOAK
from tests.store.conftest import Opener
from tests.store.killed_at import OTHER, PARTS, share_of

ROOT = Path(__file__).parents[2]
#: SQLite writes pages of 4,096 bytes, each with a head, after the head of its journal.
FRAME, HEAD = 4_096 + 24, 32
#: In `make test` every so many steps are tried.
STRIDE = 1 if SOAK else 11


@pytest.mark.parametrize("work", ["save", pytest.param("delete", marks=pytest.mark.soak)])
def test_a_link_is_wholly_there_or_not_at_all(
    database_url: str, open_store: Opener, work: str
) -> None:
    command = [sys.executable, "-m", "tests.store.killed_at", database_url, work, str(STRIDE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(tried) > 20 / STRIDE
    assert [link["done"] for link in tried] == [False] * (len(tried) - 1) + [True]
    store = open_store(StoreSettings(database_url=database_url))
    assert check(store).problems == []
    there = []
    for link in tried:
        try:
            opened = store.open(link["id"])
        except NotFoundError:
            continue
        assert dict(opened.parts) == PARTS
        assert opened.answer == f"In {link['step']}."
        there.append(link["step"])
    steps = [link["step"] for link in tried]
    # Up to the commit it has not happened, from then on it has.
    assert there == (steps[-len(there) :] if work == "save" else steps[: len(there)])
    assert 1 <= len(there) < len(tried)
    for link in tried:
        saved = Saved(link["id"], link["delete_token"])
        if work == "save":
            store.save(share_of(link["step"]), saved=saved)
        elif link["step"] in there:
            store.delete(saved.id, saved.delete_token)
    assert check(store).problems == []
    assert store.counts() == ((len(tried) + 1, 4) if work == "save" else (1, 3))


def test_a_journal_that_ends_at_any_write_gives_the_store_before_or_after_the_save(
    tmp_path: Path, open_store: Opener
) -> None:
    file = tmp_path / "shared.sqlite3"
    store = open_store(StoreSettings(file=file))
    other = store.save(OTHER)
    before = (tmp_path / "shared.sqlite3-wal").stat().st_size
    saved = store.save(share_of(1))
    shutil.copyfile(file, tmp_path / "database")
    journal = (tmp_path / "shared.sqlite3-wal").read_bytes()
    store.close()
    frames = range(HEAD + (before - HEAD) // FRAME * FRAME, len(journal) + 1, FRAME)
    there = []
    some = sorted({*frames[::STRIDE], frames[-2], frames[-1]})
    for cut in (place for frame in some for place in (frame, frame + FRAME // 2)):
        for path in tmp_path.glob("shared.sqlite3*"):
            path.unlink()
        shutil.copyfile(tmp_path / "database", file)
        (tmp_path / "shared.sqlite3-wal").write_bytes(journal[:cut])
        left = StoreSettings(file=file).open()
        assert dict(left.open(other.id).parts) == dict(OTHER.parts)
        assert check(left).problems == []
        try:
            assert dict(left.open(saved.id).parts) == PARTS
            there.append(cut)
        except NotFoundError:
            pass
        left.close()
    assert there
    assert min(there) == frames[-1]
