"""Notes which of Streamlit's elements each section has down to its chart, so that their scripts are
asked for with the document: `python -m tests.tools.first_view_elements`. Those of what stands below
the chart may come later.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.first_paint.index import ELEMENTS
from dashboard.server.static_files import imports_of, static_folder
from tests.server.served import served
from tests.tools.sections import EVERY, address

PATIENT_MS = 90_000
#: How long after the page is live its last scripts may be asked for.
AFTER_MS = 1_500
#: Nothing of the first paint is left, no run is under way, no script of an element is waited for.
STANDS = """() => !document.querySelector('#first-paint, [data-testid="stSkeleton"]') &&
  document.querySelector('[data-test-script-state="notRunning"]')"""
#: Whether all elements of a kind stand below the chart; none is there of what a script only helps.
IS_BELOW = """(name) => {
  const chart = document.querySelector(".chart");
  const kind = name === "rehype-katex" ? ".katex" : `[data-testid="st${name}"]`;
  const all = [...document.querySelectorAll(`[data-testid="stMain"] ${kind}`)];
  const isBelow = (each) =>
    chart.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING;
  return chart !== null && all.length > 0 && all.every(isBelow);
}"""
SCRIPT = re.compile(r"/static/js/([\w.~-]+\.js)")


def main(*names: str) -> None:
    """Write the elements of all sections, or of those named such as cost/price."""
    found: dict[str, list[str]] = (
        json.loads(ELEMENTS.read_text(encoding="utf-8")) if ELEMENTS.exists() else {}
    )
    ELEMENTS.write_text('{"none": []}', encoding="utf-8")  # nothing is asked for ahead
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "shared.sqlite3") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in names or EVERY:
            found[name] = first_elements(browser, f"{server}/{address(*EVERY[name])}")
            print(name, *found[name], flush=True)
            kept = {each: found[each] for each in EVERY if each in found}
            text = ",\n".join(f" {json.dumps(each)}: {json.dumps(kept[each])}" for each in kept)
            ELEMENTS.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def first_elements(browser: Browser, url: str) -> list[str]:
    """The elements that a page shows down to its chart."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    scripts = watched(page)
    page.goto(url)
    page.wait_for_function(STANDS, timeout=PATIENT_MS)
    page.wait_for_timeout(AFTER_MS)
    found = [each for each in elements_of(scripts) if not page.evaluate(IS_BELOW, each)]
    context.close()
    return found


def watched(page: Page) -> list[str]:
    """The names of the scripts that a page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.extend(SCRIPT.findall(request.url)))
    return found


def elements_of(scripts: list[str]) -> list[str]:
    """The beginnings of the names of those that neither Streamlit's document nor another script
    brings with it, as they stand on the page from top to bottom: so they were asked for.
    """
    folder = static_folder() / "static" / "js"
    first = SCRIPT.findall((static_folder() / "index.html").read_text(encoding="utf-8"))
    left = set(scripts) - set(imports_of(folder, first))
    for name in sorted(left):
        left -= set(imports_of(folder, [name])[1:])
    return [name.split(".")[0] for name in dict.fromkeys(scripts) if name in left]


if __name__ == "__main__":
    main(*sys.argv[1:])
