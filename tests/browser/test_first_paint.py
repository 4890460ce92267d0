"""The page before the page: there without scripts, and gone without a jump where they run."""

from __future__ import annotations

import time
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.harness import answer, settle

pytestmark = pytest.mark.browser

SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;
}).observe({ type: "layout-shift", buffered: true });"""
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


def test_a_script_that_does_not_come_leaves_the_words(page: Page, cost: str) -> None:
    page.route("**/static/js/**", lambda route: route.abort())
    page.goto(cost)
    expect(page.locator("#first-paint .answer")).to_contain_text("costs about")
    page.wait_for_timeout(1500)
    expect(page.locator("#first-paint .answer")).to_be_visible()


def sockets_of(page: Page) -> list[tuple[WebSocket, list[str]]]:
    """The connections that the page opens from now on, each with what was said, by whom."""
    opened: list[tuple[WebSocket, list[str]]] = []

    def note(socket: WebSocket) -> None:
        said: list[str] = []
        socket.on("framesent", lambda _frame: said.append("browser"))
        socket.on("framereceived", lambda _frame: said.append("server"))
        opened.append((socket, said))

    page.on("websocket", note)
    return opened


@pytest.mark.parametrize(
    ("query", "settings"),
    [
        ("?year=2031&model=GPT-4", {}),
        (
            "?embed=true&year=2031",
            {"timezone_id": "Asia/Kolkata", "locale": "de-DE", "color_scheme": "dark"},
        ),
    ],
)
def test_the_live_page_is_asked_for_once_while_its_scripts_load(
    query: str, settings: dict[str, str], browser: Browser, cost: str
) -> None:
    context = browser.new_context(**settings)
    page = context.new_page()
    opened = sockets_of(page)
    page.goto(cost + query)
    settle(page)
    ((socket, said),) = opened
    # One question: Streamlit's own is the same, to the byte, and is not asked again.
    assert said[0] == "browser"
    assert said.count("browser") == 1
    assert not socket.is_closed()
    assert "year=2031" in page.url
    context.close()


def test_the_server_answers_before_the_scripts_have_come(page: Page, cost: str) -> None:
    page.route("**/static/js/**", lambda route: route.abort())
    opened = sockets_of(page)
    page.goto(cost)
    page.wait_for_timeout(3000)
    ((_, said),) = opened
    assert said.count("browser") == 1
    assert said.count("server") > 10
    expect(page.locator("#first-paint .answer")).to_be_visible()


def test_a_connection_that_was_lost_meanwhile_is_opened_anew(page: Page, cost: str) -> None:
    page.add_init_script("""(() => {
      const Native = window.WebSocket;
      window.WebSocket = function (...given) {
        const socket = new Native(...given);
        window.lost ??= (socket.close(), true);
        return socket;
      };
      window.WebSocket.OPEN = Native.OPEN;
      window.WebSocket.prototype = Native.prototype;
    })()""")
    opened = sockets_of(page)
    page.goto(cost)
    settle(page)
    assert len(opened) == 2
    assert answer(page)
