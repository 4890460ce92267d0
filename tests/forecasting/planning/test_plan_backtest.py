from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.planning.plan_backtest import (
    TRAINED,
    advised,
    plan_backtest,
    served_tokens_that_explain,
)


def test_kaplans_rule_asked_for_gpt_3_three_times_larger_than_it_was() -> None:
    params, tokens = advised("kaplan", 3.14e23)
    assert params == pytest.approx(5.2e11, rel=0.02)
    assert 6 * params * tokens == pytest.approx(3.14e23)


def test_every_model_is_compared_with_every_plan_before_it_and_none_after() -> None:
    result = plan_backtest()
    assert {run.model for run in result.runs} == set(TRAINED)
    assert all(run.date > run.cutoff for run in result.runs)
    assert {run.model for run in result.of_cutoff(2024.29)} == {"Llama 3-70B", "Llama 3.1-405B"}


def test_the_plan_of_2020_is_wrong_about_chinchilla_and_says_where() -> None:
    run = next(run for run in plan_backtest().of_cutoff(2020.1) if run.model == "Chinchilla")
    assert run.params_ratio > 10
    assert run.tokens_ratio < 0.1
    assert "size 11× too high" in run.where_wrong
    assert "tokens 12× too low" in run.where_wrong


def test_the_compute_of_the_trend_has_a_range_and_knows_nothing_later_than_its_cut_off() -> None:
    for run in plan_backtest().runs:
        assert run.forecast_flop.low < run.forecast_flop.value < run.forecast_flop.high


def test_the_served_tokens_that_explain_a_model_make_it_the_cheapest() -> None:
    law = fc.published_law("refit").law
    served = served_tokens_that_explain(law, 7e10, 1.5e13)
    cheapest = fc.inference_aware_optimum(law, loss=law.loss(7e10, 1.5e13), inference_tokens=served)
    assert cheapest.params == pytest.approx(7e10, rel=1e-6)
    assert cheapest.tokens == pytest.approx(1.5e13, rel=1e-6)
    assert served_tokens_that_explain(law, 5e11, 1e11) == 0.0


def test_the_answer_and_the_table_hold_every_cut_off() -> None:
    result = plan_backtest()
    for year in ("2020", "2022", "2024"):
        assert f"of {year}" in result.full_answer
    assert len(result.table) == len(result.runs)
