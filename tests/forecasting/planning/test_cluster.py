from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.planning.cluster import cluster, cluster_watts, run_days


def test_days_are_flop_over_what_the_chips_do_in_a_day() -> None:
    assert run_days(3.8e25, 16_384, 989e12, 0.404) == pytest.approx(
        3.8e25 / (16_384 * 989e12 * 0.404 * 86400)
    )
    # Llama 3.1 405B took 2,142 hours, 89 days, restarts included (ai_models).
    assert run_days(3.8e25, 16_384, 989.4e12, 0.4042) == pytest.approx(2142 / 24, rel=0.25)


def test_power_is_chips_times_design_power_servers_and_cooling() -> None:
    assert cluster_watts(1000, 700.0, 1.15) == pytest.approx(1000 * 700 * 1.82 * 1.15)


def test_the_articles_cluster_of_100_000_h100() -> None:
    result = cluster(fc.PlanScenario())
    assert result.watts == pytest.approx(146.5e6, rel=0.001)
    assert result.upfront_usd == pytest.approx(1e5 * 33_600 * 1.64 / 0.81)
    assert result.days == pytest.approx(5e26 / (1e5 * 989.4e12 * 0.4 * 86400))
    assert result.owned_run_usd < result.rented_run_usd
    assert "100,000 × NVIDIA H100" in result.answer
    assert result.table["value"].notna().sum() >= 12


def test_a_cluster_beyond_the_largest_is_dated_by_the_trend() -> None:
    result = cluster(fc.PlanScenario(cluster_chips=1e6))
    date, amount, _ = result.largest_so_far
    assert amount < 1e6
    assert date < result.year_by_trend.low < result.year_by_trend.value < result.year_by_trend.high
    assert "trend" in result.full_answer


def test_a_run_of_years_is_called_too_long() -> None:
    assert (
        "overtaken" in cluster(fc.PlanScenario(cluster_chips=1000.0, budget_usd=1e12)).full_answer
    )


def test_a_run_that_costs_more_than_the_plans_budget_is_called_so() -> None:
    dear = cluster(fc.PlanScenario(budget_usd=1e6))
    assert "more than the plan's budget of $1 million" in dear.full_answer
    assert "plan's" not in cluster(fc.PlanScenario(budget_usd=1e12)).full_answer


def test_a_chip_without_a_price_is_refused_by_name() -> None:
    with pytest.raises(fc.UnknownNameError, match="Abacus"):
        cluster(fc.PlanScenario(cluster_chip="Abacus"))


@pytest.mark.parametrize(
    ("key", "unit", "until_2032"),
    [
        ("chips", "chips", (4.07485e6, 2.06500e7, 5.01530e7)),
        ("power", "MW", (4979.33, 33882.4, 113486.7)),
    ],
)
def test_the_largest_run_to_come_follows_the_trend_from_the_largest_so_far(
    key: str, unit: str, until_2032: tuple[float, float, float]
) -> None:
    runs = cluster(fc.PlanScenario()).largest_runs[key]
    date, _, _ = runs.trend.largest
    assert (runs.bands.x[0], runs.bands.x[-1]) == (date, 2032.0)
    # No run is larger at its own date than itself.
    assert runs.bands.values[:, 0] == pytest.approx(np.full(7, runs.largest))
    growth = runs.trend.growth_per_year.value
    assert runs.bands.median[-1] == pytest.approx(runs.largest * growth ** (2032.0 - date), rel=0.3)
    low, high = runs.bands.interval(0.8)
    assert (low[-1], runs.bands.median[-1], high[-1]) == pytest.approx(until_2032, rel=1e-5)
    assert runs.unit == unit


@pytest.mark.parametrize("key", ["chips", "power"])
def test_the_table_holds_the_forecast_of_the_largest_run(key: str) -> None:
    result = cluster(fc.PlanScenario())
    runs = result.largest_runs[key]
    rows = result.table[
        result.table["figure"].str.startswith(f"largest run by trend in {runs.unit}")
    ]
    low, high = runs.bands.interval(0.8)
    for column, expected in (
        ("year", runs.bands.x),
        ("value", runs.bands.median),
        ("value_q10", low),
        ("value_q90", high),
    ):
        assert rows[column].to_numpy() == pytest.approx(expected)
    assert not result.own_figures["figure"].str.startswith("largest run").any()
