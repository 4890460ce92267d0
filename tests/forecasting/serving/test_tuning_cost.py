from __future__ import annotations

import pytest

from forecasting.errors import InputError
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import best_replica
from forecasting.serving.tuning_cost import (
    ReinforcementJob,
    adapter_flop,
    fine_tuning_flop,
    training_chip_hours,
)
from tests.forecasting.serving.test_serving_replica import CHAT, H100, LLAMA_8B


def test_fine_tuning_is_six_flop_a_parameter_and_token() -> None:
    assert fine_tuning_flop(params=8e9, tokens=50e6, epochs=3) == 6 * 8e9 * 150e6


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
