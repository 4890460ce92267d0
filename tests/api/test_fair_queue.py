from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from dashboard.api import fair_queue
from dashboard.api.fair_queue import AT_A_TIME, WAITING, WAITING_A_CLIENT, FairQueue
from dashboard.api.problems import ProblemError


class Clients:
    """Requests of several clients on one queue; `begun` names those that have a slot, in order."""

    def __init__(self) -> None:
        self.queue = FairQueue()
        self.begun: list[str] = []
        self.may_end: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str) -> None:
        """A request called after its client, such as a1, which holds its slot until `end`."""
        self.may_end[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._work(name))
        await settled()

    async def _work(self, name: str) -> None:
        async with self.queue.slot(name[0]):
            self.begun.append(name)
            await self.may_end[name].wait()

    async def end(self, name: str) -> None:
        self.may_end[name].set()
        await settled()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_one_client_has_one_slot_and_another_is_served_beside_it() -> None:
    async def story() -> None:
        clients = Clients()
        for name in ("a1", "a2", "a3", "b1"):
            await clients.ask(name)
        assert clients.begun == ["a1", "b1"]
        await clients.end("b1")
        assert clients.begun == ["a1", "b1"]
        await clients.end("a1")
        assert clients.begun == ["a1", "b1", "a2"]

    run(story())


def test_free_slots_go_round_the_clients_that_wait() -> None:
    async def story() -> None:
        clients = Clients()
        for name in ("a1", "b1", "a2", "a3", "a4", "c1", "d1"):
            await clients.ask(name)
        for name in ("a1", "a2", "c1", "d1", "a3"):
            await clients.end(name)
        assert clients.begun == ["a1", "b1", "a2", "c1", "d1", "a3", "a4"]

    run(story())


def test_more_than_its_share_of_waiting_requests_is_refused_to_a_client_alone() -> None:
    async def story() -> None:
        clients = Clients()
        for number in range(WAITING_A_CLIENT + 2):
            await clients.ask(f"a{number}")
        refused = clients.tasks[f"a{WAITING_A_CLIENT + 1}"].exception()
        assert isinstance(refused, ProblemError)
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert "from this address" in refused.sentences[0]
        await clients.ask("b0")
        assert clients.begun == ["a0", "b0"]

    run(story())


def test_where_all_places_are_taken_the_last_of_the_largest_client_makes_way() -> None:
    async def story() -> None:
        clients = Clients()
        for client in "abcde"[: WAITING // WAITING_A_CLIENT]:
            for number in range(WAITING_A_CLIENT + (client in "ab")):
                await clients.ask(f"{client}{number}")
        assert clients.queue.waiting == WAITING
        await clients.ask("z0")
        assert clients.queue.waiting == WAITING
        dropped = [name for name, task in clients.tasks.items() if task.done()]
        assert dropped == [f"a{WAITING_A_CLIENT}"]

    run(story())


def test_a_request_that_goes_while_it_waits_leaves_no_trace() -> None:
    async def story() -> None:
        clients = Clients()
        for name in ("a1", "a2", "a3"):
            await clients.ask(name)
        clients.tasks["a2"].cancel()
        await settled()
        await clients.end("a1")
        assert clients.begun == ["a1", "a3"]
        await clients.end("a3")
        assert clients.queue.waiting == 0
        assert clients.queue.running.total() == 0

    run(story())


def test_who_waits_too_long_is_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_queue, "MAX_WAIT_S", 0.01)

    async def story() -> None:
        clients = Clients()
        for name in ("a1", "a2"):
            await clients.ask(name)
        with pytest.raises(ProblemError) as refused:
            await clients.tasks["a2"]
        assert "waited for" in refused.value.sentences[0]
        await clients.end("a1")
        assert clients.queue.running.total() == 0

    run(story())


def test_no_more_run_than_there_are_slots() -> None:
    async def story() -> None:
        clients = Clients()
        for client in "abcdefgh":
            await clients.ask(f"{client}1")
        assert len(clients.begun) == AT_A_TIME

    run(story())
