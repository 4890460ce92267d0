from __future__ import annotations

import contextlib
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.inference.coverage import by_size, law_errors
from forecasting.inference.coverage_laws import MAX_TRIES
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.repeated_sampling import pass_at_k_by_problem, tries_grid
from forecasting.ingest.sample_counts import bundled_counts, counts_from_text
from forecasting.reporting.inference_answers import coverage_check

#: METHODS of the product, section 4: % at k = 1, 10, 100, 1,000, 10,000.
PUBLISHED_PASS_AT_K = {
    "Pythia 70M": (0.06, 0.60, 3.61, 12.41, 26.56),
    "Pythia 160M": (0.27, 2.51, 16.19, 41.02, 57.03),
    "Pythia 410M": (0.62, 5.17, 22.72, 48.18, 65.62),
    "Pythia 1B": (0.83, 6.65, 27.45, 54.62, 74.22),
    "Pythia 2.8B": (2.03, 13.48, 42.20, 67.78, 81.25),
    "Pythia 6.9B": (1.86, 13.14, 43.16, 68.77, 83.59),
    "Pythia 12B": (2.32, 15.68, 48.34, 72.33, 87.50),
}


@pytest.mark.parametrize("model", PUBLISHED_PASS_AT_K)
def test_coverage_of_every_pythia_size_is_the_published_one_to_two_decimals(
    tables, model: str
) -> None:
    counts = bundled_counts(model, tables)
    shares = fc.pass_at_k(
        samples=counts.samples, correct=counts.correct, k=[1, 10, 100, 1000, 10_000]
    )
    # 65.625 and its like lie half way between two decimals.
    np.testing.assert_allclose(100 * np.asarray(shares), PUBLISHED_PASS_AT_K[model], atol=0.00501)


def product_form(n: int, c: int, k: int) -> float:
    """1 − C(n−c, k)/C(n, k) as a product of min(c, k) factors, without large numbers."""
    if n - c < k:
        return 1.0
    return -math.expm1(math.fsum(math.log1p(-max(c, k) / (n - j)) for j in range(min(c, k))))


@given(n=st.integers(1, 5_000_000), low=st.floats(0, 1), high=st.floats(0, 1))
def test_pass_at_k_is_exact_to_eight_digits_with_samples_in_the_millions(
    n: int, low: float, high: float
) -> None:
    c, k = min(n, int(n**low)), max(1, min(n, int(n**high)))
    if min(c, k) > 20_000:
        c = 20_000
    found = float(
        pass_at_k_by_problem(np.array([n * 1.0]), np.array([c * 1.0]), np.array([k * 1.0]))[0, 0]
    )
    assert found == pytest.approx(product_form(n, c, k), rel=1e-8)


@given(n=st.integers(1, 25), share=st.floats(0, 1), k_share=st.floats(0, 1))
def test_pass_at_k_is_the_ratio_of_binomials(n: int, share: float, k_share: float) -> None:
    c, k = round(n * share), max(1, round(n * k_share))
    assert fc.pass_at_k(samples=[n], correct=[c], k=k) == pytest.approx(
        1 - math.comb(n - c, k) / math.comb(n, k), abs=1e-12
    )


def test_pass_at_k_is_unbiased(rng) -> None:
    p, n, k = 0.07, 12, 5
    correct = rng.binomial(n, p, 200_000)
    estimate = fc.pass_at_k(samples=np.full(correct.size, n), correct=correct, k=k)
    assert estimate == pytest.approx(1 - (1 - p) ** k, abs=0.004)


def test_pass_at_one_is_the_mean_share_of_right_tries() -> None:
    assert fc.pass_at_k(samples=[10, 1_000_000], correct=[3, 1], k=1) == pytest.approx(
        (0.3 + 1e-6) / 2, rel=1e-12
    )


@pytest.mark.parametrize(
    ("samples", "correct", "k", "said"),
    [
        (
            [10, 10],
            [1, 11],
            5,
            "11 of 10 samples at problem 2”. The number correct can't exceed the number of samples",
        ),
        ([10, 100], [1, 11], 50, "The problem with the fewest samples has 10"),
        ([10], [1], 0, "whole numbers of 1 or more"),
        ([10], [1.5], 1, "1.5 at problem 1"),
        ([10], [-1], 1, "-1 at problem 1"),
        ([10, 10, 10], [1, 1], 1, "3 numbers"),
        ([], [], 1, "at least one problem"),
        ([10], [float("nan")], 1, "nan at problem 1"),
        (["a"], [1], 1, "Give numbers"),
    ],
)
def test_counts_that_cannot_be_are_said(samples: list, correct: list, k: int, said: str) -> None:
    with pytest.raises(fc.ForecastingError, match=said):
        fc.pass_at_k(samples=samples, correct=correct, k=k)


def test_a_power_law_is_found_again_and_inverted() -> None:
    k = tries_grid(1000)
    law = fc.CoveragePowerLaw(np.array([-4.0]), np.array([-0.3]))
    share = law.coverage(k)[0]
    assert share == pytest.approx(np.exp(-4.0 * k**-0.3))
    needed = law.samples_for(0.9)
    assert law.coverage(needed)[0, 0] == pytest.approx(0.9)


