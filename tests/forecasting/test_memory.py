"""No forecast takes more memory than a server can give each visitor, also at its inputs' maxima."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import forecasting as fc

pytestmark = pytest.mark.soak
MAX_MIB = 64.0


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def peak_mib(work: Callable[[], object]) -> float:
    work()
    return tracemalloc.get_traced_memory()[1] / 2**20


def test_a_plan_of_most_draws_and_years() -> None:
    scenario = fc.PlanScenario(draws=2000, first_year=2026, last_year=2045)
    assert peak_mib(lambda: fc.plan(scenario)) < MAX_MIB


def test_a_law_of_many_runs_with_most_resamples() -> None:
    rng = np.random.default_rng(0)
    params, tokens = 10.0 ** rng.uniform(7, 10, 300), 10.0 ** rng.uniform(9, 11, 300)
    loss = (1.7 + 400 / params**0.34 + 410 / tokens**0.28) * rng.lognormal(0, 0.01, 300)
    runs = fc.RunSet(params=params, tokens=tokens, loss=loss)
    assert peak_mib(lambda: fc.fit_scaling_law(runs, bootstrap=20_000, seed=0)) < 2 * MAX_MIB
