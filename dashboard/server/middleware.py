"""What every HTTP request passes on its way in, and every answer on its way out."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.content_policy import policy
from dashboard.server.settings import ServerSettings, address_of, server_settings

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

#: What a proxy names as scheme, for requests and for sockets.
SCHEMES = {
    "http": ("http", "ws"),
    "https": ("https", "wss"),
    "ws": ("http", "ws"),
    "wss": ("https", "wss"),
}
_SLASHES = re.compile(rb"/{2,}")


class SecurityHeaders:
    """Adds the security headers to every HTTP response that has not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; headers are added when the response starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        host = Headers(scope=scope).get("host", "")
        allowed = (b"content-security-policy", policy(host).encode("latin-1", "ignore"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(h for h in (*SECURITY_HEADERS, allowed) if h[0] not in present),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Forwarded:
    """Puts the client's address and the scheme that it used in the place of a proxy's, where the
    proxy is one that is believed.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings | None = None) -> None:
        self.app = app
        self.settings = server_settings() if settings is None else settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with what the headers say."""
        if scope["type"] not in ("http", "websocket") or not scope.get("client"):
            await self.app(scope, receive, send)
            return
        peer, port = scope["client"]
        headers = Headers(scope=scope)
        hops = ",".join(headers.getlist("x-forwarded-for"))
        client = self.settings.client(peer, hops) or peer
        is_same = address_of(client) == address_of(peer)
        scope = {**scope, "client": (client, port if is_same else 0)}
        named = headers.get("x-forwarded-proto", "").strip().lower()
        if named in SCHEMES and self.settings.trusts(peer):
            scope["scheme"] = SCHEMES[named][scope["type"] == "websocket"]
        await self.app(scope, receive, send)


class OneSlash:
    """Sends an address with two slashes in a row on to the one that was meant: `//cost` to
    `/cost`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, keeping method and query; a backslash, which browsers read as a slash, is left
        to be refused.
        """
        path: bytes = scope.get("raw_path") or b""
        if scope["type"] != "http" or b"//" not in path or b"\\" in path:
            await self.app(scope, receive, send)
            return
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        await RedirectResponse(
            (_SLASHES.sub(b"/", path) + query).decode("latin-1"), status_code=308
        )(scope, receive, send)


class DrainRequestBody:
    """Hears clients out: what one still sends is read before an answer ends, or its connection
    would be reset and the answer, such as a 413, never read. One that goes in the middle of its
    request is let go: nobody is left to answer, and there is nothing to log. One that sends too
    slowly is answered 408.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; hold back the end of the answer until the request has ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, Headers(scope=scope))
        has_begun = False

        async def send_at_the_end(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                await body.drop_the_rest()
            await send(message)

        with suppress(ClientDisconnect):
            await self.app(scope, body.receive, send_at_the_end)
        if body.is_too_slow and not has_begun:
            sentence = "This request came too slowly: send it again on a faster connection.\n"
            late = PlainTextResponse(sentence, 408, {"connection": "close"})
            await late(scope, receive, send)


class _Body:
    """The body of one request, and whether there is more of it to come."""

    MAX_BYTES = 300 * 2**20
    MAX_SECONDS = 20.0
    #: How long each part may take, and all of it: so long, and as long as this many bytes a second
    #: need.
    PART_S, ALL_S, MIN_BYTES_A_SECOND = 20.0, 30.0, 10_000

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        # A client that waits to be asked for the body sends none where nobody asks.
        self.to_come = (
            "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        ) and "expect" not in headers
        self.is_too_slow = False
        self._begun = time.monotonic()
        self._read = 0

    async def receive(self) -> Message:
        """The next part of it; what comes too slowly is taken for a client that has gone."""
        if not self.to_come:
            message = await self._receive()
            self.to_come = message["type"] == "http.request" and message.get("more_body", False)
            return message
        left = self._begun + self.ALL_S + self._read / self.MIN_BYTES_A_SECOND - time.monotonic()
        with anyio.move_on_after(min(self.PART_S, max(left, 0.0))) as waiting:
            message = await self._receive()
        if waiting.cancelled_caught:
            self.is_too_slow, self.to_come = True, False
            return {"type": "http.disconnect"}
        self._read += len(message.get("body", b""))
        self.to_come = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def drop_the_rest(self) -> None:
        """Read what is still to come, and keep none of it."""
        left = self.MAX_BYTES
        with anyio.move_on_after(self.MAX_SECONDS):
            while self.to_come and left > 0:
                left -= len((await self.receive()).get("body", b""))
