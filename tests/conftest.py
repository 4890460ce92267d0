"""Fixtures and hooks of all tests; importing `examples` sets how many examples hypothesis tries,
`vintage` on which tables the forecasts run."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tests.examples
import tests.vintage  # noqa: F401
from forecasting.data.dataset import DataSet, bundled
from tests.programs import browser_path, haproxy_path, split_runnable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Chromium heeds the last such list alone, so here is what Playwright turns off and tests may meet,
#: and two pop-ups of the address bar, which are drawn in each new window out of sight: they take a
#: quarter of what a page costs.
FEATURES_OFF = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(FEATURES_OFF)}",
]
#: A line for each missing program; pytest-xdist's workers hand theirs over as MISSING_KEY.
MISSING = pytest.StashKey[list[str]]()
MISSING_KEY = "missing_programs"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def tables() -> DataSet:
    return bundled()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser that `browser_path` finds; where there is none, no test asks for this."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=BROWSER_OPTIONS)
        # Without a graphics card, animations take a third of what a page costs.
        still = partial(browser.new_context, reduced_motion="reduce")
        browser.new_context = still  # type: ignore[method-assign]
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def haproxy() -> str:
    """The path of HAProxy; where there is none, no test asks for this."""
    return haproxy_path() or ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    """As long as the browser is open, Playwright's event loop counts as running in this thread: to
    a test without the browser none runs, so that it may run its own.
    """
    if "browser" in getattr(item, "fixturenames", ()):
        return (yield)
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(running)


@pytest.hookimpl(trylast=True)  # after -m and -k: only what would have run is counted
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:], unable, config.stash[MISSING] = split_runnable(items)
    if unable:
        config.hook.pytest_deselected(items=unable)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """What collecting makes stays until the end: the garbage collector need not look through it,
    neither meanwhile nor later.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Take over what a worker of pytest-xdist found missing; all workers collect the same."""
    node.config.stash[MISSING] = getattr(node, "workeroutput", {}).get(MISSING_KEY, [])


class FailuresAtOnce:
    """Names a failed test when it fails: a run that is stopped prints no summary."""

    def __init__(self, reporter: Any) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._reporter.ensure_newline()
            self._reporter.write_line(f"{report.nodeid} ({report.when})", red=True)


def pytest_sessionstart(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and os.environ.get("CI"):
        session.config.pluginmanager.register(FailuresAtOnce(reporter))


def pytest_sessionfinish(session: pytest.Session) -> None:
    missing = session.config.stash.get(MISSING, [])
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[MISSING_KEY] = missing
    elif missing and os.environ.get("CI"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in config.stash.get(MISSING, []):
        colour = {"red": True} if os.environ.get("CI") else {"yellow": True}
        terminalreporter.write_line(line, bold=True, **colour)
