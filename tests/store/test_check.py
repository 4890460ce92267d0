"""The check of a store, and its repair."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from dashboard.store import DamagedError, Share, SharedLinks, StoreSettings
from dashboard.store.check import check, repair
from tests.store.conftest import Clock, Opener

PARTS = {"result": b"numbers of one", "runs": b"runs of all"}
SHARE = Share("cost", "v=1&model=GPT-3", "It costs $1.", "0032533d", "cost.1", PARTS)
OTHER = Share("text", "v=2", "It lasts.", "11112222", "text.2", {"result": b"other", "runs": b"r"})


@pytest.fixture
def backup(tmp_path: Path, open_store: Opener) -> SharedLinks:
    return open_store(StoreSettings(file=tmp_path / "backup.sqlite3"))


def change(store: SharedLinks, *statements: str) -> None:
    with store.engine.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount != 0


def kinds(store: SharedLinks) -> list[str]:
    return sorted(problem.kind for problem in check(store).problems)


def test_a_whole_store_has_no_problems(store: SharedLinks) -> None:
    for share in (SHARE, SHARE, OTHER):
        store.save(share)
    report = check(store)
    assert (report.links, report.parts, report.bytes) == (3, 4, 14 + 11 + 5 + 1)
    assert report.problems == []


def test_damage_is_told_with_the_links_it_concerns_and_restored_from_a_backup(
    store: SharedLinks, backup: SharedLinks
) -> None:
    one, also, other = (store.save(share) for share in (SHARE, SHARE, OTHER))
    for share, saved in ((SHARE, one), (SHARE, also), (OTHER, other)):
        backup.clock = store.clock
        backup.save(share, saved=saved)
    change(
        store,
        "UPDATE contents SET data = '\\x00', bytes = 1 WHERE bytes = 11"
        if store.engine.dialect.name == "postgresql"
        else "UPDATE contents SET data = X'00' WHERE bytes = 11",
        f"UPDATE shares SET answer = 'It costs $9.' WHERE id = '{other.id}'",
        f"DELETE FROM share_contents WHERE share_id = '{other.id}' AND kind = 'runs'",
    )
    report = check(store)
    assert report.damaged == tuple(sorted((one.id, also.id, other.id)))
    assert {problem.kind for problem in report.problems} == {"part", "link", "count"}
    assert len(repair(store, report).damaged) == 3, "without a backup there is nothing to take"
    assert repair(store, report, backup).problems == []
    for share, saved in ((SHARE, one), (SHARE, also), (OTHER, other)):
        opened = store.open(saved.id)
        assert opened.answer == share.answer
        assert dict(opened.parts) == dict(share.parts)
        store.delete(saved.id, saved.delete_token)
    assert store.counts() == (0, 0)


def test_a_backup_with_other_bytes_restores_nothing(
    store: SharedLinks, backup: SharedLinks
) -> None:
    saved = store.save(SHARE)
    backup.save(OTHER, saved=saved)
    change(store, f"UPDATE shares SET query = 'v=9' WHERE id = '{saved.id}'")
    assert repair(store, check(store), backup).damaged == (saved.id,)
    with pytest.raises(DamagedError):
        store.open(saved.id)


def test_counts_seals_and_times_are_mended_by_themselves(store: SharedLinks, clock: Clock) -> None:
    saved, kept = store.save(SHARE), store.save(SHARE)
    data = "'x'" if store.engine.dialect.name == "postgresql" else "X'78'"
    orphan = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    change(
        store,
        "UPDATE contents SET links = 1 WHERE bytes = 11",
        f"INSERT INTO contents VALUES ('{orphan}', {data}, 1, 1)",
        f"UPDATE shares SET seal = NULL WHERE id = '{saved.id}'",
        f"UPDATE shares SET opened_at = {clock.now + 1e9} WHERE id = '{kept.id}'",
    )
    assert kinds(store) == ["count", "count", "seal", "time"]
    assert store.open(saved.id).answer == SHARE.answer
    report = check(store)
    assert report.damaged == ()
    assert repair(store, report).problems == []
    assert store.counts() == (2, 2)
    store.delete(saved.id, saved.delete_token)
    assert dict(store.open(kept.id).parts) == PARTS
    clock.pass_days(200)
    assert store.expire() == 1


def test_a_part_that_is_gone_is_restored_too(store: SharedLinks, backup: SharedLinks) -> None:
    saved = store.save(SHARE)
    backup.save(SHARE)
    if store.engine.dialect.name == "postgresql":
        change(
            store,
            "ALTER TABLE share_contents DROP CONSTRAINT share_contents_sha256_fkey",
            "DELETE FROM contents WHERE bytes = 11",
        )
    else:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("DELETE FROM contents WHERE bytes = 11")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    report = check(store)
    assert [problem.kind for problem in report.problems] == ["part"]
    assert "is gone" in report.problems[0].sentence
    assert repair(store, report, backup).problems == []
    assert dict(store.open(saved.id).parts) == PARTS
