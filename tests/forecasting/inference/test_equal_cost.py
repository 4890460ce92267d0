from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.inference.coverage import by_size, params_of
from forecasting.inference.inference_scenario import InferenceScenario


def test_the_published_case_of_swe_bench_has_its_totals() -> None:
    cases = {case.model: case for case in fc.swe_bench_case(InferenceScenario()).cases}
    assert cases["DeepSeek-Coder-V2"].usd_total == pytest.approx(10.8)
    assert cases["GPT-4o"].usd_total == pytest.approx(39)
    assert cases["Claude 3.5 Sonnet"].usd_total == pytest.approx(51)
    assert [round(100 * case.solved, 1) for case in cases.values()] == [29.6, 24.0, 26.7]
    assert cases["DeepSeek-Coder-V2"].tries == 5


def test_a_budget_pays_for_whole_tries_and_less_than_one_is_said() -> None:
    assert fc.swe_bench_case(InferenceScenario(budget_usd_per_task=0.036)).tries_in_budget == 5
    assert (
        "does not pay for a single try"
        in fc.swe_bench_case(InferenceScenario(budget_usd_per_task=0.001)).full_answer
    )
    assert (
        "beyond the 250 tries"
        in fc.swe_bench_case(InferenceScenario(budget_usd_per_task=10)).full_answer
    )


def test_sizes_are_read_from_names(tables) -> None:
    assert [params_of(model) for model in by_size(tables)] == [
        70e6,
        160e6,
        410e6,
        1e9,
        2.8e9,
        6.9e9,
        12e9,
    ]


def test_the_small_model_makes_as_many_tries_as_one_of_the_large_pays_for() -> None:
    result = fc.size_comparison(InferenceScenario(small_model="Pythia 1B", big_model="Pythia 12B"))
    assert result.tries_for_one == 12
    assert 100 * result.big_once == pytest.approx(2.32, abs=0.005)
    assert result.small_at_equal_cost > result.big_once
    assert result.small_with_verifier < result.small_at_equal_cost
    assert result.cost_to_match == pytest.approx(result.tries_to_match / 12)


def test_a_very_small_model_falls_behind_at_large_budgets() -> None:
    result = fc.size_comparison(InferenceScenario(small_model="Pythia 70M"))
    assert result.small_ahead is not None
    assert 5 < result.small_ahead[1] < 20
    assert "behind beyond" in result.full_answer


def test_larger_budgets_are_best_spent_on_larger_models() -> None:
    best = [params_of(model) for _, model, _ in fc.size_comparison(InferenceScenario()).best_at]
    assert best == sorted(best)


def test_a_small_model_that_is_not_smaller_is_said() -> None:
    with pytest.raises(fc.InputError, match="smaller than the large one, Pythia 1B"):
        fc.size_comparison(InferenceScenario(small_model="Pythia 12B", big_model="Pythia 1B"))
