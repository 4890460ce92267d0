from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.errors import InputError
from forecasting.serving.hardware import Efficiency
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, Traffic, best_replica
from forecasting.serving.tuning_cost import (
    ReinforcementJob,
    adapter_flop,
    fine_tuning_flop,
    training_chip_hours,
)
from tests.forecasting.serving.test_serving_replica import CHAT, H100, LLAMA_8B


def test_fine_tuning_is_six_flop_a_parameter_and_token() -> None:
    assert fine_tuning_flop(params=8e9, tokens=50e6, epochs=3) == 6 * 8e9 * 150e6


def test_a_seventy_billion_model_is_tuned_on_a_hundred_million_tokens_for_178_dollars() -> None:
    # 6 · 70.6e9 · 3 · 100e6 = 1.2708e20 FLOP, at 40% of 989.4e12 FLOP/s 321,104 s: 89.2 chip-hours.
    flop = fc.fine_tuning_flop(params=70.6e9, tokens=100e6, epochs=3)
    assert flop == pytest.approx(1.2708e20, rel=1e-9)
    hours = fc.training_chip_hours(flop, peak_flop_per_s=989.4e12, mfu=0.40)
    assert hours == pytest.approx(89.1956, rel=1e-5)
    assert 2.0 * hours == pytest.approx(178.39, abs=0.01)


def test_adapters_of_forty_million_parameters_on_eight_billion_by_hand() -> None:
    # Rank 16 on all matrices of Llama-3-8B, 41.9e6: 4 · 8.03e9 · 10e6 + 6 · 41.9e6 · 10e6.
    flop = fc.adapter_flop(params=8.03e9, adapter_params=41.9e6, tokens=10e6)
    assert flop == pytest.approx(3.212e17 + 2.514e15, rel=1e-9)
    assert fc.training_chip_hours(flop, peak_flop_per_s=989.4e12, mfu=0.35) == pytest.approx(
        0.259668, rel=1e-5
    )


def test_a_hundred_steps_of_grpo_by_hand() -> None:
    # A full roofline: a step reads 16.06 GB of weights and 64 · 2,500 tokens of 131,072 bytes, at
    # 3.35 TB/s 11.054 ms; a prompt of 500 takes 8.182 ms; an answer 2000 · 11.054 ms/64 + 8.182 ms.
    served = ServedOn(
        model=LLAMA_8B,
        chip=H100,
        precision="fp16",
        efficiency=Efficiency(1.0, 1.0),
        layer_overhead_s=0.0,
        request_overhead_s=0.0,
    )
    replica = Replica(
        served=served, traffic=Traffic(tokens_in=500, tokens_out=2000), chips=1, batch=64
    )
    assert replica.step_s == pytest.approx(11.0543e-3, rel=1e-4)
    assert replica.prefill_s == pytest.approx(8.1822e-3, rel=1e-4)
    job = fc.ReinforcementJob(steps=100, prompts=64, answers=8)
    # 51,200 answers of 0.35363 s at half load.
    assert job.rollout_chip_hours(replica, 0.5) == pytest.approx(10.0588, rel=1e-4)
    # 6 N to update and 2 N for the reference, on 51,200 · 2,500 tokens.
    assert job.update_flop(replica) == pytest.approx(8 * 8.03e9 * 1.28e8, rel=1e-9)


def test_adapters_save_a_third_and_never_cost_less_than_reading() -> None:
    adapters = adapter_flop(params=8e9, adapter_params=20e6, tokens=50e6)
    whole = fine_tuning_flop(params=8e9, tokens=50e6)
    assert adapters / whole == pytest.approx(2 / 3, abs=0.01)
    assert adapters > 2 * 8e9 * 50e6


def test_chip_hours_are_flop_over_what_a_chip_does() -> None:
    hours = training_chip_hours(3600 * 989e12 * 0.4, peak_flop_per_s=989e12, mfu=0.4)
    assert hours == pytest.approx(1.0)
    with pytest.raises(InputError, match="mfu"):
        training_chip_hours(1e20, peak_flop_per_s=989e12, mfu=1.2)


def test_reinforcement_learning_samples_with_the_replica_and_updates_on_what_it_wrote() -> None:
    replica = best_replica(ServedOn(model=LLAMA_8B, chip=H100, precision="fp16"), CHAT, max_chips=8)
    job = ReinforcementJob(steps=100, prompts=64, answers=8)
    assert job.sampled == 51_200
    seconds = job.rollout_chip_hours(replica, 0.5) * 3600 / replica.chips
    assert seconds * 0.5 * replica.requests_per_s == pytest.approx(job.sampled)
    tokens = job.sampled * (CHAT.tokens_in + CHAT.tokens_out)
    assert job.update_flop(replica) == pytest.approx(8 * LLAMA_8B.params * tokens)
    alone = ReinforcementJob(steps=100, prompts=64, answers=8, keeps_reference=False)
    assert alone.update_flop(replica) == pytest.approx(6 * LLAMA_8B.params * tokens)
