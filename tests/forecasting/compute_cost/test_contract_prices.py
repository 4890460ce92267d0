"""A chip-hour on each contract: offers of today, what a commitment was worth, own prices."""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.compute_cost.chip_hours import (
    CONTRACTS,
    ChipHour,
    committed_discounts,
    rented_chip_hour,
)
from forecasting.compute_cost.compute_price import ComputePriceInputs, compute_price_draws
from forecasting.context import Context, context_of
from tests.vintage import shipped

H100 = "NVIDIA H100 SXM5 80GB"
YEARS = np.array([2026.5])


def hour(contract: str, context: Context | None = None) -> ChipHour:
    rng = np.random.default_rng(0)
    return rented_chip_hour(H100, None, 500, context or context_of(shipped()), rng, contract)


def test_spot_and_commitments_cost_less_than_on_demand() -> None:
    usd = {contract: hour(contract).usd_per_hour for contract in CONTRACTS}
    assert usd["three_year"] < usd["one_year"] < usd["on_demand"]
    assert usd["spot"] < usd["marketplace"] < usd["on_demand"]


def test_a_commitment_is_worth_what_it_was_to_the_last_quotes_of_both() -> None:
    discounts, last = committed_discounts("one_year", shipped())
    assert (len(discounts), int(last)) == (22, 2025)
    table = shipped()["chip_rental_prices"]
    row = table[(table["chip"] == H100) & table["one_year_usd_per_chip_hour"].notna()].iloc[-1]
    ratio = row["one_year_usd_per_chip_hour"] / row["on_demand_usd_per_chip_hour"]
    assert np.isclose(discounts, ratio).any()
    expected = hour("on_demand").usd_per_hour * float(np.median(discounts))
    assert hour("one_year").usd_per_hour == pytest.approx(expected)
    assert "22 quotes up to 2025" in hour("one_year").basis


def test_a_useful_spot_hour_costs_the_lost_hours_too() -> None:
    spot = ComputePriceInputs(chip=H100, contract="spot")
    paid = compute_price_draws(spot, YEARS, data=shipped())
    free = compute_price_draws(
        spot.replaced(preemptions_per_day=0.0, checkpoint_minutes=1e-9), YEARS, data=shipped()
    )
    ratio = np.median(paid.usd_per_flop) / np.median(free.usd_per_flop)
    assert ratio == pytest.approx(1.0 / (1.0 - spot.lost_share))
    assert "that preemption leaves" in paid.chip_hour.basis


def test_own_spot_prices_count_for_spot_and_others_for_the_rest() -> None:
    prices = fc.read_own_prices(
        f"chip,tier,date,usd_per_chip_hour\n{H100},spot,2025-06-01,0.9\n"
        f"{H100},1 year,2025-06-01,1.9\n"
    )
    own = Context(shipped(), prices=prices)
    assert hour("spot", own).usd_per_hour == pytest.approx(0.9)
    assert hour("on_demand", own).usd_per_hour == pytest.approx(1.9)
    assert hour("three_year", own).usd_per_hour == pytest.approx(1.9)


def test_a_contract_that_nobody_offers_is_answered_in_a_sentence() -> None:
    with pytest.raises(fc.InputError, match="No offers for NVIDIA GB200 on these terms"):
        compute_price_draws(
            ComputePriceInputs(chip="NVIDIA GB200", contract="marketplace"), YEARS, data=shipped()
        )


def test_a_run_that_is_stopped_all_the_time_is_refused() -> None:
    with pytest.raises(fc.InputError, match="makes almost no progress"):
        compute_price_draws(
            ComputePriceInputs(contract="spot", preemptions_per_day=1000.0), YEARS, data=shipped()
        )


def test_a_plan_on_a_cheaper_contract_trains_more() -> None:
    few = {"draws": 50, "last_year": 2027}
    on_demand = fc.plan(fc.PlanScenario(**few), data=shipped())
    committed = fc.plan(fc.PlanScenario(contract="three_year", **few), data=shipped())
    flop = [r.range_at("training_flop", 2027).value for r in (on_demand, committed)]
    assert flop[1] > 1.5 * flop[0]
