"""Rent or own: a server worked out by hand, both conventions of the cost of compute as limits, and
inputs that no one can mean.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import forecasting as fc
from forecasting.compute_cost.chip_hours import owned_chip_hour, rented_chip_hour
from forecasting.context import Context, context_of
from forecasting.stats.distribution import Distribution
from forecasting.supply.ownership import RentOrOwn, rent_or_own
from forecasting.supply.ownership_inputs import OwnershipScenario, chips_to_own
from tests.vintage import shipped

H100 = "NVIDIA H100 SXM5 80GB"
#: A server of 8 H100 of which everything is known: $25,000 a chip, $15,000 of server and network,
#: $3 an hour to rent; the price of compute halves in four years.
SERVER: dict[str, Any] = {
    "owned_chip": H100,
    "owned_chips": 8,
    "owned_years": 4.0,
    "utilisation": 1.0,
    "chip_usd": 25_000.0,
    "system_usd_per_chip": 15_000.0,
    "rent_usd_per_chip_hour": 3.0,
    "hosting_usd_per_kw_month": 100.0,
    "upkeep_share": 0.05,
    "idle_power": 0.0,
    "usd_per_kwh": 0.08,
    "pue": 1.15,
    "cost_of_capital": 0.0,
    "resale_share": Distribution.fixed(0.5),
    "decline_from": "own",
    "own_decline": Distribution.fixed(2.0**0.25),
}


def server(**changes: Any) -> RentOrOwn:
    return rent_or_own(OwnershipScenario(**(SERVER | changes)), data=shipped())


def test_the_server_costs_to_the_cent_what_it_does_by_hand() -> None:
    result = server()
    # 8 · (25,000 + 15,000)
    assert result.purchase_usd.value == pytest.approx(320_000.00, abs=0.005)
    # 8 · 0.7 kW · 1.82 = 10.192 kW; · 0.75 · 1.15 · 8766 h = 77,058.40 kWh, at $0.08
    energy = 6_164.67
    # 10.192 kW · $100 · 12, and 5% of the purchase
    hosting, upkeep = 12_230.40, 16_000.00
    assert result.running_usd_per_year.value == pytest.approx(energy + hosting + upkeep, abs=0.005)
    parts = {part.name: part.usd for part in result.parts}
    assert parts["energy"] == pytest.approx(24_658.69, abs=0.005)
    assert parts["hosting"] == pytest.approx(48_921.60, abs=0.005)
    assert parts["upkeep"] == pytest.approx(64_000.00, abs=0.005)
    # Half of what the same performance costs new, which is half of the purchase.
    assert parts["resale"] == pytest.approx(-80_000.00, abs=0.005)
    assert result.owned_usd.value == pytest.approx(377_580.29, abs=0.005)
    # 8 · 8766 h · $3 · 4/ln 2 · (1 − 1/2) years
    assert result.rented_usd.value == pytest.approx(607_039.91, abs=0.005)
    for figure in (result.owned_usd, result.rented_usd, result.purchase_usd):
        assert figure.low == figure.high == figure.value


def test_the_break_even_of_the_server_is_what_it_is_by_hand() -> None:
    # (320,000 + 4 · 28,230.40 − 80,000) / (607,039.91 − 24,658.69)
    even = 352_921.60 / (607_039.91 - 24_658.69)
    assert server().break_even_utilisation.value == pytest.approx(even, rel=1e-7)
    at_even = server(utilisation=even)
    assert at_even.owned_usd.value == pytest.approx(at_even.rented_usd.value, abs=0.05)


def test_the_documentation_works_the_server_out_to_the_cent() -> None:
    page = (Path(__file__).parents[3] / "docs" / "supply.md").read_text()
    result = server()
    parts = {part.name: part.usd for part in result.parts}
    for usd in (
        result.purchase_usd.value,
        parts["energy"] / 4.0,
        parts["hosting"] / 4.0,
        parts["upkeep"] / 4.0,
        result.owned_usd.value,
        result.rented_usd.value,
    ):
        assert f"| {usd:,.2f} |" in page
    assert f"| {result.break_even_utilisation.value:.1%} of hours |" in page


def test_the_server_pays_back_when_the_rent_saved_has_bought_it() -> None:
    level = server(own_decline=Distribution.fixed(1.0))
    # 210,384 a year saved, less energy, hosting and upkeep
    years = 320_000.00 / (210_384.00 - 34_395.07)
    assert level.payback_years.value == pytest.approx(years, rel=1e-6)


def test_capital_that_costs_more_makes_owning_dearer() -> None:
    even = [server(cost_of_capital=k).break_even_utilisation.value for k in (0.0, 0.08, 0.2)]
    assert even == sorted(even)
    assert even[0] < even[-1]


def test_cottier_et_al_is_the_limit_of_a_short_time_without_hosting_upkeep_and_interest() -> None:
    r = 0.14
    short = server(
        owned_years=0.01,
        chip_usd=30_000.0,
        system_usd_per_chip=None,
        hosting_usd_per_kw_month=0.0,
        upkeep_share=0.0,
        resale_share=Distribution.fixed(1.0),
        own_decline=Distribution.fixed(10.0**r),
    )
    prices = shipped().replaced(
        ml_chips=shipped()["ml_chips"].assign(
            price_usd=lambda t: t["price_usd"].where(t["chip"] != H100, 30_000.0)
        )
    )
    cottier = owned_chip_hour(
        H100,
        1,
        prices,
        depreciation_oom_per_year=r,
        server_overhead=1.64,
        interconnect_share=0.19,
        usd_per_kwh=0.08,
        pue=1.15,
    )
    assert short.owned_usd_per_chip_hour.value == pytest.approx(cottier.usd_per_hour, rel=0.003)


def test_a_rent_at_full_use_that_stays_is_the_rented_convention() -> None:
    rented = rented_chip_hour(H100, None, 2000, context_of(shipped()), np.random.default_rng(0))
    level = server(rent_usd_per_chip_hour=None, own_decline=Distribution.fixed(1.0))
    hours = 8 * 8766 * 4.0
    assert level.rented_usd.value / hours == pytest.approx(
        float(np.median(rented.hardware_usd)), rel=1e-9
    )


def test_a_commitment_is_paid_at_all_hours_and_its_price_is_fixed_for_its_term() -> None:
    half, whole = (
        {each.contract: each.rent_usd.value for each in server(utilisation=u).contracts}
        for u in (0.5, 1.0)
    )
    assert half["on_demand"] == pytest.approx(0.5 * whole["on_demand"])
    assert half["three_year"] == whole["three_year"]
    fixed = server(contract="three_year")
    # Three years at $3, then one at 2^(−3/4) of it.
    assert fixed.rented_usd.value == pytest.approx(210_384 * (3 + 2**-0.75), abs=0.5)
    by_contract = {each.contract: each.break_even_utilisation for each in fixed.contracts}
    assert by_contract["three_year"] is None


def test_spot_is_paid_for_lost_work_too() -> None:
    spot = server(contract="spot", preemptions_per_day=2.0)
    kept = server(contract="spot", preemptions_per_day=0.0, checkpoint_minutes=1e-9)
    assert spot.rented_usd.value == pytest.approx(kept.rented_usd.value / (1 - spot.lost_share))
    assert 0.05 < spot.lost_share < 0.15


def test_own_prices_stand_in_for_the_markets_rent() -> None:
    prices = fc.read_own_prices(
        f"chip,term,date,usd_per_chip_hour\n{H100},1 year,2025-06-01,1.95\n"
    )
    own = rent_or_own(
        OwnershipScenario(**(SERVER | {"rent_usd_per_chip_hour": None, "price_year": 2025})),
        data=Context(shipped(), prices=prices),
    )
    assert own.rented_usd_per_chip_hour.value == pytest.approx(1.95)
    assert "yours" in own.contracts[0].basis


def test_chips_that_are_never_used_cost_nothing_to_rent_and_never_pay_back() -> None:
    idle = server(utilisation=0.0)
    assert idle.rented_usd.value == 0.0
    assert idle.payback_years.value == math.inf
    assert idle.owning_wins == 0.0
    assert "are never used" in idle.answer


def test_an_answer_names_the_break_even_and_when_buying_pays_back() -> None:
    result = server()
    assert "61%" in result.full_answer
    assert "years" in result.answer
    default = rent_or_own(OwnershipScenario(), data=shipped())
    assert "likely" in default.answer


def test_the_table_has_a_row_every_half_year_and_starts_with_the_purchase() -> None:
    table = server().table
    assert table["years"].tolist() == np.arange(0, 6.5, 0.5).tolist()
    assert table["owned_usd_q50"].iloc[0] == 320_000
    assert table["rented_on_demand_usd_q50"].iloc[0] == 0.0


@pytest.mark.parametrize("chip", ["AMD Instinct MI300X", "NVIDIA H200 SXM", "NVIDIA GB200"])
def test_other_chips_are_compared_by_their_own_prices(chip: str) -> None:
    assert chip in chips_to_own(shipped())
    result = rent_or_own(OwnershipScenario(owned_chip=chip), data=shipped())
    assert result.owned_usd.low < result.owned_usd.value < result.owned_usd.high


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rent_usd_per_chip_hour": -1.0}, "Use more than 0"),
        ({"rent_usd_per_chip_hour": 0.0}, "Use more than 0"),
        ({"chip_usd": -25_000.0}, "Use more than 0"),
        ({"chip_usd": float("nan")}, "Use a number"),
        ({"system_usd_per_chip": -1.0}, "Use 0 or more"),
        ({"usd_per_kwh": -0.1}, "Use 0 or more"),
        ({"utilisation": -0.1}, "Use 0 or more"),
        ({"utilisation": 1.1}, "Use 1 or less"),
        ({"owned_chips": 0}, "Use 1 or more"),
        ({"owned_years": 0.0}, "Use 0.01 or more"),
        ({"resale_share": Distribution.fixed(1.2)}, "can't sell for more than a new one"),
        (
            {"resale_share": Distribution(0.5, 1.5, 0.8, "uniform")},
            "can't sell for more than a new one",
        ),
        ({"owned_chip": "abacus"}, "Use a known name"),
        ({"contract": "spot", "preemptions_per_day": 900.0}, "makes almost no progress"),
    ],
)
def test_what_cannot_be_meant_is_answered_in_a_sentence(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(fc.InputError, match=words):
        server(**changes)


def test_a_chip_that_is_rented_out_as_spot_alone_is_compared_with_that() -> None:
    result = server(contract="spot", owned_chip="AMD Instinct MI355X", rent_usd_per_chip_hour=None)
    assert [each.contract for each in result.contracts] == ["spot"]
    assert "No vendor's rental price" in result.missing["on_demand"]


def test_a_contract_that_nobody_offers_for_the_chip_is_named() -> None:
    with pytest.raises(fc.InputError, match=r"`contract` is “.*marketplace”. No offers for"):
        server(contract="marketplace", owned_chip="NVIDIA GB200", rent_usd_per_chip_hour=None)


def test_a_commitment_for_a_chip_that_nobody_rents_on_demand_is_answered_in_a_sentence() -> None:
    with pytest.raises(fc.InputError, match="nobody rents this chip on demand"):
        server(contract="one_year", owned_chip="AMD Instinct MI355X")
