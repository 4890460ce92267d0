"""What the browser tests share: opening a page and waiting until it stands still."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, expect

#: Milliseconds to wait for what will come, as on a busy machine it may late.
PATIENT = 120_000
expect.set_options(timeout=PATIENT)


#: On an address below the root, Streamlit's front end first asks for its own routes there and takes
#: the 404 as an answer.
PROBING = re.compile("/cost/_stcore/")


class Opened:
    """A page, with the errors in its console and the hosts that it asked, until it is drawn."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.is_drawn = False
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._failed(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBING.search(message.location["url"]):
            self._failed(message.text)

    def _failed(self, text: str) -> None:
        if not self.is_drawn:
            self.errors.append(text)

    def _asked(self, address: str) -> None:
        if not self.is_drawn:
            self.hosts.add(urlsplit(address).netloc)


def open_page(page: Page, address: str, *, chart: bool = True) -> None:
    """Go there and wait."""
    page.set_default_timeout(PATIENT)
    page.goto(address)
    settle(page, chart=chart)


def settle(page: Page, *, chart: bool = True) -> None:
    """Wait until the chart is drawn, on a page without one the answer, no run is under way, and
    numbers are no longer rough.
    """
    shown = page.locator(".js-plotly-plot .main-svg") if chart else page.get_by_test_id("stAlert")
    expect(shown.first).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    expect(page.get_by_text("computing all")).to_have_count(0)


def answer(page: Page) -> str:
    """The answer sentence."""
    return page.get_by_test_id("stAlert").first.inner_text()
