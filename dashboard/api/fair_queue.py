"""Work for many clients on few threads, a turn a client: who sends much waits behind their own
requests, and nobody else does.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dashboard.api.problems import ProblemError

#: Forecasts that are computed at a time, in all and for one client.
AT_A_TIME, AT_A_TIME_A_CLIENT = 2, 1
#: Requests that may wait, in all and of one client; how long.
WAITING, WAITING_A_CLIENT, MAX_WAIT_S = 96, 24, 30.0
RETRY_AFTER_S = 5


class FairQueue:
    """Slots for work and the requests that wait for one, by client; for one event loop.

    A slot is held until the work has ended. Free ones go round the clients that wait. Where all
    places are taken, a client that holds fewer than another takes the place of that one's last.
    """

    def __init__(self) -> None:
        self.running: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def slot(self, client: str) -> AsyncIterator[None]:
        """A slot for the work inside; raises ProblemError where too many wait, or it takes too
        long.
        """
        if not self._is_free_for(client):
            await self._turn(client)
        else:
            self.running[client] += 1
        try:
            yield
        finally:
            self._leave(client)

    async def _turn(self, client: str) -> None:
        """Wait for a slot, which then is this client's."""
        own = len(self._waiting.get(client, ()))
        if own >= WAITING_A_CLIENT:
            raise _busy(f"{own} requests from this address wait already.")
        if self.waiting >= WAITING:
            self._give_way(own)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            async with asyncio.timeout(MAX_WAIT_S):
                await turn
        except BaseException as error:
            self._withdraw(client, turn)
            if isinstance(error, TimeoutError):
                raise _busy(f"This one waited for {MAX_WAIT_S:.0f} seconds.") from None
            raise

    def _give_way(self, own: int) -> None:
        """Make place for a client of which `own` requests wait; raises ProblemError where no other
        holds more.
        """
        queue = max(self._waiting.values(), key=len)
        if len(queue) <= own + 1:
            raise _busy(f"{self.waiting} requests wait already.")
        queue.pop().set_exception(_busy(f"{len(queue)} other requests from this address wait."))

    def _withdraw(self, client: str, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(client, deque())
        if turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[client]
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            # The slot came in the moment in which its request went.
            self._leave(client)

    def _leave(self, client: str) -> None:
        self.running[client] -= 1
        if not self.running[client]:
            del self.running[client]
        self._pass_on()

    def _pass_on(self) -> None:
        """Give free slots to those who wait, one each and in the order in which they came."""
        for client in list(self._waiting):
            if not self._is_free_for(client):
                continue
            queue = self._waiting.pop(client)
            turn = queue.popleft()
            if queue:
                # Behind all others that wait.
                self._waiting[client] = queue
            if not turn.done():  # else its request has just gone
                self.running[client] += 1
                turn.set_result(None)

    def _is_free_for(self, client: str) -> bool:
        return self.running.total() < AT_A_TIME and self.running[client] < AT_A_TIME_A_CLIENT


def _busy(reason: str) -> ProblemError:
    return ProblemError(
        503,
        "Too many forecasts at once",
        [f"{reason} Try again in a few seconds."],
        {"retry-after": str(RETRY_AFTER_S)},
    )
