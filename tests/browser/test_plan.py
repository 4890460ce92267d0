"""The page Plan in a real browser: the number that is refined by itself, presets, fast moves, a
phone.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from forecasting.planning.plan import plan
from forecasting.planning.plan_scenario import PlanScenario, preset
from tests.browser.harness import answer, open_page, settle

pytestmark = pytest.mark.browser


def test_a_rough_answer_gives_way_by_itself_to_that_of_all_draws(page: Page, server: str) -> None:
    open_page(page, f"{server}/plan?v={PlanScenario.VERSION}&budget_usd=555000000")
    assert plan(PlanScenario(budget_usd=5.55e8)).answer in answer(page)
    expect(page).to_have_url(re.compile("budget_usd=555000000"))


@pytest.mark.soak
def test_a_preset_changes_answer_and_address_and_fast_moves_end_at_the_last(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/plan")
    page.get_by_role("radio", name="A university").click()
    expect(page).to_have_url(re.compile("budget_usd=100000"))
    expect(page.get_by_role("radio", name="A university")).to_be_checked()
    settle(page)
    page.get_by_role("slider", name="Plan to").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("last_year=2038"))
    settle(page)
    assert plan(preset("university").replaced(last_year=2038)).answer in answer(page)


def test_a_typed_budget_stands_in_answer_address_and_slider(page: Page, server: str) -> None:
    open_page(page, f"{server}/plan")
    field = page.get_by_role("textbox", name="Budget (USD), typed")
    field.fill("40M")
    field.press("Enter")
    expect(page).to_have_url(re.compile("budget_usd=40000000(&|$)"))
    expect(field).to_have_value("$40 million")
    expect(field).to_be_focused()
    slider = page.get_by_role("slider", name="Budget")
    expect(slider).to_have_attribute("aria-valuetext", "$40 million")
    field.fill("forty")
    field.press("Enter")
    expect(page.get_by_text("“forty”. Write a number")).to_be_visible()
    expect(page.get_by_text("computing all")).to_have_count(0)
    settle(page)
    assert plan(PlanScenario(budget_usd=40e6)).answer in answer(page)
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(field).to_have_value("$50 million")
    expect(page).to_have_url(re.compile("budget_usd=50000000(&|$)"))
    page.go_back()
    expect(field).to_have_value("$40 million")
    expect(slider).to_have_attribute("aria-valuetext", "$40 million")


@pytest.mark.soak
def test_the_report_can_be_taken_away(page: Page, server: str, tmp_path: Path) -> None:
    open_page(page, f"{server}/plan")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report (Markdown)").click()
    waiting.value.save_as(tmp_path / "plan.md")
    report = (tmp_path / "plan.md").read_text()
    assert report.startswith("# Compute plan 2027–2032")
    assert f"{server}/plan?v={PlanScenario.VERSION}" in report
    assert "## Assumptions" in report
