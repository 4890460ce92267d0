"""Server rerun, start, first session, memory and capacity of each timed page, against bare apps
served the same way in the same run.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import time

from benchmarks.crowd_capacity import SLOWEST_S, measured
from benchmarks.servers import Server, Session, Target, percentile, served
from benchmarks.timed_pages import chosen

MOVES = 200
WARM_MOVES = 40
MAX_WARM_UP_S = 120


def run(name: str | None = None) -> None:
    for page in chosen(name).values():
        print(
            "server: medians over",
            MOVES,
            "moves of a slider; ratios are to the bare app with the same figure",
        )
        rows = {target.name: asyncio.run(_times(target)) for target in page.targets}
        base = rows[page.same_figure.name]
        for label, row in rows.items():
            figures = "  ".join(f"{key} {value:.1f}" for key, value in row.items())
            ratios = "  ".join(
                f"{key} ratio {row[f'{key}_ms'] / base[f'{key}_ms']:.2f}" for key in ("p50", "cpu")
            )
            print(f"  {label:24s} {figures}  | {ratios}", flush=True)


def run_capacity(name: str | None = None) -> None:
    for page in chosen(name).values():
        print(
            f"capacity: sessions that each move once a second with p95 ≤ {SLOWEST_S * 1000:.0f} ms"
        )
        sustained = {target.name: measured(target).sessions for target in page.targets}
        for label, count in sustained.items():
            print(
                f"  {label:24s} {count} sessions  | ratio"
                f" {count / max(1, sustained[page.same_figure.name]):.2f}",
                flush=True,
            )


async def _times(target: Target) -> dict[str, float]:
    starts = []
    for _ in range(2):
        with served(target) as server:
            starts.append(server.healthy_after_s)
    with served(target) as server:
        starts.append(server.healthy_after_s)
        await quiet(server)
        idle = server.memory_mib
        started = time.perf_counter()
        first = await Session(target).open(server.port)
        opened = time.perf_counter() - started
        values = target.values
        for move in range(WARM_MOVES):
            await first.move(values[move % len(values)])
        stride = next(step for step in (7, 5, 3, 2, 1) if math.gcd(step, len(values)) == 1)
        busy = server.cpu_s
        moves = [await first.move(values[move * stride % len(values)]) for move in range(MOVES)]
        busy = server.cpu_s - busy
        before = server.memory_mib
        others = [await Session(target).open(server.port) for _ in range(10)]
        a_session = (server.memory_mib - before) / len(others)
        for session in (first, *others):
            await session.close()
    return {
        "p50_ms": percentile(moves, 0.5) * 1e3,
        "p95_ms": percentile(moves, 0.95) * 1e3,
        "cpu_ms": busy / MOVES * 1e3,
        "healthy_s": statistics.median(starts),
        "first_session_ms": opened * 1e3,
        "idle_mib": idle,
        "mib_a_session": a_session,
    }


async def quiet(server: Server) -> None:
    """Wait until the caches are warm: the server has nothing left to do by itself."""
    await asyncio.sleep(2)
    for _ in range(MAX_WARM_UP_S):
        before = server.cpu_s
        await asyncio.sleep(1)
        if server.cpu_s - before < 0.05:
            return
