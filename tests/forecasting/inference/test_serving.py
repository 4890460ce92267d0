"""Demand for answers and the price of a FLOP of each phase."""

from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.data.dataset import bundled
from forecasting.inference.serving import (
    served_as_training_tokens,
    serving_flop,
    serving_usd,
    training_flop,
    training_usd,
)
from forecasting.serving.rented_chips import rented_chip


def test_prices_follow_from_chip_hours_peak_and_utilisation() -> None:
    prices = fc.ComputePrices(
        usd_per_chip_hour=2.0,
        peak_flop_per_s=989e12,
        mfu_train=0.40,
        mfu_input=0.40,
        mfu_output=0.05,
    )
    assert prices.usd_per_training_flop == pytest.approx(2.0 / (3600 * 989e12 * 0.40))
    assert prices.usd_per_input_flop == pytest.approx(prices.usd_per_training_flop)
    assert prices.usd_per_output_flop == pytest.approx(8 * prices.usd_per_training_flop)


def test_without_a_price_an_hour_costs_what_vendors_ask_on_demand_for_an_h100() -> None:
    asked = rented_chip("NVIDIA H100 SXM", "on_demand", bundled())
    assert fc.ComputePrices().usd_per_chip_hour == asked.usd_per_chip_hour
    assert asked.low < asked.usd_per_chip_hour < asked.high


def test_answers_may_come_from_other_chips_than_training() -> None:
    prices = fc.ComputePrices(serving_usd_per_chip_hour=1.0, serving_peak_flop_per_s=2 * 989e12)
    assert prices.usd_per_input_flop == pytest.approx(prices.usd_per_training_flop / 4)


def test_samples_multiply_written_tokens_and_the_prompt_is_read_once() -> None:
    one, ten = (
        fc.Demand(requests_per_day=100, days=10, tokens_in=1000, tokens_out=500, samples=n)
        for n in (1, 10)
    )
    assert one.read_tokens == ten.read_tokens == 1e6
    assert ten.written_tokens == 10 * one.written_tokens == 5e6
    assert one.served_tokens == 1.5e6


def test_cost_of_training_and_of_serving_by_hand() -> None:
    demand, prices = fc.Demand(requests_per_day=1e6), fc.ComputePrices()
    assert training_flop(70e9, 1.4e12) == pytest.approx(5.88e23)
    assert training_usd(70e9, 1.4e12, prices) == pytest.approx(
        5.88e23 * prices.usd_per_training_flop
    )
    assert serving_flop(70e9, demand) == pytest.approx(2 * 70e9 * 1500 * 1e6 * 365)
    by_hand = (
        2 * 70e9 * 365e6 * (1000 * prices.usd_per_input_flop + 500 * prices.usd_per_output_flop)
    )
    assert serving_usd(70e9, demand, prices) == pytest.approx(by_hand)
    as_training = served_as_training_tokens(demand, prices)
    assert training_usd(70e9, as_training, prices) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    "field", ["requests_per_day", "days", "tokens_in", "tokens_out", "samples"]
)
def test_demand_below_zero_is_refused_by_name(field: str) -> None:
    with pytest.raises(fc.InputError, match=f"`{field}` is -1"):
        fc.Demand(**{"requests_per_day": 1.0, field: -1.0})


def test_answers_may_use_more_than_the_fp16_peak() -> None:
    prices = fc.ComputePrices(mfu_input=1.5, mfu_output=0.5)
    assert prices.usd_per_output_flop == pytest.approx(3.0 * prices.usd_per_input_flop)


def test_prices_of_zero_and_utilisation_above_what_chips_can_are_refused() -> None:
    with pytest.raises(fc.InputError, match=r"mfu_train.*up to 1,"):
        fc.ComputePrices(mfu_train=1.5)
    with pytest.raises(fc.InputError, match=r"mfu_output.*FP16 peak above 0 and up to 7"):
        fc.ComputePrices(mfu_output=7.5)
    with pytest.raises(fc.InputError, match=r"usd_per_chip_hour.*above 0"):
        fc.ComputePrices(usd_per_chip_hour=0.0)
    with pytest.raises(fc.InputError, match=r"serving_peak_flop_per_s.*above 0"):
        fc.ComputePrices(serving_peak_flop_per_s=0.0)
