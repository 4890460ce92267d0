"""The page Supply and contracts in Streamlit's own test harness."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.rent_or_own import rent_or_own_chart
from dashboard.charts.rental_quotes import rental_quotes_chart
from dashboard.charts.run_chips import run_chips_chart
from dashboard.charts.site_supply import site_supply_chart
from dashboard.pages.registry import PAGES
from dashboard.pages.supply.own import contract_numbers, part_numbers
from dashboard.pages.supply.own_drivers import driver_numbers
from dashboard.pages.supply.quotes import cheapest_words, quote_numbers
from dashboard.pages.supply.sites import site_numbers
from dashboard.ui.contract_controls import lost_work_words
from forecasting.compute_cost.lost_work import LostWorkFields
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, text_of, words_on
from tests.vintage import shipped


def supply_page(query: dict[str, str]) -> AppTest:
    return page_alone("supply", {"v": str(PAGES["supply"].scenario.VERSION)} | query, shipped())


def test_the_page_answers_from_the_tables_of_today() -> None:
    said = text_of(supply_page({}))
    assert fc.rent_or_own(fc.OwnershipScenario(), data=shipped()).answer in said
    assert "median of 10 on-demand offers by 10 vendors in 2026 Q3" in said


def test_spot_brings_the_inputs_of_lost_work_and_says_what_is_lost() -> None:
    said = text_of(supply_page({"contract": "spot", "preemptions_per_day": "4"}))
    assert lost_work_words(LostWorkFields(preemptions_per_day=4.0)) in said
    assert "the interval of Young and Daly" in said


def test_a_quote_of_ones_own_moves_the_answer() -> None:
    own = fc.OwnershipScenario(rent_usd_per_chip_hour=9.0, chip_usd=20_000.0)
    said = text_of(supply_page({"rent_usd_per_chip_hour": "9", "chip_usd": "20000"}))
    assert fc.rent_or_own(own, data=shipped()).answer in said


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"utilisation": "-1"}, "Use 0 or more"),
        ({"chip_usd": "-25000"}, "Use more than 0"),
        ({"resale_share": "1.5"}, "can't sell for more than a new one"),
        ({"contract": "marketplace", "owned_chip": "NVIDIA GB200"}, "on these terms are known"),
        ({"view": "quotes", "quoted_chips": "0"}, "Use 1 or more"),
        ({"view": "quotes", "quoted_chip": "abacus"}, "Use a known name"),
        ({"view": "sites", "supply_year": "1990"}, "or more"),
        ({"view": "chips", "capital_usd": "-5"}, "Use more than 0"),
        ({"owned_chips": "1000000000"}, "Use 10 million or less"),
        ({"owned_years": "1e9"}, "Use 15 or less"),
        ({"utilisation": "1.5"}, "Use 1 or less"),
        ({"resale_share": "-0.1"}, "can't sell for more than a new one"),
        ({"view": "quotes", "quoted_days": "1e9"}, "Use 3,660 or less"),
        ({"view": "quotes", "quoted_days": "-90"}, "Use 0.1 or more"),
        ({"view": "sites", "site_share": "2"}, "A share is at most 100%"),
        ({"view": "sites", "site_delay_years": "-1"}, "Use a value from 0 to 20"),
        ({"view": "chips", "buyer_share": "0"}, "A share is at most 100%"),
        ({"view": "chips", "bought_chip": "abacus"}, "Use a known name"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(query: dict[str, str], words: str) -> None:
    test = supply_page(query)
    assert not test.exception
    assert words in text_of(test)


def test_growth_that_no_grid_can_feed_is_said_so() -> None:
    far = fc.site_supply(fc.SupplyScenario(supply_year=2045.0), data=shipped())
    assert "all power stations of the world give 3.5 million MW" in far.full_answer
    near = fc.site_supply(fc.SupplyScenario(supply_year=2027.0), data=shipped())
    assert "power stations" not in near.full_answer
    assert "In August 2026 the largest was Colossus 2" in near.full_answer


def test_a_commitment_that_is_longer_than_asked_for_is_said_to_be_billed_whole() -> None:
    quarter, years = (
        fc.quotes(fc.SupplyScenario(quoted_tier="three_year", quoted_days=days), data=shipped())
        for days in (90.0, 1200.0)
    )
    assert "for 90 days, billed for three years" in quarter.answer
    assert "for 1,200 days for three years" in years.answer


def test_a_rent_beyond_reason_makes_owning_cheaper_however_little_chips_are_used() -> None:
    dear = fc.OwnershipScenario(rent_usd_per_chip_hour=1e6)
    assert "however little they are used" in fc.rent_or_own(dear, data=shipped()).answer


def test_what_was_seen_stands_without_a_range() -> None:
    numbers = site_numbers(fc.site_supply(fc.SupplyScenario(), data=shipped()))
    of_year = numbers.set_index("Start of")["Largest site (MW)"]
    assert of_year["2026"] == "751"
    assert "(" in of_year["2029"]


def test_a_chip_that_is_never_used_is_said_to_pay_back_never() -> None:
    assert "are never used" in text_of(supply_page({"utilisation": "0"}))


def test_each_section_draws_its_result() -> None:
    scenario = fc.SupplyScenario()
    owned = fc.rent_or_own(scenario, data=shipped())
    builder: ChartBuilder[Any] = ChartBuilder(levels=(0.8,))
    words = words_on(checked(rent_or_own_chart(owned, builder)))
    assert all(name in words for name in ("owned", "on demand", "spot", "for three years"))
    asked = fc.quotes(scenario, data=shipped())
    assert "median of 22 vendors" in words_on(checked(rental_quotes_chart(asked, builder)))
    sites = fc.site_supply(scenario, data=shipped())
    words = words_on(checked(site_supply_chart(sites, builder)))
    assert "largest site" in words
    assert "Grok 3 (run)" in words
    chips = fc.run_chips(scenario, data=shipped())
    words = words_on(checked(run_chips_chart(chips, builder)))
    assert all(name in words for name in ("all AI chips", "capital", "one buyer's share"))


def test_the_numbers_name_vendor_day_and_link_and_every_contract() -> None:
    asked = fc.quotes(fc.SupplyScenario(), data=shipped())
    numbers = quote_numbers(asked)
    assert numbers.iloc[0].to_dict() == {
        "Vendor": "Voltage Park",
        "Chip": "NVIDIA H100",
        "Terms": "on demand",
        "At least": "not stated",
        "Per chip-hour": "$1.99",
        "In total": "$2.2 million",
        "Last seen": "2026-08-22",
        "Source": "https://www.voltagepark.com/pricing",
    }
    owned = fc.rent_or_own(fc.OwnershipScenario(), data=shipped())
    assert list(contract_numbers(owned)["Contract"]) == [
        "On demand", "Spot", "On a marketplace", "For one year", "For three years", "Owned",
    ]  # fmt: skip
    assert list(part_numbers(owned)["Part"])[-1] == "Resale"


def test_what_owning_rests_on_stands_with_its_range_its_source_and_what_it_moves() -> None:
    owned = fc.rent_or_own(fc.OwnershipScenario(), data=shipped())
    rows = driver_numbers(owned, fc.Context(shipped())).set_index("Assumption")
    hosting = rows.loc["Hosting, per kW of server power and month"]
    assert hosting["Here"] == "$184"
    assert hosting["Plausible"] == "$138–217 (published)"
    assert "CBRE" in hosting["Rests on"]
    upkeep = rows.loc["Staff, spares and repairs, share of the purchase per year"]
    assert upkeep["Plausible"] == "2–10% (assumed)"
    assert "An assumption" in upkeep["Rests on"]
    assert rows.loc["Network's share of hardware cost"]["Plausible"] == "0–19% (published)"


def test_the_cheapest_five_vendors_stand_with_day_and_link() -> None:
    said = cheapest_words(fc.quotes(fc.SupplyScenario(), data=shipped()))
    lines = said.replace("\\", "").splitlines()[2:]
    assert len(lines) == 5
    assert lines[0] == (
        "1. [Voltage Park](https://www.voltagepark.com/pricing): $1.99 per chip-hour, $2.2 "
        "million in total, on demand, last seen 2026-08-22"
    )


def test_a_vendor_of_ones_own_file_is_shown_letter_by_letter() -> None:
    prices = fc.read_own_prices(
        "chip,vendor,date,usd_per_chip_hour\nH100 SXM,[a](javascript:b),2026-08-01,0.5\n"
    )
    own = fc.quotes(fc.SupplyScenario(), data=fc.Context(shipped(), prices=prices))
    first = cheapest_words(own).splitlines()[2]
    assert "](javascript" not in first
    assert "yours" in first


def test_the_answer_names_what_limits_the_chips_and_for_which_reason() -> None:
    rich = fc.run_chips(fc.SupplyScenario(capital_usd=1e13), data=shipped())
    assert rich.binding == "power"
    assert "is the power of the site" in rich.full_answer
    small = fc.run_chips(
        fc.SupplyScenario(capital_usd=1e13, buyer_share=fc.Distribution.fixed(0.001)),
        data=shipped(),
    )
    assert "is one buyer's share of all chips: in 100%" in small.full_answer
    assert sum(small.limit_shares.values()) == pytest.approx(1.0)
