"""A slow browser on a slow network: a control never shows another value than the link gave it, and
a click keeps all of them; whether the server has the forecast already (warm, tried in soak) or not
(cold). COMPUTE_FORECAST_TRIALS says how many links of each page are tried: 50 take half an hour a
page.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import PATIENT, settle

pytestmark = pytest.mark.browser

#: A link of each page with controls, and the parameters in which a scenario nobody has computed yet
#: differs.
LINKS = {
    "overview": "year={year}&years_ahead=7",
    "plan": "budget_usd={cold}&budget_growth=1&first_year=2027&last_year=2029",
    "cost": "v=1&model=GPT-4&year={year}&mfu=0.{mfu}",
    "supply": "v=1&view=own&owned_chips={year}&usd_per_kwh=0.{mfu}",
    "text": "v=1&horizon_year={year}&demand=history",
    "scaling": "v=1&view=compute&training_flop={cold}e17",
    "inference": "v=1&view=serve&requests_per_day={cold}",
    "track-record": "v=1&cutoff_year=2021",
    "runs": "v=1&delta=0.00{mfu}",
    "data": "view=tables&table_name=ai_models",
}
#: What a click on it changes nothing of: it makes the browser send all that its controls hold.
BUTTONS = re.compile("Export")
SOAK = bool(os.environ.get("COMPUTE_FORECAST_SOAK"))
TRIALS = int(os.environ.get("COMPUTE_FORECAST_TRIALS", 3 if SOAK else 1))
#: How many times slower than this machine: while the browser waits, it keeps a processor busy.
SLOWER = 4 if SOAK else 2
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

#: Once there are any.
HELD_BY_ANY = f"() => {{ const held = ({HELD})(); return held.length > 0 && held; }}"


@pytest.fixture
def slow_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENT)
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", NETWORK)
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_every_control_keeps_its_value(name: str, slow_page: Page, page: Page, server: str) -> None:
    seeded, path = random.Random(name), "" if name == "overview" else name
    for _ in range(TRIALS):
        query = LINKS[name].format(
            cold=seeded.randint(10**6, 10**9),
            year=seeded.randint(2027, 2033),
            mfu=seeded.randint(200, 600),
        )
        link = f"{server}/{path}?{query}"
        slow_page.goto(link)
        settled(slow_page)
        # What the controls hold in a fast browser, which needs no chart for it.
        page.goto(link)
        settle(page, chart=False)
        wanted = page.wait_for_function(HELD_BY_ANY).json_value()
        keeps_all(slow_page, wanted, f"cold: {link}")
        if SOAK:
            slow_page.goto(link)
            settled(slow_page)
            keeps_all(slow_page, wanted, f"warm: {link}")


def keeps_all(page: Page, wanted: list[str], when: str) -> None:
    """Every control has the value that it should have, and still has it after a click."""
    inputs = inputs_in(page.url)
    page.wait_for_function(HELD_BY_ANY)  # what stood here before any script ran has no controls
    assert page.evaluate(HELD) == wanted, when
    page.get_by_role("button", name=BUTTONS).click()
    expect(page.get_by_text("To cite:")).to_be_visible()
    settled(page)
    assert inputs_in(page.url) == inputs, when
    page.keyboard.press("Escape")
    assert page.evaluate(HELD) == wanted, when


def inputs_in(address: str) -> list[tuple[str, str]]:
    """What the address says of the inputs, whether the server has written its version and data to
    it yet or not.
    """
    return [pair for pair in parse_qsl(urlsplit(address).query) if pair[0] not in ("v", "d")]


def settled(page: Page) -> None:
    """Drawn, computed in full, and nothing under way."""
    expect(page.get_by_role("button", name=BUTTONS)).to_be_visible()
    for _ in range(2):
        settle(page, chart="/data" not in page.url)
        expect(page.get_by_text("computing all")).to_have_count(0)
