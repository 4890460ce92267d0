"""What those who run the server see of it: a count and a line in the log a request, `/metrics` for
Prometheus, and `/ready`, which checks the store too.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import metrics
from dashboard.api.routes import queue
from dashboard.server.connections import connections
from dashboard.server.settings import server_settings
from dashboard.server.uploads import held_bytes
from dashboard.server.warm_up import warmed
from dashboard.store import StoreError, shared_links
from dashboard.store.guarded_links import GuardedLinks
from dashboard.store.sharing import in_store
from forecasting.data.dataset import bundled
from forecasting.data.result_cache import results_of

logger = logging.getLogger(__name__)
#: An id that no link has: asking for it reads the store and changes nothing.
NO_LINK = "ready?"
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0


class RequestLog:
    """Counts every request by status; where the log is JSON, it gets a line with what was asked
    for, without query, ids and address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.has_lines = server_settings().log == "json"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            metrics.count("compute_forecast_http_requests_total", status=str(status))
            if self.has_lines:
                facts = {
                    "method": scope["method"],
                    "route": route_of(scope["path"]),
                    "status": status,
                    "milliseconds": round(1e3 * (time.perf_counter() - begun)),
                }
                logger.info("request", extra=facts)


def route_of(path: str) -> str:
    """A path without what tells of a visitor: ids of links, sessions and the like are left out."""
    parts = path.split("/")
    for private in ("s", "upload_file", "media", "live"):
        if private in parts:
            return "/".join(parts[: parts.index(private) + 1]) + "/…"
    return path[:200]


async def metrics_text(_request: Request) -> PlainTextResponse:
    """The metrics of this process."""
    cache = results_of(bundled())
    gauges = {
        "compute_forecast_cache_results": ("Results held for the tables in use.", len(cache)),
        "compute_forecast_cache_bytes": ("Their size.", cache.held_bytes),
        "compute_forecast_api_running": ("Forecasts computed for the API.", queue.running.total()),
        "compute_forecast_api_waiting": ("Requests of the API that wait.", queue.waiting),
        "compute_forecast_connections": ("Connections.", len(connections)),
        "compute_forecast_connections_refused_total": ("Connections refused.", connections.refused),
        "compute_forecast_upload_bytes": ("Uploaded files held.", held_bytes()),
        **_store_gauges(),
        "process_cpu_seconds_total": ("Seconds of a processor used.", time.process_time()),
        "process_resident_memory_bytes": ("Memory held.", _resident_bytes()),
    }
    text = metrics.exposition(gauges)
    return PlainTextResponse(
        text, media_type=metrics.TEXT_FORMAT, headers={"cache-control": "no-store"}
    )


async def ready(_request: Request) -> JSONResponse:
    """Whether visitors can be sent here: 200, or 503 with what is wrong; and whether the default
    forecasts are computed.
    """
    headers = {"cache-control": "no-store"}
    warm = warmed.is_set()
    try:
        await in_store(shared_links().is_there, NO_LINK)
    except StoreError as error:
        return JSONResponse({"ready": False, "store": str(error), "warm": warm}, 503, headers)
    return JSONResponse({"ready": True, "store": "answers", "warm": warm}, 200, headers)


def _store_gauges() -> dict[str, tuple[str, float]]:
    """What is known of the store without asking it."""
    silent, meaning = "compute_forecast_store_silent", "1 while the store does not answer."
    try:
        links = shared_links()
    except StoreError:
        return {silent: (meaning, 1)}
    is_silent = isinstance(links, GuardedLinks) and links.breaker.is_open
    return {
        silent: (meaning, int(is_silent)),
        "compute_forecast_store_bytes": (
            "Size of the store at the last save here.",
            links.quota.used_bytes,
        ),
        "compute_forecast_store_quota_bytes": (
            "What the store may take.",
            links.limits.bytes_in_all,
        ),
    }


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


def observed_routes() -> list[BaseRoute]:
    """Both routes."""
    return [Route("/metrics", metrics_text), Route("/ready", ready)]
