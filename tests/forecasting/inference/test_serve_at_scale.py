"""Serving at scale: the answer over draws of the law, and over requests a day."""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.serve_at_scale import REQUESTS, serve_at_scale
from forecasting.reporting.inference_answers import saved, serving_note

SARDANA = "custom:1.69,406.4,410.7,0.336,0.283"


def test_the_published_case_in_dollars_through_the_page() -> None:
    result = serve_at_scale(InferenceScenario(law=SARDANA, requests_per_day=1e7, answer_mfu="own"))
    assert result.best.params == pytest.approx(35.4e9, rel=0.002)
    assert result.train_share.value == pytest.approx(0.623, abs=0.0005)
    assert result.saving.value == pytest.approx(0.209, abs=0.0005)
    assert "likely" not in result.answer


def test_the_default_law_gives_ranges() -> None:
    result = serve_at_scale(InferenceScenario())
    for figure in (
        result.params,
        result.tokens,
        result.train_share,
        result.saving,
        result.total_usd,
    ):
        assert figure.low < figure.value < figure.high
    assert "likely" in result.answer


def test_the_curve_passes_through_the_answer() -> None:
    result = serve_at_scale(InferenceScenario(law=SARDANA, requests_per_day=1e7, answer_mfu="own"))
    at = int(np.argmin(np.abs(REQUESTS - 1e7)))
    assert REQUESTS[at] == pytest.approx(1e7)
    assert result.params_by_requests.median[at] == pytest.approx(result.best.params, rel=1e-9)
    assert result.saving_by_requests.median[at] == pytest.approx(result.best.saving, rel=1e-9)


def test_answer_line_and_table_are_the_laws_own_optimum_and_not_the_median_of_its_draws() -> None:
    result = serve_at_scale(InferenceScenario(requests_per_day=1e6))
    row = result.table.iloc[int(np.argmin(np.abs(REQUESTS - 1e6)))]
    assert row["params_of_law"] == pytest.approx(result.params.value, rel=1e-4)
    assert row["tokens_of_law"] == pytest.approx(result.tokens.value, rel=1e-4)
    assert row["train_share_of_law"] == pytest.approx(result.train_share.value, abs=1e-4)
    assert row["saving_share_of_law"] == pytest.approx(result.saving.value, abs=1e-4)
    assert "86% of it for training" in result.lines[1]
    assert "1.9% less" in result.lines[2]
    assert (f"{row['train_share_of_law']:.0%}", saved(row["saving_share_of_law"])) == (
        "86%",
        "1.9%",
    )
    assert saved(row["saving_share_q50"]) != "6.2%"
    half = serve_at_scale(InferenceScenario(requests_per_day=result.half_at))
    assert half.train_share.value == pytest.approx(0.5, abs=0.002)


def test_more_requests_mean_smaller_models_on_more_tokens() -> None:
    result = serve_at_scale(InferenceScenario())
    assert (np.diff(result.params_by_requests.values, axis=1) < 0).all()
    assert (np.diff(result.tokens_by_requests.values, axis=1) > 0).all()
    assert (np.diff(result.train_share_by_requests.values, axis=1) < 0).all()
    assert (np.diff(result.saving_by_requests.values, axis=1) > -1e-12).all()


def test_half_of_the_cost_is_training_where_it_says() -> None:
    half = serve_at_scale(InferenceScenario(law=SARDANA)).half_at
    at_half = serve_at_scale(InferenceScenario(law=SARDANA, requests_per_day=half))
    assert at_half.train_share.value == pytest.approx(0.5, abs=0.002)


def test_samples_an_answer_count_as_demand_for_writing() -> None:
    one, many = (serve_at_scale(InferenceScenario(samples_per_answer=n)) for n in (1.0, 100.0))
    assert many.best.params < one.best.params
    assert many.train_share.value < one.train_share.value


def test_without_demand_it_is_chinchilla_and_says_so() -> None:
    result = serve_at_scale(InferenceScenario(requests_per_day=0.0))
    assert "Without demand" in result.answer
    assert result.best.params == pytest.approx(70e9)
    assert result.train_share.value == 1.0
    assert result.saving.high == pytest.approx(0.0, abs=1e-12)


def test_a_law_without_a_term_for_data_is_refused() -> None:
    with pytest.raises(fc.InputError, match="no cheapest model"):
        serve_at_scale(InferenceScenario(law="custom:1.69,406.4,0,0.336,0.283"))


def test_the_note_warns_where_the_law_is_stretched() -> None:
    many, few = (
        serving_note(serve_at_scale(InferenceScenario(requests_per_day=requests)))
        for requests in (1e9, 1e5)
    )
    assert "less reliable" in many
    assert "less reliable" not in few


def test_small_savings_are_told_apart_from_none() -> None:
    assert (saved(0.209), saved(0.0112), saved(0.0)) == ("21%", "1.1%", "hardly")


def test_the_table_holds_every_quantity_with_its_quantiles() -> None:
    table = serve_at_scale(InferenceScenario()).table
    assert len(table) == len(REQUESTS)
    assert {"params_of_law", "tokens_of_law", "train_share_of_law", "saving_share_of_law"} <= set(
        table.columns
    )
    assert {
        "requests_per_day",
        "params_q50",
        "tokens_q90",
        "train_share_q10",
        "saving_share_q97.5",
    } <= set(table.columns)
