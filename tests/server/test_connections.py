"""Connections that say nothing, too many of them, and bodies that come drop by drop, over real
sockets of a small server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dashboard.server import connections as limits_of
from dashboard.server.connections import Connections
from dashboard.server.middleware import DrainRequestBody, _Body


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


@asynccontextmanager
async def server(limits: Connections) -> AsyncIterator[int]:
    class Protocol(HttpToolsProtocol):
        """Uvicorn's own with these limits, and no other one's."""

    limits_of._watch(Protocol, limits)
    app = Starlette(
        routes=[Route("/", echo, methods=["GET", "POST"])],
        middleware=[Middleware(DrainRequestBody)],
    )
    config = uvicorn.Config(app, port=0, http=Protocol, log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    while not running.started:
        await asyncio.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    await task


async def said(port: int, text: bytes) -> bytes:
    """All that the server answers to these bytes, until it closes or says nothing for a second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    answer = b""
    with suppress(TimeoutError, ConnectionResetError):
        while part := await asyncio.wait_for(reader.read(1000), 1.0):
            answer += part
    writer.close()
    return answer


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_half_a_header_is_not_waited_for_beyond_its_time() -> None:
    async def story() -> None:
        limits = Connections(headers_s=0.2)
        async with server(limits) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x")
            await asyncio.sleep(0.1)
            limits.look()
            assert len(limits) == 1
            await asyncio.sleep(0.2)
            limits.look()
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 5.0) == b""
            assert len(limits) == 0
            writer.close()

    run(story())


def test_one_client_holds_no_more_connections_than_its_share() -> None:
    async def story() -> None:
        limits = Connections(most_a_client=3)
        async with server(limits) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await asyncio.sleep(0.05)
            assert await said(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == b""
            assert limits.refused == 1
            for _, writer in held:
                writer.close()
            await asyncio.sleep(0.05)
            answer = await said(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")

    run(story())


def test_a_proxy_that_is_believed_may_hold_as_many_as_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting = limits_of.server_settings().from_environment({"TRUSTED_PROXIES": "127.0.0.1"})
    monkeypatch.setattr(limits_of, "server_settings", lambda: trusting)

    async def story() -> None:
        limits = Connections(most=3, most_a_client=1)
        async with server(limits) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
            await asyncio.sleep(0.05)
            assert (len(limits), limits.refused) == (3, 1)
            for _, writer in held:
                writer.close()

    run(story())


@pytest.mark.parametrize("sent", [b"", b"x" * 10], ids=["nothing", "a part"])
def test_a_body_that_does_not_come_is_answered_408(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Body, "PART_S", 0.1)

    async def story() -> None:
        async with server(Connections()) as port:
            head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
            answer = await said(port, head + sent)
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"came too slowly" in answer

    run(story())


def test_a_body_that_comes_in_time_is_read() -> None:
    async def story() -> None:
        async with server(Connections()) as port:
            head = (
                b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n"
            )
            assert b"1000 bytes" in await said(port, head + b"x" * 1000)

    run(story())
