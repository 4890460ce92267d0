"""Parts of a request that several routes read: its body up to a limit, and the path that all
addresses of this server have in common.
"""

from __future__ import annotations

from starlette.requests import Request

from dashboard.server.settings import server_settings


class TooLargeError(Exception):
    """The body is larger than the limit."""


async def body_of(request: Request, most_bytes: int) -> bytes:
    """The body; raises TooLargeError as soon as its announced or its read length is beyond the
    limit.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise TooLargeError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise TooLargeError
    return bytes(body)


def root_of(request: Request) -> str:
    """The path under which this server stands (`server.baseUrlPath`), such as /forecast; empty at
    the root.
    """
    return str(request.scope.get("root_path", "")).rstrip("/")


def base_of(request: Request) -> str:
    """The address of the dashboard, up to the path that all its pages have in common: the public
    one where it is set, else the one that this server was asked under.
    """
    asked = f"{request.url.scheme}://{request.url.netloc}{root_of(request)}"
    return server_settings().public_address or asked
