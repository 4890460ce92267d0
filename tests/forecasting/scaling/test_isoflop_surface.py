from __future__ import annotations

import math

import numpy as np
import pytest

import forecasting as fc
from forecasting.reporting.scaling_answers import target_words
from forecasting.scaling.isoflop_surface import budgets, next_run_advice, second_opinion
from forecasting.scaling.scaling_scenario import ScalingScenario


def test_the_default_refits_the_240_runs_and_predicts_with_both_intervals() -> None:
    result = fc.isoflop_surface(ScalingScenario())
    assert len(result.fit.runs) == 240
    assert result.fit.law.alpha == pytest.approx(0.3473105, abs=1e-6)
    assert result.fit.law.beta == pytest.approx(0.3671724, abs=1e-6)
    curve, run = result.curve.interval(0.9), result.run.interval(0.9)
    assert run[0] < curve[0] < result.curve.value < curve[1] < run[1]
    assert {warning.kind for warning in result.warnings} == {"curvature", "extrapolation"}
    assert "240 runs" in result.answer


def test_a_target_inside_the_runs_is_no_extrapolation() -> None:
    result = fc.isoflop_surface(
        ScalingScenario(predict="run", target_params=1e9, target_tokens=2e10)
    )
    assert "extrapolation" not in {warning.kind for warning in result.warnings}


@pytest.mark.parametrize(
    ("predict", "words"),
    [("params", "unlimited data"), ("tokens", "unlimited size"), ("compute", "optimally")],
)
def test_a_loss_is_predicted_at_a_size_an_amount_of_data_or_a_compute(
    predict: str, words: str
) -> None:
    result = fc.isoflop_surface(ScalingScenario(predict=predict))  # type: ignore[arg-type]
    assert words in target_words(result)
    assert result.curve.value > result.fit.law.E
    assert all(not math.isinf(w.numbers.get("tokens_oom", 0.0)) for w in result.warnings)


def test_runs_without_common_budgets_say_why_there_are_no_curves() -> None:
    result = fc.isoflop_surface(ScalingScenario(run_set="overtraining"))
    assert result.isoflop is None
    assert "same training compute" in result.no_isoflop
    assert len(budgets(result)) == 5


def test_repeated_tokens_count_what_they_are_worth() -> None:
    once = fc.isoflop_surface(ScalingScenario(run_set="repeated", most_epochs=1.0))
    often = fc.isoflop_surface(ScalingScenario(run_set="repeated", most_epochs=4.0))
    assert len(once.fit.runs) == 33
    assert len(often.fit.runs) == 65
    assert "worth" in often.reference.what


def test_the_loss_function_moves_the_exponents_as_published() -> None:
    opinion = second_opinion(ScalingScenario())
    beta = dict(
        zip(opinion.loss_functions["loss_function"], opinion.loss_functions["beta"], strict=True)
    )
    assert beta["Least squares on ln loss"] == pytest.approx(0.406, abs=5e-4)
    assert beta["Least squares on the loss"] == pytest.approx(0.428, abs=5e-4)
    assert beta["Huber δ = 0.00001 on ln loss"] == pytest.approx(0.36576, abs=1e-4)


def test_the_second_opinion_holds_profiles_and_the_largest_runs_hidden() -> None:
    opinion = second_opinion(ScalingScenario())
    law = fc.isoflop_surface(ScalingScenario(resamples=100)).fit.law
    assert [profile.name for profile in opinion.profiles] == ["E", "alpha", "beta"]
    for profile in opinion.profiles:
        low, high = profile.interval(0.9)
        assert low < getattr(law, profile.name) < high
    assert opinion.held_out is not None
    assert opinion.held_out.median_error < 0.02


def test_the_next_run_is_affordable_and_a_budget_too_small_is_refused() -> None:
    advice = next_run_advice(ScalingScenario(budget_flop=1e21))
    assert advice.training_flop <= 1e21 * 1.001
    with pytest.raises(fc.InputError, match="budget_flop"):
        next_run_advice(ScalingScenario(budget_flop=1e6))
    with pytest.raises(fc.InputError, match="budget_flop"):
        ScalingScenario(budget_flop=0)


def test_neither_checks_nor_the_next_run_wait_for_resamples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("resampled")

    monkeypatch.setattr("forecasting.fitting.scaling_fit.bootstrap_replicates", refuse)
    data = fc.DataSet()
    advice = next_run_advice(ScalingScenario(), data=data)
    second_opinion(ScalingScenario(), data=data)
    monkeypatch.undo()
    assert advice.shrinkage == next_run_advice(ScalingScenario()).shrinkage


def test_leaving_out_nearly_all_runs_is_refused() -> None:
    with pytest.raises(fc.InputError, match="left_out"):
        ScalingScenario(left_out=240)


def test_the_residual_table_holds_every_run() -> None:
    result = fc.isoflop_surface(ScalingScenario())
    table = result.residual_table
    assert len(table) == 240
    assert np.allclose(table["ln_fitted_over_measured"], result.fit.residuals)
