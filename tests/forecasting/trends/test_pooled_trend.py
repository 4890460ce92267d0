from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.trends.calibrated_trend import calibrated_forecast
from forecasting.trends.pooled_trend import (
    OwnErrors,
    PooledSettings,
    YearlyErrors,
    few_points_factor,
    pooled_forecast,
)

DATES = 2000.0 + np.arange(80) / 4.0


def logs_of(rng: np.random.Generator) -> np.ndarray:
    return 0.15 * (DATES - 2000.0) + rng.normal(0.0, 0.2, DATES.size)


@pytest.mark.parametrize("kind", ["trend", "observation"])
def test_quantiles_never_cross_and_bands_widen_with_the_years_ahead(kind, rng) -> None:
    ahead = DATES[-1] + np.linspace(0.0, 40.0, 41)
    draws = pooled_forecast(DATES, logs_of(rng)).draws(ahead, kind)
    assert draws.shape == (999, 41)
    assert (np.diff(draws, axis=0) >= -1e-9).all()
    for low in (24, 99, 249):
        assert (np.diff(draws[-1 - low] - draws[low]) >= -1e-9).all()


def test_it_is_the_mean_of_two_forecasts_quantile_by_quantile(rng) -> None:
    logs, ahead = logs_of(rng), DATES[-1] + np.array([1.0, 4.0])
    half = pooled_forecast(DATES, logs).draws(ahead, "observation")
    own = pooled_forecast(DATES, logs, replace(PooledSettings(), share=1.0))
    other = calibrated_forecast(DATES, logs).draws(ahead, "observation")
    np.testing.assert_allclose(half, 0.5 * (own.draws(ahead, "observation") + other))
    none = pooled_forecast(DATES, logs, replace(PooledSettings(), share=0.0))
    np.testing.assert_array_equal(none.draws(ahead, "observation"), other)


def test_few_points_widen_bands_about_the_same_middle_and_thirty_do_not() -> None:
    assert few_points_factor(10) == pytest.approx(1.3161, abs=1e-4)
    assert few_points_factor(20) == pytest.approx(1.1067, abs=1e-4)
    assert few_points_factor(30) == few_points_factor(400) == 1.0


@pytest.mark.parametrize("kind", ["trend", "observation"])
def test_the_bands_of_a_short_series_are_the_mean_of_two_forecasts_widened(kind, rng) -> None:
    years = np.arange(2010.0, 2020.0)
    logs = 0.2 * (years - 2010.0) + rng.normal(0.0, 0.1, years.size)
    ahead = np.array([2020.5, 2023.0])
    short = pooled_forecast(years, logs)
    widened = short.draws(ahead, kind)
    other = calibrated_forecast(years, logs).draws(ahead, kind)
    own = short._local(ahead - 2019.0, kind)
    mean = 0.5 * (own + other)
    np.testing.assert_allclose(widened[499], mean[499])
    np.testing.assert_allclose(
        widened[899] - widened[99], few_points_factor(10) * (mean[899] - mean[99])
    )


def test_lines_of_a_short_series_spread_as_its_bands_do(rng) -> None:
    years = np.arange(2010.0, 2020.0)
    logs = 0.2 * (years - 2010.0) + rng.normal(0.0, 0.1, years.size)
    forecast = pooled_forecast(years, logs)
    levels, _ = forecast.lines(4000, np.random.default_rng(1))
    drawn = np.subtract(*np.quantile(levels, [0.9, 0.1]))
    band = forecast.draws(np.array([2019.0]), "trend")
    assert drawn == pytest.approx(float(band[899, 0] - band[99, 0]), rel=0.02)


def test_other_dates_units_and_orders_move_the_forecast_only(rng) -> None:
    logs, ahead = logs_of(rng), np.array([0.5, 3.0, 10.0])
    here = pooled_forecast(DATES, logs).draws(DATES[-1] + ahead, "observation")
    order = rng.permutation(DATES.size)
    for years, values, moved in (
        (DATES + 100.0, logs, 0.0),
        (DATES, logs + 5.0, 5.0),
        (DATES[order], logs[order], 0.0),
    ):
        there = pooled_forecast(years, values).draws(years.max() + ahead, "observation")
        np.testing.assert_allclose(there - moved, here, atol=5e-3)


def test_the_band_of_the_past_goes_over_into_that_of_the_future_without_a_jump(rng) -> None:
    forecast = pooled_forecast(DATES, logs_of(rng))
    years = DATES[-1] + np.linspace(-2.0, 1.0, 301)
    for kind in ("trend", "observation"):
        middle = forecast.draws(years, kind)[499]
        assert np.abs(np.diff(middle)).max() < 0.03


def test_lines_have_the_spread_of_the_forecast(rng) -> None:
    forecast = pooled_forecast(DATES, logs_of(rng))
    levels, slopes = forecast.lines(999, np.random.default_rng(1))
    end = forecast.draws(np.array([DATES[-1] + 5.0]), "trend")[:, 0]
    assert np.median(levels + 5.0 * slopes) == pytest.approx(np.median(end), abs=0.05)
    drawn, banded = (np.ptp(np.quantile(x, (0.1, 0.9))) for x in (levels + 5.0 * slopes, end))
    assert drawn == pytest.approx(banded, rel=0.35)


def test_bands_widen_after_years_that_were_far_off_and_narrow_after_quiet_ones() -> None:
    errors, none = OwnErrors(), np.zeros((2, 6))
    full = np.full((2, 6), 3.0)
    assert YearlyErrors(none, none).factors(errors).observation == 1.0
    assert YearlyErrors(4.0 * full, full).factors(errors).observation > 1.5
    assert 0.6 <= YearlyErrors(0.1 * full, full).factors(errors).observation < 0.8
    assert YearlyErrors(16.0 * full, full).factors(errors).trend == errors.most


def test_a_bend_in_the_last_years_widens_the_bands_of_the_series(rng) -> None:
    straight = logs_of(rng)
    bent = straight + np.where(DATES > 2017.0, 0.6 * (DATES - 2017.0), 0.0)
    plain, widened = (pooled_forecast(DATES, each).factors for each in (straight, bent))
    assert widened.observation > plain.observation
    assert widened.trend > plain.trend
