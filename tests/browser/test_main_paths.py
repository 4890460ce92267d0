"""What a visitor does: look, move, share, go back, break; in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from tests.browser.harness import Opened, answer, open_page, settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def moving(browser: Browser, server: str) -> Iterator[Page]:
    """What GPT-3 costs, for the tests that move its year: each starts where another one ended."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    open_page(page, f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3&year=2020")
    yield page
    context.close()


def moved(page: Page, presses: int = 1) -> int:
    """The year to which so many presses of a key take the slider, one after another."""
    slider = page.get_by_role("slider", name="Year of training")
    year = int(slider.get_attribute("aria-valuetext") or "") + presses
    slider.focus()
    for _ in range(presses):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"year={year}"))
    return year


def expect_year(page: Page, year: int) -> None:
    """Answer and slider come to say it."""
    expect(page.get_by_test_id("stAlert").first).to_contain_text(f"of {year}")
    expect(page.get_by_role("slider", name="Year of training")).to_have_attribute(
        "aria-valuetext", str(year)
    )
    settle(page)


def test_the_overview_leads_to_the_cost_page_in_the_state_that_it_shows(
    page: Page, server: str
) -> None:
    open_page(page, server)
    expect(page.get_by_role("heading", name="Compute Forecast")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Cost of compute").first.click()
    expect(page.get_by_role("heading", name="Cost of compute")).to_be_visible()
    settle(page)
    expect(page).to_have_url(re.compile("view=price"))
    assert "doubles every" in answer(page)


def test_moving_a_slider_changes_sentence_and_address_and_the_address_reopens_it(
    moving: Page, page: Page
) -> None:
    expect_year(moving, moved(moving))
    said, address = answer(moving), moving.url
    open_page(page, address)
    assert answer(page) == said


def test_a_move_leaves_the_tab_its_name_until_it_has_another(moving: Page) -> None:
    before = moving.title()
    moving.evaluate(
        """() => { window.titles = []; new MutationObserver(() => titles.push(document.title))
          .observe(document.querySelector("title"), { childList: true }); }"""
    )
    year = moved(moving)
    expect_year(moving, year)
    expect(moving).to_have_title(re.compile(f"to {year}"))
    assert set(moving.evaluate("titles")) == {before, moving.title()}


def test_the_copied_link_reopens_the_page(page: Page, server: str) -> None:
    open_page(page, f"{server}/cost?v={CostScenario.VERSION}&model=GPT-2&convention=owned")
    said = answer(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(server)
    other = page.context.new_page()
    open_page(other, link)
    assert answer(other) == said


def test_going_back_undoes_the_last_move_which_can_be_made_again(moving: Page) -> None:
    year = moved(moving)
    moving.wait_for_timeout(2_000)
    moving.go_back()
    expect_year(moving, year - 1)
    assert moved(moving) == year
    expect_year(moving, year)


def test_a_page_switch_keeps_each_pages_scenario_and_is_undone_by_going_back_once(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3&year=2033")
    page.get_by_role("link", name="Overview").first.click()
    expect(page.get_by_role("heading", name="Compute Forecast")).to_be_visible()
    settle(page)
    page.get_by_role("link", name="Cost of compute").first.click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("of 2033")
    expect(page).to_have_url(re.compile("year=2033"))
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Compute Forecast")).to_be_visible()


def test_fast_moves_end_where_the_last_one_ended(page: Page, server: str) -> None:
    open_page(page, f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3&year=2020")
    year = moved(page, presses=15)
    settle(page)
    assert f"start of {year}" in answer(page)
    expect_year(page, year)


def test_a_broken_link_gives_sentences_and_a_page(page: Page, server: str) -> None:
    open_page(
        page,
        f"{server}/cost?v=77&model=%3Cscript%3Ealert(1)%3C/script%3E&year=never&budget_usd=-1&nonsense=1",
    )
    warning = page.get_by_test_id("stAlert").first.inner_text()
    for part in ("<script>alert(1)</script>", "never", "-1", "nonsense", "77"):
        assert part in warning
    assert page.get_by_test_id("stException").count() == 0


def test_the_csv_holds_the_table_of_the_scenario(gpt_3: Page, tmp_path: Path) -> None:
    with gpt_3.expect_download() as waiting:
        gpt_3.get_by_test_id("stDownloadButton").get_by_role("button").click()
    waiting.value.save_as(tmp_path / "got.csv")
    import pandas as pd

    got = pd.read_csv(tmp_path / "got.csv", comment="#")
    pd.testing.assert_frame_equal(
        got, model_cost(CostScenario(model="GPT-3")).table, check_exact=True
    )


def zoomed_in(page: Page) -> tuple[list[float], list[float]]:
    """Drag a box on the first chart; the ranges of both axes after it."""
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    return ranges(page)


def ranges(page: Page) -> tuple[list[float], list[float]]:
    """The ranges of both axes of the first chart."""
    read = (
        "() => ['xaxis', 'yaxis'].map(a =>"
        " document.querySelector('.js-plotly-plot').layout[a].range.slice())"
    )
    x, y = page.evaluate(read)
    return x, y


def test_zoom_survives_a_change_of_the_figure_and_a_double_click_ends_it(moving: Page) -> None:
    x, y = zoomed_in(moving)
    assert x[1] - x[0] < 20
    expect_year(moving, moved(moving))
    moving.wait_for_timeout(500)
    after = ranges(moving)
    assert after[0] == pytest.approx(x)
    assert after[1] == pytest.approx(y)
    moving.locator(".js-plotly-plot .nsewdrag").first.dblclick()
    moving.wait_for_timeout(800)
    x, _ = ranges(moving)
    assert x == pytest.approx([2009.5, 2045.5])


def test_a_chart_says_its_answer_to_those_who_do_not_see_it(gpt_3: Page) -> None:
    expect(
        gpt_3.get_by_role("figure", name=model_cost(CostScenario(model="GPT-3")).answer)
    ).to_be_visible()


def test_a_chart_follows_the_theme(gpt_3: Page) -> None:
    colour = "getComputedStyle(document.querySelector('.ytick text')).fill"
    light = gpt_3.evaluate(f"() => {colour}")
    gpt_3.emulate_media(color_scheme="dark")
    gpt_3.wait_for_function(f"(light) => {colour} !== light", arg=light)
    gpt_3.emulate_media(color_scheme="light")
    gpt_3.wait_for_function(f"(light) => {colour} === light", arg=light)


def test_the_browser_console_stays_free_of_errors(opened: Opened) -> None:
    assert opened.errors == []


def test_every_response_carries_the_security_headers(page: Page, server: str) -> None:
    response = page.request.get(server)
    for header in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert header in response.headers


def test_inside_another_page_only_answer_chart_and_source_are_shown(
    page: Page, server: str
) -> None:
    page.set_viewport_size({"width": 800, "height": 700})
    page.set_content(
        f'<iframe src="{server}/cost?v=4&model=GPT-3&embed=true" width="780" height="680"></iframe>'
    )
    inside = page.frame_locator("iframe")
    expect(inside.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(inside.get_by_test_id("stAlert").first).to_contain_text("Repeating GPT-3's training run")
    expect(inside.get_by_text("Source: Compute Forecast")).to_be_visible()
    expect(inside.get_by_text("Data: Epoch AI (CC BY 4.0)")).to_be_visible()
    for hidden in ("Copy link", "Model", "Assumptions: prices, utilisation, algorithms"):
        expect(inside.get_by_text(hidden, exact=True).first).to_be_hidden()


def test_inside_another_page_the_numbers_stand_for_the_chart_where_asked_for(
    page: Page, server: str
) -> None:
    page.set_viewport_size({"width": 800, "height": 700})
    address = f"{server}/plan?v=4&embed=true&part=table"
    page.set_content(f'<iframe src="{address}" width="780" height="680"></iframe>')
    inside = page.frame_locator("iframe")
    expect(inside.get_by_test_id("stTable").first).to_be_visible()
    expect(inside.get_by_text("Source: Compute Forecast")).to_be_visible()
    expect(inside.locator(".chart").first).to_be_hidden()


def test_share_gives_an_iframe_for_a_page_of_ones_own(gpt_3: Page) -> None:
    share = gpt_3.get_by_role("button", name="Share")
    expect(share).to_have_count(1)
    share.click()
    snippet = gpt_3.get_by_test_id("stCode").filter(has_text="<iframe").first
    expect(snippet).to_contain_text("model=GPT-3&amp;embed=true")
    gpt_3.keyboard.press("Escape")


def test_a_message_below_a_quantity_pushes_no_neighbour(page: Page, server: str) -> None:
    open_page(page, f"{server}/plan?v=4")
    places = """() => [...document.querySelectorAll('.stSlider [role=slider]')].map(
      (each) => Math.round(each.getBoundingClientRect().top + window.scrollY))"""
    before = page.evaluate(places)
    field = page.get_by_role("textbox", name="Budget (USD), typed")
    field.fill("forty")
    field.press("Enter")
    expect(page.get_by_text("“forty”")).to_be_visible()
    assert page.evaluate(places) == before
