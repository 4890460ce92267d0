"""What holds for visitors or for a server's start, not for tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from dashboard.api import batch, routes


@pytest.fixture(scope="session", autouse=True)
def patient_api() -> Iterator[None]:
    """The API stops what takes too long; on a busy machine any forecast may."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "SECONDS", 600.0)
        patch.setattr(batch, "MAX_SECONDS", 600.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def packages_scanned_once() -> Iterator[None]:
    """A server looks once through all installed packages for components; Streamlit's test harness
    does for each page that it opens, which takes longer than most pages.
    """
    scan = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield
