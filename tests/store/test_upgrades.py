"""Stores with data, as each earlier version left them: dumps in `schemas`, written by the server of
that version.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from dashboard.store import (
    NotFoundError,
    Share,
    SharedLinks,
    StoreError,
    StoreSettings,
    schema,
)
from dashboard.store.schema import UPGRADES, VERSION
from tests.store.conftest import Clock, Opener

SCHEMAS = Path(__file__).parent / "schemas"
#: When the links of the dumps were saved.
SAVED_AT = 1_790_000_000.5
ANSWER = "Training GPT-3 costs $1.2 million, “about” 95%."
COST = Share(
    "cost",
    "v=1&model=GPT-3&year=2033",
    ANSWER,
    "0032533d",
    "cost.1/0.3.0",
    {"result": b"\x1f\x8b numbers"},
)
OWN_LAW = Share(
    "inference",
    f"v=2&law=s:{'A' * 21}2",
    "A FLOP is worth it.",
    "11112222",
    "inference.2/0.3.0",
    {
        "result": b"other numbers",
        "runs": b"PAR1 runs",
        "draws": b"PAR1 draws",
        "law": b'{"title": "Yours"}',
    },
)
#: Of every version: what the dump holds by id; its delete tokens are “token 1”, “token 2” ….
LINKS = {f"{'A' * 21}{number}": share for number, share in enumerate((COST, OWN_LAW, COST), 1)}

Loader = Callable[[int], SharedLinks]


@pytest.fixture
def left_by(database_url: str, open_store: Opener, clock: Clock) -> Loader:
    """A store that a server of that version left."""

    def load(version: int) -> SharedLinks:
        url = make_url(database_url)
        dump = (SCHEMAS / f"v{version}.{url.get_backend_name()}.sql").read_text("utf-8")
        if url.get_backend_name() == "sqlite":
            connection = sqlite3.connect(str(url.database))
            connection.executescript(dump)
            connection.close()
        else:
            with psycopg.connect(database_url) as server:
                server.execute(dump.encode())
        store = open_store(StoreSettings(database_url=database_url))
        clock.now = SAVED_AT + 3600
        store.clock = clock
        return store

    return load


def test_every_earlier_version_has_its_upgrade_and_its_dumps() -> None:
    assert sorted(UPGRADES) == list(range(1, VERSION))
    assert {path.name for path in SCHEMAS.iterdir()} == {
        f"v{version}.{database}.sql"
        for version in range(1, VERSION)
        for database in ("sqlite", "postgresql")
    }


@pytest.mark.parametrize("version", range(1, VERSION))
def test_links_of_an_earlier_version_open_are_sealed_and_deleted(
    left_by: Loader, version: int
) -> None:
    store = left_by(version)
    for share_id, share in LINKS.items():
        opened = store.open(share_id)
        for name in ("page", "query", "answer", "data_version", "model_version"):
            assert getattr(opened, name) == getattr(share, name)
        assert dict(opened.parts) == dict(share.parts)
        assert opened.created_at == SAVED_AT
    with store.engine.begin() as connection:
        assert connection.execute(text("SELECT version FROM store_version")).scalar_one() == VERSION
        seals = connection.execute(text("SELECT seal FROM shares")).scalars().all()
    assert all(seals)
    assert seals[0] != seals[2], "links of equal contents are told apart"
    saved = store.save(COST)
    assert store.counts() == (4, 5)
    store.delete(saved.id, saved.delete_token)
    for number, share_id in enumerate(LINKS, 1):
        store.delete(share_id, f"token {number}")
        with pytest.raises(NotFoundError):
            store.open(share_id)
    assert store.counts() == (0, 0)


@pytest.mark.parametrize("version", range(1, VERSION))
def test_links_of_an_earlier_version_open_and_are_deleted_where_no_upgrade_is_possible(
    left_by: Loader,
    version: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(schema, "UPGRADES", {**UPGRADES, version: ["no such statement"]})
    store = left_by(version)
    for share_id, share in LINKS.items():
        assert dict(store.open(share_id).parts) == dict(share.parts)
    with pytest.raises(StoreError, match="could not be upgraded yet"):
        store.save(COST)
    store.delete(next(iter(LINKS)), "token 1")
    assert store.counts() == (2, 5)
    assert "could not be upgraded" in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    monkeypatch.undo()
    store.save(COST)
    assert store.counts() == (3, 5)
