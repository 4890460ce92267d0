"""Running out of text in a real browser: presets, a range typed in, sections, phone width."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

import forecasting as fc
from forecasting.text_limits.text_scenario import TextScenario, preset
from tests.browser.harness import answer, open_page, settle

pytestmark = pytest.mark.browser


@pytest.mark.soak
def test_a_preset_changes_sentence_and_address_and_the_address_reopens_it(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/text")
    page.get_by_role("radio", name="The article").or_(
        page.get_by_role("button", name="The article")
    ).first.click()
    expect(page).to_have_url(re.compile("quality=0.2"))
    expected = fc.text_exhaustion(preset("article")).answer
    expect(page.get_by_test_id("stAlert").first).to_contain_text(expected[:80])
    address = page.url
    open_page(page, address)
    assert expected[:80] in answer(page)


@pytest.mark.soak
def test_a_range_typed_in_is_used_and_a_wrong_one_is_said(page: Page, server: str) -> None:
    open_page(page, f"{server}/text?v=2&demand=history")
    page.get_by_text("Assumptions: every factor").click()
    field = page.get_by_role("textbox", name="Share of text good enough to train on", exact=True)
    field.fill("2 trillion")
    field.press("Enter")
    expect(page.get_by_text("no higher than the high end").first).to_be_visible()
    field.fill("0.05")
    field.press("Enter")
    expect(page).to_have_url(re.compile("quality=0.05~0.4|quality=0.05%7E0.4"))
    settle(page)
    scenario = TextScenario(demand="history", quality=fc.Distribution(0.05, 0.4, 0.95))
    assert fc.text_exhaustion(scenario).answer[:90] in answer(page)
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.soak
def test_the_sections_follow_fast_clicks_and_end_at_the_last(page: Page, server: str) -> None:
    open_page(page, f"{server}/text")
    for name in ("Chance by year", "What moves the date", "After the wall", "My corpus"):
        page.get_by_text(name, exact=True).first.click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Read once")
    settle(page)
    expect(page).to_have_url(re.compile("view=corpus"))
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.soak
def test_the_csv_holds_the_table_of_the_scenario(page: Page, server: str, tmp_path: Path) -> None:
    open_page(page, f"{server}/text?v=2&demand=history")
    with page.expect_download() as waiting:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    waiting.value.save_as(tmp_path / "got.csv")
    got = pd.read_csv(tmp_path / "got.csv", comment="#")
    pd.testing.assert_frame_equal(
        got, fc.text_exhaustion(TextScenario(demand="history")).table, check_exact=True
    )
