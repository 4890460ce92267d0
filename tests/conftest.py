"""Fixtures of all tests; importing `examples` sets how many examples hypothesis tries."""

from __future__ import annotations

import numpy as np
import pytest

import tests.examples  # noqa: F401
from forecasting.core.tables import Tables, bundled


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def tables() -> Tables:
    return bundled()
