"""Making, upgrading and refusing a store."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from dashboard.store import Share, SharedLinks, StoreError, StoreSettings
from dashboard.store.schema import VERSION, NewerStoreError, prepare
from tests.store.conftest import Opener

SHARE = Share("cost", "v=1", "It costs $1.", "0032533d", "cost.1", {"result": b"numbers"})


def test_an_older_store_is_upgraded_and_keeps_its_links(
    store: SharedLinks, database_url: str, open_store: Opener
) -> None:
    saved = store.save(SHARE)
    later = open_store(StoreSettings(database_url=database_url)).engine
    prepare(
        later,
        version=VERSION + 1,
        upgrades={VERSION: ["ALTER TABLE shares ADD COLUMN note TEXT DEFAULT 'none'"]},
    )
    with later.connect() as connection:
        assert connection.execute(
            text("SELECT note, answer FROM shares WHERE id = :id"), {"id": saved.id}
        ).one() == ("none", SHARE.answer)
        assert (
            connection.execute(text("SELECT version FROM store_version")).scalar_one()
            == VERSION + 1
        )


def test_a_newer_store_is_refused_with_both_versions(
    store: SharedLinks, database_url: str, open_store: Opener
) -> None:
    store.save(SHARE)
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE store_version SET version = {VERSION + 5}"))
    with pytest.raises(
        StoreError, match=f"version {VERSION + 5}; this server supports versions up to {VERSION}"
    ):
        open_store(StoreSettings(database_url=database_url)).save(SHARE)
    with pytest.raises(NewerStoreError):
        prepare(open_store(StoreSettings(database_url=database_url)).engine)


def test_preparing_twice_changes_nothing(
    store: SharedLinks, database_url: str, open_store: Opener
) -> None:
    saved = store.save(SHARE)
    again = open_store(StoreSettings(database_url=database_url))
    again.clock = store.clock
    assert again.open(saved.id).answer == SHARE.answer


def test_sqlite_keeps_a_journal_beside_its_file_and_makes_its_folder(
    tmp_path: Path, open_store: Opener
) -> None:
    file = tmp_path / "new" / "folder" / "links.sqlite3"
    store = open_store(StoreSettings(file=file))
    store.save(SHARE)
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    assert set(inspect(store.engine).get_table_names()) == {
        "contents",
        "saves",
        "share_contents",
        "shares",
        "store_version",
    }


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, open_store: Opener) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="COMPUTE_FORECAST_STORE"):
        open_store(StoreSettings(file=tmp_path / "file" / "links.sqlite3"))


def test_a_file_that_is_no_store_is_said(tmp_path: Path, open_store: Opener) -> None:
    (tmp_path / "links.sqlite3").write_bytes(
        b"not a database at all, but long enough to look at" * 100
    )
    with pytest.raises(StoreError, match="can't be used"):
        open_store(StoreSettings(file=tmp_path / "links.sqlite3")).save(SHARE)


def test_a_database_that_does_not_answer_is_said(open_store: Opener) -> None:
    with pytest.raises(StoreError, match="try again"):
        open_store(
            StoreSettings(database_url="postgresql://nobody@127.0.0.1:9/none?connect_timeout=2")
        ).save(SHARE)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"COMPUTE_FORECAST_RETENTION_DAYS": "soon"}, "COMPUTE_FORECAST_RETENTION_DAYS is “soon”"),
        ({"COMPUTE_FORECAST_LINKS_AN_HOUR": "0"}, "COMPUTE_FORECAST_LINKS_AN_HOUR is “0”"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://a:b@c:port/d"}, "DATABASE_URL is not the address"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "only PostgreSQL and SQLite"),
    ],
)
def test_a_setting_that_cannot_be_is_named(environment: dict[str, str], words: str) -> None:
    with pytest.raises(StoreError, match=words):
        StoreSettings.from_environment(environment).open()
    with pytest.raises(StoreError, match=words):
        StoreSettings.from_environment(environment).check()


def test_the_settings_of_a_database_that_does_not_answer_yet_are_right() -> None:
    StoreSettings(database_url="postgresql://nobody@127.0.0.1:9/none").check()
    StoreSettings().check()


def test_a_store_whose_file_is_taken_away_begins_anew(tmp_path: Path, open_store: Opener) -> None:
    file = tmp_path / "folder" / "links.sqlite3"
    store = open_store(StoreSettings(file=file))
    store.save(SHARE)
    for part in file.parent.iterdir():
        part.unlink()
    file.parent.rmdir()
    saved = store.save(SHARE)
    assert file.exists()
    assert open_store(StoreSettings(file=file)).open(saved.id).answer == SHARE.answer
