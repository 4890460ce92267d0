"""What sessions that were opened and closed leave behind in the memory of a server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from itertools import count

from benchmarks.page_speed import quiet
from benchmarks.servers import Server, Session, served
from benchmarks.timed_pages import PAGES, PRODUCT
from dashboard.server.settings import WARM_UP

SESSIONS, WARM_SESSIONS = 5_000, 500
#: How often memory is looked at, in sessions.
EVERY = 500
#: How many visitors come at a time.
TOGETHER = 4
ALLOWED_MIB = 20.0
#: Pages that are cheap to open; each session has one of them, in a state of its own.
CHEAP = ("cost", "text", "inference")


async def sizes(server: Server, sessions: int, every: int = EVERY) -> list[float]:
    """Memory that is the server's alone in MiB: after the warm-up, and after each `every` of so
    many sessions.
    """
    await quiet(server)
    numbers = count()
    await _open_and_close(server, WARM_SESSIONS, numbers)
    found = [server.memory_mib]
    for begun in range(0, sessions, every):
        await _open_and_close(server, min(every, sessions - begun), numbers)
        found.append(server.memory_mib)
        print(f"  {begun + every:6,} sessions: {found[-1]:.1f} MiB", flush=True)
    return found


async def _open_and_close(server: Server, sessions: int, numbers: Iterator[int]) -> None:
    left = iter(range(sessions))

    async def visitors() -> None:
        for _ in left:
            page = PAGES[CHEAP[next(numbers) % len(CHEAP)]].page
            session = await Session(page).open(server.port)
            await session.move(random.choice(page.values))
            await session.close()

    await asyncio.gather(*(visitors() for _ in range(TOGETHER)))


def run(sessions: int = SESSIONS) -> bool:
    """Print the growth; whether it is within what is allowed."""
    print(f"memory of a server after {WARM_SESSIONS} sessions to warm up, and so many more:")
    with served(PRODUCT, settings={WARM_UP: "quick", "MALLOC_ARENA_MAX": "1"}) as server:
        found = asyncio.run(sizes(server, sessions))
    growth = found[-1] - found[0]
    print(
        f"  from {found[0]:.1f} to {found[-1]:.1f} MiB, at most {max(found):.1f}: a growth of"
        f" {growth:.1f} MiB over {sessions:,} sessions (asked: ≤ {ALLOWED_MIB:.0f})"
    )
    return growth <= ALLOWED_MIB
