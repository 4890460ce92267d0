"""The HTTP routes of the API: a literal path for each page, so that each is described and can be
limited on its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.api.answers import shown_for
from dashboard.api.batch import MAX_BYTES, MAX_ROWS, batch_csv
from dashboard.api.fair_queue import FairQueue
from dashboard.api.formats import FORMATS
from dashboard.api.openapi import description
from dashboard.api.problems import ProblemError, bad_inputs
from dashboard.export import exports
from dashboard.export.exports import PageExport
from dashboard.links import MAX_CHARACTERS, is_private, parse_query
from dashboard.metrics import count
from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES
from dashboard.precedence import GivingWay, pages
from dashboard.server.clients import client_of
from dashboard.server.request_parts import TooLargeError, base_of, body_of, root_of
from dashboard.server.settings import server_settings
from dashboard.store.sharing import KEPT_NOWHERE
from dashboard.unexpected import told
from forecasting.data.age import data_as_of
from forecasting.data.dataset import bundled
from forecasting.errors import ForecastingError, TookTooLongError
from forecasting.stats.budget import Budget, StoppedError, within

PREFIX = "/api/v1"
#: How long one answer may be computed.
SECONDS = 30.0
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: Any page of any origin may ask: what is answered is public, depends on the address and the body
#: alone, and reads no cookie.
ANY_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Content-Disposition, Retry-After",
}
#: What a browser is told that asks first, for a day.
PREFLIGHT = {
    "access-control-allow-headers": "Content-Type, If-None-Match",
    "access-control-max-age": "86400",
}

Endpoint = Callable[[Request], Awaitable[Response]]


queue = FairQueue()


async def computed(request: Request, work: Callable[[], Response]) -> Response:
    """The response of `work`, from a thread, in this client's turn. Raises ProblemError when too
    many wait or it takes too long; the work is stopped then, and where the client goes.
    """

    def limited(budget: Budget) -> Response:
        try:
            with within(budget):
                return work()
        except TookTooLongError:
            sentence = f"It was stopped after {SECONDS:.0f} seconds."
        except StoppedError:
            sentence = "It was stopped, since nobody waited for it."
        raise ProblemError(503, "This forecast took too long", [sentence], {"retry-after": "60"})

    async def stop_when_gone(budget: Budget) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        budget.cancel()

    client = client_of(request.client.host if request.client else None)
    async with queue.slot(client):
        budget = Budget(SECONDS, GivingWay(pages))
        watch = asyncio.create_task(stop_when_gone(budget))
        try:
            return await run_sync(limited, budget)
        finally:
            watch.cancel()


def cached_by() -> str:
    """Who may keep an answer: any cache where its links are of the public address that was set, the
    reader's own browser where they follow the header Host, which is the reader's to choose.
    """
    return f"{'public' if server_settings().public_address else 'private'}, max-age=300"


def answered(work: Endpoint) -> Endpoint:
    """An endpoint whose errors are problem+json and that any page may read."""

    async def endpoint(request: Request) -> Response:
        try:
            response = await work(request)
        except ProblemError as problem:
            response = problem.response
            if problem.status == 503:
                count("compute_forecast_api_refused_total", status="503")
        except Exception as error:
            response = ProblemError(500, "Something went wrong", [told(error, "api")]).response
        response.headers.update(ANY_ORIGIN)
        return response

    return endpoint


def address(path: str, method: str, work: Endpoint) -> Route:
    """A route that answers one method and says to all others which that is."""
    methods = ("GET", "HEAD") if method == "GET" else (method,)
    allowed = ", ".join((*methods, "OPTIONS"))

    async def endpoint(request: Request) -> Response:
        if request.method in methods:
            return await work(request)
        if request.method == "OPTIONS":
            return Response(
                status_code=204,
                headers={"allow": allowed, "access-control-allow-methods": allowed, **PREFLIGHT},
            )
        sentence = f"{request.method} is not answered here. Use {method}."
        raise ProblemError(405, "This method is not answered here", [sentence], {"allow": allowed})

    return Route(path, answered(endpoint), methods=METHODS)


def result_endpoint(page: Page, kind: str) -> Endpoint:
    """The result of a page in one of the FORMATS."""
    format_ = FORMATS[kind]

    async def work(request: Request) -> Response:
        text = request.url.query
        if len(text) > MAX_CHARACTERS:
            raise ProblemError(
                414,
                "The query is too long",
                [f"It has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read."],
            )
        query, base = parse_query(text), base_of(request)

        def made() -> Response:
            shown: PageExport = shown_for(page, query, base)
            try:
                body = format_.make(shown, dict(query))
            except ForecastingError as error:
                raise bad_inputs([str(error)]) from None
            disposition = "inline" if format_.is_inline else "attachment"
            headers = {
                **(KEPT_NOWHERE if is_private(query) else {"cache-control": cached_by()}),
                "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
                "content-disposition": f'{disposition}; filename="{shown.stem}.{kind}"',
            }
            if request.headers.get("if-none-match") == headers["etag"]:
                return Response(status_code=304, headers=headers)
            return Response(body, media_type=format_.media_type, headers=headers)

        return await computed(request, made)

    return work


def batch_endpoint(page: Page) -> Endpoint:
    """A CSV of scenarios in, a CSV of results out."""

    async def work(request: Request) -> Response:
        try:
            body = await body_of(request, MAX_BYTES)
        except TooLargeError:
            sentence = (
                f"At most {MAX_BYTES // 1024:,} KiB are read. Send it in parts of at most"
                f" {MAX_ROWS} rows."
            )
            raise ProblemError(413, "The batch is too large", [sentence]) from None
        base = base_of(request)

        def made() -> Response:
            return Response(
                batch_csv(page, body, base),
                media_type="text/csv; charset=utf-8",
                headers={"cache-control": "no-store"},
            )

        return await computed(request, made)

    return work


async def data_version(_request: Request) -> JSONResponse:
    """The version of the tables in use: the fingerprint over all of them, the date of the newest,
    and those that are older than their rhythm.
    """
    tables = bundled()
    return JSONResponse(
        {
            "tables": tables.fingerprint(tables.names),
            "data_as_of": data_as_of(tables, tables.names),
            "stale": exports.stale_entries(tables, tables.names),
        }
    )


async def openapi(request: Request) -> JSONResponse:
    """The OpenAPI description, made from the scenario models, for the path under which the server
    stands.
    """
    return JSONResponse({**description(), "servers": [{"url": root_of(request) or "/"}]})


async def unknown(_request: Request) -> Response:
    """Any other path below the prefix."""
    known = ", ".join(f"{PREFIX}/{name}.json" for name in PAGES)
    others = ", ".join(f".{kind}" for kind in FORMATS if kind != "json")
    raise ProblemError(
        404,
        "No such address",
        [f"Known are {known}, each also as {others}, and {PREFIX}/openapi.json."],
    )


def api_routes() -> list[BaseRoute]:
    """All routes of the API."""
    routes: list[BaseRoute] = [
        address(f"{PREFIX}/version.json", "GET", data_version),
        address(f"{PREFIX}/openapi.json", "GET", openapi),
    ]
    for page in PAGES.values():
        routes += [
            address(f"{PREFIX}/{page.name}.{kind}", "GET", result_endpoint(page, kind))
            for kind, format_ in FORMATS.items()
            if format_.is_of(page)
        ]
        routes.append(address(f"{PREFIX}/{page.name}/batch", "POST", batch_endpoint(page)))
    return [*routes, Route(f"{PREFIX}/{{path:path}}", answered(unknown), methods=METHODS)]
