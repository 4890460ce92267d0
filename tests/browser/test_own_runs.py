"""Own runs in a real browser: an upload that touches no disk, the law on every page, nothing cut
off.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.servers import Server, served
from benchmarks.timed_pages import PRODUCT
from dashboard.server.settings import WARM_UP
from forecasting.laws.published_laws import published_law
from tests.browser.harness import open_page, settle

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).parents[1] / "fixtures" / "runs"


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server of its own, whose open files can be looked at."""
    with served(PRODUCT, settings={WARM_UP: "off"}) as server:
        yield server


def written_files(pid: int) -> set[str]:
    """Regular files that a process holds open for writing, deleted ones included: where an upload
    would go.
    """
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
            flags = int(
                Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text().split("flags:")[1].split()[0],
                8,
            )
        except OSError:
            continue
        if (
            target.startswith("/")
            and not target.startswith(("/dev/", "/proc/"))
            and flags & (os.O_WRONLY | os.O_RDWR)
        ):
            found.add(target)
    return found


def log_of_six_megabytes() -> bytes:
    law, rng = published_law().law, np.random.default_rng(0)
    lines = ["run,step,params,tokens,val_loss"]
    for run in range(30):
        size = 10 ** (7 + run % 6 / 2)
        tokens = size * (5, 20, 40, 80, 160)[run // 6]
        steps = np.arange(1, 5001)
        loss = law.loss(size, tokens * steps / steps[-1]) * np.exp(rng.normal(0, 0.003, steps.size))
        lines += [
            f"run-{run},{s},{size:.0f},{tokens * s / steps[-1]:.0f},{y:.6f}"
            for s, y in zip(steps, loss, strict=True)
        ]
    return "\n".join(lines).encode()


def test_the_look_at_open_files_sees_a_spooled_upload() -> None:
    before = written_files(os.getpid())
    with tempfile.SpooledTemporaryFile(max_size=2**20) as upload:
        upload.write(b"x" * 2**20)
        assert written_files(os.getpid()) == before
        upload.write(b"x" * 5 * 2**20)
        assert written_files(os.getpid()) - before


def test_an_upload_of_six_megabytes_is_never_written_to_a_file(
    page: Page, own_server: Server, tmp_path: Path
) -> None:
    content = log_of_six_megabytes()
    assert len(content) > 6e6
    open_page(page, f"http://127.0.0.1:{own_server.port}/runs")
    before = written_files(own_server.pid)
    seen: set[str] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.005):  # a look at once after another takes a processor
            seen.update(written_files(own_server.pid) - before)

    looker = threading.Thread(target=look)
    looker.start()
    temporary_before = set(os.listdir(tempfile.gettempdir()))
    try:
        page.locator("input[type=file]").set_input_files(
            {"name": "log.csv", "mimeType": "text/csv", "buffer": content}
        )
        expect(page.get_by_text("Your 30 runs predict")).to_be_visible(timeout=60_000)
        settle(page)
    finally:
        stop.set()
        looker.join()
    assert seen == set()
    left = {
        name
        for name in set(os.listdir(tempfile.gettempdir())) - temporary_before
        if "playwright" not in name and "chrom" not in name
    }
    assert not any(
        name.startswith("tmp") and Path(tempfile.gettempdir(), name).is_file() for name in left
    )
    assert "val_loss" not in page.url


@pytest.mark.soak
def test_the_law_goes_with_every_page_and_back(page: Page, server: str) -> None:
    open_page(page, f"{server}/runs")
    page.locator("input[type=file]").set_input_files(FIXTURES / "wandb_runs.csv")
    expect(page.get_by_text("Your 18 runs predict")).to_be_visible()
    page.get_by_role("button", name="Use this law everywhere").click()
    expect(
        page.get_by_text("Your law is in use on every page that computes with such a law")
    ).to_be_visible()
    page.get_by_role("button", name="Stop using this law").click()
    expect(page.get_by_role("button", name="Use this law everywhere")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0


def test_a_file_in_doubt_is_confirmed_a_size_typed_and_a_reload_says_what_is_gone(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/runs?v=2&resamples=200")
    page.locator("input[type=file]").set_input_files(
        FIXTURES / "cases" / "sweep_of_learning_rates.csv"
    )
    page.get_by_role("button", name="Keep the lowest of each").click()
    expect(page.get_by_text("Your 18 runs predict")).to_be_visible()
    tokens = page.get_by_role("textbox", name="Big run: tokens, typed")
    tokens.fill("0.6T")
    tokens.press("Enter")
    expect(page.get_by_text("parameters on 600 billion tokens").first).to_be_visible()
    expect(tokens).to_have_value("600 billion")
    page.reload()
    expect(page.get_by_text("Your 18 runs are gone")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Your 18 runs are gone")).to_have_count(0)
    settle(page)  # only a finished run has taken the note from the browser too
    page.reload()
    settle(page)
    assert page.get_by_text("are gone").count() == 0


def test_the_next_visitor_finds_nothing_of_the_last(browser: Browser, server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    open_page(page, f"{server}/runs")
    expect(page.get_by_text("The example's 240 runs predict")).to_be_visible()
    context.close()


@pytest.mark.soak
def test_nothing_is_wider_than_a_phone_with_own_runs(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 900}, color_scheme="dark")
    page = context.new_page()
    # Its chart, below the first screen of a phone, is drawn when the reader comes near.
    open_page(page, f"{server}/runs", chart=False)
    page.locator("input[type=file]").set_input_files(FIXTURES / "wandb_chart.csv")
    expect(page.get_by_text("give the tokens per step")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 400
    context.close()
