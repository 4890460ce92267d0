"""Presets in a real browser: two moves, the second before the browser has drawn the first."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.first_paint.index import UI
from tests.browser.harness import PATIENT, settle

pytestmark = pytest.mark.browser

KEEP_PRESS = UI / "keep_press.js"

SOAK = bool(os.environ.get("COMPUTE_FORECAST_SOAK"))
#: After 120 to 250 ms a second move used to be undone.
DELAYS_MS = (0, 120, 180, 250, 500) if SOAK else (180,)
REPETITIONS = 5 if SOAK else 1


def opened(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def marked(page: Page) -> list[str]:
    """The presets that are marked, without what the plan adds after a colon."""
    group = page.get_by_role("radiogroup", name="Start from")
    titles = group.get_by_role("radio", checked=True).all_inner_texts()
    return [title.split(":")[0] for title in titles]


def expect_marked(page: Page, names: list[str]) -> None:
    """These presets are marked in the end; a busy browser may take a while to draw the mark."""
    for _ in range(PATIENT // 200):
        if marked(page) == names:
            return
        page.wait_for_timeout(200)
    assert marked(page) == names


@pytest.mark.parametrize("delay", DELAYS_MS)
def test_two_fast_moves_on_the_text_page_stay_as_they_are(
    page: Page, server: str, delay: int
) -> None:
    for _ in range(REPETITIONS):
        opened(page, f"{server}/text")
        expect(page.get_by_role("radio", name="Known in 2026")).to_be_checked()
        page.get_by_role("radio", name="Compute forecast").click()
        page.wait_for_timeout(delay)
        page.get_by_role("radio", name="Past growth").click()
        expect(page).to_have_url(re.compile("demand=history"))
        settle(page)
        page.wait_for_timeout(500)
        expect(page).to_have_url(re.compile("demand=history"))
        expect(page.get_by_role("radio", name="Past growth")).to_be_checked()
        expect_marked(page, [])


@pytest.mark.soak
@pytest.mark.parametrize("delay", DELAYS_MS)
def test_two_fast_moves_on_the_plan_stay_as_they_are(page: Page, server: str, delay: int) -> None:
    for _ in range(REPETITIONS):
        opened(page, f"{server}/plan")
        slider = page.get_by_role("slider", name="Plan to")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(delay)
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("last_year=2034"))
        settle(page)
        page.wait_for_timeout(500)
        expect(page).to_have_url(re.compile("last_year=2034"))
        expect_marked(page, [])


def test_a_button_that_is_drawn_anew_while_it_is_pressed_is_not_taken_for_the_next_of_its_name(
    page: Page,
) -> None:
    page.set_content('<div id="list"><button>Remove</button></div>')
    page.add_script_tag(path=KEEP_PRESS)
    page.get_by_role("button").hover()
    page.mouse.down()
    page.evaluate("""() => { document.getElementById("list").innerHTML =
      '<button onclick="window.removed = true">Remove</button>'; }""")
    page.mouse.up()
    assert page.evaluate("window.removed") is None


def test_a_preset_that_is_drawn_anew_while_it_is_pressed_is_applied(
    page: Page, server: str
) -> None:
    opened(page, f"{server}/plan")
    preset = page.get_by_role("radio", name="A university").first
    box = preset.bounding_box()
    assert box is not None
    pressed = preset.element_handle()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.get_by_role("slider", name="Plan to").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(pressed) => !pressed.isConnected", arg=pressed)
    settle(page)
    page.mouse.up()
    expect(page).to_have_url(re.compile("budget_usd=100000&"))
    settle(page)
    expect_marked(page, ["A university"])


@pytest.mark.parametrize("delay", DELAYS_MS)
@pytest.mark.parametrize(
    ("name", "first", "second", "query"),
    [
        pytest.param(
            *("text", "Past growth", "The article", "quality=0.2"), marks=pytest.mark.soak
        ),
        ("plan", "A start-up", "A university", "budget_usd=100000&"),
    ],
)
def test_a_preset_chosen_just_after_another_move_is_applied(
    page: Page, server: str, name: str, first: str, second: str, query: str, delay: int
) -> None:
    for _ in range(REPETITIONS):
        opened(page, f"{server}/{name}")
        page.get_by_role("radio", name=first).click()
        page.wait_for_timeout(delay)
        # For a moment the browser has both the widget of the old mark and that of the new one.
        page.get_by_role("radio", name=second).first.click()
        expect(page).to_have_url(re.compile(re.escape(query)))
        settle(page)
        page.wait_for_timeout(500)
        expect(page).to_have_url(re.compile(re.escape(query)))
        expect_marked(page, [second])
