"""Trends of statsmodels: the figures of its own forecasts, open years, and bad input."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import forecasting as fc
from forecasting.trends.state_space import (
    STATE_SPACE_METHODS,
    StateSpaceMethod,
    _by_year,
    _exponential_smoothing,
    state_space_forecast,
)

YEARS = np.arange(2000.5, 2020.0)


def walk(rng: np.random.Generator) -> np.ndarray:
    slopes = 0.1 + np.cumsum(0.02 * rng.standard_normal(YEARS.size))
    return np.cumsum(slopes) + 0.05 * rng.standard_normal(YEARS.size)


def test_the_local_linear_trend_is_that_of_statsmodels(rng) -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    logs = walk(rng)
    ours = state_space_forecast("local_linear_trend", YEARS, logs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = UnobservedComponents(logs, "lltrend").fit(disp=False).get_forecast(5)
    draws = ours.draws(YEARS[-1] + np.arange(1.0, 6.0), "observation")
    np.testing.assert_allclose(draws.mean(axis=0), theirs.predicted_mean, atol=0.01)
    np.testing.assert_allclose(draws.std(axis=0), np.sqrt(theirs.var_pred_mean), rtol=0.05)


@pytest.mark.parametrize("is_damped", [False, True])
def test_exponential_smoothing_is_as_likely_as_that_of_statsmodels_for_whole_series(
    is_damped: bool, rng
) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    logs = walk(rng)
    values = (logs - logs[0]) / 0.1
    method: StateSpaceMethod = "damped_ets" if is_damped else "ets"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = _exponential_smoothing(method, values)
        model = ETSModel(pd.Series(values), error="add", trend="add", damped_trend=is_damped)
        theirs = model.fit(disp=False)
    assert ours.llf > theirs.llf - 0.05
    draws = state_space_forecast(method, YEARS, values * 0.1).draws(
        YEARS[-1] + np.arange(1.0, 6.0), "observation"
    )
    expected = ours.get_forecast(6)
    np.testing.assert_allclose(draws.mean(axis=0), 0.1 * expected.predicted_mean[:5], atol=0.05)
    # Of a first level and slope that are not known, bands are somewhat wider.
    ratio = draws.std(axis=0) / (0.1 * np.sqrt(expected.var_pred_mean[:5]))
    assert np.all((ratio > 1.0) & (ratio < 1.5))


def test_a_trend_that_stands_has_the_band_of_a_line(rng) -> None:
    """Noise about a line: no walk is found, and the slope is as well known as by least squares."""
    logs = 0.1 * YEARS + 0.2 * rng.standard_normal(YEARS.size)
    ets = fc.fit_trend(YEARS, 10 ** (logs - 200), method="ets").growth_ahead_per_year
    line = fc.fit_trend(YEARS, 10 ** (logs - 200), method="ols", errors="independent")
    low, high = np.log10(ets.interval(0.8))
    first, last = np.log10(line.growth_per_year.interval(0.8))
    assert high - low == pytest.approx(last - first, rel=0.15)


@pytest.mark.parametrize("method", STATE_SPACE_METHODS)
def test_years_without_a_point_stay_open_and_widen_the_band_within_them(
    method: StateSpaceMethod,
) -> None:
    has_point = np.ones(YEARS.size, dtype=bool)
    has_point[8:13] = False
    logs = walk(np.random.default_rng(0))
    fitted = state_space_forecast(method, YEARS[has_point], logs[has_point])
    np.testing.assert_array_equal(fitted.has_points, has_point)
    assert fitted.variance[10] > 2.0 * fitted.variance[4]


@pytest.mark.parametrize("method", STATE_SPACE_METHODS)
def test_bands_widen_with_the_horizon_and_are_wider_for_a_new_point(method: str) -> None:
    series = fc.price_series(fc.SeriesChoice("gpu"))
    trend = fc.fit_trend(series.dates, series.values, method=method)
    years = np.array([2022.0, 2025.0, 2030.0])
    widths = {}
    for kind in ("trend", "observation"):
        low, high = np.log10(trend.forecast(years, kind=kind).quantile([0.1, 0.9]))
        widths[kind] = high - low
        assert np.all(np.diff(widths[kind]) >= 0.0)
    assert np.all(widths["observation"] > widths["trend"])
    # The growth of the past is that of the line through the points, whatever is forecast.
    plain = fc.fit_trend(series.dates, series.values, method="ols")
    assert trend.growth_per_year.value == plain.growth_per_year.value
    assert 1.1 < trend.growth_ahead_per_year.value < 1.6


@pytest.mark.parametrize("method", STATE_SPACE_METHODS)
def test_lines_agree_with_the_forecast_of_the_trend(method: StateSpaceMethod, rng) -> None:
    fitted = state_space_forecast(method, YEARS, walk(rng))
    levels, slopes = fitted.lines(4000, rng)
    for since in (0.0, 5.0):
        drawn = fitted.draws(np.array([fitted.origin + since]), "trend")[:, 0]
        lines = levels + since * slopes
        assert lines.mean() == pytest.approx(drawn.mean(), abs=0.02)
        assert lines.std() == pytest.approx(drawn.std(), rel=0.15, abs=0.01)


@pytest.mark.parametrize("method", STATE_SPACE_METHODS)
def test_units_and_order_do_not_matter_and_a_perfect_line_goes_on(method: str, rng) -> None:
    logs, order = walk(rng), rng.permutation(YEARS.size)
    one = fc.fit_trend(YEARS, 10**logs, method=method).forecast([2023.0]).median
    many = fc.fit_trend(YEARS[order], 1e6 * 10 ** logs[order], method=method)
    assert many.forecast([2023.0]).median / 1e6 == pytest.approx(one, rel=1e-3)
    line = fc.fit_trend(YEARS, 2.0 ** (YEARS - 2000), method=method).forecast([2025.0])
    # A damped trend dies down by 2% a year at the least.
    least = 24.4 if method == "damped_ets" else 24.95
    assert least < math.log2(line.median[0]) < 25.05


def test_points_of_few_years_are_refused_with_their_count() -> None:
    years = np.linspace(2020.0, 2022.9, 40)
    with pytest.raises(fc.NotEnoughDataError, match="3 years with points are known, 5 are needed"):
        fc.fit_trend(years, 2.0 ** (years - 2020), method="ets")


def test_points_of_a_year_count_as_their_median_at_the_mean_time_of_year() -> None:
    annual = np.arange(2010.0, 2020.0)
    dates, medians, spread = _by_year(annual, 0.1 * (annual - 2010))
    np.testing.assert_allclose(dates, annual)
    np.testing.assert_allclose(medians, 0.1 * (annual - 2010), atol=1e-12)
    assert spread == pytest.approx(0.0, abs=1e-12)
    many = np.linspace(2010.0, 2019.99, 1000)
    dates, medians, _ = _by_year(many, 0.1 * (many - 2010))
    assert dates[-1] == pytest.approx(2019.49, abs=0.01)
    np.testing.assert_allclose(medians, 0.1 * (dates - 2010), atol=1e-6)


def test_statsmodels_is_imported_by_the_first_such_fit_and_not_before() -> None:
    code = (
        "import sys, numpy as np, forecasting as fc; fc.price_trend(fc.CostScenario());"
        " y = np.arange(2000., 2012.); print('statsmodels' in sys.modules);"
        " fc.fit_trend(y, 1.3**y, method='local_linear_trend'); print('statsmodels' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
