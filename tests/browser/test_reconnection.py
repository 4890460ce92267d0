"""A connection that goes in the moment of a move, and comes back: controls, answer and address
agree, and nothing that was drawn before is gone.
"""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from forecasting.compute_cost.cost_scenario import CostScenario
from tests.browser.harness import open_page, settle

pytestmark = pytest.mark.browser

SOAK = bool(os.environ.get("COMPUTE_FORECAST_SOAK"))
#: How long after the move the connection goes: the browser sends the move within that time, or not.
DELAYS_MS = (0, 30, 60, 100, 180, 250) if SOAK else (0, 30)
DOWN_MS = 1_000


class Connection:
    """The page's connection to the server, which can go and come back."""

    def __init__(self, page: Page) -> None:
        self.page, self.is_down = page, False
        self.ends: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("_stcore/stream"), self._opened)

    def _opened(self, browser: WebSocketRoute) -> None:
        if self.is_down:
            browser.close()
        else:
            self.ends = [browser.connect_to_server(), browser]

    def go(self) -> None:
        """Go for a while."""
        self.is_down = True
        for end in self.ends:
            end.close()
        expect(self.page.locator("[data-test-connection-state=CONNECTED]")).to_have_count(0)
        self.page.wait_for_timeout(DOWN_MS)
        self.is_down = False
        expect(self.page.locator("[data-test-connection-state=CONNECTED]")).to_have_count(1)


def test_a_move_made_while_the_connection_goes_counts_once_it_is_back(
    page: Page, server: str
) -> None:
    connection = Connection(page)
    open_page(page, f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3&year=2030")
    slider = page.get_by_role("slider", name="Year of training")
    for year, delay_ms in enumerate(DELAYS_MS, start=2031):
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(delay_ms)
        connection.go()
        expect(page).to_have_url(re.compile(f"year={year}"))
        expect(page.get_by_test_id("stAlert").first).to_contain_text(f"of {year}")
        expect(slider).to_have_attribute("aria-valuetext", str(year))
        settle(page)
        expect(page.get_by_role("button", name="Export")).to_be_visible()
