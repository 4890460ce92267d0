"""Saving, opening, deleting and expiring shared links, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.store import LimitError, NotFoundError, Saved, Share, SharedLinks
from tests.examples import examples
from tests.store.conftest import Clock

SHARE = Share(
    "cost",
    "v=1&model=GPT-3",
    "It costs $1.",
    "0032533d",
    "cost.1",
    {"result": b"numbers", "runs": b"\x00PAR1"},
)


def test_what_was_saved_opens_as_it_was(store: SharedLinks, clock: Clock) -> None:
    saved = store.save(SHARE)
    opened = store.open(saved.id)
    for name in ("page", "query", "answer", "data_version", "model_version"):
        assert getattr(opened, name) == getattr(SHARE, name)
    assert dict(opened.parts) == dict(SHARE.parts)
    assert opened.created_at == clock.now


def test_each_save_has_an_id_of_its_own_of_128_random_bits(store: SharedLinks) -> None:
    ids = {store.save(SHARE).id for _ in range(20)}
    assert len(ids) == 20
    assert {len(share_id) for share_id in ids} == {22}


def test_equal_contents_are_stored_once(store: SharedLinks) -> None:
    for _ in range(3):
        store.save(SHARE)
    assert store.counts() == (3, 2)


def test_deleting_one_link_leaves_the_other_whole(store: SharedLinks) -> None:
    mine, yours = store.save(SHARE), store.save(SHARE)
    store.delete(mine.id, mine.delete_token)
    with pytest.raises(NotFoundError, match="no such shared link"):
        store.open(mine.id)
    assert dict(store.open(yours.id).parts) == dict(SHARE.parts)
    store.delete(yours.id, yours.delete_token)
    assert store.counts() == (0, 0)


def test_a_link_whose_parts_are_alike_counts_each(store: SharedLinks) -> None:
    twice = store.save(replace(SHARE, parts={"runs": b"same", "result": b"same"}))
    assert store.counts() == (1, 1)
    store.delete(twice.id, twice.delete_token)
    assert store.counts() == (0, 0)


@pytest.mark.parametrize("token", ["", "wrong", "x" * 22])
def test_only_the_creators_token_deletes(store: SharedLinks, token: str) -> None:
    saved = store.save(SHARE)
    with pytest.raises(NotFoundError, match="nothing was deleted"):
        store.delete(saved.id, token)
    assert store.open(saved.id).answer == SHARE.answer


@pytest.mark.parametrize(
    "share_id", ["", "..", "' OR 1=1 --", "a" * 22, "\x00" * 22, "é" * 22, "x" * 10_000]
)
def test_an_id_that_is_none_opens_nothing(store: SharedLinks, share_id: str) -> None:
    store.save(SHARE)
    with pytest.raises(NotFoundError):
        store.open(share_id)


def test_a_link_that_is_not_opened_expires_and_one_that_is_lives_on(
    store: SharedLinks, clock: Clock
) -> None:
    kept, forgotten = store.save(SHARE), store.save(SHARE)
    clock.pass_days(100)
    store.open(kept.id)
    clock.pass_days(100)
    assert store.expire() == 1
    with pytest.raises(NotFoundError):
        store.open(forgotten.id)
    assert store.open(kept.id).answer == SHARE.answer
    assert store.counts() == (1, 2)


def test_too_many_links_within_an_hour_are_refused_and_later_ones_are_not(
    store: SharedLinks, clock: Clock
) -> None:
    store.limits = replace(store.limits, links_an_hour=3)
    for _ in range(3):
        store.save(SHARE, clients=["session a"])
    with pytest.raises(LimitError, match="3 links"):
        store.save(SHARE, clients=["session a"])
    store.save(SHARE, clients=["session b"])
    with pytest.raises(LimitError):
        store.save(SHARE, clients=["session c", "session a"])
    assert store.counts()[0] == 4
    clock.pass_days(0.05)
    store.save(SHARE, clients=["session a"])


def test_a_store_that_fills_up_warns_in_the_log_and_then_refuses_in_a_sentence(
    store: SharedLinks, caplog: pytest.LogCaptureFixture
) -> None:
    store.save(SHARE)
    empty = store.quota.used_bytes
    assert empty > 0
    store.limits = replace(store.limits, bytes_in_all=empty + 10 * 2**20)

    def fill() -> None:
        for number in range(20):
            store.save(replace(SHARE, parts={"runs": random.Random(number).randbytes(2**20)}))

    with pytest.raises(LimitError, match=r"is full: its \d+ MiB are taken\. Copy the plain link"):
        fill()
    assert 7 <= store.counts()[0] <= 11
    lines = [record.getMessage() for record in caplog.records if "COMPUTE_FORECAST" in record.msg]
    assert len(lines) == 1
    assert "raise COMPUTE_FORECAST_MIB_IN_ALL" in lines[0]


def test_who_saves_is_told_before_the_store_is_full(store: SharedLinks) -> None:
    store.save(replace(SHARE, parts={"runs": random.Random(1).randbytes(8 * 2**20)}))
    store.save(replace(SHARE, parts={}))
    assert store.quota.warning == ""
    store.limits = replace(store.limits, bytes_in_all=int(store.quota.used_bytes / 0.95))
    store.save(replace(SHARE, parts={}))
    assert "nearly full (9" in store.quota.warning
    store.limits = replace(store.limits, bytes_in_all=2**30)
    store.save(replace(SHARE, parts={}))
    assert store.quota.warning == ""


def test_too_large_a_link_is_refused_with_both_sizes(store: SharedLinks) -> None:
    store.limits = replace(store.limits, bytes_a_link=2**20)
    with pytest.raises(LimitError, match=r"2\.0 MiB, the limit is 1 MiB"):
        store.save(replace(SHARE, parts={"runs": bytes(2**21)}))
    assert store.counts() == (0, 0)


def test_many_threads_save_and_delete_equal_contents_without_loss(store: SharedLinks) -> None:
    kept: list[Saved] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(8):
                gone, stays = store.save(SHARE), store.save(SHARE)
                store.delete(gone.id, gone.delete_token)
                kept.append(stays)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.counts() == (48, 2)
    for saved in kept:
        assert dict(store.open(saved.id).parts) == dict(SHARE.parts)
        store.delete(saved.id, saved.delete_token)
    assert store.counts() == (0, 0)


@examples(quick=8, soak=500)
@given(
    query=st.text(max_size=200).filter(lambda text: "\x00" not in text and text.isprintable()),
    parts=st.dictionaries(st.sampled_from(["result", "runs", "draws"]), st.binary(max_size=200)),
)
def test_any_contents_come_back_byte_for_byte(
    store: SharedLinks, query: str, parts: dict[str, bytes]
) -> None:
    opened = store.open(store.save(replace(SHARE, query=query, parts=parts)).id)
    assert opened.query == query
    assert dict(opened.parts) == parts
