"""A worker is killed every minute under visitors in real browsers who read, move, upload and share:
no link is lost, and nobody must reload a page by hand. Run by `make soak`, for three minutes;
COMPUTE_FORECAST_KILL_MINUTES=60 for an hour.
"""

from __future__ import annotations

import os
import re
import threading
import time
import urllib.request
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from forecasting.laws.published_laws import published_law
from tests.browser.harness import answer, open_page, settle
from tests.server.workers_served import Workers, polling, workers

pytestmark = [pytest.mark.soak, pytest.mark.browser]

MINUTES = float(os.environ.get("COMPUTE_FORECAST_KILL_MINUTES") or "3")
KILL_EVERY_S = 60.0
#: How long a visitor tries one thing, on a busy machine: then the page is as good as dead.
PATIENT_S = 240.0
#: How long they wait before they try again, in milliseconds.
TRY_MS = 4_000


def persist(page: Page, attempt: Callable[[], bool]) -> None:
    """Try until it is done, as a visitor would in an open page, and without a reload."""
    until = time.monotonic() + PATIENT_S
    while True:
        try:
            if attempt():
                return
        except (Error, AssertionError) as error:
            problem = str(error)
        else:
            problem = "nothing happened"
        assert time.monotonic() < until, f"{page.url} must be reloaded by hand: {problem}"
        page.wait_for_timeout(500)


class Visitor:
    """One with a browser of their own; `act` does one thing."""

    def __init__(self, browser: Browser, site: Workers) -> None:
        self.site = site
        self.page = browser.new_context().new_page()
        self.acts = 0

    def act(self) -> None:
        raise NotImplementedError


class Reader(Visitor):
    """Opens pages by their address: each says what it said before."""

    PATHS = cycle(("cost?v=3&model=GPT-3&year=2033", "text?v=2", "plan?v=4", "scaling?v=2"))

    def __init__(self, browser: Browser, site: Workers) -> None:
        super().__init__(browser, site)
        self.said: dict[str, str] = {}

    def act(self) -> None:
        path = next(self.PATHS)
        open_page(self.page, f"{self.site.address}/{path}")
        said = answer(self.page)
        assert self.said.setdefault(path, said) == said
        self.acts += 1


class Mover(Visitor):
    """Keeps one page open and moves its slider to and fro."""

    def __init__(self, browser: Browser, site: Workers) -> None:
        super().__init__(browser, site)
        open_page(self.page, f"{site.address}/cost?v=3&model=GPT-3&year=2030")
        self.years = cycle((2031, 2032, 2031, 2030))

    def act(self) -> None:
        wanted = next(self.years)

        def moved() -> bool:
            found = re.search(r"at the start of (\d{4})", answer(self.page))
            assert found is not None, answer(self.page)
            assert "GPT-3" in answer(self.page)
            if int(found[1]) == wanted:
                return True
            self.page.get_by_role("slider", name="Year of training").focus(timeout=TRY_MS)
            key = "ArrowRight" if int(found[1]) < wanted else "ArrowLeft"
            self.page.keyboard.press(key)
            expect(self.page.get_by_test_id("stAlert").first).to_contain_text(
                f"at the start of {wanted}", timeout=TRY_MS
            )
            return True

        persist(self.page, moved)
        self.acts += 1


class Uploader(Visitor):
    """Uploads runs of their own into one open page, a file of another number of runs each time."""

    def __init__(self, browser: Browser, site: Workers) -> None:
        super().__init__(browser, site)
        open_page(self.page, f"{site.address}/runs?resamples=200")

    def act(self) -> None:
        runs = 12 + self.acts % 4

        def uploaded() -> bool:
            self.page.locator("input[type=file]").set_input_files(
                {"name": f"{runs}.csv", "mimeType": "text/csv", "buffer": file_of(runs)},
                timeout=TRY_MS,
            )
            told = self.page.get_by_text(f"Your {runs} runs predict").first
            # The same file again would begin the same work anew.
            expect(told).to_be_visible(timeout=15 * TRY_MS)
            return True

        persist(self.page, uploaded)
        self.acts += 1


def file_of(runs: int) -> bytes:
    """A CSV of so many runs, of a law that is known, with a little noise."""
    law, rng = published_law().law, np.random.default_rng(runs)
    lines = ["run,params,tokens,loss"]
    for run in range(runs):
        size = 10 ** (7.0 + run % 4 / 2)
        tokens = size * 10.0 * 2.0 ** (run // 4)
        loss = law.loss(size, tokens) * np.exp(rng.normal(0, 0.003))
        lines.append(f"run-{run},{size:.0f},{tokens:.0f},{loss:.6f}")
    return "\n".join(lines).encode()


class Sharer(Visitor):
    """Opens a page, saves it, and keeps every link that was handed out."""

    def __init__(self, browser: Browser, site: Workers) -> None:
        super().__init__(browser, site)
        self.links: dict[str, str] = {}

    def act(self) -> None:
        page = self.page
        open_page(page, f"{self.site.address}/cost?v=3&model=GPT-3&year={2027 + self.acts % 18}")
        said = answer(page)
        popover = page.get_by_test_id("stPopoverBody")
        codes = popover.get_by_test_id("stCode").filter(has_not_text="<iframe")
        save = page.get_by_role("button", name="Save and get a link")

        def saved() -> bool:
            if codes.count() == 2:
                return True
            if not save.is_visible():
                page.get_by_role("button", name="Share", exact=True).click(timeout=TRY_MS)
            save.click(timeout=TRY_MS)
            expect(codes).to_have_count(2, timeout=2 * TRY_MS)
            return True

        persist(page, saved)
        link = codes.nth(0).inner_text().strip()
        assert link.startswith(f"{self.site.address}/s/")
        self.links[link] = said
        self.acts += 1


def test_no_link_is_lost_and_no_page_must_be_reloaded_while_workers_are_killed(
    haproxy: str, postgresql_url: str, browser: Browser, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": postgresql_url, "COMPUTE_FORECAST_LINKS_AN_HOUR": "100000"}
    killed: list[str] = []
    over = threading.Event()

    with workers(tmp_path, settings) as site, polling(f"{site.address}/cost") as polled:

        def kill() -> None:
            while not over.wait(KILL_EVERY_S):
                killed.append(site.kill())

        sharer = Sharer(browser, site)
        visitors = [Reader(browser, site), Mover(browser, site), Uploader(browser, site), sharer]
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            until = time.monotonic() + 60.0 * MINUTES
            while time.monotonic() < until or any(each.acts < 2 for each in visitors):
                for visitor in visitors:
                    visitor.act()
        finally:
            over.set()
            killer.join()

        for link in sharer.links:
            with urllib.request.urlopen(link, timeout=60) as opened:
                assert opened.status == 200
        for link, said in list(sharer.links.items())[:: max(1, len(sharer.links) // 10)]:
            open_page(visitors[0].page, link)
            assert answer(visitors[0].page) == said
        settle(visitors[1].page)
        for visitor in visitors:
            print(f"{type(visitor).__name__}: {visitor.acts} times")
            visitor.page.context.close()
    print(f"{len(killed)} killed, {len(sharer.links)} links, {polled.well} requests answered well")
    print("\n".join(polled.failed))
    assert len(killed) >= int(MINUTES) - 1
    # One that was in the middle of its answer when its worker was killed is cut off.
    assert len(polled.failed) <= len(killed)
