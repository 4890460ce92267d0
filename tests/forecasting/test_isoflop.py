"""IsoFLOP parabolas, and advice on the next run."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.errors import InputError, NotEnoughDataError
from forecasting.isoflop import isoflop_analysis
from forecasting.next_run import candidates, next_run
from forecasting.run_set import RunSet
from forecasting.scaling_fit import fit_scaling_law
from tests.forecasting.test_scaling_fit import TRUTH, chinchilla_fit, chinchilla_runs, synthetic


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
    with pytest.raises(NotEnoughDataError, match="several model sizes at the same training compute"):
        isoflop_analysis(RunSet(params, tokens, TRUTH.loss(params, tokens)))


def test_one_usable_budget_has_no_line(rng) -> None:
    analysis = isoflop_analysis(synthetic(rng, budgets=1, sizes=10))
    assert analysis.params_exponent is None
    with pytest.raises(NotEnoughDataError, match="Add budgets"):
        analysis.optimal(1e22)


def test_the_advised_run_is_affordable_and_tells_more_than_most(rng) -> None:
    advice = next_run(chinchilla_fit(), budget_flop=1e22, target_params=7e10, target_tokens=1.4e12)
    assert advice.training_flop <= 1e22 * 1.000001
    assert 0.0 < advice.shrinkage < 1.0
    assert advice.shrinkage > 1.5 * np.median(advice.grid_shrinkage)
    assert advice.answer.startswith("Train ")
    params, tokens = candidates(chinchilla_fit(), 1e22)
    ratio = chinchilla_runs().tokens / chinchilla_runs().params
    assert (6 * params * tokens <= 1e22 * 1.000001).all()
    assert (tokens / params >= 0.99 * np.quantile(ratio, 0.05)).all()


def test_a_larger_budget_never_tells_less() -> None:
    shrinkage = [next_run(chinchilla_fit(), budget_flop=b, target_params=7e10, target_tokens=1.4e12).shrinkage for b in (1e20, 1e21, 1e22)]
    assert shrinkage[0] <= shrinkage[1] + 0.05 <= shrinkage[2] + 0.1


@pytest.mark.parametrize("budget", [0, -1e20, np.nan])
def test_a_budget_of_nothing_is_refused(budget: float) -> None:
    with pytest.raises(InputError, match="budget_flop"):
        next_run(chinchilla_fit(), budget_flop=budget, target_params=7e10, target_tokens=1.4e12)


def test_a_budget_below_every_run_is_refused_with_the_least() -> None:
    with pytest.raises(InputError, match="give at least that"):
        next_run(chinchilla_fit(), budget_flop=1e9, target_params=7e10, target_tokens=1.4e12)


def test_advice_needs_draws(rng) -> None:
    with pytest.raises(InputError, match="bootstrap=100"):
        next_run(fit_scaling_law(synthetic(rng), bootstrap=0), budget_flop=1e22, target_params=7e10, target_tokens=1.4e12)
