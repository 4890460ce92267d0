"""Train or infer in a real browser: the map, its tasks, serving, and the date of parity."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import answer, open_page

pytestmark = pytest.mark.browser


@pytest.mark.soak
def test_the_map_changes_with_task_and_budget(page: Page, server: str) -> None:
    open_page(page, f"{server}/inference")
    before = answer(page)
    assert "on training and the rest on answers" in before
    page.get_by_role("slider", name="Requests per day").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("stAlert").first).not_to_have_text(before)
    expect(page).to_have_url(re.compile("requests_per_day"))


@pytest.mark.soak
def test_sections_open_and_parity_shows_the_date(page: Page, server: str) -> None:
    open_page(page, f"{server}/inference")
    page.get_by_role("radio", name="Serve", exact=True).click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("requests per day of")
    page.get_by_role("radio", name="Throughput and latency").click()
    expect(page.get_by_text("limit: 50 ms").first).to_be_visible()
    expect(page).to_have_url(re.compile("serving_part=frontier"))
    page.get_by_role("radio", name="Size for a demand").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("is cheapest from")
    page.get_by_role("radio", name="A machine or a person").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("costs less than a person's")
    page.get_by_role("radio", name="The date").click()
    expect(page.get_by_text("even chance").first).to_be_visible()
    expect(page).to_have_url(re.compile("parity_shows=date"))
