"""Pictures of every page for README and site, from the running dashboard: `make screenshots`, or
`python -m docs.screenshots PICTURE …` for some of them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.browser_speed import chromium
from benchmarks.servers import served
from benchmarks.timed_pages import PRODUCT
from dashboard.pages.registry import PAGES

FOLDER = Path(__file__).parent / "pictures"
WIDTH = 1280
#: Address and least height by the name of the picture: every page as it opens, down to the end of
#: its first chart, and what a how-to shows.
SHOTS = {name: (page.path, 1180) for name, page in PAGES.items()} | {
    "embedded": ("text?v=2&embed=true", 640)
}
CHART = ".js-plotly-plot .main-svg"
#: What shows that a page is drawn: a chart, or on pages without one a table.
DRAWN = f"{CHART}, [data-testid='stTable'], [data-testid='stDataFrame']"
#: What is left below a chart, above the sentence that follows (px).
MARGIN = 8


def main(names: Sequence[str] = ()) -> None:
    """Take the pictures of these names, or every one, in the light theme."""
    FOLDER.mkdir(exist_ok=True)
    with served(PRODUCT) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (address, height) in {each: SHOTS[each] for each in names or SHOTS}.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": height})
            page.goto(f"http://127.0.0.1:{server.port}/{address}")
            page.locator(DRAWN).first.wait_for(timeout=60_000)
            page.wait_for_timeout(2_500)  # for the refined forecast and the fade-in of the chart
            chart = page.locator(CHART).first
            if name in PAGES and chart.count() and (box := chart.bounding_box()):
                end = math.ceil(box["y"] + box["height"]) + MARGIN
                page.set_viewport_size({"width": WIDTH, "height": max(height, end)})
                page.wait_for_timeout(500)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