def test_brown_and_others_law_of_llama_on_math_is_near_their_coverage() -> None:
    law = fc.CoveragePowerLaw(np.array([-1.33]), np.array([-0.43]))
    assert 100 * law.coverage(np.array([100.0]))[0, 0] == pytest.approx(82.9, abs=1.0)
    assert 100 * law.coverage(np.array([10_000.0]))[0, 0] == pytest.approx(98.44, abs=1.0)


def test_the_beta_binomial_covers_as_the_ratio_of_beta_functions() -> None:
    from scipy.special import beta

    law = fc.BetaBinomial(np.array([0.3]), np.array([12.0]), np.array([1.0]))
    for k in (1, 7, 100):
        assert law.coverage(np.array([float(k)]))[0, 0] == pytest.approx(
            1 - beta(0.3, 12.0 + k) / beta(0.3, 12.0)
        )


def test_the_scaled_form_with_scale_one_is_the_plain_one_and_less_scale_solves_less() -> None:
    k = np.array([1.0, 10.0, 1e4, 1e6])
    plain, nearly, half = (
        fc.BetaBinomial(np.array([0.3]), np.array([12.0]), np.array([s]))
        for s in (1.0, 1 - 1e-12, 0.5)
    )
    np.testing.assert_allclose(nearly.coverage(k), plain.coverage(k), rtol=1e-6)
    assert (half.coverage(k) < plain.coverage(k)).all()
    # E[p] is scale · α/(α + β).
    assert half.coverage(np.array([1.0]))[0, 0] == pytest.approx(0.5 * 0.3 / 12.3, rel=1e-6)


def test_problems_that_are_all_alike_have_their_mean_rate_as_coverage_of_one_try() -> None:
    counts = fc.ProblemCounts("alike", np.full(128, 100.0), np.full(128, 1.0))
    law = fc.fit_beta_binomial(counts)
    assert law.coverage(np.array([1.0]))[0, 0] == pytest.approx(0.01, rel=1e-3)
    assert law.coverage(np.array([50.0]))[0, 0] == pytest.approx(1 - 0.99**50, rel=1e-3)


def test_maximum_likelihood_finds_the_beta_binomial_that_made_the_counts(rng) -> None:
    rates = rng.beta(0.4, 6.0, 4000)
    counts = fc.ProblemCounts("made", np.full(4000, 200.0), rng.binomial(200, rates).astype(float))
    law = fc.fit_beta_binomial(counts)
    assert law.alpha[0] == pytest.approx(0.4, rel=0.08)
    assert law.beta[0] == pytest.approx(6.0, rel=0.12)


def test_the_scaled_form_finds_a_scale_below_one(rng) -> None:
    rates = 0.3 * rng.beta(0.5, 2.0, 3000)
    counts = fc.ProblemCounts("made", np.full(3000, 300.0), rng.binomial(300, rates).astype(float))
    law = fc.fit_scaled_beta_binomial(counts)
    assert law.scale[0] == pytest.approx(0.3, rel=0.1)
    assert law.alpha[0] == pytest.approx(0.5, rel=0.1)


def test_a_batch_of_weightings_gives_the_law_of_each(tables, rng) -> None:
    counts = bundled_counts("Pythia 1B", tables)
    weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), 3).astype(float)
    power, beta = fc.fit_power_law(counts, weights), fc.fit_beta_binomial(counts, weights)
    for row, weight in enumerate(weights):
        again = np.repeat(np.arange(len(counts)), weight.astype(int))
        alone = fc.ProblemCounts("resampled", counts.samples[again], counts.correct[again])
        assert fc.fit_power_law(alone).b[0] == pytest.approx(power.b[row], rel=1e-9)
        assert fc.fit_beta_binomial(alone).alpha[0] == pytest.approx(beta.alpha[row], rel=1e-6)


def test_samples_needed_are_those_at_which_the_law_reaches_the_target(tables) -> None:
    beta = fc.fit_beta_binomial(bundled_counts("Pythia 12B", tables))
    needed = beta.samples_for(0.9)
    assert beta.coverage(needed)[0, 0] == pytest.approx(0.9, abs=1e-4)
    assert np.isinf(fc.fit_beta_binomial(bundled_counts("Pythia 70M", tables)).samples_for(0.95)[0])


def test_counts_without_a_right_try_or_with_right_ones_only_have_no_law() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="None of the 2 problems was solved"):
        fc.fit_power_law(fc.ProblemCounts("none", [10, 10], [0, 0]))
    with pytest.raises(fc.InputError, match="Every try was right"):
        fc.fit_beta_binomial(fc.ProblemCounts("all", [10, 10], [10, 10]))


def test_the_forecast_gives_samples_and_cost_for_the_target_with_a_range() -> None:
    result = fc.coverage(InferenceScenario(target_coverage=0.95, usd_per_try=0.01))
    needed, usd = result.tries_for_target, result.usd_for_target
    assert needed.low < needed.value < needed.high
    assert result.tries_by_law["power"] < result.tries_by_law["beta"]
    assert usd.value == pytest.approx(0.01 * needed.value)
    assert "likely" in result.answer
    assert "e+" not in result.answer


