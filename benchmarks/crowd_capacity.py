"""How many visitors who each move a slider once a second are served with a 95th percentile of at
most 300 ms: by one process on one processor, beside a bare app of the same figure, and by workers
behind HAProxy on two.

Processes are held to processors (sched_setaffinity), so that a core is a core. The visitors are
websockets of one client process, on a processor of its own where there is one left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from benchmarks.servers import ROOT, Session, Target, percentile, served
from benchmarks.timed_pages import PAGES
from dashboard.server.settings import WARM_UP

SLOWEST_S = 0.3
ASKED_OF_BARE = 0.8
SECONDS_A_TRIAL = 10.0
#: Where the search begins, and the step it ends with as a share of what was found.
FIRST, STEP_SHARE = 4, 0.08
MOST = 400
PAGE = PAGES["cost"]
START_S = 300.0


@dataclass(frozen=True)
class Capacity:
    """Sessions that were served in time, and the 95th percentile of their moves in seconds."""

    sessions: int
    p95_s: float


def measured(target: Target, workers: int = 1, cores: Sequence[int] = (0,)) -> Capacity:
    """The capacity of so many workers of the target on these processors."""
    with held_to(_others(cores)), _served(target, workers, cores) as port:
        return asyncio.run(_searched(target, port))


def run(most_workers: int = 2) -> bool:
    """Print visitors by cores in Markdown; whether one core serves 0.8 times as many as of the bare
    app.
    """
    processors = sorted(os.sched_getaffinity(0))
    most = min(most_workers, len(processors))
    bare, one = measured(PAGE.same_figure), measured(PAGE.page)
    found = {1: one} | {n: measured(PAGE.page, n, processors[:n]) for n in range(2, most + 1)}
    print("| cores | workers | visitors who move once a second | p95 |\n|---|---|---|---|")
    for number, each in found.items():
        print(f"| {number} | {number} | {each.sessions} | {1e3 * each.p95_s:.0f} ms |")
    ratio = one.sessions / max(1, bare.sessions)
    beside = " and the visitors themselves" if most == len(processors) else ""
    print(
        f"\n{len(processors)} processors ({_processor()}), page *{PAGE.page.path}*: every visitor"
        f" moves its slider once a second for {SECONDS_A_TRIAL:.0f} seconds, whether or not the"
        " last move was answered; the number is the largest whose 95th percentile is at most"
        f" {1e3 * SLOWEST_S:.0f} ms, to within {STEP_SHARE:.0%}. One core serves {bare.sessions}"
        f" of a bare Streamlit app with the same figure, a ratio of {ratio:.2f}. Workers share"
        f" their cores with HAProxy, in the last row{beside}.",
        flush=True,
    )
    return ratio >= ASKED_OF_BARE


@contextlib.contextmanager
def held_to(processors: Sequence[int]) -> Iterator[None]:
    """This process on these processors alone, until the end of the block."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _others(cores: Sequence[int]) -> Sequence[int]:
    every = sorted(os.sched_getaffinity(0))
    return [each for each in every if each not in cores] or every


@contextlib.contextmanager
def _served(target: Target, workers: int, cores: Sequence[int]) -> Iterator[int]:
    """The port of so many workers on these processors."""
    settings = {WARM_UP: "off", "MALLOC_ARENA_MAX": "1"}
    if workers == 1:
        with served(target, settings=settings) as server:
            _hold(server.pid, cores)
            yield server.port
        return
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    # The visitors of this benchmark are one client.
    limit = {"COMPUTE_FORECAST_CONNECTIONS_A_CLIENT": "10000"}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "compute_forecast",
            "serve",
            f"--port={port}",
            f"--workers={workers}",
        ],
        cwd=ROOT,
        env=os.environ | settings | limit,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + START_S
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("the workers did not start")
            time.sleep(0.1)
        _hold(process.pid, cores)
        yield port
    finally:
        process.terminate()
        process.wait()


def _hold(pid: int, cores: Sequence[int]) -> None:
    """Hold a process, all its threads and its children to these processors."""
    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        for thread in process.threads():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread.id, cores)


async def _searched(target: Target, port: int) -> Capacity:
    """Double the sessions until they are too many, then halve the distance."""
    sessions: list[Session] = []
    best, too_many, level = Capacity(0, 0.0), MOST + 1, FIRST
    await _warm(target, port)
    while level < too_many:
        while len(sessions) < level:
            sessions.append(await _visitor(target, port).open(port))
        p95 = await p95_of_moves(sessions[:level], SECONDS_A_TRIAL)
        if p95 > SLOWEST_S:
            # Of a few dozen moves two that the machine held up are enough: once more.
            p95 = await p95_of_moves(sessions[:level], SECONDS_A_TRIAL)
        if p95 <= SLOWEST_S:
            best = Capacity(level, p95)
        else:
            too_many = level
        if too_many > MOST:
            level = min(2 * level, MOST)
            if best.sessions == MOST:
                break
            continue
        step = max(1, round(STEP_SHARE * best.sessions))
        if too_many - best.sessions <= step:
            break
        level = (best.sessions + too_many) // 2
    for session in sessions:
        await session.close()
    return best


async def _warm(target: Target, port: int) -> None:
    """Every value of the slider once in each worker: their results are in the caches then."""
    few = [await _visitor(target, port).open(port) for _ in range(4)]
    for session in few:
        for value in target.values:
            await session.move(value)
    for session in few:
        await session.close()


def _visitor(target: Target, port: int) -> Session:
    """One with the cookie that a browser gets with the page, as several workers give it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    return Session(target, "; ".join(each.partition(";")[0] for each in cookies))


async def p95_of_moves(sessions: Sequence[Session], seconds: float) -> float:
    """The 95th percentile, in seconds, of moves that each session makes once a second, counted from
    when it was to be made.
    """
    latencies: list[float] = []
    stop = time.perf_counter() + seconds

    async def visitor(session: Session, due: float) -> None:
        while due < stop:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await session.move(random.choice(session.target.values))
            latencies.append(time.perf_counter() - due)
            due += 1.0

    await asyncio.gather(
        *(visitor(session, time.perf_counter() + random.random()) for session in sessions)
    )
    return percentile(latencies, 0.95)


def _processor() -> str:
    with contextlib.suppress(OSError, StopIteration):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = next(line for line in lines if line.startswith("model name"))
        return named.partition(":")[2].strip()
    return "of an unknown kind"
