"""The tables that the product ships: every section draws on them, and their figures beside those of
the vintage (METHODS, section 7).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import forecasting as fc
from dashboard.links import open_link, parse_query
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.chip_hours import ownable_chips
from forecasting.compute_cost.price_series import NumberFormat, SeriesChoice, price_series
from forecasting.data.catalogue import RHYTHMS
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.stats.record_setters import running_top
from forecasting.units import decimal_years
from tests.vintage import shipped

NAMES = shipped().names


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_how_often_it_changes_and_where_newer_data_come_from(name: str) -> None:
    info = shipped().catalogue[name]
    assert info.rhythm in RHYTHMS
    if info.refresh.adapter is None:
        assert info.refresh.by_hand.endswith(".")
    else:
        assert info.refresh.url is not None
        assert info.refresh.url.startswith("https://")
        assert "{" not in str(info.refresh.page)


def near(value: float, expected: float) -> bool:
    """Within 1%."""
    return value == pytest.approx(expected, rel=0.01)


def frontier_of_today(first: float) -> Any:
    """The line through the runs that were among the ten largest when they appeared."""
    models = shipped()["ai_models"]
    models = models[models["training_flop"].notna() & models["date"].notna()]
    dates, flop = decimal_years(models["date"].to_numpy()), models["training_flop"].to_numpy()
    keep = running_top(dates, flop) & (dates >= first)
    return fc.fit_trend(dates[keep], flop[keep], errors="independent")


def test_training_compute_of_notable_models() -> None:
    models = shipped()["ai_models"]
    dates = decimal_years(models["date"].to_numpy())
    keep = (dates >= 2010) & models["training_flop"].notna().to_numpy()
    trend = fc.fit_trend(
        dates[keep], models["training_flop"].to_numpy()[keep], errors="independent"
    )
    assert trend.n == 468
    assert near(trend.growth_per_year.value, 4.371)


@pytest.mark.parametrize(
    ("first", "points", "growth", "low", "high"),
    [(2018, 79, 4.72, 4.28, 5.20), (2010, 125, 4.82, 4.61, 5.04)],
)
def test_the_running_top_ten(
    first: float, points: int, growth: float, low: float, high: float
) -> None:
    trend = frontier_of_today(first)
    found_low, found_high = trend.growth_per_year.interval(0.90)
    assert trend.n == points
    assert near(trend.growth_per_year.value, growth)
    assert near(found_low, low)
    assert near(found_high, high)


def test_the_plan_takes_the_growth_of_the_running_top_ten() -> None:
    low, high = frontier_of_today(2018).growth_per_year.interval(0.90)
    grows = PlanScenario().frontier_growth
    assert (grows.low, grows.high, grows.share) == pytest.approx((low, high, 0.9), rel=0.01)


@pytest.mark.parametrize(
    ("number_format", "points", "growth", "low", "high"),
    [("fp32", 53, 1.173, 1.100, 1.250), ("tensor_fp16", 19, 1.216, 1.085, 1.362)],
)
def test_performance_of_ml_chips_per_dollar(
    number_format: NumberFormat, points: int, growth: float, low: float, high: float
) -> None:
    series = price_series(SeriesChoice("chips", number_format=number_format), shipped())
    trend = fc.fit_trend(series.dates, series.values, errors="independent")
    found_low, found_high = trend.growth_per_year.interval(0.90)
    assert trend.n == points
    assert near(trend.growth_per_year.value, growth)
    assert near(found_low, low)
    assert near(found_high, high)


@pytest.mark.parametrize("date", ["2024-12-31", "2025-12-31"])
def test_chips_in_the_world(date: str) -> None:
    stock = shipped()["ai_chip_stock"]
    on = stock[stock["quarter_end"] == date]
    assert len(on) == 4
    assert near(
        on["h100_equivalents_cumulative"].sum(), {"2024-12-31": 6.53e6, "2025-12-31": 19.7e6}[date]
    )


@pytest.mark.parametrize(
    ("date", "facility_mw", "it_mw"),
    [
        ("2025-06-30", 478, 398),
        ("2026-01-01", 751, 626),
        ("2026-08-03", 1276, 946),
        ("2027-01-01", 1276, 946),
        ("2028-01-01", 2262, 1676),
    ],
)
def test_the_largest_ai_site(date: str, facility_mw: float, it_mw: float) -> None:
    sites = shipped()["data_center_timelines"]
    states = sites[sites["date"] <= date].sort_values("date", kind="stable")
    last = states.groupby("data_center").last()
    largest = last.loc[last["facility_power_mw"].idxmax()]
    assert near(largest["facility_power_mw"], facility_mw)
    assert near(largest["it_power_mw"], it_mw)


def test_a_chip_without_a_release_date_is_in_no_trend_and_not_for_sale() -> None:
    chips = shipped()["ml_chips"]
    undated = set(chips[chips["release_date"].isna()]["chip"])
    assert len(undated) == 14
    # As if the maker had announced all of it but the day.
    filled = chips.fillna(
        {
            "price_usd": 1e4,
            "fp32_flop_per_s": 1e13,
            "tensor_fp16_flop_per_s": 1e14,
            "tdp_watts": 500.0,
        }
    )
    data = shipped().replaced(ml_chips=filled)
    for key in ("chips", "efficiency"):
        series = price_series(SeriesChoice(key), data)
        assert np.isfinite(series.dates).all()
        assert undated.isdisjoint(series.names)
    assert undated.isdisjoint(ownable_chips(data))


@pytest.mark.parametrize(
    ("page", "query", "gone", "nearest"),
    [
        ("cost", "model=GPT-6", "GPT-6", "GPT-6 Astra"),
        ("cost", "model=A.X%20K1", "A.X K1", "a known name, such as"),
        ("cost", "chip=NVIDIA%20B100", "NVIDIA B100", "NVIDIA A100"),
    ],
)
def test_a_link_with_a_name_that_is_gone_names_the_nearest(
    page: str, query: str, gone: str, nearest: str
) -> None:
    declared = PAGES[page]
    opened = open_link(parse_query(query), declared.scenario, declared.display, shipped())
    (said,) = opened.warnings
    assert gone in said
    assert nearest in said


def test_the_largest_run_known_is_that_of_gpt_6_astra() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-6 Astra", year=2026), data=shipped())
    assert near(result.model.training_flop, 1e27)
    assert "GPT-6 Astra" in result.answer
