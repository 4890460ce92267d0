"""Second opinions on a trend's errors: the figures of the GPUs, and what diagnostics find."""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.reporting.compute_cost_answers import diagnostic_words
from forecasting.trends.error_opinions import error_opinions


def test_the_errors_of_the_gpus_are_those_of_statsmodels_and_lie_within_ours() -> None:
    series = fc.price_series(fc.SeriesChoice("gpu"))
    opinions = error_opinions(series.dates, series.values)
    ranges = {each.kind: (round(each.low, 2), round(each.high, 2)) for each in opinions.opinions}
    assert ranges["plain"] == (1.28, 1.36)
    assert ranges["hac"] == (1.27, 1.38)
    assert ranges["by_year"] == (1.25, 1.40)
    low, high = fc.fit_trend(series.dates, series.values, seed=0).growth_per_year.interval(0.95)
    assert all(low <= a and b <= high for a, b in ranges.values())
    assert opinions.diagnostics.ljung_box_p < 0.001
    assert list(opinions.table["errors"]) == ["plain", "hac", "by_year", "robust", "median"]


def test_diagnostics_find_a_kink_and_correlation_and_nothing_where_there_is_none(rng) -> None:
    years = np.linspace(2000.0, 2020.0, 200)
    calm = error_opinions(years, 10 ** (0.1 * years - 200 + 0.1 * rng.standard_normal(200)))
    assert calm.diagnostics.ljung_box_p > 0.01
    assert calm.diagnostics.cusum_p > 0.01
    assert calm.diagnostics.sup_f < 2 * calm.diagnostics.critical_sup_f
    kinked = 0.1 * (years - 2000) + 0.3 * np.maximum(0, years - 2010)
    bent = error_opinions(years, 10 ** (kinked + 0.1 * rng.standard_normal(200)))
    assert bent.diagnostics.ljung_box_p < 1e-3
    assert bent.diagnostics.sup_f > 10 * bent.diagnostics.critical_sup_f
    assert bent.diagnostics.break_year == pytest.approx(2010, abs=2)
    assert "neighbouring residuals are correlated" in diagnostic_words(bent)[0]


def test_too_few_points_are_refused_with_their_count() -> None:
    years = np.arange(2010.0, 2016.0)
    with pytest.raises(fc.NotEnoughDataError, match="6"):
        error_opinions(years, 10 ** (0.1 * (years - 2010)))


def test_order_does_not_matter_and_points_on_a_line_are_no_error(rng) -> None:
    years = np.linspace(2010.0, 2020.0, 24)
    values = 2.0 ** (years - 2010)
    shuffled = rng.permutation(24)
    for opinions in (
        error_opinions(years, values),
        error_opinions(years[shuffled], values[shuffled]),
    ):
        assert opinions.opinions[0].growth_per_year == pytest.approx(2.0)


def test_the_line_of_the_best_tenth_is_the_frontier_that_is_fitted_here() -> None:
    series = fc.price_series(fc.SeriesChoice("gpu"))
    opinion = error_opinions(series.dates, series.values, quantile=0.9).opinions[-1]
    frontier = fc.fit_trend(series.dates, series.values, method="frontier")
    assert opinion.kind == "quantile"
    assert opinion.growth_per_year == pytest.approx(frontier.growth_per_year.value, rel=1e-3)
    with pytest.raises(fc.InputError, match="between 0 and 1"):
        error_opinions(series.dates, series.values, quantile=1.0)
