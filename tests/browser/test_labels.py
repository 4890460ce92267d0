"""Direct labels in a real browser: none lies on another or is cut off, at desk and at phone
width.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import open_page, settle

ALL = [
    "", "cost?v=3&model=GPT-4&year=2033", "cost?v=3&view=price", "cost?v=3&view=claim",
    "supply?v=1", "supply?v=1&contract=one_year", "supply?v=1&view=quotes",
    "supply?v=1&view=quotes&quoted_tier=any", "supply?v=1&view=sites", "supply?v=1&view=chips",
    "scaling?v=1", "scaling?v=1&task=routing",
    "scaling?v=1&view=compute", "scaling?v=1&view=surface", "scaling?v=1&view=kaplan",
    "scaling?v=1&view=sets", "text?v=1",
    "text?v=1&view=chance", "text?v=1&view=wall", "text?v=1&view=corpus", "inference?v=1",
    "inference?v=1&view=tries",
    "inference?v=1&view=tries&tries_part=selection", "inference?v=1&view=tries&tries_part=steps",
    "inference?v=1&view=tries&tries_part=sizes", "inference?v=1&view=tries&tries_part=swe_bench",
    "inference?v=1&view=serve",
    "inference?v=1&view=person", "inference?v=1&view=person&parity_shows=date",
    "inference?v=1&view=person&person_part=scores",
    "track-record?v=1", "track-record?v=1&view=horizon", "runs?v=1",
]  # fmt: skip
pytestmark = pytest.mark.browser

PROBLEMS = """() => {
  const chart = document.querySelector('.js-plotly-plot'), found = [];
  const edge = chart.getBoundingClientRect();
  const labels = [...chart.querySelectorAll('.annotation-text-g')].map(
    (each) => [each.textContent, each.getBoundingClientRect()],
  );
  labels.forEach(([text, box], at) => {
    const cut = box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1;
    if (cut) found.push(`${text} is cut off`);
    for (const [other, its] of labels.slice(0, at)) {
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      if (across > 2 && down > 4) found.push(`${text} lies on ${other}`);
    }
  });
  return found;
}"""


def problems(page: Page, address: str) -> list[str]:
    page.goto(address)
    page.locator(".chart").first.scroll_into_view_if_needed()  # further down it waits to be seen
    settle(page)
    page.wait_for_timeout(300)
    return page.evaluate(PROBLEMS)


def test_labels_keep_apart_and_inside(page: Page, server: str) -> None:
    # Its labels lay on each other before they were moved.
    page.set_viewport_size({"width": 400, "height": 1200})
    assert problems(page, f"{server}/text?v=1") == []


@pytest.mark.soak
@pytest.mark.parametrize("width", [1280, 400])
def test_labels_keep_apart_in_every_section(page: Page, server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1200})
    found = {address: problems(page, f"{server}/{address}") for address in ALL}
    assert not {address: said for address, said in found.items() if said}


@pytest.mark.soak
def test_labels_keep_apart_after_a_zoom_too(page: Page, server: str) -> None:
    open_page(page, f"{server}/text?v=1")
    plot = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert plot is not None
    page.mouse.move(plot["x"] + 300, plot["y"] + 100)
    page.mouse.down()
    page.mouse.move(plot["x"] + 600, plot["y"] + 250, steps=5)
    page.mouse.up()
    page.wait_for_timeout(800)
    assert page.evaluate(PROBLEMS) == []
    low, high = page.evaluate("() => document.querySelector('.js-plotly-plot').layout.xaxis.range")
    assert 2022 < low < high < 2040


@pytest.mark.soak
def test_the_display_bar_takes_three_rows_on_a_phone(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 400, "height": 1200})
    open_page(page, f"{server}/cost?v=3")
    bar = page.locator(".st-key-display-bar")
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] < 150
    assert bar.get_by_role("button", name="Copy link").count() == 1


def test_a_label_switches_its_series_off_and_on_by_keyboard_and_mouse(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/scaling?v=1&view=architectures")
    shown = "document.querySelectorAll('.js-plotly-plot .scatterlayer .trace').length"
    all_traces = page.evaluate(shown)
    label = page.get_by_role("button", name="Show BiT/50/1")
    label.focus()
    page.keyboard.press("Enter")
    expect(label).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(shown) < all_traces
    expect(label).to_be_focused()
    label.click()
    expect(label).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(shown) == all_traces
