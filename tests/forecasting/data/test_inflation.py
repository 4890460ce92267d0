"""Money in the dollars of one year, on tables whose last year is over and on those where it is
not.
"""

from __future__ import annotations

import pytest

import forecasting as fc
from dashboard.links import open_link, parse_query
from dashboard.pages.registry import PAGES
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import last_complete_year, price_year_in_use, to_price_year
from tests.vintage import shipped

CPI = {2020: 258.811, 2023: 304.702, 2024: 313.689, 2025: 321.943, 2026: 331.655}


def with_months(data: DataSet, months: int) -> DataSet:
    """The tables, with so many months averaged in the last year."""
    table = data["us_consumer_prices"].copy()
    table.loc[table.index[-1], "months_averaged"] = months
    return data.replaced(us_consumer_prices=table)


def test_a_year_of_eleven_months_counts_when_a_later_one_exists() -> None:
    # No index of October 2025 was ever published; 2026 goes to August.
    assert last_complete_year(shipped()) == 2025
    table = shipped()["us_consumer_prices"]
    until_2025 = shipped().replaced(us_consumer_prices=table[table["year"] <= 2025])
    assert last_complete_year(until_2025) == 2024


def test_a_last_year_of_twelve_months_is_over(tables: DataSet) -> None:
    assert last_complete_year(tables) == 2024
    assert last_complete_year(with_months(shipped(), 12)) == 2026


@pytest.mark.parametrize(("year", "factor"), [(2025.1, 1.0263), (2026.6, 1.0573)])
def test_a_quote_of_a_later_year_is_deflated(year: float, factor: float) -> None:
    assert factor == pytest.approx(CPI[int(year)] / CPI[2024], abs=5e-5)
    assert float(to_price_year(1.0, year, 2024, shipped())) == pytest.approx(1 / factor, rel=1e-4)


def test_money_is_in_dollars_of_the_last_complete_year_where_none_is_given() -> None:
    assert float(to_price_year(100.0, 2023, None, shipped())) == pytest.approx(
        100 * CPI[2025] / CPI[2023]
    )
    by_default, in_2025 = (
        fc.model_cost(fc.CostScenario(price_year=year), data=shipped()) for year in (None, 2025)
    )
    assert by_default.price_year == 2025
    assert by_default.hardware_at_year == in_2025.hardware_at_year
    assert "2025 USD" in fc.price_trend(fc.CostScenario(), data=shipped()).points.unit


def test_a_year_without_complete_prices_is_refused_with_the_last_one_that_has_them() -> None:
    with pytest.raises(fc.InputError, match=r"`price_year` is 2026\. Use 2025 or less"):
        fc.model_cost(fc.CostScenario(price_year=2026), data=shipped())
    assert price_year_in_use(2025, shipped()) == 2025


@pytest.mark.parametrize(("page", "version"), [("cost", 2), ("plan", 1), ("overview", 2)])
def test_a_link_of_an_earlier_version_has_dollars_of_2024(page: str, version: int) -> None:
    declared = PAGES[page]
    opened = open_link(parse_query(f"v={version}"), declared.scenario, declared.display, shipped())
    assert opened.scenario.price_year == 2024
