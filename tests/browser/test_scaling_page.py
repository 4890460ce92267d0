"""The page Scaling laws in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from forecasting.scaling.architectures import architectures
from forecasting.scaling.scaling_scenario import ScalingScenario
from tests.browser.harness import answer, open_page, settle

pytestmark = pytest.mark.browser


def test_it_opens_on_language_models_and_the_sections_open(page: Page, server: str) -> None:
    open_page(page, f"{server}/scaling")
    assert "73 billion" in answer(page)
    for name, said in (
        ("Architectures", "passes BiT/50/1"),
        ("Kaplan's lines", "Kaplan's line has"),
        ("Reference sets", "6 published sets"),
    ):
        page.get_by_role("radio", name=name).or_(
            page.get_by_role("button", name=name)
        ).first.click()
        expect(page.get_by_test_id("stAlert").first).to_contain_text(said)
    settle(page)
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.soak
def test_fast_moves_of_the_slider_end_where_the_last_one_ended(page: Page, server: str) -> None:
    open_page(page, f"{server}/scaling?v=2&view=architectures")
    slider = page.get_by_test_id("stSlider").first.get_by_role("slider").first
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("at_examples=10000000000"))
    settle(page)
    assert "At 10 billion images" in answer(page)


@pytest.mark.soak
def test_the_csv_holds_the_table_of_the_scenario(page: Page, server: str, tmp_path: Path) -> None:
    open_page(page, f"{server}/scaling?v=2&view=architectures")
    with page.expect_download() as waiting:
        page.get_by_test_id("stDownloadButton").get_by_role("button").first.click()
    waiting.value.save_as(tmp_path / "got.csv")
    got = pd.read_csv(tmp_path / "got.csv", comment="#")
    want = architectures(ScalingScenario()).table
    assert list(got.columns) == list(want.columns)
    assert got["crossover"].iloc[1] == pytest.approx(want["crossover"].iloc[1])


@pytest.mark.soak
def test_a_broken_link_gives_sentences_and_a_page(page: Page, server: str) -> None:
    open_page(
        page,
        f"{server}/scaling?v=9&task=smell&vision_model=%3Cb%3E&target_flop=0&nonsense=1&panel=x",
    )
    warning = page.get_by_test_id("stAlert").first.inner_text()
    for part in ("smell", "<b>", "nonsense"):
        assert part in warning
    assert page.get_by_test_id("stException").count() == 0
