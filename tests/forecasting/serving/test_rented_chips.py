from __future__ import annotations

import datetime as dt

import pytest

from forecasting.compute_cost.rental_offers import rental_offers
from forecasting.context import Context
from forecasting.errors import InputError
from forecasting.ingest.own_prices import ChipContract, OwnPrices
from forecasting.serving.rented_chips import (
    RENTED_AS,
    RentedChipInputs,
    rented_chip,
    rented_chip_of,
)
from forecasting.serving.serving_tables import serving_chips
from tests.vintage import shipped

H100 = "NVIDIA H100 SXM"


def test_the_price_is_the_median_of_what_each_vendor_last_asked() -> None:
    found = rented_chip(H100, "on_demand", shipped())
    offers = rental_offers(shipped())
    asked = offers[(offers["chip"] == RENTED_AS[H100]) & (offers["terms"] == "on_demand")]
    asked = asked[asked["date"] > asked["date"].max() - 0.25].drop_duplicates("vendor", keep="last")
    assert found.usd_per_chip_hour == asked["usd_per_chip_hour"].median()
    assert found.vendors == asked["vendor"].nunique() > 5
    assert found.low < found.usd_per_chip_hour < found.high


def test_every_chip_is_named_as_the_tables_of_rents_name_it() -> None:
    chips, rented = serving_chips(shipped()), set(rental_offers(shipped())["chip"])
    assert set(RENTED_AS) <= set(chips)
    unknown = {chip for chip in chips if RENTED_AS.get(chip, chip) not in rented}
    assert unknown == {"NVIDIA H800 SXM"}


def test_terms_that_no_vendor_offers_are_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"“for one year”.*B200.*on demand, .*price of your own"):
        rented_chip("NVIDIA B200", "one_year", shipped())
    with pytest.raises(InputError, match=r"H800 SXM on these terms are known\. Give a price"):
        rented_chip("NVIDIA H800 SXM", "on_demand", shipped())


def test_a_price_of_ones_own_stands_before_a_contract_and_that_before_the_market() -> None:
    contract = ChipContract(RENTED_AS[H100], 1.5, dt.date(2026, 1, 1), "1 year")
    context = Context(shipped(), prices=OwnPrices(contracts=(contract,)))
    market = RentedChipInputs()
    assert rented_chip_of(market, H100, context).usd_per_chip_hour == 1.5
    assert rented_chip_of(market, H100, context).terms == "own_contract"
    assert rented_chip_of(market, "NVIDIA B200", context).terms == "on_demand"
    given = RentedChipInputs(rent_terms="own_price", usd_per_chip_hour=0.7)
    assert rented_chip_of(given, H100, context).usd_per_chip_hour == 0.7
    nothing_given = RentedChipInputs(rent_terms="own_price")
    assert rented_chip_of(nothing_given, H100, context).terms == "own_contract"
    assert rented_chip_of(nothing_given, H100, Context(shipped())).terms == "on_demand"
