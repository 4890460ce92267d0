"""The routes of the server without the pages, on a store of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.server.app import middleware, routes
from dashboard.store import shared_links
from tests.dashboard.conftest import patient_api

__all__ = ["patient_api"]


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of the routes."""
    with pytest.MonkeyPatch.context() as patch:
        store: Path = tmp_path_factory.mktemp("store") / "shared.sqlite3"
        patch.setenv("COMPUTE_FORECAST_STORE", str(store))
        patch.delenv("DATABASE_URL", raising=False)
        shared_links.cache_clear()
        app = Starlette(routes=routes, middleware=middleware)
        with TestClient(app, follow_redirects=False) as opened:
            yield opened
        shared_links().close()
        shared_links.cache_clear()
