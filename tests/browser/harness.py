"""What the browser tests share: opening a page and waiting until it stands still."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PATIENT = 20_000


def open_page(page: Page, address: str) -> None:
    """Go there and wait."""
    page.goto(address)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the chart is drawn and no run is under way."""
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=PATIENT)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PATIENT)


def answer(page: Page) -> str:
    """The answer sentence."""
    return page.get_by_test_id("stAlert").first.inner_text()
