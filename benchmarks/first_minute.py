"""From a bare link to what is wanted in hand: clicks, fields filled and seconds of four people in
a browser.

A finance planner takes the memo of a plan, a research lead that of the law of 60 runs, a journalist
the picture of the price chart; a colleague opens a link on a phone and copies it on.
`python -m benchmarks first_minute`
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from playwright.sync_api import Browser, Download, Locator, Page, expect, sync_playwright

from benchmarks.browser_speed import QUIET, chromium
from benchmarks.servers import served
from benchmarks.timed_pages import PRODUCT
from forecasting.laws.published_laws import published_law
from forecasting.planning.plan_scenario import PlanScenario

VISITS = 3
PATIENT_MS = 120_000
RUNS = 60
#: What the colleague was sent.
SENT = f"plan?v={PlanScenario.VERSION}&budget_usd=40000000&last_year=2029"


@dataclass
class Person:
    """Somebody at a browser: what they have done so far, and how far they were when."""

    page: Page
    base: str
    clicks: int = 0
    fields: int = 0
    started: float = field(default_factory=time.perf_counter)
    first_answer_s: float = 0.0

    def open(self, address: str = "") -> None:
        """Follow a link, and read the first answer."""
        self.started = time.perf_counter()
        self.page.goto(f"{self.base}/{address}")
        self.page.locator("[data-testid=stAlert], #first-paint .answer").first.wait_for()
        self.first_answer_s = time.perf_counter() - self.started

    def click(self, what: Locator) -> None:
        """Click, or touch where the screen can be touched."""
        self.clicks += 1
        what.click()

    def menu(self, name: str) -> None:
        """Go to a page by the navigation."""
        self.click(self.page.get_by_role("link", name=name, exact=True).first)
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()

    def fill(self, label: str, written: str) -> None:
        """Type a number into a field."""
        self.fields += 1
        box = self.page.get_by_role("textbox", name=label, exact=True)
        box.fill(written)
        box.press("Enter")

    def export(self, label: str) -> Download:
        """Take a file of what is in view."""
        self.click(self.page.get_by_test_id("stPopoverButton").filter(has_text="Export"))
        with self.page.expect_download() as waiting:
            self.click(self.page.get_by_role("button", name=label))
        return waiting.value


def finance_planner(person: Person) -> None:
    """$40M a year: the memo of the plan for the board."""
    person.open()
    person.menu("Plan")
    person.fill("Budget (USD), typed", "40M")
    expect(person.page.get_by_test_id("stAlert").first).to_contain_text("$40 million")
    expect(person.page.get_by_text("computing all")).to_have_count(0)
    holds(person.export("Memo (Word)"), ".docx", b"PK")


def research_lead(person: Person) -> None:
    """60 runs: their law, and the memo of it."""
    person.open()
    person.menu("Your runs")
    person.fields += 1
    person.page.locator("input[type=file]").set_input_files(
        {"name": "runs.csv", "mimeType": "text/csv", "buffer": some_runs()}
    )
    expect(person.page.get_by_text(f"Your {RUNS} runs predict")).to_be_visible()
    holds(person.export("Memo (Word)"), ".docx", b"PK")


def journalist(person: Person) -> None:
    """The chart of the price of compute, as a picture."""
    person.open()
    law = person.page.get_by_test_id("stMain").get_by_role("link", name="Cost of compute")
    person.click(law.first)
    expect(person.page.get_by_test_id("stAlert").first).to_contain_text("doubles every")
    holds(person.export("Chart as PNG"), ".png", b"\x89PNG")


def colleague_on_a_phone(person: Person) -> None:
    """The link that was sent, opened and copied on."""
    person.open(SENT)
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.click(person.page.get_by_role("button", name="Copy link"))
    expect(person.page.get_by_text("Link copied.")).to_be_visible()
    link = str(person.page.evaluate("() => navigator.clipboard.readText()"))
    if "budget_usd=40000000" not in link:
        raise RuntimeError(f"Another link was copied: {link}")


@dataclass(frozen=True)
class Walk:
    """Who goes through the product, and on what screen."""

    who: str
    steps: Callable[[Person], None]
    width: int = 1280


WALKS = (
    Walk("finance planner: plan memo", finance_planner),
    Walk(f"research lead: {RUNS} runs, memo", research_lead),
    Walk("journalist: price chart, PNG", journalist),
    Walk("colleague, phone: copy link", colleague_on_a_phone, 400),
)


def run() -> None:
    print(
        f"first minute: clicks, fields filled, seconds to the first answer and to the file in hand;"
        f" the first visit, then the median of {VISITS}"
    )
    with served(PRODUCT) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", *(f"--disable-{f}" for f in QUIET)]
        )
        for walk in WALKS:
            visits = [
                walked(browser, walk, f"http://127.0.0.1:{server.port}") for _ in range(VISITS)
            ]
            clicks, fields, _, _ = visits[0]
            answers, wholes = ([visit[at] for visit in visits] for at in (2, 3))
            print(
                f"  {walk.who:30s} {clicks} clicks, {fields} fields  answer {answers[0]:5.1f} s,"
                f" {statistics.median(answers):5.1f} s  in hand {wholes[0]:5.1f} s,"
                f" {statistics.median(wholes):5.1f} s",
                flush=True,
            )
        browser.close()


def walked(browser: Browser, walk: Walk, base: str) -> tuple[int, int, float, float]:
    """Clicks, fields filled, seconds to the first answer and to the end of one visit."""
    phone = walk.width < 600
    context = browser.new_context(
        viewport={"width": walk.width, "height": 850}, accept_downloads=True, has_touch=phone
    )
    context.set_default_timeout(PATIENT_MS)
    expect.set_options(timeout=PATIENT_MS)
    person = Person(context.new_page(), base)
    walk.steps(person)
    took = time.perf_counter() - person.started
    context.close()
    return person.clicks, person.fields, person.first_answer_s, took


def holds(download: Download, ending: str, start: bytes) -> None:
    """Raise unless the file is what it says."""
    if not download.suggested_filename.endswith(ending):
        raise RuntimeError(f"Not a {ending}: {download.suggested_filename}")
    if not download.path().read_bytes().startswith(start):
        raise RuntimeError(f"{download.suggested_filename} does not hold what it says.")


def some_runs() -> bytes:
    """A file of runs that scatter by 0.3% about a published law."""
    law, rng = published_law().law, np.random.default_rng(0)
    params = 10.0 ** rng.uniform(7.0, 9.5, RUNS)
    tokens = params * 10.0 ** rng.uniform(0.5, 2.2, RUNS)
    losses = np.asarray(law.loss(params, tokens)) * np.exp(rng.normal(0.0, 0.003, RUNS))
    rows = zip(params, tokens, losses, strict=True)
    lines = ["params,tokens,loss", *(f"{n:.0f},{d:.0f},{loss:.5f}" for n, d, loss in rows)]
    return "\n".join(lines).encode()
