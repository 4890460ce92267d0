"""Limits that hold for visitors, not for tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.api import batch, routes


@pytest.fixture(scope="session", autouse=True)
def patient_api() -> Iterator[None]:
    """The API stops what takes too long; on a busy machine any forecast may."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "SECONDS", 600.0)
        patch.setattr(batch, "MAX_SECONDS", 600.0)
        yield
