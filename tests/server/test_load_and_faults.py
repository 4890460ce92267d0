"""Many sessions at once, and sessions that vanish; run by `make soak`."""

from __future__ import annotations

import asyncio
import random

import pytest

from benchmarks.crowd_batches import crowded
from benchmarks.servers import Session, percentile, served
from benchmarks.timed_pages import PRODUCT

pytestmark = pytest.mark.soak

SESSIONS = 20
MOVES = 15
MAX_MIB_A_SESSION = 10


async def visitor(port: int, vanishes: bool) -> int:
    session = await Session(PRODUCT).open(port)
    done = 0
    for move in range(MOVES):
        if vanishes and move == MOVES // 2:
            await session.socket.send(b"not a message of this protocol")
            break
        await session.move(random.randrange(2010, 2046))
        done += 1
    await session.close()
    return done


def test_every_move_is_answered_while_other_sessions_vanish() -> None:
    async def crowd() -> None:
        with served(PRODUCT) as server:
            await visitor(server.port, vanishes=False)
            before = server.memory_mib
            done = await asyncio.gather(
                *(visitor(server.port, vanishes=number % 4 == 0) for number in range(SESSIONS))
            )
            assert sum(done) == sum(
                MOVES // 2 if number % 4 == 0 else MOVES for number in range(SESSIONS)
            )
            assert await visitor(server.port, vanishes=False) == MOVES
            assert server.memory_mib - before < MAX_MIB_A_SESSION * SESSIONS

    asyncio.run(crowd())


def test_a_visitor_is_served_beside_twenty_batches_and_nothing_runs_on_for_those_who_went() -> None:
    with served(PRODUCT) as server:
        seen = asyncio.run(crowded(server))
    assert percentile(seen.beside_s, 0.95) <= 0.3
    assert seen.after_batches_s < 1.0
    assert seen.after_sessions_s < 1.0