def test_laws_that_saw_few_tries_are_checked_against_what_was_counted() -> None:
    result = fc.coverage(InferenceScenario(tries_seen=100))
    assert result.most_seen == 100
    assert "counted: 88%" in coverage_check(result)
    assert coverage_check(fc.coverage(InferenceScenario())) == ""


def test_the_spread_between_models_has_a_row_a_size(tables) -> None:
    errors = law_errors(InferenceScenario(tries_seen=100), data=tables)
    assert list(errors["model"]) == list(by_size(tables))
    assert errors["power_law_error_points"].abs().median() < 8


def test_a_target_out_of_reach_is_said_with_its_horizon() -> None:
    answer = fc.coverage(InferenceScenario(sampled_model="Pythia 70M", target_coverage=0.99)).answer
    assert "does not solve 99% of the problems within 1 trillion tries" in answer


def test_own_counts_are_read_from_a_table_and_used_in_place_of_a_model() -> None:
    own = fc.problem_counts(
        pd.DataFrame({"problem": ["a", "b", "c"], "samples": [50, 50, 80], "correct": [5, 0, 20]})
    )
    scenario = InferenceScenario(sampled_model="own")
    result = fc.coverage(scenario, data=fc.Context(fc.bundled(), counts=own))
    assert "your model needs a perfect checker" in result.answer
    assert result.tries[-1] == 50
    with pytest.raises(fc.InputError, match="No counts of your own"):
        fc.coverage(scenario)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"problem": ["a"], "samples": [5]}, "The column correct is missing"),
        ({"problem": ["a"], "samples": [5], "correct": [6]}, "Row 1: 6 correct of 5 samples"),
        (
            {"problem": ["a", "a"], "samples": [5, 5], "correct": [1, 1]},
            "Row 2: the problem “a” is given twice",
        ),
        ({"problem": ["a", "b"], "samples": [5, "x"], "correct": [1, 1]}, "Row 2: samples is “x”"),
        ({"problem": ["a"], "samples": [5], "correct": [-1]}, "Row 1: correct is “-1”"),
    ],
)
def test_own_counts_that_cannot_be_used_are_named_by_row(rows: dict, said: str) -> None:
    with pytest.raises(fc.TableError, match=said):
        fc.problem_counts(pd.DataFrame(rows))


@pytest.mark.parametrize(
    "text",
    [
        "problem,samples,correct\na,10,1\nb,10,2",
        "a;10;1\nb;10;2",
        "a\t10\t1\n\nb\t10\t2",
        "# mine\na 10 1\nb 10 2",
    ],
)
def test_pasted_counts_are_read_with_any_separator_and_with_or_without_names(text: str) -> None:
    counts = counts_from_text(text)
    assert list(counts.samples) == [10, 10]
    assert list(counts.correct) == [1, 2]


@given(st.text(max_size=200))
def test_no_pasted_text_raises_anything_but_a_sentence(text: str) -> None:
    with contextlib.suppress(fc.ForecastingError):
        assert len(counts_from_text(text)) > 0


def test_the_most_tries_followed_are_a_horizon_not_an_answer() -> None:
    law = fc.CoveragePowerLaw(np.array([-8.0]), np.array([-0.01]))
    assert np.isinf(law.samples_for(0.99)[0])
    assert MAX_TRIES == 1e12


def test_every_row_of_the_table_says_shares_between_nothing_and_all() -> None:
    table = fc.coverage(InferenceScenario()).table
    shares = table.filter(like="_share").to_numpy()
    shares = shares[np.isfinite(shares)]
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert (table["usd_per_problem"] > 0).all()


def own_coverage(samples: list[float], correct: list[float], **inputs: object) -> fc.Coverage:
    own = fc.ProblemCounts("your model", samples, correct)
    return fc.coverage(
        InferenceScenario(sampled_model="own", **inputs), data=fc.Context(fc.bundled(), counts=own)
    )


def test_counts_that_never_grow_reach_no_target() -> None:
    answer = own_coverage([10.0] * 10, [10.0] * 5 + [0.0] * 5).answer
    assert answer.endswith("does not solve 95% of the problems within 1 trillion tries.")


def test_one_try_a_problem_is_too_few_for_a_law() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="two numbers of tries"):
        own_coverage([1.0] * 50, [1.0] * 10 + [0.0] * 40)


def test_tries_needed_are_whole_and_few_problems_are_said() -> None:
    result = own_coverage([2.0] * 15, [2.0] * 3 + [1.0] * 4 + [0.0] * 8)
    needed = result.tries_for_target
    assert all(each == math.ceil(each) for each in (needed.low, needed.value, needed.high))
    assert "15 problems" in coverage_check(result)


def test_a_law_is_fitted_to_very_many_samples_and_problems(rng) -> None:
    rates = rng.beta(0.3, 5.0, 1500)
    samples = rng.integers(1_000, 400_000_000, rates.size)
    result = own_coverage(
        list(samples.astype(float)), list(rng.binomial(samples, rates).astype(float))
    )
    assert result.scaled.scale[0] <= 1
