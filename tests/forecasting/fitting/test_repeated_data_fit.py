"""Repeated-data laws refitted to runs: the bias of the published coefficients, certified optimum,
recovered laws, what is refused.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from forecasting.data.dataset import bundled
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.fitting.repeated_data_fit import RepeatedDataFit, fit_repeated_data_law
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.published_laws import published_law
from forecasting.laws.repeated_data_law import R_D_STAR, R_N_STAR, RepeatedDataLaw

TRUTH = RepeatedDataLaw(ChinchillaLaw(E=1.9, A=600.0, B=1700.0, alpha=0.3526596, beta=0.3526596))


@cache
def refit() -> RepeatedDataFit:
    return fit_repeated_data_law(bundled()["runs_repeated_data"], bootstrap=200)


def simulated(noise: float, seed: int = 0) -> TrainingRuns:
    rng = np.random.default_rng(seed)
    params, unique = 10 ** rng.uniform(7, 10, 120), 10 ** rng.uniform(8, 11, 120)
    tokens = unique * 10 ** rng.uniform(0, 1.5, 120)
    loss = TRUTH.loss(params, tokens, unique) * np.exp(noise * rng.standard_normal(120))
    return TrainingRuns(params, tokens, loss, {"unique_tokens": unique})


def test_the_published_coefficients_predict_low_by_the_published_median() -> None:
    assert refit().bias_before == pytest.approx(-0.085, abs=5e-4)


def test_the_refit_has_no_bias_and_half_the_error() -> None:
    fit = refit()
    assert np.median(fit.residuals) == pytest.approx(0.0, abs=1e-3)
    assert fit.median_error < 0.55 * np.median(np.abs(fit.residuals_before))
    assert "8.1% below the measured ones" in fit.answer


def test_exponents_and_rates_of_decay_stay_as_published() -> None:
    law = refit().law
    assert (law.r_d_star, law.r_n_star) == (R_D_STAR, R_N_STAR)
    assert law.base.alpha == law.base.beta == 0.3526596


def test_no_nearby_coefficients_fit_better(rng) -> None:
    fit = refit()
    runs, base = fit.runs, fit.law.base
    assert fit.objective == pytest.approx(0.02136355662, rel=1e-6)
    for _ in range(300):
        E, A, B = np.array([base.E, base.A, base.B]) * np.exp(
            0.02 * rng.standard_normal(3) * rng.uniform() ** 2
        )
        law = RepeatedDataLaw(ChinchillaLaw(E, A, B, base.alpha, base.beta))
        r = np.log(law.loss(runs.params, runs.tokens, fit.unique_tokens) / runs.loss)
        inside = np.clip(r, -1e-3, 1e-3)
        assert float((inside * (r - 0.5 * inside)).sum()) >= fit.objective * (1 - 1e-9)


def test_runs_without_noise_give_their_law_back() -> None:
    base = fit_repeated_data_law(simulated(0.0), bootstrap=0).law.base
    found = (base.E, base.A, base.B)
    assert found == pytest.approx((1.9, 600.0, 1700.0), rel=1e-4)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    hits = []
    for seed in range(8):
        fit = fit_repeated_data_law(simulated(0.004, seed), bootstrap=60, seed=seed)
        for name in ("E", "A", "B"):
            low, high = fit.estimate(name).interval(0.9)
            hits.append(low <= getattr(TRUTH.base, name) <= high)
    assert 0.7 <= np.mean(hits) <= 1.0


def test_whole_sizes_are_resampled_together_when_asked() -> None:
    by_row, by_size = (
        fit_repeated_data_law(
            bundled()["runs_repeated_data"], bootstrap=100, bootstrap_by=by
        ).estimate("E")
        for by in ("row", "params")
    )
    assert by_row.value == by_size.value
    assert by_row.interval(0.9) != by_size.interval(0.9)


def test_another_published_law_can_be_refitted() -> None:
    start = RepeatedDataLaw(published_law("refit").law, r_d_star=np.inf, r_n_star=np.inf)
    fit = fit_repeated_data_law(simulated(0.002), published=start, bootstrap=0)
    assert fit.law.base.alpha == published_law("refit").law.alpha


def test_runs_that_cannot_tell_are_refused() -> None:
    runs = simulated(0.001)
    with pytest.raises(InputError, match="unique_tokens"):
        fit_repeated_data_law(TrainingRuns(runs.params, runs.tokens, runs.loss))
    with pytest.raises(NotEnoughDataError):
        fit_repeated_data_law(runs.take(np.arange(5)))
    with pytest.raises(InputError, match="`unique_tokens` is 0"):
        fit_repeated_data_law(
            TrainingRuns(
                runs.params, runs.tokens, runs.loss, {"unique_tokens": np.zeros(len(runs))}
            )
        )
    with pytest.raises(InputError, match="bootstrap"):
        fit_repeated_data_law(runs, bootstrap=-1)
