"""The page Track record in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from forecasting.evaluation.track_record import track_record
from forecasting.evaluation.track_record_scenario import TrackRecordScenario
from tests.browser.harness import open_page

pytestmark = pytest.mark.browser


@pytest.mark.soak
def test_dragging_the_cut_off_shows_what_would_have_been_said_then(page: Page, server: str) -> None:
    open_page(page, f"{server}/track-record")
    slider = page.get_by_role("slider", name="Forecast as of 1 January")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    result = track_record(TrackRecordScenario(cut_off_year=2018))
    expect(page.get_by_test_id("stAlert").first).to_contain_text(result.answer)
    expect(page).to_have_url(re.compile("cut_off_year=2018"))
    expect(page.get_by_role("figure", name=result.answer)).to_be_visible()


@pytest.mark.soak
def test_another_series_moves_the_cut_off_into_its_years_and_says_so(
    page: Page, server: str
) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    open_page(page, f"{server}/track-record?v=1&series=operation_cost")
    expect(page.get_by_text("can be evaluated from 1944 to 2001")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
