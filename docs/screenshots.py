"""Screenshots for the README, taken from the running dashboard: `make screenshots`."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.servers import served
from benchmarks.timed_pages import PRODUCT

FOLDER = Path(__file__).parent
SHOTS = {
    "overview": "",
    "cost": "cost?v=2&model=GPT-4",
    "price": "cost?v=2&view=price",
    "claim": "cost?v=2&view=claim",
    "track-record": "track-record",
    "text": "text?v=1",
    "plan": "plan?v=1",
    "limits": "plan?v=1&shown=limits",
    "scaling": "scaling?v=1",
    "surface": "scaling?v=1&view=surface",
    "inference": "inference?v=1",
    "serve": "inference?v=1&view=serve",
    "parity": "inference?v=1&view=person",
    "tries": "inference?v=1&view=tries",
    "steps": "inference?v=1&view=tries&tries_part=steps",
    "scores": "inference?v=1&view=person&person_part=scores",
    "runs": "runs?v=1",
}


def main() -> None:
    """Take every shot at 1280 pixels in the light theme."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with served(PRODUCT) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, address in SHOTS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 1180})
            page.goto(f"http://127.0.0.1:{server.port}/{address}")
            page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
            page.wait_for_timeout(1_500)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
