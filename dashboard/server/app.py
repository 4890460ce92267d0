"""What the server does around the pages: start-up, HTTP routes."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope
from streamlit import config

from dashboard.api import api_routes
from dashboard.escaping import escape_markdown
from dashboard.first_paint.index import elements
from dashboard.first_paint.routes import first_paint_routes
from dashboard.server import weekly_refresh
from dashboard.server.connections import connections, limit_connections
from dashboard.server.garbage import collect_regularly
from dashboard.server.logs import set_up_logs
from dashboard.server.memory import use_one_heap
from dashboard.server.middleware import DrainRequestBody, Forwarded, OneSlash, SecurityHeaders
from dashboard.server.observed import RequestLog, observed_routes
from dashboard.server.settings_check import check_settings
from dashboard.server.static_files import StaticFiles, chart_script, compress_well, library
from dashboard.server.table_watch import TableWatch
from dashboard.server.uploads import UploadLimits
from dashboard.server.warm_up import import_heavy_modules, warm_caches, warmed
from dashboard.store import shared_links
from dashboard.store.sharing import share_routes
from dashboard.ui.chart_element import LIBRARY_ADDRESS, SCRIPT_ADDRESS
from dashboard.ui.rest_of_page import rest_of_page_routes
from dashboard.unexpected import told
from forecasting.data.dataset import tables_folder
from forecasting.errors import ForecastingError

logger = logging.getLogger(__name__)
EXPIRE_EVERY_S = 3600.0

SWITCH_INTERVAL_S = 1e-3


def keep_uploads_in_memory() -> None:
    """Make the form parser hold whole uploads in memory: beyond its limit, 1 MiB by default, it
    writes them to a temporary file.
    """
    MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 1) * 2**20


def show_unexpected(error: Exception) -> bool:
    """An error of a page that no code of ours expected, as a sentence in its place."""
    st.error(escape_markdown(told(error, "page")), icon=":material/error:")
    return True


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Import what is heavy, freeze the collector, and warm the caches in a thread once the server
    answers.
    """
    # A session's run hands the interpreter over some twenty times; each waits this long while
    # another session computes (5 ms by default).
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    set_up_logs()
    use_one_heap()
    limit_connections()
    looking = asyncio.create_task(connections.run())
    import_heavy_modules()
    watch = TableWatch(tables_folder(), _make_ready)
    keep_uploads_in_memory()
    # What start-up made never dies, so it need not be looked at each time.
    gc.collect()
    gc.freeze()
    collect_regularly()
    threading.Thread(target=_warm_caches, name="warm-up", daemon=True).start()
    watch.start()
    weekly_refresh.start(tables_folder())
    threading.Thread(target=_expire_links, name="expire-links", daemon=True).start()
    yield
    looking.cancel()


def _expire_links() -> None:
    """Once an hour, remove shared links that were not opened for as long as they are kept."""
    while True:
        time.sleep(EXPIRE_EVERY_S)
        try:
            shared_links().expire()
        except ForecastingError as error:
            logger.warning("Shared links were not expired: %s", error)


def _warm_caches() -> None:
    try:
        warm_caches()
    except Exception:
        logger.exception(
            "Warming the caches failed; the first visitor of each page will wait longer."
        )
    finally:
        warmed.set()
    # With what app.py set aside unseen.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    compress_well({each for section in elements().values() for each in section})


def _make_ready() -> None:
    """Compute what visitors will ask of newer tables, and free what only older ones needed."""
    warm_caches()
    # Frozen objects are freed too, once nothing refers to them, unless they refer to each other.
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class OwnRoutes(Mount):
    """Our routes below a path; what is none of them is left to Streamlit, whose own routes stand
    below the same path.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes matches, and the scope for it."""
        match, below = super().matches(scope)
        if match is Match.FULL and any(
            route.matches({**scope, **below})[0] is not Match.NONE for route in self.routes
        ):
            return match, below
        return Match.NONE, {}


def routes_below(base_path: str) -> list[BaseRoute]:
    """All our routes, below the path under which the server stands (`server.baseUrlPath`)."""
    routes: list[BaseRoute] = [
        Route(LIBRARY_ADDRESS, library),
        Route(SCRIPT_ADDRESS, chart_script),
        *api_routes(),
        *share_routes(),
        *rest_of_page_routes(),
        *observed_routes(),
        *first_paint_routes(),
    ]
    base = base_path.strip("/")
    return [OwnRoutes(f"/{base}", routes=routes)] if base else routes


def refuse_wrong_settings() -> None:
    """End with a sentence where a setting of the environment cannot be used."""
    try:
        check_settings()
    except ForecastingError as error:
        raise SystemExit(f"Compute Forecast can't start: {error}") from None


refuse_wrong_settings()
BASE_PATH = str(config.get_option("server.baseUrlPath") or "")
routes = routes_below(BASE_PATH)
middleware = [
    Middleware(RequestLog),
    Middleware(Forwarded),
    Middleware(StaticFiles, base_path=BASE_PATH),
    Middleware(SecurityHeaders),
    Middleware(DrainRequestBody),
    Middleware(OneSlash),
    Middleware(UploadLimits),
]
