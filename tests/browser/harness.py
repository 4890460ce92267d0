"""What the browser tests share: opening a page and waiting until it stands still."""

from __future__ import annotations

from playwright.sync_api import Page, expect

#: Milliseconds to wait for what will come, as on a busy machine it may late.
PATIENT = 120_000
expect.set_options(timeout=PATIENT)


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
