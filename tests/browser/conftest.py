"""A real server and a real headless browser for the main paths."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from forecasting.compute_cost.cost_scenario import CostScenario
from tests.browser.harness import PATIENT, Opened, open_page
from tests.server.served import shared_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard with a store of its own, one for all workers; gives its address."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with shared_server(folder) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENT)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def opened(browser: Browser, server: str) -> Iterator[Opened]:
    """What GPT-3 costs, opened once for the tests that leave the page as it is."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = Opened(context.new_page())
    open_page(opened.page, f"{server}/cost?v={CostScenario.VERSION}&model=GPT-3")
    opened.is_drawn = True
    yield opened
    context.close()


@pytest.fixture
def gpt_3(opened: Opened) -> Page:
    """That page."""
    return opened.page
