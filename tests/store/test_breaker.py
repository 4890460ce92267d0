"""A database that hangs: what waits for it, and for how long."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.store import StoreError, StoreSettings
from dashboard.store.breaker import AT_A_TIME, Breaker
from dashboard.store.guarded_links import GuardedLinks


@pytest.fixture
def answers() -> Iterator[threading.Event]:
    """Set once the database answers."""
    event = threading.Event()
    yield event
    event.set()


def test_a_call_that_is_answered_in_time_gives_what_it_gives() -> None:
    breaker = Breaker()
    assert breaker.call(lambda: 7, 5.0) == 7
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 // 0, 5.0)
    assert not breaker.is_open


def test_after_a_call_that_hangs_others_fail_at_once_until_one_is_answered(
    answers: threading.Event,
) -> None:
    breaker = Breaker(open_s=0.05)
    with pytest.raises(StoreError, match="does not answer"):
        breaker.call(answers.wait, 0.05)
    called: list[int] = []
    with pytest.raises(StoreError, match="does not answer"):
        breaker.call(lambda: called.append(1), 5.0)
    assert called == []
    time.sleep(0.06)
    answers.set()
    assert breaker.call(lambda: 7, 5.0) == 7
    assert not breaker.is_open


def test_one_call_at_a_time_finds_out_whether_there_are_answers_again(
    answers: threading.Event,
) -> None:
    breaker = Breaker(open_s=0.0)
    with pytest.raises(StoreError):
        breaker.call(answers.wait, 0.01)
    trying = threading.Event()

    def trial() -> bool:
        trying.set()
        return answers.wait(5.0)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(breaker.call, trial, 60.0)
        trying.wait(5.0)
        with pytest.raises(StoreError):
            breaker.call(lambda: 7, 5.0)
        answers.set()
        assert first.result(5.0)


def test_many_calls_of_a_database_that_hangs_end_within_the_time_of_one(
    answers: threading.Event,
) -> None:
    breaker = Breaker()

    def refused(_: int) -> str:
        with pytest.raises(StoreError) as error:
            breaker.call(answers.wait, 0.3)
        return str(error.value)

    begun = time.monotonic()
    with ThreadPoolExecutor(5 * AT_A_TIME) as pool:
        said = list(pool.map(refused, range(5 * AT_A_TIME)))
    assert len(said) == 5 * AT_A_TIME
    assert time.monotonic() - begun < 10 * 0.3


def test_a_postgresql_that_takes_connections_and_says_nothing_is_told_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://someone@127.0.0.1:{port}/links?connect_timeout=2"
        store = StoreSettings(database_url=url).open()
        assert isinstance(store, GuardedLinks)
        begun = time.monotonic()
        with pytest.raises(StoreError, match="can't be used just now"):
            store.open("a" * 22)
        assert time.monotonic() - begun < 10.0
