"""Limits on connections: how many one client may hold, and how long one may take to say what it
wants. Uvicorn, which listens, has neither.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dashboard.server.clients import client_of
from dashboard.server.settings import server_settings

#: Connections in all; a proxy that is believed may hold as many.
MAX_CONNECTIONS = 900
#: How long the first line and the headers of a request may take, and how often that is looked at.
HEADERS_S, LOOK_EVERY_S = 15.0, 2.0


class _Connection:
    """One connection, and since when it has no request that is whole."""

    def __init__(self, protocol: Any, transport: asyncio.Transport) -> None:
        self.protocol, self.transport = protocol, transport
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.client = client_of(self.address)
        self.silent_since = time.monotonic()

    @property
    def is_open(self) -> bool:
        return not self.transport.is_closing()

    @property
    def has_request(self) -> bool:
        """Whether a request is being answered, or it is a websocket by now."""
        cycle = getattr(self.protocol, "cycle", None)
        return self.transport.get_protocol() is not self.protocol or (
            cycle is not None and not cycle.response_complete
        )


class Connections:
    """All connections of this process."""

    def __init__(
        self,
        most: int = MAX_CONNECTIONS,
        most_a_client: int | None = None,
        headers_s: float = HEADERS_S,
    ) -> None:
        self.most, self.headers_s = most, headers_s
        self.most_a_client = most_a_client
        self._open: list[_Connection] = []
        self._counts: Counter[str] = Counter()
        self.refused = 0

    def __len__(self) -> int:
        return len(self._open)

    def made(self, protocol: Any, transport: asyncio.Transport) -> None:
        """A client has connected; one too many is closed."""
        one = _Connection(protocol, transport)
        if self._is_too_many(one):
            self.look()  # some may have gone since
            if self._is_too_many(one):
                self.refused += 1
                transport.abort()
                return
        self._open.append(one)
        self._counts[one.client] += 1

    def _is_too_many(self, one: _Connection) -> bool:
        settings = server_settings()
        most = self.most_a_client or settings.connections_a_client
        return len(self._open) >= self.most or (
            self._counts[one.client] >= most and not settings.trusts(one.address)
        )

    def look(self) -> None:
        """Forget connections that have gone; close those that say nothing for too long."""
        now = time.monotonic()
        for one in self._open:
            if one.is_open and one.has_request:
                one.silent_since = now
            elif one.is_open and now - one.silent_since > self.headers_s:
                one.transport.abort()
        self._open = [one for one in self._open if one.is_open]
        self._counts = Counter(one.client for one in self._open)

    async def run(self) -> None:
        """Look for as long as the server runs."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()


connections = Connections()


def limit_connections(limits: Connections = connections) -> None:
    """Let Uvicorn's protocols tell these limits of each connection that is made from now on."""
    for protocol in (HttpToolsProtocol, H11Protocol):
        _watch(protocol, limits)


def _watch(protocol: Any, limits: Connections) -> None:
    made = protocol.connection_made
    if getattr(made, "limits", None) is not None:
        return

    def connection_made(self: Any, transport: asyncio.Transport) -> None:
        made(self, transport)
        limits.made(self, transport)

    connection_made.limits = limits  # type: ignore[attr-defined]
    protocol.connection_made = connection_made
