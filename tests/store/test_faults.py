"""A store that is locked, may only be read, loses an answer, or goes away: links open, and what was
not saved can be tried again.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import OperationalError

from dashboard.store import Saved, Share, SharedLinks, StoreError, StoreSettings, sqlite_file
from tests.store.conftest import Clock, Opener
from tests.store.postgresql_server import programs, running

SHARE = Share("cost", "v=1", "It costs $1.", "0032533d", "cost.1", {"result": b"numbers"})
HOURS = 1 / 24


@contextmanager
def locked(file: str) -> Iterator[None]:
    """While another program holds the write lock of a SQLite file."""
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


@contextmanager
def answer_of_a_commit_lost(store: SharedLinks) -> Iterator[None]:
    """The next commit is done, and its answer lost on the way."""

    def lose(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.commit()
        raise OperationalError("COMMIT", {}, Exception("the connection was closed"))

    event.listen(store.engine, "commit", lose)
    try:
        yield
    finally:
        event.remove(store.engine, "commit", lose)


@pytest.fixture
def sqlite_store(tmp_path: Path, clock: Clock, open_store: Opener) -> SharedLinks:
    opened = open_store(StoreSettings(file=tmp_path / "shared.sqlite3"))
    opened.clock = clock
    return opened


def test_a_locked_sqlite_file_opens_links_at_once_noted_or_not(
    sqlite_store: SharedLinks, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    saved = sqlite_store.save(SHARE)
    with locked(str(sqlite_store.engine.url.database)):
        started = time.monotonic()
        assert sqlite_store.open(saved.id).answer == SHARE.answer
        clock.pass_days(7 * HOURS)
        for _ in range(2):
            assert sqlite_store.open(saved.id).answer == SHARE.answer
        assert time.monotonic() - started < 5
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "another program holds it locked" in caplog.text


def test_a_save_into_a_locked_sqlite_file_says_so_and_can_be_tried_again(
    sqlite_store: SharedLinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "SQLITE_WAIT_MS", 100)
    kept, tried = sqlite_store.save(SHARE), Saved()
    reserve = Path(f"{sqlite_store.engine.url.database}-reserve")
    written = reserve.stat().st_mtime_ns
    with (
        locked(str(sqlite_store.engine.url.database)),
        pytest.raises(StoreError, match=r"another program holds it locked.*does nothing twice"),
    ):
        sqlite_store.save(SHARE, saved=tried)
    with (
        locked(str(sqlite_store.engine.url.database)),
        pytest.raises(StoreError, match="another program holds it locked"),
    ):
        sqlite_store.delete(kept.id, kept.delete_token)
    assert reserve.stat().st_mtime_ns == written, "no room is given up that is not lacking"
    sqlite_store.save(SHARE, saved=tried)
    assert sqlite_store.counts() == (2, 1)


def test_a_save_whose_answer_was_lost_makes_no_second_link_when_tried_again(
    store: SharedLinks,
) -> None:
    tried = Saved()
    with answer_of_a_commit_lost(store), pytest.raises(StoreError, match="does not answer"):
        store.save(SHARE, clients=["session a"], saved=tried)
    assert store.save(SHARE, clients=["session a"], saved=tried) == tried
    assert store.counts() == (1, 1)
    assert dict(store.open(tried.id).parts) == dict(SHARE.parts)
    store.delete(tried.id, tried.delete_token)
    assert store.counts() == (0, 0)


def test_an_id_that_is_taken_is_not_given_to_who_has_another_token(store: SharedLinks) -> None:
    taken = store.save(SHARE)
    with pytest.raises(StoreError):
        store.save(SHARE, saved=Saved(taken.id))
    assert store.counts() == (1, 1)


@pytest.fixture
def on_postgresql(postgresql_url: str, clock: Clock, open_store: Opener) -> SharedLinks:
    opened = open_store(StoreSettings(database_url=postgresql_url))
    opened.clock = clock
    return opened


def run_on(store: SharedLinks, statement: str) -> None:
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement))


def test_a_postgresql_that_may_only_be_read_opens_links_and_saves_again_once_another_takes_over(
    on_postgresql: SharedLinks, clock: Clock
) -> None:
    store = on_postgresql
    saved, tried = store.save(SHARE), Saved()
    name = store.engine.url.database
    run_on(store, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store.close()
    clock.pass_days(1)
    assert store.open(saved.id).answer == SHARE.answer
    run_on(store, f"SET transaction_read_only = off; ALTER DATABASE {name} RESET ALL")
    with pytest.raises(StoreError, match="it may only be read"):
        store.save(SHARE, saved=tried)
    store.save(SHARE, saved=tried)
    assert store.counts() == (2, 1)


def test_postgresql_connections_that_were_cut_are_made_anew(on_postgresql: SharedLinks) -> None:
    store = on_postgresql
    saved = store.save(SHARE)
    other = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.dispose()
    assert store.open(saved.id).answer == SHARE.answer
    store.save(SHARE)


@pytest.mark.soak
def test_a_postgresql_that_goes_away_and_comes_back_loses_and_doubles_nothing(
    clock: Clock, open_store: Opener
) -> None:
    folder = programs()
    assert folder is not None
    with running(folder) as cluster:
        store = open_store(StoreSettings(database_url=cluster.address))
        store.clock = clock
        saved, tried = store.save(SHARE), Saved()
        cluster.stop()
        for _ in range(3):
            with pytest.raises(StoreError, match="does not answer"):
                store.open(saved.id)
            with pytest.raises(StoreError, match="does not answer"):
                store.save(SHARE, saved=tried)
        cluster.start()
        store.save(SHARE, saved=tried)
        assert store.open(saved.id).answer == store.open(tried.id).answer == SHARE.answer
        assert store.counts() == (2, 1)
