"""IsoFLOP parabolas: where each budget's loss is lowest, how that moves with compute, and when
there is no answer.
"""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.errors import InputError, NotEnoughDataError
from forecasting.fitting.isoflop import isoflop_analysis
from forecasting.fitting.training_runs import TrainingRuns
from tests.forecasting.fitting.test_scaling_fit import TRUTH, chinchilla_runs, synthetic


def test_the_chinchilla_runs_give_the_published_isoflop_exponent() -> None:
    analysis = isoflop_analysis(chinchilla_runs())
    assert analysis.params_exponent is not None
    assert analysis.params_exponent.value == pytest.approx(0.49, abs=0.02)
    low, high = analysis.params_exponent.interval(0.9)
    assert low < 0.49 < high
    params, _ = analysis.optimal(5.76e23)
    assert params.value == pytest.approx(6.3e10, rel=0.1)


def test_parabolas_find_the_optimum_of_the_law_that_made_the_runs(rng) -> None:
    analysis = isoflop_analysis(synthetic(rng, noise=0.001, budgets=6, sizes=10))
    assert len(analysis.usable) == 6
    for part in analysis.usable:
        assert part.params is not None
        expected, _ = TRUTH.optimal(part.training_flop)
        assert part.params.value == pytest.approx(expected, rel=0.25)
        low, high = part.params.interval(0.9)
        assert low < part.params.value < high
        assert part.curve(np.array([part.params.value]))[0] == pytest.approx(part.loss)
    assert analysis.params_exponent is not None
    assert analysis.params_exponent.value == pytest.approx(TRUTH.params_exponent, abs=0.06)


def test_a_budget_whose_lowest_loss_lies_outside_the_sizes_is_refused_with_the_reason(rng) -> None:
    runs = synthetic(rng, noise=0.0005, budgets=4, sizes=12)
    best, _ = TRUTH.optimal(runs.training_flop)
    low = np.isclose(runs.training_flop, runs.training_flop.min())
    kept = ~low | (runs.params < 0.8 * best)
    analysis = isoflop_analysis(runs.take(kept))
    refused = [part for part in analysis.slices if part.refused]
    assert len(refused) == 1
    assert refused[0].params is None
    assert "above all sizes run: run some there" in refused[0].refused
    assert len(analysis.usable) == 3


def test_runs_at_scattered_compute_have_no_budgets(rng) -> None:
    params, tokens = 10 ** rng.uniform(8, 9, 8), np.geomspace(1e9, 1e13, 8)
    with pytest.raises(
        NotEnoughDataError, match="several model sizes at the same training compute"
    ):
        isoflop_analysis(TrainingRuns(params, tokens, TRUTH.loss(params, tokens)))


def test_one_usable_budget_has_no_line(rng) -> None:
    analysis = isoflop_analysis(synthetic(rng, budgets=1, sizes=10))
    assert analysis.params_exponent is None
    with pytest.raises(NotEnoughDataError, match="Add budgets"):
        analysis.optimal(1e22)


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="at least 100"):
        isoflop_analysis(chinchilla_runs(), bootstrap=10)


@pytest.mark.parametrize("flop", [0.0, -1.0, np.inf])
def test_the_optimum_of_no_compute_is_refused(flop: float) -> None:
    with pytest.raises(InputError, match="training_flop"):
        isoflop_analysis(chinchilla_runs(), bootstrap=100).optimal(flop)


def test_a_budget_of_few_sizes_is_refused_with_the_count() -> None:
    params = np.tile([1e8, 2e8, 4e8], 4)
    flop = np.repeat([1e19, 1e21], 6)
    tokens = flop / (6 * params)
    analysis = isoflop_analysis(
        TrainingRuns(params, tokens, TRUTH.loss(params, tokens)), bootstrap=100
    )
    assert [part.refused.split(" at ")[0] for part in analysis.slices if part.refused] == [
        "Only 3 model sizes",
        "Only 3 model sizes",
    ]
    assert analysis.usable == ()


def test_losses_that_only_bend_down_have_no_lowest_point() -> None:
    params = np.geomspace(1e8, 1e10, 9)
    analysis = isoflop_analysis(
        TrainingRuns(params, 1e20 / (6 * params), 3.0 - 0.1 * np.log(params / 1e9) ** 2 / 5),
        bootstrap=100,
    )
    assert analysis.slices[0].refused is not None
    assert "opens downward" in analysis.slices[0].refused


def test_intervals_of_the_exponent_hold_the_truth_about_as_often_as_they_say() -> None:
    hits = []
    for seed in range(60):
        analysis = isoflop_analysis(
            synthetic(np.random.default_rng(seed), noise=0.002, budgets=7, sizes=9),
            bootstrap=200,
            seed=seed,
        )
        assert analysis.params_exponent is not None
        low, high = analysis.params_exponent.interval(0.9)
        hits.append(low <= TRUTH.params_exponent <= high)
    assert 0.75 <= np.mean(hits) <= 1.0
