"""A visitor who moves a slider each second while twenty clients send batches to the API; and what a
server still computes for those who have gone.
"""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from benchmarks.page_speed import quiet
from benchmarks.servers import Server, Session, Target, percentile, served
from benchmarks.timed_pages import PRODUCT

BATCHES = 20
ROWS = 200
SECONDS = 30.0
#: How long a server is watched after the last client has gone.
WATCHED_S = 10.0
#: A page whose inputs no cache holds, and which takes some ten seconds of a processor.
DEAR = Target("dear runs", "runs", "v=3&delta=1e-6&resamples=20000&seed={}", "", ())
DEAR_SESSIONS = 6


@dataclass
class Crowd:
    """Seconds of the visitor's moves alone and beside the batches, how the batches were answered by
    status, and seconds of a processor after all had gone.
    """

    alone_s: list[float] = field(default_factory=list)
    beside_s: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    after_batches_s: float = 0.0
    after_sessions_s: float = 0.0


def run() -> None:
    for clients in (BATCHES, 1):
        with served(PRODUCT) as server:
            seen = asyncio.run(crowded(server, clients=clients))
        print(f"{BATCHES} batches of {ROWS} plans at a time, from {clients} addresses")
        for when, times in (("alone", seen.alone_s), ("beside", seen.beside_s)):
            print(
                f"  moves of a visitor {when:6}  {len(times):3},"
                f" p50 {1e3 * percentile(times, 0.5):.0f} ms,"
                f" p95 {1e3 * percentile(times, 0.95):.0f} ms"
            )
        print(f"  batches answered        {dict(seen.answers)}")
        print(f"  seconds of a processor used after the batches {seen.after_batches_s:.1f},")
        print(
            f"  after {DEAR_SESSIONS} sessions that closed at once {seen.after_sessions_s:.1f}",
            flush=True,
        )


async def crowded(
    server: Server,
    *,
    clients: int = BATCHES,
    seconds: float = SECONDS,
    watched_s: float = WATCHED_S,
) -> Crowd:
    """What a visitor meets beside the batches of so many clients, for so long each."""
    seen = Crowd()
    await quiet(server)
    session = await Session(PRODUCT).open(server.port)
    for value in PRODUCT.values:
        await session.move(value)
    seen.alone_s = await _moves(session, seconds)
    with _batches(server.port, clients, seen.answers):
        await asyncio.sleep(1.0)
        seen.beside_s = await _moves(session, seconds)
    seen.after_batches_s = await _used(server, watched_s)
    await session.close()
    opened = [await _opened(server.port, number) for number in range(DEAR_SESSIONS)]
    await asyncio.sleep(1.0)
    for each in opened:
        await each.close()
    seen.after_sessions_s = await _used(server, watched_s)
    return seen


async def _moves(session: Session, seconds: float) -> list[float]:
    """How long each move takes from when it is due, one a second."""
    times: list[float] = []
    due = time.perf_counter()
    stop, values = due + seconds, session.target.values
    while due < stop:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await session.move(values[len(times) * 7 % len(values)])
        times.append(time.perf_counter() - due)
        due = max(due + 1.0, time.perf_counter())
    return times


async def _used(server: Server, seconds: float) -> float:
    before = server.cpu_s
    await asyncio.sleep(seconds)
    return server.cpu_s - before


async def _opened(port: int, number: int) -> Session:
    """A session that has asked for a dear page and does not wait for it."""
    session = Session(Target(DEAR.name, DEAR.path, DEAR.query.format(number + 1), "", ()))
    await session.begin(port)
    return session


@contextmanager
def _batches(port: int, clients: int, answers: Counter[int]) -> Iterator[None]:
    """BATCHES at a time, sent again as soon as they are answered, from so many addresses of this
    machine; all break off at the end.
    """
    over = threading.Event()
    sent: list[http.client.HTTPConnection] = []

    def send(number: int) -> None:
        times = 0
        while not over.is_set():
            times += 1
            connection = http.client.HTTPConnection(
                "127.0.0.1", port, source_address=(f"127.0.1.{1 + number % clients}", 0)
            )
            sent.append(connection)
            budgets = (1e6 * (1 + number) + 1e3 * times + row for row in range(ROWS))
            body = "budget_usd\n" + "".join(f"{each}\n" for each in budgets)
            try:
                connection.request("POST", "/api/v1/plan/batch", body)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException, AttributeError, ValueError):
                continue
            finally:
                connection.close()
            answers[answer.status] += 1
            if answer.status == 503:
                over.wait(float(answer.headers.get("retry-after", "1")))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(BATCHES)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for connection in sent:
            with suppress(AttributeError, OSError):  # closed meanwhile
                connection.sock.shutdown(2)
        for thread in threads:
            thread.join()
