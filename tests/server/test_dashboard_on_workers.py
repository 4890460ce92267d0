"""The dashboard on two workers in a real browser: pages outlive the death of one and a restart of
both. Run by `make soak`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import answer, open_page, settle
from tests.browser.test_sharing import shared
from tests.server.workers_served import polling, workers

pytestmark = [pytest.mark.soak, pytest.mark.browser]
#: Tries of two seconds each until a browser has connected anew.
TRIES = 60


def worker_of(page: Page) -> str:
    """The place of the worker that the browser's cookie names."""
    (cookie,) = (each for each in page.context.cookies() if each.get("name") == "worker")
    return str(cookie["value"])


def move_until(page: Page, moved: re.Pattern[str]) -> None:
    """Move the year as a visitor would, who tries again where nothing happens, and reloads
    nothing.
    """
    for _ in range(TRIES):
        page.get_by_role("slider", name="Year of training").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(2_000)
        if moved.search(answer(page)):
            break
    expect(page.get_by_test_id("stAlert").first).to_contain_text(moved)
    settle(page)


def test_a_page_outlives_its_worker_and_links_open_on_each(
    haproxy: str, postgresql_url: str, browser: Browser, tmp_path: Path
) -> None:
    with workers(tmp_path, {"DATABASE_URL": postgresql_url}) as site:
        context = browser.new_context()
        page = context.new_page()
        open_page(page, f"{site.address}/cost?v=3&model=GPT-3&year=2033")
        said = answer(page)
        link, _ = shared(page)
        assert link.startswith(f"{site.address}/s/")
        page.keyboard.press("Escape")

        died = site.kill(worker_of(page))
        move_until(page, re.compile(r"of 203[4-9]|of 204\d"))
        assert "GPT-3" in answer(page)

        site.wait_for_starts(3)
        assert site.started()[-1][0] == died
        for _ in range(2):  # new visitors are sent to each in turn
            other = browser.new_context().new_page()
            open_page(other, link)
            assert answer(other) == said
            other.context.close()
        context.close()


def test_a_restart_fails_no_request_and_pages_come_back_in_their_state(
    haproxy: str, browser: Browser, tmp_path: Path
) -> None:
    settings = {"COMPUTE_FORECAST_STORE": str(tmp_path / "shared.sqlite3")}
    # Twelve seconds of draining: long enough to see that the page stays, then that it moves.
    with workers(tmp_path, settings, drain_minutes=0.2) as site, polling(site.address) as polled:
        context = browser.new_context()
        page = context.new_page()
        open_page(page, f"{site.address}/cost?v=3&model=GPT-3&year=2030")
        link, _ = shared(page)
        page.keyboard.press("Escape")
        said, before = answer(page), worker_of(page)
        old = [pid for _, pid in site.started()]
        site.restart()
        site.wait_for_starts(4)
        move_until(page, re.compile(r"of 203[1-9]|of 204\d"))
        for pid in old:
            expect_gone(page, pid)
        move_until(page, re.compile(r"of 203[2-9]|of 204\d"))
        assert "GPT-3" in answer(page)
        assert worker_of(page) != before
        open_page(page, link)
        assert answer(page) == said
        context.close()
    assert polled.failed == []
    assert polled.well > 50


def expect_gone(page: Page, pid: int) -> None:
    """Wait until the process has ended, the page living on meanwhile."""
    for _ in range(TRIES):
        if not Path(f"/proc/{pid}").exists():
            return
        page.wait_for_timeout(1_000)
    raise AssertionError(f"process {pid} does not end")
