"""A real server and a real headless browser for the main paths."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from tests.browser.harness import PATIENT, open_page
from tests.server.served import shared_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard with a store of its own, one for all workers; gives its address."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with shared_server(folder) as address:
        yield address


@pytest.fixture(scope="session")
def one_context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests of a worker: what it has loaded it need not load again."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENT)
    yield context
    context.close()


@pytest.fixture
def context(one_context: BrowserContext) -> Iterator[BrowserContext]:
    """A context that holds nothing of an earlier test but files of the server."""
    before = list(one_context.pages)
    yield one_context
    for page in one_context.pages:
        if page not in before:
            with contextlib.suppress(Error):  # a page that was not opened has no storage
                page.evaluate("() => localStorage.clear()")
            page.close()
    one_context.clear_cookies()
    one_context.clear_permissions()


@dataclass(frozen=True)
class Opened:
    """A page, and the errors that stood in its console until it was drawn."""

    page: Page
    errors: tuple[str, ...]


@pytest.fixture(scope="session")
def opened_gpt_3(one_context: BrowserContext, server: str) -> Opened:
    """What GPT-3 costs, opened once for the tests that leave the page as it is."""
    page, errors = one_context.new_page(), []

    def keep(message: ConsoleMessage) -> None:
        # On an address below the root, Streamlit's front end first asks for its own routes there
        # and takes the 404 as an answer.
        if message.type == "error" and "/cost/_stcore/" not in message.location["url"]:
            errors.append(message.text)

    page.on("console", keep)
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_page(page, f"{server}/cost?model=GPT-3")
    return Opened(page, tuple(errors))


@pytest.fixture
def gpt_3(opened_gpt_3: Opened) -> Page:
    """That page."""
    return opened_gpt_3.page


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
