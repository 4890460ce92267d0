"""Resamples of a fit: the same numbers wherever they are solved."""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.fitting import fit_bootstrap
from forecasting.fitting.training_runs import TrainingRuns
from tests.forecasting.dask_cluster import cluster


def runs(count: int, rng: np.random.Generator) -> TrainingRuns:
    """Runs about a law with 2% of noise."""
    params, tokens = 10 ** rng.uniform(7.5, 9.5, count), 10 ** rng.uniform(9.5, 11.5, count)
    loss = 1.7 + 400 / params**0.34 + 400 / tokens**0.28
    return TrainingRuns(params, tokens, loss * np.exp(rng.normal(0, 0.02, count)))


@pytest.mark.parametrize("resampling", ["smooth", "counts"])
def test_blocks_solved_by_several_are_those_of_one(
    resampling: fit_bootstrap.Resampling, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_bootstrap, "WEIGHT_CELLS", 2_000)
    table = runs(40, rng)
    here = fc.fit_scaling_law(table, bootstrap=110, resampling=resampling)
    monkeypatch.setenv("FORECASTING_JOBS", "2")
    monkeypatch.setenv("FORECASTING_BACKEND", "threading")
    there = fc.fit_scaling_law(table, bootstrap=110, resampling=resampling)
    assert len(here.draws) == 110
    for name in ("A", "B", "alpha", "beta", "E"):
        np.testing.assert_array_equal(there.draws.table[name], here.draws.table[name])


@pytest.mark.soak
def test_a_dask_cluster_of_which_a_worker_dies_gives_the_same_resamples(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = runs(2_000, rng)
    here = fc.fit_scaling_law(table, bootstrap=6_000)
    with cluster() as running, running.losing_a_worker():
        monkeypatch.setenv("FORECASTING_DASK", running.address)
        there = fc.fit_scaling_law(table, bootstrap=6_000)
    for name in ("A", "B", "alpha", "beta", "E"):
        np.testing.assert_allclose(there.draws.table[name], here.draws.table[name], rtol=1e-9)
