"""The HTML of the addresses of pages, and of those that are none."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from dashboard.export.exports import PRODUCT
from dashboard.first_paint import markup
from dashboard.first_paint.content import FirstPaint, awaited, first_paint
from dashboard.first_paint.index import document
from dashboard.links import Pairs, parse_query
from dashboard.pages.declaration import Page
from dashboard.pages.nearest import nearest_page
from dashboard.pages.registry import PAGES
from dashboard.server.content_policy import inline_of, policy
from dashboard.server.request_parts import base_of
from dashboard.server.static_files import encoded, static_folder

T = TypeVar("T")

#: First paints that are computed at a time, and how many may wait; a request that finds more, or
#: waits for longer, gets the page without its answer.
AT_A_TIME, MAX_WAITING, MAX_SECONDS = 2, 24, 2.5
ICON = Path(__file__).parents[1] / "icon.png"
#: First parts of addresses that are no pages.
OTHERS = frozenset(
    (
        "_stcore",
        "api",
        "app",
        "assets",
        "auth",
        "component",
        "media",
        "oauth2callback",
        "s",
        "static",
    )
)


class Workers:
    """Threads that make first paints. What is begun is ended, also where nobody waits for it any
    more, so that never more of them run than there are.
    """

    def __init__(self, most: int = AT_A_TIME, most_waiting: int = MAX_WAITING) -> None:
        self.most_pending = most + most_waiting
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="first-paint")
        self._pending: dict[object, Future[FirstPaint]] = {}

    async def first_paint(self, page: Page, pairs: Pairs) -> FirstPaint | None:
        """What the page says; None where that takes too long. Those who ask for the same wait for
        the same.
        """
        key = (page.name, tuple(pairs))
        future = self._pending.get(key)
        if future is None:
            if len(self._pending) >= self.most_pending:
                return None
            future = self._pending[key] = self._pool.submit(first_paint, page, pairs)
            loop = asyncio.get_running_loop()
            future.add_done_callback(_in_loop(loop, lambda: self._pending.pop(key, None)))
        try:
            async with asyncio.timeout(MAX_SECONDS):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            return None


def _in_loop(
    loop: asyncio.AbstractEventLoop, done: Callable[[], object]
) -> Callable[[object], None]:
    def called(_future: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(done)

    return called


workers = Workers()


async def page_document(request: Request, page: Page) -> Response:
    """The HTML of a page in the state that the query names."""
    pairs = parse_query(request.url.query)
    paint = await workers.first_paint(page, pairs)
    if paint is None:
        paint = awaited(page, pairs)
    given = dict(pairs)
    part: markup.Embedded = "table" if given.get("part") == "table" else "chart"
    body = document(
        markup.head_of(paint, base_of(request)),
        markup.body_of(paint, embedded=part if given.get("embed") == "true" else ""),
        path=_raw_path(request),
        style=markup.chart_style(paint.chart),
        section=f"{paint.page.name}/{paint.section.name}",
        is_pending=paint.is_pending,
    )
    return _html(
        request,
        body,
        is_private=paint.is_private or paint.is_pending,
        is_embedded=given.get("embed") == "true",
    )


async def no_page(request: Request) -> Response:
    """The HTML of an address that is none: 404, with the nearest page."""
    path = get_route_path(request.scope)
    if "." in path.rpartition("/")[2]:
        return PlainTextResponse("There is no such file.\n", status_code=404)
    nearest = nearest_page(path)
    head = "\n".join(
        [
            *markup.meta(
                title=f"No such page · {PRODUCT}",
                description=markup.not_found_words(nearest),
                url=base_of(request) + "/",
            ),
            '<meta name="robots" content="noindex">',
        ]
    )
    body = document(head, markup.not_found(nearest), path=_raw_path(request))
    return _html(request, body, status=404)


def _html(
    request: Request,
    body: bytes,
    *,
    status: int = 200,
    is_private: bool = False,
    is_embedded: bool = False,
) -> Response:
    """The document, which browsers ask for anew each time; what somebody shared is kept nowhere."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    cache = (
        {"cache-control": "no-store"} if is_private else {"cache-control": "no-cache", "etag": tag}
    )
    cache["content-security-policy"] = policy(
        request.headers.get("host", ""),
        inline=_own_scripts(_raw_path(request)),
        is_embedded=is_embedded,
    )
    if is_private:
        cache["x-robots-tag"] = "noindex"
    if not is_private and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=cache | {"vary": "accept-encoding"})
    sent, headers = encoded(body, request.headers)
    return Response(sent, status, headers | cache, media_type="text/html")


@lru_cache(256)
def _own_scripts(path: str) -> str:
    """The inline scripts that may run at an address: those of its document without head and body,
    which hold what comes from outside, so that a script that got into them has no hash.
    """
    return inline_of(document("", "", path=path).decode("utf-8"))


def _raw_path(request: Request) -> str:
    """The path below that of the dashboard, as the client wrote it."""
    raw = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
    depth = get_route_path(request.scope).count("/")
    return "/" + "/".join(raw.split("/")[-depth:]) if depth else "/"


class Documents(BaseRoute):
    """GET and HEAD of the pages' addresses, and of those for which Streamlit would send its empty
    document.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the address is a page's, or nothing's."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return Match.NONE, {}
        path = get_route_path(scope)
        if not path.startswith("/") or (len(path) > 1 and path.endswith("/")):
            return Match.NONE, {}
        if _page_at(path) is None and not _is_nothing(path):
            return Match.NONE, {}
        return Match.FULL, {"endpoint": self}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the document."""
        request = Request(scope, receive)
        page = _page_at(get_route_path(scope))
        response = await (no_page(request) if page is None else page_document(request, page))
        await response(scope, receive, send)


def _page_at(path: str) -> Page | None:
    return next((page for page in PAGES.values() if path == f"/{page.path}"), None)


def _is_nothing(path: str) -> bool:
    """Whether neither this product nor Streamlit has anything there."""
    parts = path.strip("/").split("/")
    if parts[0] in OTHERS or "_stcore" in parts or ".." in parts or "\\" in path or "\0" in path:
        return False
    return not (static_folder() / path.lstrip("/")).exists()


async def icon(_request: Request) -> Response:
    """The icon of the product."""
    return FileResponse(ICON, headers={"cache-control": "public, max-age=86400"})


async def robots(_request: Request) -> Response:
    """What search engines may ask for: all pages. Those with something that somebody shared say
    themselves that they are not to be listed, which only those who may ask for them can read.
    """
    return PlainTextResponse(
        "User-agent: *\nDisallow: /_stcore/\n", headers={"cache-control": "public, max-age=86400"}
    )


def first_paint_routes() -> list[BaseRoute]:
    """The routes of documents, which come after all others of ours."""
    return [
        Route("/robots.txt", robots),
        Route("/favicon.png", icon),
        Route("/favicon.ico", icon),
        Documents(),
    ]
