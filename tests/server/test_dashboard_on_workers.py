"""The dashboard on two workers in a real browser: pages outlive the death of one and a restart of
both. Run by `make soak`.
"""

from __future__ import annotations

import re
import socket
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.server.settings import WARM_UP
from tests.browser.harness import PATIENT, answer, open_page
from tests.server.outliving import TRIES, move_until, opened_and_shared
from tests.server.workers_served import polling, workers

pytestmark = [pytest.mark.soak, pytest.mark.browser]
#: Tries of two seconds each until a browser has connected anew.


def worker_of(page: Page) -> str:
    """The place of the worker that the browser's cookie names."""
    (cookie,) = (each for each in page.context.cookies() if each.get("name") == "worker")
    return str(cookie["value"])


def test_a_page_outlives_its_worker_and_links_open_on_each(
    haproxy: str, postgresql_url: str, browser: Browser, tmp_path: Path
) -> None:
    with workers(tmp_path, {"DATABASE_URL": postgresql_url}) as site:
        context = browser.new_context()
        page = context.new_page()
        said, link = opened_and_shared(page, site.address)

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


def test_rough_numbers_become_full_where_the_worker_dies_before_it_hears_of_the_pause(
    haproxy: str, browser: Browser, tmp_path: Path
) -> None:
    with workers(tmp_path, {WARM_UP: "off"}) as site:
        page = browser.new_context().new_page()
        page.set_default_timeout(PATIENT)
        page.goto(f"{site.address}/plan?v=7&budget_usd=23456789")
        rough = page.get_by_text("computing all")
        rough.wait_for(state="attached")
        site.kill(worker_of(page))
        expect(rough).to_have_count(0)
        expect(page.get_by_test_id("stAlert").first).to_contain_text("$23 million")
        page.context.close()


def test_a_restart_fails_no_request_and_pages_come_back_in_their_state(
    haproxy: str, browser: Browser, tmp_path: Path
) -> None:
    settings = {"COMPUTE_FORECAST_STORE": str(tmp_path / "shared.sqlite3")}
    # Twelve seconds of draining: long enough to see that the page stays, then that it moves.
    with workers(tmp_path, settings, drain_minutes=0.2) as site, polling(site.address) as polled:
        context = browser.new_context()
        page = context.new_page()
        said, link = opened_and_shared(page, site.address, 2030)
        before = worker_of(page)
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


def test_a_client_has_one_allowance_of_uploads_whatever_worker_takes_them(
    haproxy: str, tmp_path: Path
) -> None:
    settings = {"COMPUTE_FORECAST_STORE": str(tmp_path / "shared.sqlite3"), WARM_UP: "off"}
    with workers(tmp_path, settings) as site:
        cookies = cookies_of_both(site.address)
        with ExitStack() as open_ones:
            # Of no session, which is said at once (403); their bytes are waited for all the same.
            for cookie in cookies:
                assert status(open_ones.enter_context(announced(site.address, cookie))) == 403
            for cookie in ("", *cookies):
                with announced(site.address, cookie) as one_more:
                    assert status(one_more) == 503
            dead = site.kill()
            site.wait_for_starts(3)
            assert site.started()[-1][0] == dead
        with announced(site.address) as first, announced(site.address) as second:
            assert [status(first), status(second)] == [403, 403]


def cookies_of_both(address: str) -> list[str]:
    """The cookies of visitors of either worker."""
    found: set[str] = set()
    while len(found) < 2:
        with urllib.request.urlopen(address, timeout=60) as answer:
            found.add(answer.headers["Set-Cookie"].partition(";")[0])
    return sorted(found)


def announced(address: str, cookie: str = "") -> socket.socket:
    """A connection on which an upload of 250 MiB has been announced, of which not a byte comes."""
    host, _, port = address.removeprefix("http://").partition(":")
    opened = socket.create_connection((host, int(port)), timeout=30)
    opened.sendall(
        "PUT /_stcore/upload_file/session/file HTTP/1.1\r\nHost: here\r\n"
        f"Cookie: {cookie}\r\nContent-Length: {250 * 2**20}\r\n\r\n".encode()
    )
    return opened


def status(connection: socket.socket) -> int:
    """The status with which the request is answered."""
    return int(connection.recv(100).split()[1])
