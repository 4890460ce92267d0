"""Routed against dense models: published crossovers, recovered laws, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forecasting.errors import InputError, NotEnoughDataError
from forecasting.laws.routing_law import RoutingLaw, fit_routing_law

TRUTH = RoutingLaw(a=-0.08, b=-0.11, c=0.0045, d=2.6, e_start=1.8, e_max=250.0)


@pytest.mark.parametrize(
    ("router", "low", "high"),
    [("Hash", 5e10, 1e11), ("RL-R", 5e10, 1.2e11), ("S-Base", 2e11, 9e11)],
)
def test_routing_stops_helping_at_the_published_order_of_magnitude(
    tables, router: str, low: float, high: float
) -> None:
    table = tables["runs_routed_vs_dense"]
    rows = table[table["router"].isin([router, "Dense"])]
    experts = np.where(rows["router"] == "Dense", 1, rows["experts"])
    law = fit_routing_law(rows["dense_params"], experts, rows["loss_validation"])
    assert low < law.crossover_params < high
    assert law.loss(1e9, 64) < law.loss(1e9, 1)
    assert law.loss(100 * law.crossover_params, 64) > law.loss(100 * law.crossover_params, 1)
    assert law.effective_experts(1) == pytest.approx(law.e_start)


def test_a_router_without_routed_runs_is_refused() -> None:
    with pytest.raises(InputError, match="add dense runs"):
        fit_routing_law(np.geomspace(1e7, 1e9, 9), np.ones(9), np.linspace(3, 2, 9))
    with pytest.raises(NotEnoughDataError):
        fit_routing_law([1e7], [1], [3.0])


def test_runs_without_noise_give_the_law_they_follow() -> None:
    params, experts = (
        axis.ravel() for axis in np.meshgrid(np.geomspace(1.5e7, 1.3e9, 5), [1, 2, 8, 32, 128, 512])
    )
    law = fit_routing_law(params, experts, TRUTH.loss(params, experts))
    assert law.crossover_params == pytest.approx(TRUTH.crossover_params, rel=0.02)
    assert law.loss(1e10, 64) == pytest.approx(TRUTH.loss(1e10, 64), rel=1e-3)


def test_at_the_crossover_experts_neither_help_nor_hurt() -> None:
    at = TRUTH.crossover_params
    assert at == pytest.approx(math.exp(0.11 / 0.0045))
    assert TRUTH.loss(at, 512) == pytest.approx(TRUTH.loss(at, 1), rel=1e-9)
    assert TRUTH.loss(at / 10, 512) < TRUTH.loss(at / 10, 1)
    assert TRUTH.loss(10 * at, 512) > TRUTH.loss(10 * at, 1)


def test_effective_experts_are_saturated_at_both_ends() -> None:
    assert TRUTH.effective_experts(1) == pytest.approx(TRUTH.e_start)
    assert TRUTH.effective_experts(1e9) == pytest.approx(TRUTH.e_max, rel=1e-4)
    rising = TRUTH.effective_experts(np.array([1.0, 4.0, 64.0, 512.0]))
    assert (np.diff(rising) > 0).all()


def test_experts_that_always_help_have_no_crossover() -> None:
    assert RoutingLaw(-0.08, -0.11, -0.001, 2.6, 1.8, 250.0).crossover_params == math.inf


@pytest.mark.parametrize(("column", "name"), [(0, "params"), (1, "experts"), (2, "losses")])
def test_values_that_no_run_has_are_refused_by_name(column: int, name: str) -> None:
    columns = [np.geomspace(1e7, 1e9, 9), np.tile([1.0, 8.0, 64.0], 3), np.linspace(3, 2, 9)]
    columns[column] = columns[column].copy()
    columns[column][4] = 0.0
    with pytest.raises(InputError, match=f"`{name}` is 0"):
        fit_routing_law(*columns)
