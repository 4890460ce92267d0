"""Every timed page of this checkout and of another one, moves taken in turns.

`python -m benchmarks against:PATH`, PATH a checkout (`git worktree add PATH COMMIT`). Both run in
this environment; what else the machine does hits both alike.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from benchmarks.page_speed import quiet
from benchmarks.servers import ROOT, Server, Session, Target, percentile, served
from benchmarks.timed_pages import chosen

ROUNDS = 10
MOVES_A_ROUND = 20
WARM_MOVES = 40


def run(name: str | None = None) -> None:
    """Print, for each page, medians of both and their ratio."""
    if name is None:
        print("against: name another checkout, as in against:../base")
        return
    other = Path(name).resolve()
    print(f"against {other.name}: medians over {ROUNDS * MOVES_A_ROUND} moves; here, there, ratio")
    for page in chosen(None).values():
        try:
            here, there = asyncio.run(_in_turns(page.page, other))
        except RuntimeError as error:
            print(f"  {page.page.name:20s} not in both: {error}", flush=True)
            continue
        cells = "  ".join(
            f"{unit} {mine:.1f} {theirs:.1f} {mine / theirs:.2f}"
            for unit, mine, theirs in zip(
                ("p50 ms", "CPU ms", "healthy s"), here, there, strict=True
            )
        )
        print(f"  {page.page.name:20s} {cells}", flush=True)


async def _in_turns(target: Target, other: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Median milliseconds of a move, processor milliseconds of one, seconds until healthy: here
    and in the other checkout.
    """
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(served(target, root)) for root in (ROOT, other)]
        for server in servers:
            await quiet(server)
        sessions = [await Session(target).open(server.port) for server in servers]
        for each in sessions:
            await _moves(each, WARM_MOVES)
        seconds: tuple[list[float], list[float]] = ([], [])
        busy = [0.0, 0.0]
        for _ in range(ROUNDS):
            for at, (server, each) in enumerate(zip(servers, sessions, strict=True)):
                before = server.cpu_s
                seconds[at].extend(await _moves(each, MOVES_A_ROUND))
                busy[at] += server.cpu_s - before
        for each in sessions:
            await each.close()
        here, there = (
            _figures(moves, used, server)
            for moves, used, server in zip(seconds, busy, servers, strict=True)
        )
        return here, there


async def _moves(session: Session, count: int) -> list[float]:
    values = session.target.values
    return [await session.move(values[7 * move % len(values)]) for move in range(count)]


def _figures(moves: list[float], busy_s: float, server: Server) -> tuple[float, ...]:
    return (
        percentile(moves, 0.5) * 1e3,
        busy_s / (ROUNDS * MOVES_A_ROUND) * 1e3,
        server.healthy_after_s,
    )
