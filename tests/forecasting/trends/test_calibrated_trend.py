from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.trends.calibrated_trend import calibrated_forecast
from forecasting.trends.drifting_line import fit_drifting_line
from forecasting.trends.past_errors import ErrorSettings, widening
from tests.examples import examples

LEVELS = np.linspace(0.02, 0.98, 25)


@st.composite
def series(draw):
    """A dated series: drift, noise and years of many points and of none."""
    seed = draw(st.integers(0, 10_000))
    count = draw(st.integers(8, 60))
    span = draw(st.floats(2.0, 60.0))
    rng = np.random.default_rng(seed)
    dates = 1990.0 + np.sort(rng.uniform(0, span, count))
    logs = draw(st.floats(-0.5, 1.0)) * (dates - 1990) + draw(st.floats(0.0, 1.0)) * rng.standard_t(
        4, count
    )
    return dates, 10.0**logs


def same(here: np.ndarray, there: np.ndarray) -> None:
    """The same quantiles, but for the one draw in a thousand that rounding may hand to another pair
    of variances.
    """
    one, other = (
        np.quantile(draws, (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95), axis=0)
        for draws in (here, there)
    )
    np.testing.assert_allclose(other, one, atol=5e-3 * (1e-6 + np.ptp(one)))


@given(series=series(), kind=st.sampled_from(["trend", "observation"]))
def test_quantiles_never_cross_and_bands_widen_with_level_and_horizon(series, kind) -> None:
    dates, values = series
    ahead = dates.max() + np.linspace(0.0, 40.0, 33)
    quantiles = fc.fit_trend(dates, values, replicates=20).forecast(ahead, kind).quantile(LEVELS)
    logs = np.log10(quantiles[:, ((quantiles > 1e-300) & (quantiles < 1e300)).all(axis=0)])
    assert (np.diff(logs, axis=0) >= -1e-9).all()
    for low, high in ((0, -1), (3, -4), (8, -9)):
        width = logs[high] - logs[low]
        assert (np.diff(width) >= -1e-6 * (1 + width[:-1])).all()


@given(series=series(), years=st.floats(-300.0, 300.0))
@examples(quick=8, soak=700)
def test_shifting_the_dates_shifts_the_forecast(series, years: float) -> None:
    dates, values = series
    ahead = dates.max() + np.array([0.5, 3.0, 10.0])
    here = calibrated_forecast(dates, np.log10(values)).draws(ahead, "observation")
    there = calibrated_forecast(dates + years, np.log10(values)).draws(ahead + years, "observation")
    same(here, there)


@given(series=series(), factor=st.floats(1e-12, 1e12))
@examples(quick=8, soak=700)
def test_other_units_rescale_the_forecast(series, factor: float) -> None:
    dates, values = series
    ahead = dates.max() + np.array([0.5, 3.0, 10.0])
    here = calibrated_forecast(dates, np.log10(values)).draws(ahead, "trend")
    there = calibrated_forecast(dates, np.log10(values * factor)).draws(ahead, "trend")
    same(here, there - np.log10(factor))


@given(series=series())
@examples(quick=8, soak=700)
def test_the_order_of_points_does_not_matter(series) -> None:
    dates, values = series
    order = np.random.default_rng(1).permutation(dates.size)
    ahead = np.array([dates.max() + 2.0])
    one, other = (
        calibrated_forecast(d, np.log10(v)).draws(ahead, "observation")
        for d, v in ((dates, values), (dates[order], values[order]))
    )
    np.testing.assert_array_equal(one, other)


def test_points_on_one_line_are_drawn_on() -> None:
    dates = np.linspace(2000, 2020, 41)
    trend = fc.fit_trend(dates, 2.0 ** (dates - 2000))
    assert trend.forecast([2030.0]).median == pytest.approx(2.0**30, rel=1e-2)
    assert trend.growth_ahead_per_year.value == pytest.approx(2.0, rel=1e-3)


