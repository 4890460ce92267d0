"""What the browser tests share: opening a page and waiting until it stands still."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PATIENT = 20_000


def open_page(page: Page, address: str) -> None:
    """Go there and wait."""
    page.goto(address)
    settle(page)


def settle(page: Page, *, patient: int = PATIENT, chart: bool = True) -> None:
    """Wait until the chart is drawn, on a page without one the answer, and no run is under way."""
    shown = page.locator(".js-plotly-plot .main-svg") if chart else page.get_by_test_id("stAlert")
    expect(shown.first).to_be_visible(timeout=patient)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=patient)


def answer(page: Page) -> str:
    """The answer sentence."""
    return page.get_by_test_id("stAlert").first.inner_text()
