"""Chips in the world: the table's sums, their growth, and the share of one buyer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import forecasting as fc
from forecasting.stats.distribution import Distribution
from forecasting.supply.chip_stock import (
    ChipStockInputs,
    StockFields,
    chip_stock,
    largest_owner_share,
    run_h100,
    stock_table,
)
from tests.vintage import shipped


def test_the_stock_is_the_sum_of_all_designers() -> None:
    stock = stock_table(shipped())
    assert stock.designers == ("AMD", "Amazon", "Google", "NVIDIA")
    assert stock.total[3] == pytest.approx(6.53e6, rel=1e-3)
    assert stock.total[-1] == pytest.approx(19.7e6, rel=2e-3)


def test_shipments_are_what_the_stock_gained_in_its_last_year() -> None:
    stock = stock_table(shipped())
    assert stock.shipped == 19_737_835 - 6_531_926
    assert stock.growth == pytest.approx((19_737_835 - 6_531_926) / (6_531_926 - 1_599_968))
    # The default's upper end is that growth.
    assert StockFields().shipments_growth.high == pytest.approx(stock.growth, abs=0.03)


def test_shipments_that_stand_still_add_the_same_every_year() -> None:
    still = ChipStockInputs(shipments_growth=Distribution.fixed(1.0))
    stock = stock_table(shipped())
    years = stock.as_of + np.arange(3.0)
    added = np.diff(np.median(chip_stock(years, still, data=shipped()), axis=0))
    np.testing.assert_allclose(added, stock.shipped, rtol=0.01)


def test_shipments_that_double_add_twice_as_much_in_the_next_year() -> None:
    double = ChipStockInputs(shipments_growth=Distribution.fixed(2.0))
    stock = stock_table(shipped())
    paths = chip_stock(stock.as_of + np.arange(3.0), double, data=shipped())
    added = np.diff(paths, axis=1)
    np.testing.assert_allclose(added[:, 1], 2.0 * added[:, 0])
    np.testing.assert_allclose(np.median(added[:, 0]), 2.0 * stock.shipped, rtol=0.01)


def test_the_range_of_the_stock_today_is_that_of_the_tables_estimates() -> None:
    stock = stock_table(shipped())
    drawn = chip_stock([stock.as_of], draws=4000, data=shipped())[:, 0]
    low, high = np.quantile(drawn, [0.05, 0.95])
    # NVIDIA's alone is 11.9 to 15.5 million of 13.7; designers apart it is narrower for the sum.
    assert 0.88 * stock.total[-1] < low < 0.95 * stock.total[-1]
    assert 1.05 * stock.total[-1] < high < 1.13 * stock.total[-1]


def test_the_largest_owner_of_known_sites_has_a_tenth_of_all_chips() -> None:
    share, owner = largest_owner_share(shipped())
    assert (owner, round(share, 3)) == ("Google", 0.095)
    default = StockFields().buyer_share
    assert default.low < share < default.high


def test_a_run_has_a_buyers_share() -> None:
    tenth = StockFields(buyer_share=Distribution.fixed(0.1))
    years = np.array([2026.0, 2027.0])
    given = (tenth, years, 100, 0, shipped())
    np.testing.assert_allclose(run_h100(*given), 0.1 * chip_stock(years, draws=100, data=shipped()))
    assert run_h100(*given) is run_h100(*given)


@pytest.mark.parametrize("year", [2020.0, float("nan"), 2200.0, "soon", None])
def test_a_year_before_the_table_is_answered_in_a_sentence(year: Any) -> None:
    with pytest.raises(fc.InputError, match="when the table of chips begins"):
        chip_stock(year, data=shipped())


def test_no_draws_are_answered_in_a_sentence() -> None:
    with pytest.raises(fc.InputError, match="Use a whole number of draws"):
        chip_stock([2026.0], draws=0, data=shipped())


def test_a_table_without_complete_quarters_is_answered_in_a_sentence() -> None:
    table = shipped()["ai_chip_stock"]
    with pytest.raises(fc.NotEnoughDataError, match="every designer has a row"):
        chip_stock(
            [2026.0],
            data=shipped().replaced(ai_chip_stock=table[table["quarter_end"] < "2025-01-01"]),
        )
