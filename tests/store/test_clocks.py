"""Clocks that jump: no client is refused for years, and no store expires as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.store import LimitError, NotFoundError, Share, SharedLinks
from dashboard.store.steady_clock import SteadyClock
from tests.store.conftest import Clock

SHARE = Share("cost", "v=1", "It costs $1.", "0032533d", "cost.1", {"result": b"numbers"})
YEARS = 365.0


def test_a_clock_that_was_ahead_for_a_while_refuses_no_client(
    store: SharedLinks, clock: Clock
) -> None:
    store.limits = replace(store.limits, links_an_hour=2)
    clock.pass_days(10 * YEARS)
    for _ in range(2):
        store.save(SHARE, clients=["session a"])
    with pytest.raises(LimitError):
        store.save(SHARE, clients=["session a"])
    clock.pass_days(-10 * YEARS)
    for _ in range(2):
        store.save(SHARE, clients=["session a"])
    with pytest.raises(LimitError):
        store.save(SHARE, clients=["session a"])


def test_a_clock_that_jumps_ahead_expires_nothing_and_says_so(
    store: SharedLinks, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    saved = [store.save(SHARE) for _ in range(20)]
    clock.pass_days(10 * YEARS)
    assert store.expire() == 0
    assert "stopped: 20 of 20 would go at once" in caplog.text
    assert store.open(saved[0].id).answer == SHARE.answer
    clock.pass_days(-10 * YEARS)
    caplog.clear()
    assert store.expire() == 0
    assert caplog.text == ""
    assert store.counts()[0] == 20


@pytest.mark.parametrize(("old", "goes"), [(2, True), (3, False)])
def test_a_tenth_of_the_store_expires_and_no_more_at_once(
    store: SharedLinks, clock: Clock, old: int, goes: bool
) -> None:
    saved = [store.save(SHARE) for _ in range(20)]
    clock.pass_days(100)
    for link in saved[old:]:
        store.open(link.id)
    clock.pass_days(100)
    assert store.expire() == (old if goes else 0)
    if goes:
        with pytest.raises(NotFoundError):
            store.open(saved[0].id)
    assert store.counts()[0] == 20 - (old if goes else 0)


def test_what_was_stopped_goes_once_the_clock_has_run_evenly_for_a_week(
    store: SharedLinks, clock: Clock
) -> None:
    steady = Clock()
    store._expiry_stopped = SteadyClock(steady)
    for _ in range(30):
        store.save(SHARE)
    clock.pass_days(200)
    for _ in range(7):
        assert store.expire() == 0
        clock.pass_days(1)
        steady.pass_days(1)
    # It jumps within the week, which begins anew.
    clock.pass_days(30)
    for _ in range(8):
        assert store.expire() == 0
        clock.pass_days(1)
        steady.pass_days(1)
    left = store.counts()[0]
    assert store.expire() == left
    assert store.counts() == (0, 0)
