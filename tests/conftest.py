"""Fixtures of all tests; importing `examples` sets how many examples hypothesis tries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tests.examples  # noqa: F401
from forecasting.data.dataset import Tables, bundled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def tables() -> Tables:
    return bundled()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A found Chromium or Chrome, else Playwright's own, else the tests are skipped with one loud
    line (with CI set they fail).
    """
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        except PlaywrightError:
            if found is None:
                subprocess.run(
                    [sys.executable, "-m", "playwright", "install", "chromium"],
                    capture_output=True,
                    check=False,
                )
            try:
                browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
            except PlaywrightError as error:
                message = (
                    "NO BROWSER: no Chromium or Chrome was found and none could be downloaded; the"
                    " browser tests did not run."
                )
                if os.environ.get("CI"):
                    pytest.fail(f"{message} {error}")
                pytest.skip(message)
        yield browser
        browser.close()
