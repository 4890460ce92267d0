"""No page is wider than a phone, and no label of a control is cut off at its edge."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from dashboard.pages.registry import PAGES
from forecasting.compute_cost.cost_scenario import CostScenario
from tests.browser.harness import PATIENT, settle

pytestmark = pytest.mark.browser
WIDTH = 400
ADDRESSES = [
    "" if page.name == "overview" else f"{page.name}?{urlencode(page.query(section))}"
    for page in PAGES.values()
    for section in page.sections
]
#: Those that are the widest on a desk, and the first of all.
QUICK = ["", "plan?view=plan", "data?view=methods", "data?view=tables"]


#: Whether anything asks for more than the width of the screen.
TOO_WIDE = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .some((each) => each.scrollWidth > each.clientWidth) ||
  [...document.querySelectorAll('[data-testid="stMain"] [data-testid="stWidgetLabel"] *')]
    .some((each) => each.getBoundingClientRect().right > innerWidth)"""


def wider(browser: Browser, server: str, scheme: str, addresses: list[str]) -> list[str]:
    """The addresses that are wider."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 850},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENT)
    page, found = context.new_page(), []
    for address in addresses:
        page.goto(f"{server}/{address}")
        settle(page, chart=False)
        if page.evaluate(TOO_WIDE):
            found.append(address)
    context.close()
    return found


def test_nothing_is_wider_than_a_phone(browser: Browser, server: str) -> None:
    assert wider(browser, server, "dark", QUICK) == []


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_section_is_wider_than_a_phone(browser: Browser, server: str, scheme: str) -> None:
    assert wider(browser, server, scheme, ADDRESSES) == []


def test_the_memo_and_the_chart_are_two_touches_away(browser: Browser, server: str) -> None:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 850}, has_touch=True, accept_downloads=True
    )
    context.set_default_timeout(PATIENT)
    page = context.new_page()
    page.goto(f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3")
    settle(page)
    page.get_by_role("button", name="Export").tap()
    for label, ending, start in (
        ("Memo (Word)", "docx", b"PK"),
        ("Memo (PDF)", "pdf", b"%PDF"),
        ("Chart as PNG", "png", b"\x89PNG"),
    ):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label).tap()
        assert waiting.value.suggested_filename == f"cost-model-2030-gpt-3.{ending}"
        assert waiting.value.path().read_bytes().startswith(start)
    context.close()
