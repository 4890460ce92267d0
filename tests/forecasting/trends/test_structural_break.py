from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from tests.examples import SOAK
from tests.forecasting.trends.test_trend import alike_years


def test_the_cost_of_operations_since_1857_has_a_break_in_the_forties(tables) -> None:
    table = tables["computing_cost_1857_2001"]
    found = fc.find_break(table["year"], table["usd_per_million_ops"])
    assert found.found
    assert 1935 <= found.date <= 1950
    assert found.slope_after < found.slope_before


def test_a_plain_kink_is_found_where_it_is(rng) -> None:
    dates = np.linspace(2000, 2040, 200)
    values = 10.0 ** (
        0.05 * (dates - 2000) + 0.2 * np.maximum(0, dates - 2020) + 0.1 * rng.standard_normal(200)
    )
    found = fc.find_break(dates, values)
    assert found.found
    assert abs(found.date - 2020) < 1.5
    assert found.slope_before == pytest.approx(0.05, abs=0.02)
    assert found.slope_after == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_series_without_a_break_are_rarely_given_one(rng, correlation: float) -> None:
    series_count = 60 if SOAK else 20
    found = sum(
        fc.find_break(*alike_years(rng, correlation), simulations=199).found
        for _ in range(series_count)
    )
    assert found <= 0.1 * series_count


def test_a_straight_line_has_no_break() -> None:
    dates = np.arange(2000.0, 2030.0)
    found = fc.find_break(dates, 2.0 ** (dates - 2000))
    assert not found.found
    assert found.p_value == 1.0
    assert found.before.value == pytest.approx(np.log10(2))


def test_a_kink_without_noise_is_found_exactly() -> None:
    dates = np.arange(2000.0, 2030.0)
    found = fc.find_break(dates, 2.0 ** (dates - 2000 + np.maximum(0, dates - 2015)))
    assert found.found
    assert found.date == 2015
    assert found.slope_after == pytest.approx(2 * found.slope_before)


def test_the_slopes_and_the_date_of_a_kink_lie_in_their_intervals(rng) -> None:
    dates, values = alike_years(rng, 0.3)
    found = fc.find_break(dates, values * 10.0 ** (0.3 * np.maximum(0, dates - 2012)))
    for estimate, truth in ((found.before, 0.1), (found.after, 0.4), (found.date_estimate, 2012.0)):
        low, high = estimate.interval(0.95)
        assert low <= truth <= high


def test_a_tripled_growth_is_mostly_found_although_years_are_alike(rng) -> None:
    found, series_count = 0, 40 if SOAK else 14
    for seed in range(series_count):
        dates, values = alike_years(rng, 0.6)
        found += fc.find_break(
            dates, values * 10.0 ** (0.2 * np.maximum(0, dates - 2012)), simulations=199, seed=seed
        ).found
    assert found >= 0.5 * series_count


def test_the_same_seed_gives_the_same_break(rng) -> None:
    series = alike_years(rng, 0.3)
    first, again = (fc.find_break(*series, seed=4) for _ in range(2))
    assert first.p_value == again.p_value
    np.testing.assert_array_equal(first.before.draws, again.before.draws)


def test_too_few_points_are_said() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="at least 12"):
        fc.find_break(np.arange(2000.0, 2008.0), np.arange(1.0, 9.0))


@pytest.mark.soak
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_the_error_rate_of_the_break_test_stays_at_its_level(rng, correlation: float) -> None:
    found = sum(
        fc.find_break(*alike_years(rng, correlation), simulations=399).found for _ in range(400)
    )
    assert found / 400 <= 0.08


@pytest.mark.soak
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_a_tripled_growth_in_the_middle_of_25_years_is_found_in_most_series(
    rng, correlation: float
) -> None:
    found = 0
    for seed in range(200):
        dates, values = alike_years(rng, correlation)
        found += fc.find_break(
            dates, values * 10.0 ** (0.2 * np.maximum(0, dates - 2012)), simulations=399, seed=seed
        ).found
    assert found / 200 >= 0.6
