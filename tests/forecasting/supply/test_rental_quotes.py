"""Quotes of vendors: a reader finds each in the table, the cheapest first."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd
import pytest

import forecasting as fc
from forecasting.context import Context
from forecasting.supply.rental_quotes import TIERS, quoted_chips
from tests.vintage import shipped

H100 = "NVIDIA H100 SXM5 80GB"


def test_a_quote_is_the_row_of_the_table_times_chips_and_hours() -> None:
    quotes = fc.rental_quotes(chip=H100, chips=512, days=90, data=shipped())
    lambda_labs = quotes[(quotes["vendor"] == "Lambda Labs") & (quotes["tier"] == "on_demand")]
    row = lambda_labs.iloc[0]
    assert row["usd_per_chip_hour"] == 3.99
    assert row["usd_total"] == pytest.approx(3.99 * 512 * 24 * 90)
    assert str(row["last_seen"].date()) == "2026-08-22"
    assert row["source_url"] == "https://lambda.ai/service/gpu-cloud"


def test_the_cheapest_stands_first_and_each_vendor_once_a_tier_and_size() -> None:
    quotes = fc.rental_quotes(chip=H100, chips=512, days=90, data=shipped())
    assert quotes["usd_total"].is_monotonic_increasing
    assert not quotes.duplicated(["vendor", "chip", "tier", "min_chips"]).any()
    assert list(quotes.columns[:1]) == ["vendor"]
    assert {"tier", "usd_per_chip_hour", "usd_total", "last_seen", "source_url"} <= set(quotes)


def test_words_that_all_forms_share_find_all_of_them() -> None:
    forms = set(fc.rental_quotes("NVIDIA H100", data=shipped())["chip"])
    assert {"NVIDIA H100", H100, "NVIDIA H100 NVL", "NVIDIA H100 PCIe"} == forms
    assert set(fc.rental_quotes("H100 SXM", data=shipped())["chip"]) == {H100}
    assert "NVIDIA H200" in quoted_chips(shipped())


def test_an_offer_of_more_chips_than_are_asked_for_is_left_out() -> None:
    few = fc.rental_quotes(H100, chips=4, data=shipped())
    assert not (few["min_chips"] > 4).any()
    assert len(few) < len(fc.rental_quotes(H100, chips=8, data=shipped()))


def test_a_commitment_is_billed_for_its_whole_term_and_dated_when_it_was_quoted() -> None:
    year = fc.rental_quotes(H100, chips=8, days=90, tier="one_year", data=shipped()).iloc[0]
    assert (year["vendor"], year["usd_per_chip_hour"]) == ("Google Cloud", 7.67)
    assert year["usd_total"] == pytest.approx(7.67 * 8 * 24 * 365.25)
    assert year["last_seen"] == pd.Timestamp("2025-03-17")


def test_offers_that_were_gone_before_the_last_week_and_stale_vendors_are_left_out() -> None:
    quotes = pd.concat(
        fc.rental_quotes(chip, data=shipped()) for chip in ("H100", "H200", "A100", "B200")
    )
    snapshots = quotes[~quotes["tier"].isin(["one_year", "three_year"])]
    assert snapshots["last_seen"].min() >= pd.Timestamp("2026-08-15")
    assert "aws" not in set(quotes["vendor"])


def test_own_contracts_stand_among_the_quotes() -> None:
    prices = fc.read_own_prices(
        "chip,tier,min_chips,first_seen,last_seen,usd_per_chip_hour,vendor\n"
        "H100 SXM,spot,64,2026-01-01,2026-11-01,0.5,Acme\n"
        "H100 SXM,1 year,,2026-01-01,2026-11-01,1.5,\n"
    )
    quotes = fc.rental_quotes(H100, data=Context(shipped(), prices=prices))
    first = quotes.iloc[0]
    assert (first["vendor"], first["tier"], first["min_chips"]) == ("yours (Acme)", "spot", 64)
    assert "one_year" in set(quotes[quotes["vendor"] == "yours"]["tier"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"chips": 0}, "`chips` is 0. Use a whole number of chips from 1"),
        ({"chips": 1.5}, "Use a whole number of chips"),
        ({"chips": math.nan}, "Use a whole number of chips"),
        ({"days": 0.0}, "`days` is 0.0. Use more than 0"),
        ({"days": -3.0}, "Use more than 0"),
        ({"days": math.inf}, "Use more than 0 and up to 3,660 days"),
        ({"chips": "many"}, "`chips` is “many”. Use a whole number of chips"),
        ({"chips": None}, "Use a whole number of chips"),
        ({"days": "90"}, "Use more than 0 and up to 3,660 days"),
        ({"chip": None}, "Use a known name"),
        ({"tier": None}, "Use a known name"),
        ({"tier": "free"}, "Use a known name, such as"),
        ({"chip": "abacus"}, "`chip` is “abacus”. Use a known name"),
        ({"chip": ""}, "Use a known name"),
        ({"chip": "NVIDIA L4", "tier": "three_year"}, "No offers for NVIDIA L4 on these terms"),
    ],
)
def test_what_cannot_be_rented_is_answered_in_a_sentence(given: dict[str, Any], words: str) -> None:
    with pytest.raises(fc.ForecastingError, match=words.replace("(", r"\(")):
        fc.rental_quotes(**({"data": shipped()} | given))


def test_every_tier_is_known_by_its_words_too() -> None:
    assert "on_demand" in TIERS
    in_words = fc.rental_quotes(H100, tier="on demand", data=shipped())
    assert len(in_words) == len(fc.rental_quotes(H100, tier="on_demand", data=shipped()))


def test_the_rental_table_itself_is_read_as_own_prices_with_its_dates_and_tiers() -> None:
    rows = shipped()["chip_rental_prices_2026"]
    rows = rows[(rows["chip"] == H100) & (rows["vendor"] == "tensordock")]
    prices = fc.read_own_prices(rows.to_csv(index=False))
    spot = next(each for each in prices.contracts if each.is_spot)
    assert (spot.term, spot.usd_per_chip_hour) == ("spot", 1.91)
    assert (spot.date, spot.until) == (dt.date(2026, 7, 18), dt.date(2026, 8, 22))
    chosen = prices.contract(H100, shipped())
    assert chosen is not None
    assert chosen.term == "on demand"


def test_the_least_number_of_chips_is_read_and_is_no_count_of_a_machine() -> None:
    prices = fc.read_own_prices("chip,min_chips,usd_per_chip_hour\nH100 SXM,8,2.5\n")
    assert [(each.min_chips, each.usd_per_chip_hour) for each in prices.contracts] == [(8, 2.5)]
    assert "8 chips or more" in prices.answer


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("H100 SXM,spot,8,2026-08-02,2026-08-01,2.5", "last seen before it was first"),
        ("H100 SXM,spot,some,2026-08-01,2026-08-02,2.5", "Give the smallest number of chips"),
        ("H100 SXM,spot,0,2026-08-01,2026-08-02,2.5", "Give the smallest number of chips"),
        ("H100 SXM,spot,8,2026-08-01,2026-08-02,-2.5", "Give dollars for an hour of one chip"),
        ("H100 SXM,spot,8,2026-08-01,2026-08-02,0", "Give dollars for an hour of one chip"),
    ],
)
def test_a_row_that_contradicts_itself_is_left_out_with_the_reason(row: str, words: str) -> None:
    header = "chip,tier,min_chips,first_seen,last_seen,usd_per_chip_hour\n"
    good = "H100 SXM,spot,8,2026-08-01,2026-08-02,2.25\n"
    prices = fc.read_own_prices(header + good + row + "\n")
    assert [each.usd_per_chip_hour for each in prices.contracts] == [2.25]
    assert words in str(prices.problems[0])


def test_a_list_of_last_days_alone_is_dated_by_them() -> None:
    prices = fc.read_own_prices("chip,last_seen,usd_per_chip_hour\nH100 SXM,2026-08-22,2.5\n")
    assert prices.contracts[0].date == dt.date(2026, 8, 22)


def test_every_row_of_the_rental_table_is_read_but_those_that_contradict_themselves() -> None:
    table = shipped()["chip_rental_prices_2026"]
    prices = fc.read_own_prices(table.to_csv(index=False), shipped())
    backwards = table["first_seen"] > table["last_seen"]
    assert len(prices.contracts) == len(table) - backwards.sum() > 500
    assert {problem.column for problem in prices.problems} == {"last_seen"}
    for contract, (_, row) in zip(prices.contracts, table[~backwards].iterrows(), strict=True):
        assert contract.usd_per_chip_hour == row["usd_per_chip_hour"]
        assert (contract.date, contract.until) == (
            row["first_seen"].date(),
            row["last_seen"].date(),
        )
        assert (contract.term, contract.vendor) == (row["tier"], row["vendor"])
        assert contract.min_chips == (None if math.isnan(row["min_chips"]) else row["min_chips"])


@pytest.mark.parametrize(
    "missing", ["tier", "min_chips", "vendor", "first_seen", "last_seen", "source_url", "memory_gb"]
)
def test_the_rental_table_is_read_without_one_of_its_columns(missing: str) -> None:
    table = shipped()["chip_rental_prices_2026"].head(60)
    whole, cut = (
        fc.read_own_prices(rows.to_csv(index=False), shipped())
        for rows in (table, table.drop(columns=missing))
    )
    assert [each.usd_per_chip_hour for each in cut.contracts] == [
        each.usd_per_chip_hour for each in whole.contracts
    ]
    if missing == "first_seen":
        assert all(each.date == each.until for each in cut.contracts)
    elif missing == "last_seen":
        assert all(each.until is None for each in cut.contracts)
    elif missing == "tier":
        assert {each.term for each in cut.contracts} == {""}


@pytest.mark.parametrize("missing", ["chip", "usd_per_chip_hour"])
def test_the_rental_table_without_chips_or_prices_is_answered_in_a_sentence(missing: str) -> None:
    table = shipped()["chip_rental_prices_2026"].drop(columns=missing)
    with pytest.raises(fc.ForecastingError, match=r"chip|column"):
        fc.read_own_prices(table.to_csv(index=False), shipped())


def test_a_chip_without_a_known_rate_has_an_own_price_but_is_no_best_chip() -> None:
    prices = fc.read_own_prices("chip,usd_per_chip_hour\nL40S,0.5\nH100 SXM,2.5\n", shipped())
    assert [each.chip for each in prices.contracts] == ["NVIDIA L40S", H100]
    best = prices.contract("best", shipped())
    assert best is not None
    assert best.chip == H100
    quotes = fc.rental_quotes("NVIDIA L40S", data=Context(shipped(), prices=prices))
    assert quotes.iloc[0]["usd_per_chip_hour"] == 0.5
