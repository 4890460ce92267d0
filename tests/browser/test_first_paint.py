"""The page before the page: there without scripts, and gone without a jump where they run."""

from __future__ import annotations

import re
import time
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.pages.declaration import Page as Declared
from dashboard.pages.declaration import Section
from forecasting.compute_cost.cost_scenario import CostScenario
from tests.browser.harness import PATIENT, answer, settle
from tests.dashboard.harness import SECTIONS
from tests.tools.first_view_elements import (
    AFTER_MS,
    IS_BELOW,
    STANDS,
    elements_of,
    watched,
)
from tests.tools.sections import address

pytestmark = pytest.mark.browser

SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;
}).observe({ type: "layout-shift", buffered: true });"""
TOLD = """const ask = window.fetch;
window.fetch = (...what) => {
  if (String(what[0]).includes("/live/")) window.wasLive = !document.getElementById("first-paint");
  return ask(...what);
};"""
#: A first paint that had no time for its chart.
WITHOUT_CHART = """addEventListener("DOMContentLoaded", () =>
  document.querySelector("#first-paint figure").remove());"""
PLACES = """(selectors) => selectors.map((selector) => {
  const found = document.querySelector(selector);
  return found ? found.getBoundingClientRect().top : null;
})"""


@pytest.fixture
def cost(server: str) -> str:
    """The address of a page whose answer is at hand, as is that of its second section: a busy
    machine says first that it computes.
    """
    address = f"{server}/cost"
    for section, words in ((address, b"costs about"), (f"{address}?view=price", b"doubles every")):
        until = time.monotonic() + 120
        while words not in urllib.request.urlopen(section).read():
            assert time.monotonic() < until, f"{section} does not come to an answer"
            time.sleep(0.2)
    return address


def test_without_scripts_a_page_answers_its_question(browser: Browser, cost: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(cost)
    expect(page.get_by_role("heading", name="Cost of compute")).to_be_visible()
    expect(page.locator(".answer")).to_contain_text("costs about")
    expect(page.locator("figure svg").filter(visible=True)).to_have_count(1)
    page.get_by_role("link", name="Price of compute").click()
    expect(page.locator(".answer")).to_contain_text("doubles every")
    context.close()


@pytest.mark.parametrize("width", [1280, pytest.param(400, marks=pytest.mark.soak)])
def test_the_live_page_takes_its_place_without_a_jump(
    width: int, browser: Browser, cost: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(SHIFTS)
    page.goto(cost, wait_until="commit")
    page.locator("#first-paint .answer").wait_for()
    first = page.evaluate(PLACES, ["#first-paint .answer", "#first-paint figure"])
    said = page.locator("#first-paint .answer").inner_text()
    settle(page)
    expect(page.locator("#first-paint")).to_have_count(0)
    expect(page.locator(".chart .first-paint-chart")).to_have_count(0)
    live = page.evaluate(PLACES, ["[data-testid=stAlert]", ".chart"])
    assert said in answer(page)
    assert live == pytest.approx(first, abs=30)
    assert page.evaluate("window.shifts") <= 0.05
    context.close()


def test_the_rest_of_a_page_without_a_chart_comes_without_a_jump(page: Page, server: str) -> None:
    page.add_init_script(SHIFTS)
    page.goto(f"{server}/data")
    settle(page, chart=False)
    expect(page.get_by_text("Oldest first")).to_be_visible()
    assert page.evaluate("window.shifts") <= 0.05


@pytest.mark.parametrize(
    ("address", "below"), [("cost", "Method, assumptions and sources"), ("data", "Oldest first")]
)
def test_the_rest_of_a_page_follows_once_its_first_part_is_live(
    address: str, below: str, page: Page, server: str
) -> None:
    page.add_init_script(TOLD)
    page.goto(f"{server}/{address}")
    settle(page, chart=address != "data")
    assert page.evaluate("window.wasLive") is True
    expect(page.get_by_text(below)).to_be_visible()


def test_a_page_that_was_first_painted_without_its_chart_is_live_while_the_rest_waits(
    page: Page, cost: str
) -> None:
    def opened(socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(
            lambda message: None if ends_run(message) else socket.send(message)
        )

    page.add_init_script(WITHOUT_CHART)
    page.route_web_socket(re.compile("_stcore/stream"), opened)
    page.goto(cost)
    expect(page.locator("#first-paint")).to_have_count(0)
    expect(page.locator("[data-test-script-state=running]")).to_have_count(1)


def ends_run(message: str | bytes) -> bool:
    """Whether a message of the server says that nothing runs any more."""
    assert isinstance(message, bytes)
    told = ForwardMsg.FromString(message)
    return told.HasField("script_finished") or (
        told.HasField("session_status_changed")
        and not told.session_status_changed.script_is_running
    )


def test_a_move_made_before_the_rest_of_a_page_has_come_is_answered_by_all_of_it(
    page: Page, server: str
) -> None:
    page.route("**/live/*", lambda route: route.abort())
    page.goto(f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3&year=2030")
    expect(page.locator("#first-paint")).to_have_count(0)
    page.get_by_role("slider", name="Year of training").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    expect(page).to_have_url(re.compile("year=2031"))
    expect(page.get_by_test_id("stAlert").first).to_contain_text("of 2031")
    expect(page.get_by_text("Method, assumptions and sources")).to_be_visible()


@pytest.mark.parametrize(
    ("declared", "section"),
    [
        pytest.param(
            *each.values, id=each.id, marks=[] if each.id == "data-tables" else [pytest.mark.soak]
        )
        for each in SECTIONS
    ],
)
def test_a_document_names_the_scripts_of_all_that_stands_above_its_chart(
    declared: Declared, section: Section, page: Page, server: str
) -> None:
    scripts = watched(page)
    response = page.goto(f"{server}/{address(declared, section)}")
    assert response is not None
    named = response.text()
    page.wait_for_function(STANDS, timeout=PATIENT)
    page.wait_for_timeout(AFTER_MS)
    assert scripts
    # What says that a forecast takes time is there only where it does.
    late = [each for each in scripts if each not in named and not each.startswith("Spinner.")]
    assert [each for each in elements_of(late) if not page.evaluate(IS_BELOW, each)] == []


def test_a_script_that_does_not_come_leaves_the_words(page: Page, cost: str) -> None:
    page.route("**/static/js/**", lambda route: route.abort())
    page.goto(cost)
    expect(page.locator("#first-paint .answer")).to_contain_text("costs about")
    page.wait_for_timeout(1500)
    expect(page.locator("#first-paint .answer")).to_be_visible()
