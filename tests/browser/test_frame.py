"""What stands around the pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


def test_a_page_opened_by_its_address_has_the_same_navigation_as_any(
    browser: Browser, server: str
) -> None:
    for address in ("/cost", "/", "/cost?v=3&view=claim"):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(server + address)
        expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        expect(page.get_by_role("link", name="Cost of compute").first).to_be_visible()
        assert (
            page.get_by_test_id("stSidebar").count() == 0
            or not page.get_by_test_id("stSidebar").is_visible()
        )
        context.close()
