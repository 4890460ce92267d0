"""Settings of all tests: seeds, how many examples hypothesis tries."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from forecasting.core.tables import Tables, bundled

settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if os.environ.get("COMPUTE_FORECAST_SOAK") else "quick")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def tables() -> Tables:
    return bundled()
