"""Programs that tests need and a machine may lack: a browser, PostgreSQL's server programs,
HAProxy.

Tests that need a missing one are deselected as a group, and the summary says so in one line; with
CI set, that line is a failure. `python -m tests.programs` downloads Playwright's own Chromium
where no browser is found, as `make test` does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.store import postgresql_server

#: The first draws no windows, not even out of sight: a page takes a fifth less of a processor.
BROWSERS = (
    "chromium-headless-shell",
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
)


@cache
def browser_path() -> str | None:
    """An installed Chromium or Chrome, else Playwright's own, else None."""
    if installed := next(filter(None, map(shutil.which, BROWSERS)), None):
        return installed
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).exists() else None


def haproxy_path() -> str | None:
    """HAProxy, where the command that uses it finds it."""
    from dashboard.server.workers import balancer

    try:
        return balancer.program()
    except balancer.BalancerError:
        return None


@dataclass(frozen=True)
class Program:
    """A program, the fixture through which tests use it, and how to find it."""

    name: str
    fixture: str
    find: Callable[[], object | None]
    remedy: str

    def is_needed_by(self, item: pytest.Item) -> bool:
        """Whether the test asks for the fixture, itself, through others or as a parameter."""
        callspec = getattr(item, "callspec", None)
        parameters = callspec.params.values() if callspec else ()
        named = [each for each in parameters if isinstance(each, str)]
        return self.fixture in (*getattr(item, "fixturenames", ()), *named)

    def missing(self, count: int) -> str:
        """The line of the summary."""
        return f"NO {self.name.upper()}: {count} tests did not run. {self.remedy}"


PROGRAMS = (
    Program(
        "browser",
        "browser",
        browser_path,
        "Install Chromium or Chrome, or run: python -m tests.programs",
    ),
    Program(
        "PostgreSQL",
        "postgresql",
        postgresql_server.programs,
        "Install PostgreSQL's server programs.",
    ),
    Program("HAProxy", "haproxy", haproxy_path, "Install haproxy."),
)


def split_runnable(
    items: list[pytest.Item], programs: tuple[Program, ...] = PROGRAMS
) -> tuple[list[pytest.Item], list[pytest.Item], list[str]]:
    """The tests that can run here, those that cannot, and a line for each missing program."""
    unable: dict[pytest.Item, Program] = {}
    for program in programs:
        needing = [item for item in items if program.is_needed_by(item)]
        if needing and program.find() is None:
            unable |= {item: program for item in needing if item not in unable}
    lines = [
        program.missing(count)
        for program in programs
        if (count := sum(each is program for each in unable.values()))
    ]
    return [item for item in items if item not in unable], list(unable), lines


def main() -> None:
    """Download Playwright's Chromium where there is no browser; tests can do without it."""
    if browser_path() is None:
        print("No Chromium or Chrome found: downloading Playwright's own …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    main()
