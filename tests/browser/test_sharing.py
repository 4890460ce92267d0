"""Share in a real browser: save, open elsewhere, delete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import answer, open_page, settle

pytestmark = pytest.mark.browser
FIXTURES = Path(__file__).parents[1] / "fixtures" / "runs"


def shared(page: Page, says: str = "the inputs of this page") -> tuple[str, str]:
    """Save the page, once the dialog `says` what will be stored; gives the link and the delete
    link.
    """
    share = page.get_by_role("button", name="Share", exact=True)
    # While a page is drawn anew, what it had before stands beside it.
    expect(share).to_have_count(1)
    share.click()
    expect(page.get_by_text(says)).to_be_visible()
    expect(page.get_by_text("it is kept for 180 days after it was last opened")).to_be_visible()
    page.get_by_role("button", name="Save and get a link").click()
    codes = (
        page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").filter(has_not_text="<iframe")
    )
    expect(codes).to_have_count(2)
    link, delete_link = (codes.nth(i).inner_text().strip() for i in range(2))
    return link, delete_link


def test_a_shared_link_reopens_the_page_elsewhere_until_its_own_token_deletes_it(
    page: Page, server: str, browser: Browser
) -> None:
    open_page(page, f"{server}/cost?v=1&model=GPT-3&year=2033&convention=owned")
    said = answer(page)
    link, delete_link = shared(page)
    assert re.fullmatch(rf"{server}/s/[A-Za-z0-9_-]{{22}}", link)

    context = browser.new_context()
    elsewhere = context.new_page()
    open_page(elsewhere, link)
    assert answer(elsewhere) == said
    expect(elsewhere.get_by_text("Tables and model are the same today")).to_be_visible()

    elsewhere.goto(delete_link + "x")
    elsewhere.get_by_role("button", name="Delete this link").click()
    expect(elsewhere.get_by_role("heading", name="Not deleted")).to_be_visible()

    elsewhere.goto(delete_link)
    elsewhere.get_by_role("button", name="Delete this link").click()
    expect(elsewhere.get_by_role("heading", name="Deleted")).to_be_visible()
    response = elsewhere.goto(link)
    assert response is not None
    assert response.status == 404
    expect(elsewhere.get_by_text("There is no such shared link")).to_be_visible()
    context.close()


def test_export_gives_a_report_and_a_citation(gpt_3: Page) -> None:
    gpt_3.get_by_role("button", name="Export", exact=True).click()
    with gpt_3.expect_download() as waiting:
        gpt_3.get_by_role("button", name="Report (Markdown)").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert text.startswith("# Cost of compute\n")
    assert "## Sources" in text
    expect(gpt_3.get_by_text("@misc{computeforecast")).to_be_visible()
    gpt_3.keyboard.press("Escape")


def test_own_runs_travel_with_a_share_and_with_nothing_else(
    page: Page, server: str, browser: Browser
) -> None:
    open_page(page, f"{server}/runs")
    page.locator("input[type=file]").set_input_files(FIXTURES / "wandb_runs.csv")
    expect(page.get_by_text("Your 18 runs predict")).to_be_visible()
    page.get_by_role("button", name="Use this law everywhere").click()
    expect(
        page.get_by_text("Your law is in use on every page that computes with such a law")
    ).to_be_visible()
    page.get_by_role("link", name="Scaling laws").first.click()
    expect(page.get_by_role("heading", name="Scaling laws")).to_be_visible()
    page.get_by_text("What compute buys", exact=True).first.click()
    page.wait_for_timeout(1_500)
    settle(page)
    said = answer(page)
    link, _ = shared(page, says="your cleaned runs and the law fitted to them")

    context = browser.new_context()
    elsewhere = context.new_page()
    open_page(elsewhere, link)
    assert answer(elsewhere) == said
    context.close()


@pytest.mark.soak
def test_the_page_of_own_runs_is_shared_with_them(
    page: Page, server: str, browser: Browser
) -> None:
    open_page(page, f"{server}/runs")
    page.locator("input[type=file]").set_input_files(FIXTURES / "wandb_runs.csv")
    expect(page.get_by_text("Your 18 runs predict")).to_be_visible()
    settle(page)
    said = answer(page)
    link, _ = shared(page, says="your cleaned runs")
    context = browser.new_context()
    elsewhere = context.new_page()
    open_page(elsewhere, link)
    expect(elsewhere.get_by_text("Your 18 runs predict")).to_be_visible()
    assert answer(elsewhere) == said
    context.close()
