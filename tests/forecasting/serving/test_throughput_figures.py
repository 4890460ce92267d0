"""Proof numbers of measured throughputs: price, power, utilisation."""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.errors import InputError
from forecasting.inference.serving import serving_usd
from forecasting.serving.measured_throughput import measured_cases
from forecasting.serving.throughput_figures import (
    implied_mfu,
    tokens_per_s_per_megawatt,
    usd_per_million_tokens,
)
from tests.vintage import shipped

H800_FP16_FLOP_PER_S = 989.4e12
DEEPSEEK_ACTIVE = 37e9


def test_the_median_of_deepseek_on_b300_costs_nineteen_cents_a_million_at_four_dollars() -> None:
    assert usd_per_million_tokens(5814, 4.0) == pytest.approx(0.19111, rel=1e-4)
    assert usd_per_million_tokens(5814, 4.0, 0.5) == pytest.approx(2 * 0.19111, rel=1e-4)


def test_deepseeks_own_decoding_takes_fourteen_percent_of_the_fp16_peak() -> None:
    mfu = implied_mfu(1850, active_params=DEEPSEEK_ACTIVE, peak_flop_per_s=H800_FP16_FLOP_PER_S)
    assert mfu == pytest.approx(0.138367, rel=1e-4)


def test_constant_utilisations_make_deepseeks_day_twice_as_dear_as_it_was() -> None:
    day = fc.Demand(requests_per_day=1.0, days=1.0, tokens_in=266e9, tokens_out=168e9)

    def usd(mfu_output: float) -> float:
        prices = fc.ComputePrices(
            usd_per_chip_hour=2.0,
            peak_flop_per_s=H800_FP16_FLOP_PER_S,
            mfu_input=0.40,
            mfu_output=mfu_output,
        )
        return float(serving_usd(DEEPSEEK_ACTIVE, day, prices))

    assert usd(0.05) == pytest.approx(167_245, rel=1e-3)
    assert usd(0.11744) == pytest.approx(87_072, rel=1e-3)


def test_a_megawatt_of_gb300_writes_six_million_tokens_a_second() -> None:
    chips_alone = tokens_per_s_per_megawatt(8291, 1400, server_power_factor=1.0)
    assert chips_alone == pytest.approx(5.922e6, rel=1e-4)
    whole = tokens_per_s_per_megawatt(np.array([8291.0, 829.1]), 1400, pue=1.15)
    assert whole == pytest.approx(chips_alone / (1.82 * 1.15) * np.array([1.0, 0.1]))


def test_a_throughput_of_nothing_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="tokens_per_s_per_chip"):
        usd_per_million_tokens(0.0, 2.0)


@pytest.mark.parametrize(
    ("model", "tokens_in", "tokens_out", "measured", "modelled"),
    [("Llama-3.3-70B", 1000, 1000, 2909, 2581), ("Llama-3.1-405B", 2048, 128, 57.0, 45.0)],
)
def test_tensorrt_llm_on_h200_is_hit_within_half_as_much_again(
    model: str, tokens_in: float, tokens_out: float, measured: float, modelled: float
) -> None:
    case = next(
        case
        for case in measured_cases(shipped())
        if case.source.startswith("TensorRT-LLM")
        and (case.served.model.name, case.served.chip.name) == (model, "NVIDIA H200 SXM")
        and (case.traffic.tokens_in, case.traffic.tokens_out) == (tokens_in, tokens_out)
        and case.tokens_per_s_per_chip == pytest.approx(measured, rel=0.01)
    )
    found = float(case.modelled_tokens_per_s_per_chip())
    assert found == pytest.approx(modelled, rel=0.03)
    assert measured / 1.5 < found < 1.5 * measured
