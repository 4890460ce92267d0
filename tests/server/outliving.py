"""What tests of several processes share: a page that is opened and shared, and then moved until it
has connected to another process than the one that died.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.harness import answer, open_page, settle
from tests.browser.test_sharing import shared

TRIES = 60


def opened_and_shared(page: Page, address: str, year: int = 2033) -> tuple[str, str]:
    """What GPT-3 costs in a year by the dashboard at this address, and the link that saves it."""
    open_page(page, f"{address}/cost?v=3&model=GPT-3&year={year}")
    said = answer(page)
    link, _ = shared(page)
    assert link.startswith(f"{address}/s/")
    page.keyboard.press("Escape")
    return said, link


def move_until(page: Page, moved: re.Pattern[str]) -> None:
    """Move the year as a visitor would, who tries again where nothing happens, and reloads
    nothing.
    """
    for _ in range(TRIES):
        page.get_by_role("slider", name="Year of training").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(2_000)
        if moved.search(answer(page)):
            break
    expect(page.get_by_test_id("stAlert").first).to_contain_text(moved)
    settle(page)
