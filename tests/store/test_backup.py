"""Backup and restore as docs/backup.md describes them."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url

from dashboard.store import NotFoundError, Share, StoreSettings
from tests.store.conftest import Opener
from tests.store.postgresql_server import programs

SHARE = Share("cost", "v=1", "It costs $1.", "0032533d", "cost.1", {"result": b"numbers"})


def test_a_backup_of_sqlite_taken_while_it_is_used_opens_its_links(
    tmp_path: Path, open_store: Opener
) -> None:
    file = tmp_path / "shared.sqlite3"
    store = open_store(StoreSettings(file=file))
    before = store.save(SHARE)
    with sqlite3.connect(file) as source, sqlite3.connect(tmp_path / "backup.sqlite3") as target:
        source.backup(target)
    for connection in (source, target):
        connection.close()
    after = store.save(SHARE)
    restored = open_store(StoreSettings(file=tmp_path / "backup.sqlite3"))
    assert restored.open(before.id).answer == SHARE.answer
    with pytest.raises(NotFoundError):
        restored.open(after.id)


@pytest.mark.soak
def test_a_dump_of_postgresql_restores_its_links(
    postgresql: str, tmp_path: Path, open_store: Opener
) -> None:
    folder = programs()
    assert folder is not None
    store = open_store(StoreSettings(database_url=postgresql))
    saved = store.save(SHARE)
    dump, url = tmp_path / "links.dump", make_url(postgresql).render_as_string(hide_password=False)
    subprocess.run([folder / "pg_dump", "--format=custom", f"--file={dump}", url], check=True)
    store.delete(saved.id, saved.delete_token)
    store.close()
    subprocess.run(
        [folder / "pg_restore", "--clean", "--if-exists", f"--dbname={url}", dump], check=True
    )
    assert store.open(saved.id).answer == SHARE.answer
