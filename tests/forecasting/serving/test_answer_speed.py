"""Models that are known by their sizes alone: their shape, and how they are served."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.data.dataset import bundled
from forecasting.serving.answer_speed import AnswerSpeed, answer_speed
from forecasting.serving.dense_shape import dense_shape
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, Traffic, best_replica
from forecasting.serving.serving_tables import served_models, serving_chips

SIZES = np.array([8e9, 70e9, 405e9, 2e12])
B200, H100 = (serving_chips(bundled())[name] for name in ("NVIDIA B200", "NVIDIA H100 SXM"))


def speed(params: object, tokens_out: object = 500.0, limit_s: float = 0.05) -> AnswerSpeed:
    return answer_speed(
        np.asarray(params),
        B200,
        "fp8",
        tokens_in=1000.0,
        tokens_out=np.asarray(tokens_out),
        tpot_limit_s=limit_s,
        shape=dense_shape(bundled()),
    )


@pytest.mark.parametrize("name", ["Llama-3-8B", "Llama-3-70B", "Qwen2-72B", "Llama-3.1-405B"])
def test_the_shape_of_a_size_is_within_an_eighth_of_published_models_of_it(name: str) -> None:
    published = served_models(bundled())[name]
    shape = dense_shape(bundled()).of(np.array([published.params]))
    assert shape.layers == pytest.approx(published.layers, rel=0.125)
    assert shape.width == pytest.approx(published.width, rel=0.125)
    assert shape.kv_width == published.kv_width == 1024


@pytest.mark.parametrize("limit_s", [0.03, 0.1, math.inf])
def test_sizes_at_once_are_served_as_one_by_one(limit_s: float) -> None:
    many = speed(SIZES, limit_s=limit_s)
    for at, size in enumerate(SIZES):
        served = ServedOn(model=dense_shape(bundled()).of(size), chip=B200, precision="fp8")
        traffic = Traffic(tokens_in=1000.0, tokens_out=500.0)
        one = best_replica(served, traffic, tpot_limit_s=limit_s, max_chips=1024)
        assert many.chips[at] == one.chips
        for name in ("mfu_input", "mfu_output", "ttft_s", "tpot_s"):
            assert getattr(many, name)[at] == pytest.approx(float(getattr(one, name)), rel=1e-9)
        assert many.is_within[at]


@pytest.mark.parametrize("name", ["Llama-3-70B", "Llama-3.1-405B"])
def test_a_size_has_nearly_the_utilisation_of_the_published_model(name: str) -> None:
    model = served_models(bundled())[name]
    traffic = Traffic(tokens_in=1000.0, tokens_out=500.0)
    served = ServedOn(model=model, chip=B200, precision="fp8")
    one = best_replica(served, traffic, tpot_limit_s=0.05)
    of_size = speed(model.params)
    assert float(of_size.mfu_output) == pytest.approx(float(one.mfu_output), rel=0.15)
    assert float(of_size.mfu_input) == pytest.approx(float(one.mfu_input), rel=0.15)


@given(st.floats(9.0, 13.0), st.floats(1.0, 5.0), st.floats(0.02, 0.2))
def test_the_limit_is_kept_and_a_tighter_one_makes_no_answer_cheaper(
    size: float, written: float, limit_s: float
) -> None:
    def flop_per_answer(found: AnswerSpeed) -> float:
        """Of the peak, a parameter: what the dollars of an answer are proportional to."""
        return float(1000.0 / found.mfu_input + 10.0**written / found.mfu_output)

    base = speed(10.0**size, 10.0**written, limit_s)
    assert base.tpot_s <= limit_s * (1 + 1e-9) or not base.is_within
    tighter = speed(10.0**size, 10.0**written, limit_s / 1.5)
    cheaper = flop_per_answer(tighter) < flop_per_answer(base) * (1 - 1e-9)
    assert not cheaper or not tighter.is_within


def test_a_limit_that_no_batch_meets_gives_twice_the_least_time_and_names_that() -> None:
    found = speed(SIZES, limit_s=0.001)
    assert not found.is_within.any()
    for at, size in enumerate(SIZES):
        served = ServedOn(model=dense_shape(bundled()).of(size), chip=B200, precision="fp8")
        traffic = Traffic(tokens_in=1000.0, tokens_out=500.0)
        least = min(
            float(Replica(served=served, traffic=traffic, chips=chips, batch=1.0).tpot_s)
            for chips in (2**power for power in range(11))
            if served.memory_batch(traffic.context, chips) >= 1.0
        )
        assert found.least_tpot_s[at] == pytest.approx(least)
        assert least < found.tpot_s[at] <= 2.0 * least * (1 + 1e-9)
    assert np.isnan(speed(SIZES).least_tpot_s).all()


def test_a_model_that_fits_on_no_replica_is_spread_over_the_most_chips() -> None:
    found = speed(np.array([1e16]))
    assert found.chips[0] == 1024
    assert not found.is_within[0]
    assert 0.0 < found.mfu_output[0] < found.mfu_input[0]


def test_without_a_prompt_reading_has_a_utilisation_all_the_same() -> None:
    found = answer_speed(
        SIZES, H100, "fp16", tokens_in=0.0, tokens_out=0.0, shape=dense_shape(bundled())
    )
    assert np.isfinite(found.mfu_input).all()
    assert np.isfinite(found.mfu_output).all()
