"""A slow browser on a slow network: a control never shows another value than the link gave it, and
a click keeps all of them.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import PATIENT, settle

pytestmark = pytest.mark.browser

#: A link of each page with controls, and the parameters in which a scenario nobody has computed yet
#: differs.
LINKS = {
    "plan": "budget_usd={cold}&budget_growth=1&first_year=2027&last_year=2029",
    "cost": "v=1&model=GPT-4&year={year}&mfu=0.{mfu}",
    "text": "v=1&horizon_year={year}&demand=history",
    "scaling": "v=1&view=compute&training_flop={cold}e17",
    "inference": "v=1&view=serve&requests_per_day={cold}",
    "track-record": "v=1&cutoff_year=2021",
    "runs": "v=1&delta=0.00{mfu}",
}
SOAK = bool(os.environ.get("COMPUTE_FORECAST_SOAK"))
TRIALS = 50 if SOAK else 1
#: The plan refines a rough answer while the browser still mounts the controls; other pages do not.
PAGES = tuple(LINKS) if SOAK else ("plan",)
#: Typical 3G, as the browser's own tools have it.
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
HELD = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const all = [...main.querySelectorAll('[role=slider], input, [role=radio], [role=checkbox]')];
  const value = (each) => (
    ['checkbox', 'radio'].includes(each.type) ? String(each.checked) : each.value
  );
  return all.map((each) => (
    each.getAttribute('aria-valuetext') ?? each.getAttribute('aria-checked') ?? value(each)
  ));
}"""


@pytest.fixture
def slow_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENT)
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", NETWORK)
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_every_control_keeps_its_value(name: str, slow_page: Page, page: Page, server: str) -> None:
    seeded = random.Random(name)
    for _ in range(TRIALS):
        query = LINKS[name].format(
            cold=seeded.randint(10**6, 10**9),
            year=seeded.randint(2027, 2033),
            mfu=seeded.randint(200, 600),
        )
        slow_page.goto(f"{server}/{name}?{query}")
        settled(slow_page)
        page.goto(f"{server}/{name}?{query}")
        settled(page)
        wanted = page.evaluate(HELD)
        assert slow_page.evaluate(HELD) == wanted, query
        address = slow_page.url
        slow_page.get_by_role("button", name=re.compile("Export")).click()
        expect(slow_page.get_by_text("To cite:")).to_be_visible()
        settled(slow_page)
        assert slow_page.url == address, query
        slow_page.keyboard.press("Escape")


def settled(page: Page) -> None:
    """Drawn, computed in full, and nothing under way."""
    settle(page)
    expect(page.get_by_text("computing all")).to_have_count(0)
    settle(page)