def test_a_slope_that_has_changed_for_good_is_followed(rng: np.random.Generator) -> None:
    dates = np.sort(rng.uniform(2000, 2020, 200))
    logs = np.where(dates < 2012, 0.1 * (dates - 2000), 1.2 + 0.5 * (dates - 2012)) + rng.normal(
        0, 0.1, dates.size
    )
    ahead = fc.fit_trend(dates, 10.0**logs).growth_ahead_per_year
    assert np.log10(ahead.value) == pytest.approx(0.5, abs=0.05)
    assert np.log10(fc.fit_trend(dates, 10.0**logs, method="ols").growth_per_year.value) < 0.35


def test_the_past_is_told_by_the_least_squares_line(rng: np.random.Generator) -> None:
    dates = np.sort(rng.uniform(2000, 2020, 80))
    values = 10 ** (0.3 * (dates - 2000) + rng.normal(0, 0.3, dates.size))
    calibrated, plain = (fc.fit_trend(dates, values, method=name) for name in ("calibrated", "ols"))
    assert calibrated.growth_per_year.interval(0.95) == plain.growth_per_year.interval(0.95)
    assert plain.growth_ahead_per_year.value == plain.growth_per_year.value


def test_bands_widen_after_errors_and_are_not_narrowed_after_quiet_years(
    rng: np.random.Generator,
) -> None:
    dates = np.sort(rng.uniform(2000, 2020, 200))
    calm = 0.3 * (dates - 2000) + rng.normal(0, 0.1, dates.size)
    # Twice turned around within the last years: forecasts made before were wrong.
    shaken = calm + np.where(dates > 2017, 1.5, 0.0) - np.where(dates > 2019, 3.0, 0.0)
    quiet, loud = widening(dates, calm), widening(dates, shaken)
    assert quiet.observation == pytest.approx(ErrorSettings().start, rel=0.15)
    assert quiet.observation >= ErrorSettings().start
    assert loud.observation > 1.2
    assert loud.trend > 1.2
    assert loud.years >= 10


def test_without_earlier_forecasts_the_bands_stay_as_they_are() -> None:
    dates = np.linspace(2020, 2022, 12)
    assert widening(dates, np.linspace(0, 1, 12)).years == 0
    assert widening(dates, np.linspace(0, 1, 12)).observation == ErrorSettings().start


def test_lines_for_projections_go_through_the_last_point_with_the_growth_ahead(
    rng: np.random.Generator,
) -> None:
    dates = np.sort(rng.uniform(2000, 2020, 100))
    trend = fc.fit_trend(dates, 10 ** (0.2 * (dates - 2000) + rng.normal(0, 0.1, 100)))
    levels, slopes = trend.draw_lines(2000, rng)
    at_last = levels + slopes * (dates.max() - trend.reference_year)
    assert np.median(at_last) == pytest.approx(0.2 * (dates.max() - 2000), abs=0.1)
    assert np.median(slopes) == pytest.approx(0.2, abs=0.03)
    trend_ahead = np.log10(trend.forecast([dates.max() + 5.0], "trend").quantile([0.1, 0.9]))
    lines_ahead = np.quantile(at_last + 5.0 * slopes, [0.1, 0.9])
    np.testing.assert_allclose(lines_ahead, trend_ahead[:, 0], atol=0.15)


def test_the_share_of_coverage_on_made_up_series_is_near_nominal() -> None:
    """Where the model is true, 80% bands hold about 80% of new points."""
    hits = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        dates = np.sort(rng.uniform(2000, 2015, 60))
        later = rng.uniform(2015, 2020, 20)
        slope = rng.normal(0.3, 0.1)
        values, came = (slope * (d - 2000) + rng.normal(0, 0.3, d.size) for d in (dates, later))
        low, high = np.quantile(
            calibrated_forecast(dates, values).draws(later, "observation"), (0.1, 0.9), axis=0
        )
        hits.append(((came >= low) & (came <= high)).mean())
    assert 0.75 <= np.mean(hits) <= 0.90


def test_the_weights_of_the_variances_sum_to_one(tables) -> None:
    table = tables["gpu_prices"]
    line = fit_drifting_line(
        np.linspace(2006, 2021, len(table)), np.log10(table["fp32_flop_per_s"].to_numpy())
    )
    assert line.weight.sum() == pytest.approx(1.0)
    assert (np.linalg.eigvalsh(line.covariance) > -1e-12).all()
