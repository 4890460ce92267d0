"""A server that does not stand at the root of its address: our routes are below the same path as
Streamlit's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.server.app import middleware, routes_below
from dashboard.store import Share, shared_links
from dashboard.ui.chart_element import LIBRARY_ADDRESS
from tests.browser.harness import answer, open_page
from tests.browser.test_sharing import shared
from tests.server.served import served


async def pages(request: Request) -> Response:
    """In place of Streamlit, which answers whatever no route of ours does."""
    return PlainTextResponse(f"Streamlit: {request.url.path}")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(tmp_path / "shared.sqlite3"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    shared_links.cache_clear()
    app = Starlette(
        routes=[*routes_below("/tools/forecast/"), Route("/{path:path}", pages)],
        middleware=middleware,
    )
    with TestClient(app, base_url="https://example.org", follow_redirects=False) as opened:
        yield opened
    shared_links().close()
    shared_links.cache_clear()


def test_routes_are_found_below_the_path_and_all_else_is_left_to_streamlit(
    client: TestClient,
) -> None:
    assert (
        client.get(f"/tools/forecast{LIBRARY_ADDRESS}")
        .headers["content-type"]
        .startswith("text/javascript")
    )
    assert client.get("/tools/forecast/api/v1/version.json").json()["tables"]
    for path in (
        "/tools/forecast/media/x.png",
        "/tools/forecast/_stcore/health",
        "/api/v1/version.json",
        "/tools/forecast",
    ):
        assert client.get(path).text == f"Streamlit: {path}"


def test_documents_name_the_path(client: TestClient) -> None:
    # Computed first: a document waits for its answer no longer than a reader would.
    client.get("/tools/forecast/api/v1/cost.json")
    text = client.get("/tools/forecast/cost").text
    assert '<meta property="og:url" content="https://example.org/tools/forecast/cost">' in text
    assert "https://example.org/tools/forecast/api/v1/cost.png" in text
    assert client.get("/tools/forecast/plam").status_code == 404


def test_links_and_the_description_name_the_path(client: TestClient) -> None:
    assert client.get("/tools/forecast/api/v1/openapi.json").json()["servers"] == [
        {"url": "/tools/forecast"}
    ]
    link = client.get("/tools/forecast/api/v1/cost.json?model=GPT-3").json()["link"]
    assert link.startswith("https://example.org/tools/forecast/cost?v=")
    saved = shared_links().save(
        Share(
            "cost", "v=1&model=GPT-3", "It costs $1.", "0032533d", "cost.1", {"result": b"numbers"}
        )
    )
    assert (
        client.get(f"/tools/forecast/s/{saved.id}")
        .headers["location"]
        .startswith("/tools/forecast/cost?v=1&model=GPT-3&s=")
    )
    assert 'href="/tools/forecast/"' in client.get("/tools/forecast/s/none").text


@pytest.mark.soak
@pytest.mark.browser
def test_pages_draw_and_share_below_a_path(tmp_path: Path, browser: Browser) -> None:
    with served(tmp_path / "shared.sqlite3", "forecast") as address:
        page = browser.new_page()
        for path in ("", "/cost?v=3&model=GPT-3&year=2033"):
            open_page(page, f"{address}{path}")
        said = answer(page)
        link, _ = shared(page)
        assert link.startswith(f"{address}/s/")
        open_page(page, link)
        assert answer(page) == said
        page.close()
