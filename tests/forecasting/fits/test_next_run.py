"""Advice on the next run: affordable, better than chance, and refused where there is nothing to advise on."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.core.errors import InputError
from forecasting.fits.next_run import candidates, next_run
from forecasting.fits.run_set import RunSet
from forecasting.fits.scaling_fit import fit_scaling_law
from tests.forecasting.fits.test_scaling_fit import TRUTH, chinchilla_fit, chinchilla_runs, synthetic


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
    shrinkage = [next_run(chinchilla_fit(), budget_flop=b, target_params=7e10, target_tokens=1.4e12).shrinkage for b in (1e20, 1e22)]
    assert shrinkage[0] <= shrinkage[1] + 0.05


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


def test_the_promised_narrowing_is_about_what_the_run_brings(rng) -> None:
    runs = synthetic(rng, noise=0.003)
    fit = fit_scaling_law(runs, bootstrap=400)
    target = (7e10, 1.4e12)
    advice = next_run(fit, budget_flop=1e22, target_params=target[0], target_tokens=target[1])
    loss = TRUTH.loss(advice.params, advice.tokens)
    more = RunSet(np.append(runs.params, advice.params), np.append(runs.tokens, advice.tokens), np.append(runs.loss, loss))
    widths = [float(np.ptp(one.forecast(*target).interval(0.9))) for one in (fit, fit_scaling_law(more, bootstrap=400))]
    assert 1 - widths[1] / widths[0] == pytest.approx(advice.shrinkage, abs=0.25)


def test_the_same_fit_gets_the_same_advice() -> None:
    first, again = (next_run(chinchilla_fit(), budget_flop=1e21, target_params=7e10, target_tokens=1.4e12) for _ in range(2))
    assert (first.params, first.tokens, first.shrinkage) == (again.params, again.tokens, again.shrinkage)


@pytest.mark.parametrize(("params", "tokens"), [(0.0, 1e12), (7e10, -1.0), (np.nan, 1e12)])
def test_a_target_of_nothing_is_refused(params: float, tokens: float) -> None:
    with pytest.raises(InputError, match="target_"):
        next_run(chinchilla_fit(), budget_flop=1e22, target_params=params, target_tokens=tokens)
