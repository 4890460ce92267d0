from __future__ import annotations

from dataclasses import replace

import pytest

from forecasting.errors import InputError
from forecasting.serving.expert_parallel import ExpertParallel, disaggregated
from forecasting.serving.hardware import Efficiency
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Traffic
from forecasting.serving.serving_tables import served_models, serving_chips
from forecasting.units import SECONDS_PER_DAY
from tests.forecasting.serving.test_serving_replica import DEEPSEEK, H100, LLAMA_70B
from tests.vintage import shipped

#: DeepSeek-V3/R1 inference system overview, 27 to 28 February 2025.
TOKENS_IN, TOKENS_FROM_CACHE, TOKENS_OUT = 608e9, 342e9, 168e9
MEAN_CONTEXT, TOKENS_PER_S_OF_A_USER = 4989.0, 21.0
MEAN_NODES, CHIPS_PER_NODE, USD_PER_DAY = 226.75, 8, 87_072.0
#: 400 Gbit/s a chip between servers (DeepSeek-V3 technical report, arXiv:2412.19437).
NETWORK_BYTES_PER_S = 50e9

ON_H100 = ExpertParallel(model=DEEPSEEK, chip=H100, precision="fp8")


def test_the_parameters_all_tokens_use_and_those_of_experts_make_up_the_model() -> None:
    routed = (DEEPSEEK.params - ON_H100.shared_params) / DEEPSEEK.experts
    assert ON_H100.shared_params + 8 * routed == pytest.approx(DEEPSEEK.active_params)


def test_a_step_over_many_chips_is_the_sum_of_its_parts() -> None:
    served = replace(ON_H100, efficiency=Efficiency(1.0, 1.0), link_bytes_per_s=50e9)
    chips, batch, context = 64, 64 * 100, 5000
    moved = ON_H100.shared_params + (DEEPSEEK.params - ON_H100.shared_params) / chips
    cache = 61 * 576 * context * 100
    assert served.step_memory_s(batch, context, chips) == pytest.approx(
        (moved + cache) / 3.35e12, rel=1e-4
    )
    sent = 100 * 8 * 7168 * 3 * 63 / 64 / 50e9
    beside = 61 * (2 * 8e-6 + sent + 28e-6) + 100 * 10e-6
    assert served.step_beside_s(batch, chips) == pytest.approx(beside, rel=1e-9)


def test_weights_that_all_chips_hold_leave_less_room_than_weights_apart() -> None:
    apart = ServedOn(model=DEEPSEEK, chip=H100, precision="fp8").memory_batch(5000, 64)
    again = 63 * ON_H100.shared_params / (61 * 576 * 5000)
    assert ON_H100.memory_batch(5000, 64) == pytest.approx(apart - again)


def test_a_dense_model_has_no_experts_to_spread() -> None:
    with pytest.raises(InputError, match="Give a mixture of experts"):
        ExpertParallel(model=LLAMA_70B, chip=H100, precision="fp8")


def test_a_time_no_batch_keeps_is_refused() -> None:
    with pytest.raises(InputError, match="Give more chips or more time"):
        disaggregated(
            ON_H100,
            ON_H100,
            Traffic(tokens_in=1000, tokens_out=300),
            reading_chips=32,
            writing_chips=144,
            tpot_limit_s=0.001,
        )


def test_deepseeks_disclosed_day_takes_the_chips_and_dollars_it_took() -> None:
    served = ExpertParallel(
        model=served_models(shipped())["DeepSeek-R1"],
        chip=serving_chips(shipped())["NVIDIA H800 SXM"],
        precision="fp8",
        link_bytes_per_s=NETWORK_BYTES_PER_S,
    )
    # Requests were not disclosed; with exponential lengths the mean context is I + O.
    tokens_out = MEAN_CONTEXT / (1.0 + TOKENS_IN / TOKENS_OUT)
    traffic = Traffic(
        tokens_in=MEAN_CONTEXT - tokens_out,
        tokens_out=tokens_out,
        cached_share=TOKENS_FROM_CACHE / TOKENS_IN,
    )
    fleet = disaggregated(
        served,
        served,
        traffic,
        reading_chips=32,
        writing_chips=144,
        tpot_limit_s=1.0 / TOKENS_PER_S_OF_A_USER,
    )
    reading, writing = fleet.chips_for(TOKENS_OUT / tokens_out / SECONDS_PER_DAY)
    assert reading + writing == pytest.approx(MEAN_NODES * CHIPS_PER_NODE, rel=0.25)
    assert 24 * 2.0 * (reading + writing) == pytest.approx(USD_PER_DAY, rel=0.25)
    # Each kind apart: 73,700 tokens read and 14,800 written a second and node, in the mean.
    assert reading == pytest.approx(TOKENS_IN / SECONDS_PER_DAY / 73_700 * 8, rel=0.5)
    assert writing == pytest.approx(TOKENS_OUT / SECONDS_PER_DAY / 14_800 * 8, rel=0.5)
