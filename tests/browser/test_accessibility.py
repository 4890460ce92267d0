"""WCAG 2.2 AA by axe-core: no violation on any page, in both themes, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, expect

from dashboard.pages.registry import PAGES
from tests.browser.harness import PATIENT, settle

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHECK = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  return found.violations.map((each) => ({
    rule: each.id, nodes: each.nodes.map((node) => [node.html.slice(0, 200), node.failureSummary]),
  }));
}"""
#: What of Streamlit's own markup breaks a rule and cannot be changed from here: rule, and the start
#: of the HTML, with the reason. None is needed today.
EXCEPTIONS: dict[tuple[str, str], str] = {}
ADDRESSES = {
    page.name: [
        f"{page.path}?{urlencode(page.query(section))}".rstrip("?") for section in page.sections
    ]
    for page in PAGES.values()
}
QUICK = {("light", 1280): ["plan"], ("dark", 400): [""]}


def violations(
    browser: Browser, server: str, scheme: str, width: int, addresses: list[str]
) -> list[tuple[str, str, Any]]:
    """Address, rule and nodes of each."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENT)
    page, found = context.new_page(), []
    for address in addresses:
        page.goto(f"{server}/{address}")
        settle(page, chart=False)
        if not address.startswith("data"):  # it has neither
            method = page.get_by_text("Method, assumptions and sources")
            bar = page.get_by_role("button", name="Export")
            expect(method.or_(bar).first).to_be_visible()
        page.wait_for_timeout(500)
        page.evaluate(AXE)
        for each in page.evaluate(CHECK, RULES):
            nodes = [
                (html, why)
                for html, why in each["nodes"]
                if not any(
                    rule == each["rule"] and html.startswith(start) for rule, start in EXCEPTIONS
                )
            ]
            if nodes:
                found.append((address, each["rule"], nodes))
    context.close()
    return found


@pytest.mark.parametrize(("scheme", "width"), QUICK)
def test_the_first_pages_break_no_rule(
    browser: Browser, server: str, scheme: str, width: int
) -> None:
    assert violations(browser, server, scheme, width, QUICK[scheme, width]) == []


@pytest.mark.soak
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_no_section_breaks_a_rule(
    browser: Browser, server: str, name: str, scheme: str, width: int
) -> None:
    assert violations(browser, server, scheme, width, ADDRESSES[name]) == []
