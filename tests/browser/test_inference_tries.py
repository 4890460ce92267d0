"""Many tries and the scores beside people's, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import answer, open_page

pytestmark = pytest.mark.browser


@pytest.mark.soak
def test_parts_switched_quickly_end_at_the_last_one_chosen(page: Page, server: str) -> None:
    open_page(page, f"{server}/inference?v=1&view=tries")
    for name in (
        "Choosing one",
        "Step by step",
        "Small model often",
        "A published case",
        "Step by step",
    ):
        page.get_by_role("radio", name=name).click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("With perfect verifiers")
    expect(page).to_have_url(re.compile("tries_part=steps"))
    assert page.locator(".stException").count() == 0


def test_own_counts_go_in_and_come_out_again_and_no_link_holds_them(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/inference?v=1&view=tries")
    page.get_by_text("Your own counts", exact=True).click()
    box = page.get_by_role("textbox", name="problem, samples, correct")
    box.fill("secret-problem, 50, 51")
    page.get_by_role("button", name="Use these counts").click()
    expect(page.get_by_text("51 correct of 50 samples")).to_be_visible()
    box.fill("secret-problem, 50, 5\nother, 50, 20")
    page.get_by_role("button", name="Use these counts").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("one try solves 25%")
    assert "secret" not in page.url
    page.get_by_role("button", name="Forget them").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Pythia 12B needs")


@pytest.mark.soak
def test_scores_fit_a_phone_and_follow_the_slider(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    open_page(page, f"{server}/inference?v=1&view=person&person_part=scores")
    before = answer(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    slider = page.get_by_role("slider", name="Cost per task")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("stAlert").first).not_to_have_text(before)
