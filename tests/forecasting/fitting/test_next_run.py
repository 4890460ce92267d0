"""Advice on the next run: affordable, better than chance, and refused where there is nothing to
advise on.
"""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.errors import InputError
from forecasting.fitting.next_run import candidates, narrowing, next_run
from forecasting.fitting.scaling_fit import fit_scaling_law
from forecasting.fitting.training_runs import TrainingRuns
from tests.forecasting.fitting.test_scaling_fit import (
    TRUTH,
    chinchilla_fit,
    chinchilla_runs,
    synthetic,
)


def test_the_advised_run_is_affordable_and_tells_more_than_most(rng) -> None:
    advice = next_run(chinchilla_fit(), budget_flop=1e22, target_params=7e10, target_tokens=1.4e12)
    assert advice.training_flop <= 1e22 * 1.000001
    assert 0.0 < advice.shrinkage < 1.0
    assert advice.shrinkage > 1.5 * np.median(advice.grid_shrinkage)
    assert advice.answer.startswith("Train ")
    params, tokens = candidates(chinchilla_fit(), 1e22, 20.0)
    ratio = chinchilla_runs().tokens / chinchilla_runs().params
    assert (6 * params * tokens <= 1e22 * 1.000001).all()
    assert (tokens / params >= 0.99 * np.quantile(ratio, 0.05)).all()


def test_a_larger_budget_never_tells_less() -> None:
    shrinkage = [
        next_run(
            chinchilla_fit(), budget_flop=b, target_params=7e10, target_tokens=1.4e12
        ).shrinkage
        for b in (1e20, 1e22)
    ]
    assert shrinkage[0] <= shrinkage[1] + 0.05


@pytest.mark.parametrize("budget", [0, -1e20, np.nan])
def test_a_budget_of_nothing_is_refused(budget: float) -> None:
    with pytest.raises(InputError, match="budget_flop"):
        next_run(chinchilla_fit(), budget_flop=budget, target_params=7e10, target_tokens=1.4e12)


def test_a_budget_below_every_run_is_refused_with_the_least() -> None:
    with pytest.raises(InputError, match="give at least that"):
        next_run(chinchilla_fit(), budget_flop=1e9, target_params=7e10, target_tokens=1.4e12)


def test_advice_needs_no_draws(rng) -> None:
    runs = synthetic(rng)
    few, many = (
        next_run(
            fit_scaling_law(runs, bootstrap=draws),
            budget_flop=1e22,
            target_params=7e10,
            target_tokens=1.4e12,
        )
        for draws in (0, 50)
    )
    assert (few.params, few.tokens, few.shrinkage) == (many.params, many.tokens, many.shrinkage)


def test_for_a_compute_optimal_target_the_largest_affordable_run_is_advised() -> None:
    fit = chinchilla_fit()
    advice = next_run(fit, budget_flop=1e22, target_params=7e10, target_tokens=1.4e12)
    assert (advice.params, advice.tokens) == pytest.approx(fit.law.optimal(1e22))


def test_for_an_over_trained_target_a_smaller_model_on_more_tokens_is_advised() -> None:
    fit = chinchilla_fit()
    params, tokens = fit.law.optimal(1e22)
    advice = next_run(fit, budget_flop=1e22, target_params=7e9, target_tokens=1.5e13)
    assert advice.tokens / advice.params > 10 * tokens / params
    assert advice.tokens / advice.params <= 1.001 * 1.5e13 / 7e9
    largest = narrowing(fit, np.array([params]), np.array([tokens]), 7e9, 1.5e13)
    assert advice.shrinkage > 1.5 * largest[0]


@pytest.mark.parametrize("budget", [3e18, 1e20, 1e22])
@pytest.mark.parametrize("target", [(7e10, 1.4e12), (7e9, 1.5e13)])
def test_no_run_smaller_than_those_done_is_advised(
    budget: float, target: tuple[float, float]
) -> None:
    runs = chinchilla_runs()
    advice = next_run(
        chinchilla_fit(), budget_flop=budget, target_params=target[0], target_tokens=target[1]
    )
    flop = 6 * advice.grid_params * advice.grid_tokens
    assert flop.min() >= 0.999 * runs.training_flop.min()
    assert advice.training_flop >= 0.1 * budget


def test_a_run_that_tells_little_is_said_to() -> None:
    advice = next_run(chinchilla_fit(), budget_flop=1e20, target_params=7e10, target_tokens=1.4e12)
    assert advice.answer.startswith("No single run")
    assert "less than 1%" in advice.answer


def test_narrowing_is_that_of_the_variance_by_least_squares(rng) -> None:
    fit = fit_scaling_law(synthetic(rng), bootstrap=0)
    law = fit.law

    def slopes(params: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        a, b = law.A * params**-law.alpha, law.B * tokens**-law.beta
        columns = [np.ones_like(a), a, a * np.log(params / 1e9), b, b * np.log(tokens / 1e10)]
        return np.stack(columns, axis=1) / law.loss(params, tokens)[:, None]

    def variance(params: np.ndarray, tokens: np.ndarray) -> float:
        known, target = slopes(params, tokens), slopes(np.array([7e10]), np.array([1.4e12]))[0]
        return float(target @ np.linalg.solve(known.T @ known, target))

    before = variance(fit.runs.params, fit.runs.tokens)
    after = variance(np.append(fit.runs.params, 9e9), np.append(fit.runs.tokens, 1.8e11))
    found = narrowing(fit, np.array([9e9]), np.array([1.8e11]), 7e10, 1.4e12)
    assert found[0] == pytest.approx(1 - np.sqrt(after / before), rel=1e-4)


@pytest.mark.parametrize("target", [(1e9, np.inf), (np.inf, 1e12), (np.inf, np.inf)])
def test_unlimited_targets_get_advice(target: tuple[float, float]) -> None:
    advice = next_run(
        chinchilla_fit(), budget_flop=1e22, target_params=target[0], target_tokens=target[1]
    )
    assert 0 < advice.shrinkage < 1


def test_the_promised_narrowing_is_about_what_the_run_brings(rng) -> None:
    runs = synthetic(rng, noise=0.003)
    fit = fit_scaling_law(runs, bootstrap=400)
    target = (7e10, 1.4e12)
    advice = next_run(fit, budget_flop=1e22, target_params=target[0], target_tokens=target[1])
    loss = TRUTH.loss(advice.params, advice.tokens)
    more = TrainingRuns(
        np.append(runs.params, advice.params),
        np.append(runs.tokens, advice.tokens),
        np.append(runs.loss, loss),
    )
    widths = [
        float(np.ptp(one.forecast(*target).interval(0.9)))
        for one in (fit, fit_scaling_law(more, bootstrap=400))
    ]
    assert 1 - widths[1] / widths[0] == pytest.approx(advice.shrinkage, abs=0.25)


def test_the_same_fit_gets_the_same_advice() -> None:
    first, again = (
        next_run(chinchilla_fit(), budget_flop=1e21, target_params=7e10, target_tokens=1.4e12)
        for _ in range(2)
    )
    assert (first.params, first.tokens, first.shrinkage) == (
        again.params,
        again.tokens,
        again.shrinkage,
    )


@pytest.mark.parametrize(("params", "tokens"), [(0.0, 1e12), (7e10, -1.0), (np.nan, 1e12)])
def test_a_target_of_nothing_is_refused(params: float, tokens: float) -> None:
    with pytest.raises(InputError, match="target_"):
        next_run(chinchilla_fit(), budget_flop=1e22, target_params=params, target_tokens=tokens)
