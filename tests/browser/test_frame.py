"""What stands around the pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import open_page, settle

pytestmark = pytest.mark.browser

SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def assert_navigation(page: Page) -> None:
    """It stands above the page, not beside it."""
    expect(page.get_by_role("link", name="Cost of compute").first).to_be_visible()
    assert (
        page.get_by_test_id("stSidebar").count() == 0
        or not page.get_by_test_id("stSidebar").is_visible()
    )


def test_a_page_opened_by_its_address_has_the_same_navigation_as_any(gpt_3: Page) -> None:
    assert_navigation(gpt_3)


@pytest.mark.soak
@pytest.mark.parametrize("address", ["/", "/cost?v=3&view=claim"])
def test_other_pages_have_it_too(page: Page, server: str, address: str) -> None:
    page.goto(server + address)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert_navigation(page)


@pytest.mark.soak
def test_back_and_forward_return_to_where_the_reader_was(page: Page, server: str) -> None:
    open_page(page, f"{server}/cost")
    page.wait_for_function(
        "() => { const box = document.querySelector('[data-testid=stMain]');"
        " box.scrollTop = 400; return box.scrollTop === 400; }"
    )
    page.get_by_role("link", name="Train or infer").first.click()
    expect(page.get_by_role("heading", name="Train or infer")).to_be_visible()
    settle(page)
    page.wait_for_function(f"() => {SCROLLED} === 0")
    page.go_back()
    expect(page.get_by_role("heading", name="Cost of compute")).to_be_visible()
    page.wait_for_function(f"() => {SCROLLED} === 400")
    page.go_forward()
    expect(page.get_by_role("heading", name="Train or infer")).to_be_visible()
    page.wait_for_function(f"() => {SCROLLED} === 0")
    page.reload()
    settle(page)
    assert page.evaluate(SCROLLED) == 0
    page.go_back()
    settle(page)
    page.wait_for_function(f"() => {SCROLLED} === 400")
