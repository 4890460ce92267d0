"""Bytes of the store that change by themselves: a link opens as it was saved, or says that it is
damaged; the others open.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import text

from dashboard.store import (
    DamagedError,
    NotFoundError,
    Share,
    SharedLinks,
    StoreError,
    StoreSettings,
)
from tests.examples import SOAK
from tests.store.conftest import Opener

PARTS = {"result": b"numbers of one", "runs": b"runs of all", "law": b"{}", "draws": b""}
SHARE = Share("cost", "v=1&model=GPT-3", "It costs $1.", "0032533d", "cost.1", PARTS)
OTHER = Share("text", "v=2", "It lasts.", "11112222", "text.2", {"result": b"other numbers"})
FLIPS = 3_000 if SOAK else 30


def change(store: SharedLinks, statement: str, **values: object) -> None:
    with store.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount > 0


@pytest.mark.parametrize("kind", ["result", "runs", "law", "draws"])
def test_flipped_bytes_of_a_part_are_found_in_every_link_that_holds_it(
    store: SharedLinks, kind: str
) -> None:
    damaged, also, whole = store.save(SHARE), store.save(SHARE), store.save(OTHER)
    change(
        store,
        "UPDATE contents SET data = :data WHERE sha256 IN"
        " (SELECT sha256 FROM share_contents WHERE kind = :kind AND share_id = :id)",
        data=b"runs of alk",
        kind=kind,
        id=damaged.id,
    )
    for saved in (damaged, also):
        with pytest.raises(DamagedError, match=f"its part “{kind}” was changed") as error:
            store.open(saved.id)
        assert error.value.share is not None
        assert error.value.share.query == SHARE.query
        assert not error.value.share.parts
    assert dict(store.open(whole.id).parts) == dict(OTHER.parts)
    store.delete(damaged.id, damaged.delete_token)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("page", "text"),
        ("query", "v=1&model=GPT-4"),
        ("answer", "It costs $9."),
        ("data_version", "0032533e"),
        ("model_version", "cost.2"),
        ("created_at", 1.0),
        ("seal", "0" * 64),
    ],
)
def test_a_changed_row_is_found(store: SharedLinks, column: str, value: object) -> None:
    damaged, whole = store.save(SHARE), store.save(SHARE)
    change(store, f"UPDATE shares SET {column} = :value WHERE id = :id", value=value, id=damaged.id)
    with pytest.raises(DamagedError, match="it was changed") as error:
        store.open(damaged.id)
    assert error.value.share is None
    assert store.open(whole.id).answer == SHARE.answer


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM share_contents WHERE share_id = :id AND kind = 'runs'",
        "UPDATE share_contents SET kind = 'run' WHERE share_id = :id AND kind = 'runs'",
        "UPDATE share_contents SET sha256 = (SELECT sha256 FROM share_contents WHERE share_id = :id"
        " AND kind = 'law') WHERE share_id = :id AND kind = 'runs'",
    ],
)
def test_a_part_that_is_lost_or_exchanged_is_found(store: SharedLinks, statement: str) -> None:
    damaged = store.save(SHARE)
    change(store, statement, id=damaged.id)
    with pytest.raises(DamagedError, match="it was changed"):
        store.open(damaged.id)


def test_saving_equal_contents_mends_those_that_were_damaged(store: SharedLinks) -> None:
    damaged = store.save(SHARE)
    change(store, "UPDATE contents SET data = :data", data=b"broken")
    anew = store.save(SHARE)
    for saved in (damaged, anew):
        assert dict(store.open(saved.id).parts) == PARTS


def test_a_flipped_byte_anywhere_in_a_sqlite_file_changes_no_link_unnoticed(
    tmp_path: Path, open_store: Opener
) -> None:
    file = tmp_path / "shared.sqlite3"
    store = open_store(StoreSettings(file=file))
    shares = [
        Share("cost", f"v=1&year={year}", f"In {year}.", "0032533d", "cost.1", {"result": body})
        for year, body in ((2030, b"short"), (2031, bytes(range(256)) * 60), (2032, b"third"))
    ]
    ids = {store.save(share).id: share for share in shares}
    store.close()
    whole, chance = file.read_bytes(), random.Random(0)
    outcomes = {"opened": 0, "refused": 0}
    for _ in range(FLIPS):
        place = chance.randrange(len(whole))
        flipped = bytes([whole[place] ^ (1 << chance.randrange(8))])
        file.write_bytes(whole[:place] + flipped + whole[place + 1 :])
        damaged = StoreSettings(file=file).open()
        for share_id, share in ids.items():
            try:
                opened = damaged.open(share_id)
            except StoreError:
                outcomes["refused"] += 1
                continue
            assert (opened.query, opened.answer) == (share.query, share.answer)
            assert dict(opened.parts) == dict(share.parts)
            outcomes["opened"] += 1
        damaged.close()
        for left in tmp_path.iterdir():
            left.unlink()
    assert min(outcomes.values()) > FLIPS / 100
    assert outcomes["opened"] > outcomes["refused"]


def test_a_link_that_is_not_there_is_not_called_damaged(store: SharedLinks) -> None:
    saved = store.save(SHARE)
    store.delete(saved.id, saved.delete_token)
    with pytest.raises(NotFoundError):
        store.open(saved.id)
