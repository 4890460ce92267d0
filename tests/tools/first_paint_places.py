"""Measures where the live pages have their answers and charts, so that first paints have them there
too: `python -m tests.tools.first_paint_places`.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.first_paint.markup import PLACES
from dashboard.pages.declaration import Page as Declared
from dashboard.pages.declaration import Section
from dashboard.pages.registry import PAGES
from tests.server.served import served
from tests.tools.sections import EVERY, address

#: Widths by the names that first_paint.css has for them.
WIDTHS = {"wide": 1280, "narrow": 400}
PATIENT_MS = 90_000
EDGES = """() => {
  const edge = (selector, side) => {
    const found = document.querySelector(selector);
    return found ? found.getBoundingClientRect()[side] : null;
  };
  const main = document.querySelector('[data-testid="stMain"]');
  const down = main ? main.scrollTop : 0;
  const at = (selector, side) => {
    const found = edge(selector, side);
    return found === null ? null : found + down;
  };
  return {
    said: at("#first-paint .answer, #first-paint .problem", "top"),
    answer: at('[data-testid="stAlert"]', "top"),
    below: at('[data-testid="stAlert"]', "bottom"),
    chart: at(".chart", "top"),
  };
}"""


def main(*names: str) -> None:
    """Write the heights of all sections, or of those named such as cost/price; what a page shows by
    default comes first.
    """
    found: dict[str, dict[str, float]] = json.loads(PLACES.read_text(encoding="utf-8"))
    found = {name: places for name, places in found.items() if name in EVERY}
    first = [f"{page.name}/{default_section(page).name}" for page in PAGES.values()]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "shared.sqlite3") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in names or dict.fromkeys([*first, *EVERY]):
            page, section = EVERY[name]
            url = f"{server}/{address(page, section)}"
            places: dict[str, float] = {}
            for screen, width in WIDTHS.items():
                places |= _places(browser, url, screen, width, bool(section.figure))
            if places:
                found[name] = places
            print(name, places, flush=True)
            text = json.dumps({each: found[each] for each in EVERY if each in found}, indent=1)
            PLACES.write_text(text + "\n", encoding="utf-8")


def default_section(page: Declared) -> Section:
    """The section that a page shows by default."""
    return page.section(page.scenario(), page.display())


def _places(browser: Browser, url: str, name: str, width: int, has_chart: bool) -> dict[str, float]:
    """The heights before the answer and after it."""
    before = _edges(browser, url, width, lambda page: page.wait_for_timeout(300), live=False)

    def until_live(page: Page) -> None:
        page.wait_for_function("() => !document.querySelector('#first-paint')", timeout=PATIENT_MS)
        page.wait_for_timeout(300)

    live = _edges(browser, url, width, until_live, live=True)
    places = {}
    if before["said"] is not None and live["answer"] is not None:
        places[f"before-{name}"] = round(max(0.0, live["answer"] - before["said"]), 1)
        if has_chart and live["chart"] is not None:
            places[f"after-{name}"] = round(max(0.0, live["chart"] - live["below"]), 1)
    return places


def _edges(
    browser: Browser, url: str, width: int, wait: Any, *, live: bool
) -> dict[str, float | None]:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    if not live:
        page.route("**/static/js/**", lambda route: route.abort())
    page.goto(url)
    page.add_style_tag(content="#first-paint .before { height: 0 !important; }")
    wait(page)
    edges: dict[str, float | None] = page.evaluate(EDGES)
    context.close()
    return edges


if __name__ == "__main__":
    main(*sys.argv[1:])
