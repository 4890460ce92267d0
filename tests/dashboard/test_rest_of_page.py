"""What stands below a chart, which waits for the browser's word that the page is live."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboard import metrics
from dashboard.ui import rest_of_page
from dashboard.ui.rest_of_page import ADDRESS, rest_of_page_routes


def page() -> None:
    import streamlit as st

    from dashboard.ui.rest_of_page import below_when_live

    with below_when_live() as address:
        st.text(address)
    st.text("below")


def page_that_is_moved_while_it_waits() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

    from dashboard.ui import rest_of_page

    def moved() -> None:
        if rest_of_page._expected and "drawn" in seen:
            raise StopException

    seen: list[str] = []
    context = get_script_run_ctx()
    assert context is not None
    object.__setattr__(context.session_state, "_yield_callback", moved)
    with rest_of_page.below_when_live():
        st.text("chart")
        seen.append("drawn")
    st.text("below")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions look like those of a browser."""
    monkeypatch.setattr(rest_of_page, "_is_browser", lambda: True)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=rest_of_page_routes())) as client:
        yield client


def shown(test: AppTest) -> list[str]:
    return [str(each.value) for each in test.text]


def expected_soon() -> str:
    """The address at which a page's word is expected, once it is."""
    until = time.monotonic() + 60
    while not rest_of_page._expected:
        assert time.monotonic() < until
        time.sleep(0.005)
    return ADDRESS + next(iter(rest_of_page._expected))


@pytest.mark.usefixtures("browser")
def test_what_stands_below_a_chart_waits_until_the_browser_tells_that_the_page_is_live(
    monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setattr(rest_of_page, "MAX_WAIT_S", 120.0)
    told: list[str] = []

    def tell() -> None:
        told.append(expected_soon())
        assert client.post(told[0]).status_code == 204

    with ThreadPoolExecutor(1) as thread:
        telling = thread.submit(tell)
        test = AppTest.from_function(page, default_timeout=100).run()
        telling.result()
    assert shown(test) == [told[0], "below"]
    assert not rest_of_page._expected
    assert shown(test.run()) == ["", "below"]


@pytest.mark.usefixtures("browser")
def test_a_browser_whose_word_does_not_come_gets_all_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rest_of_page, "MAX_WAIT_S", 0.05)
    test = AppTest.from_function(page, default_timeout=60).run()
    assert shown(test)[1:] == ["below"]
    assert not rest_of_page._expected


@pytest.mark.usefixtures("browser")
def test_a_move_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_of_page, "MAX_WAIT_S", 120.0)
    test = AppTest.from_function(page_that_is_moved_while_it_waits, default_timeout=60).run()
    assert shown(test) == ["chart"]
    assert not rest_of_page._expected


def test_a_client_that_is_no_browser_waits_for_nothing() -> None:
    assert shown(AppTest.from_function(page, default_timeout=60).run()) == ["", "below"]


def test_the_word_of_a_page_that_nothing_waits_for_changes_nothing(client: TestClient) -> None:
    assert client.post(f"{ADDRESS}unknown").status_code == 204
    assert not rest_of_page._expected


def test_the_time_of_a_run_leaves_out_what_it_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_times", {})
    with metrics.timed("compute_forecast_rerun_seconds", page="cost"), metrics.idle():
        threading.Event().wait(0.2)
    (times,) = metrics._times.values()
    assert times.seconds < 0.1
