"""What sites, chips and quotes come to: costs in one price year, the least of three limits, and
owning beside quotes.
"""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.data.inflation import to_price_year
from forecasting.supply.ownership_inputs import OwnershipInputs
from forecasting.supply.run_chips import LIMITS, RunChips
from forecasting.supply.site_power import site_power
from tests.vintage import shipped

COLOSSUS_2 = "Colossus 2"


def chips(**changes: object) -> RunChips:
    return fc.run_chips(fc.SupplyScenario(**changes), data=shipped())


def test_a_site_costs_a_megawatt_what_its_row_says_in_dollars_of_the_price_year() -> None:
    table = shipped()["data_center_timelines"]
    row = table[(table["data_center"] == COLOSSUS_2) & (table["projected"] == 0)].iloc[-1]
    alone = shipped().replaced(
        data_center_timelines=table[table["data_center"] == COLOSSUS_2].reset_index(drop=True)
    )
    in_2024 = fc.site_supply(fc.SupplyScenario(price_year=2024), data=alone)
    usd = row["capital_cost_2025_usd"] / row["facility_power_mw"]
    deflated = float(to_price_year(np.array([usd]), np.array([2025.0]), 2024, shipped())[0])
    assert in_2024.capital_usd_per_mw.value == pytest.approx(deflated)
    assert deflated == pytest.approx(usd / 1.0263, rel=1e-3)
    in_2025 = fc.site_supply(fc.SupplyScenario(price_year=2025), data=alone)
    running = row["operating_cost_2025_usd_per_year"] / row["h100_equivalents"]
    assert in_2025.operating_usd_per_h100_year.value == pytest.approx(running)


def test_a_supply_says_which_site_is_the_largest_and_shows_built_sites_as_known() -> None:
    result = fc.site_supply(fc.SupplyScenario(supply_year=2026.0), data=shipped())
    assert result.largest_now == (COLOSSUS_2, 1276.0)
    assert result.site_mw.low == result.site_mw.high == 751.0
    at_start = result.table[result.table["year"] == 2026.0].iloc[0]
    assert at_start["site_mw_q50"] == 751.0
    drawn = site_power([2026.0], fc.SupplyScenario(), data=shipped())
    assert result.power_mw.value == pytest.approx(float(np.median(drawn)), rel=1e-3)
    assert {run.model for run in result.runs} >= {"Grok 3"}
    owner = fc.site_supply(fc.SupplyScenario(site_of="owner"), data=shipped())
    assert owner.largest_now == ("Google", 3437.0)


def test_the_chips_of_a_run_are_the_least_of_its_limits() -> None:
    result = chips()
    assert result.h100.value <= min(each.value for each in result.by_limit.values())
    assert sum(result.limit_shares.values()) == pytest.approx(1.0)
    assert list(result.limit_shares) == list(LIMITS)
    np.testing.assert_allclose(result.shares_by_year.sum(axis=0), 1.0)


def test_more_capital_buys_more_chips_until_power_ends_it() -> None:
    few, more, most = (chips(capital_usd=usd) for usd in (1e9, 2e9, 1e13))
    assert more.by_limit["purchase"].value == pytest.approx(2.0 * few.by_limit["purchase"].value)
    assert few.binding == "purchase"
    assert most.binding == "power"
    assert most.h100.value == pytest.approx(most.by_limit["power"].value)


def test_an_h100_equivalent_draws_and_costs_what_its_chip_does() -> None:
    result = chips(bought_chip="NVIDIA H100 SXM5 80GB")
    # Dollars of 2026 in those of 2025: CPI 331.655 and 321.943.
    assert result.usd_per_h100 == pytest.approx(25_000 / 1.03017 * 1.64 / 0.81, rel=1e-4)
    assert result.watts_per_h100 == pytest.approx(700 * 1.82 * 1.15)


def test_a_chip_of_unknown_cost_is_refused_by_name() -> None:
    with pytest.raises(fc.InputError, match=r"`bought_chip` is “abacus”\. Use a known name"):
        chips(bought_chip="abacus")


def test_owning_beside_quotes_is_what_rent_or_own_says_of_as_many_chips_and_days() -> None:
    asked = fc.quotes(fc.SupplyScenario(quoted_chips=64, quoted_days=365.25), data=shipped())
    owned = fc.rent_or_own(
        OwnershipInputs(owned_chips=64, owned_years=1.0, utilisation=1.0), data=shipped()
    )
    assert asked.owned_chip == "NVIDIA H100 SXM5 80GB"
    assert asked.owned_usd == owned.owned_usd


def test_quotes_have_the_range_of_the_vendors_cheapest_offers() -> None:
    asked = fc.quotes(fc.SupplyScenario(), data=shipped())
    each = asked.table.drop_duplicates("vendor")["usd_per_chip_hour"]
    assert asked.vendors == len(each)
    assert asked.usd_per_chip_hour.value == pytest.approx(each.median())
    assert each.min() < asked.usd_per_chip_hour.low < asked.usd_per_chip_hour.high < each.max()
    assert len(asked.cheapest) == 5


def test_a_chip_whose_price_is_not_known_is_quoted_without_owning() -> None:
    asked = fc.quotes(fc.SupplyScenario(quoted_chip="NVIDIA L4"), data=shipped())
    assert asked.owned_usd is None
    assert "Owning" not in asked.answer


def test_chips_that_are_offered_only_in_larger_numbers_are_said_so() -> None:
    with pytest.raises(fc.InputError, match="for more chips than that"):
        fc.quotes(
            fc.SupplyScenario(
                quoted_chip="AMD Instinct MI355X", quoted_chips=1, quoted_tier="spot"
            ),
            data=shipped(),
        )
