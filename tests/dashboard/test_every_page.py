"""What holds of every page: its exports are what the API gives, and no query makes it raise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import links
from dashboard.api.formats import FORMATS
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from dashboard.server.app import routes
from dashboard.state.page_state import PageState
from dashboard.ui import display_bar
from dashboard.ui.progressive import FEW_DRAWS
from forecasting.data.dataset import bundled
from tests.dashboard.harness import SECTIONS, page_alone, text_of
from tests.examples import draws_a_page

HOST = "http://testserver"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes), base_url=HOST) as opened:
        yield opened


def query_of(page: Page, section: Section) -> dict[str, str]:
    """A whole query that opens a section."""
    return {"v": str(page.scenario.VERSION), **page.query(section)}


@pytest.mark.parametrize(
    ("page", "section", "kind"),
    [
        pytest.param(
            *case.values,
            kind,
            id=f"{case.id}-{kind}",
            # A kind each in turn; all of them in soak.
            marks=case.marks if at % len(FORMATS) == turn else [pytest.mark.soak],
        )
        for at, case in enumerate(SECTIONS)
        for turn, kind in enumerate(sorted(FORMATS))
        if case.values[1].figure or not FORMATS[kind].is_chart  # type: ignore[union-attr]
    ],
)
def test_a_page_exports_what_the_api_gives_byte_for_byte(
    client: TestClient, page: Page, section: Section, kind: str
) -> None:
    query = query_of(page, section)
    opened = links.open_link(list(query.items()), page.scenario, page.display, bundled())
    state: PageState[Any, Any] = PageState(opened.scenario, opened.display)
    # Made first: the API stops a forecast that takes half a minute, as slow ones may.
    exported = FORMATS[kind].make(display_bar.export_of(state, HOST), {})
    got = client.get(f"/api/v1/{page.name}.{kind}", params=query)
    assert got.status_code == 200
    assert exported == got.content


def test_the_plan_is_exported_from_all_draws_while_the_page_shows_a_rough_estimate(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: dict[str, Callable[[], bytes]] = {}

    def keep(label: str, *, data: Callable[[], bytes], **_: Any) -> None:
        offered[label] = data

    monkeypatch.setattr(display_bar.st, "download_button", keep)
    query = {"v": "1", "budget_usd": "123456789", "last_year": "2029"}
    assert f"From {FEW_DRAWS} draws" in text_of(page_alone("plan", query))
    in_full = client.get("/api/v1/plan.csv", params=query).content
    assert offered["CSV"]() == in_full.replace(HOST.encode(), b"")


@pytest.mark.parametrize("name", PAGES)
@draws_a_page
@given(data=st.data())
def test_no_query_makes_a_page_raise(name: str, data: st.DataObject) -> None:
    page = PAGES[name]
    names = ["v", "d", "p1", *page.scenario.model_fields, *page.display.model_fields]
    query = data.draw(st.dictionaries(st.sampled_from(names), st.text(max_size=30), max_size=5))
    test = page_alone(name, query)
    assert not test.exception
    assert test.title
