"""The parts that fit_trend is made of: each estimator against a plain reference, records, calendar
blocks and their likeness.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.stats.least_squares import least_squares_lines
from forecasting.stats.record_setters import running_best, running_top
from forecasting.trends.block_bootstrap import (
    block_weights,
    calendar_blocks,
    likeness_of_neighbours,
)
from forecasting.trends.quantile_line import check_loss, quantile_line, quantile_lines
from forecasting.trends.robust_line import robust_line, robust_lines
from tests.examples import SOAK
from tests.forecasting.trends.test_trend import alike_years


@pytest.fixture
def points(rng):
    """120 points with heavy tails over 20 years, centred dates."""
    t = np.sort(rng.uniform(-10, 10, 120))
    return t, 0.3 + 0.1 * t + 0.3 * rng.standard_t(3, 120)


@pytest.fixture
def weights(rng, points):
    return block_weights(rng, calendar_blocks(points[0] + 2010), 12)


def repeated(points, weight) -> tuple[np.ndarray, np.ndarray]:
    """The points as often as the weight says: what a weighted fit must agree with."""
    times = weight.astype(int)
    return np.repeat(points[0], times), np.repeat(points[1], times)


def test_weighted_least_squares_is_a_fit_to_repeated_points(points, weights) -> None:
    intercepts, slopes = least_squares_lines(*points, weights)
    for weight, intercept, slope in zip(weights, intercepts, slopes, strict=True):
        np.testing.assert_allclose(
            np.polyfit(*repeated(points, weight), 1), [slope, intercept], rtol=1e-9
        )


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_batched_frontiers_are_as_good_as_the_exact_frontier_of_repeated_points(
    points, weights, quantile: float
) -> None:
    intercepts, slopes = quantile_lines(
        *points, weights, quantile, quantile_line(*points, quantile)
    )
    for weight, intercept, slope in zip(weights, intercepts, slopes, strict=True):
        t, y = repeated(points, weight)
        level, growth = quantile_line(t, y, quantile)
        assert check_loss(y - intercept - slope * t, quantile) == pytest.approx(
            check_loss(y - level - growth * t, quantile), rel=2e-6
        )


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(-20, 20)), min_size=5, max_size=18).filter(
        lambda p: len({t for t, _ in p}) > 1
    ),
    st.sampled_from([0.1, 0.25, 0.5, 0.9]),
)
def test_no_line_through_two_points_has_a_lower_loss_than_the_frontier(
    points, quantile: float
) -> None:
    t, y = np.array(points, dtype=float).T
    t = t - t.mean()
    level, slope = quantile_line(t, y, quantile)
    ours = check_loss(y - level - slope * t, quantile)
    first, second = np.triu_indices(t.size, 1)
    apart = t[first] != t[second]
    slopes = (y[second] - y[first])[apart] / (t[second] - t[first])[apart]
    levels = y[first][apart] - slopes * t[first][apart]
    best = min(check_loss(y - a - b * t, quantile) for a, b in zip(levels, slopes, strict=True))
    assert ours <= best * (1 + 1e-9) + 1e-12


def test_the_robust_line_is_that_of_statsmodels_with_heavy_tails(points) -> None:
    import statsmodels.api as sm

    t, y = points
    level, slope, scale = robust_line(t, y)
    reference = sm.RLM(y, sm.add_constant(t), M=sm.robust.norms.HuberT()).fit(
        tol=1e-12, maxiter=500
    )
    np.testing.assert_allclose(
        [level, slope, scale], [*reference.params, reference.scale], atol=1e-7
    )


def test_one_wild_point_moves_the_robust_line_little_and_least_squares_a_lot(points) -> None:
    t, y = points
    wild = y.copy()
    wild[-1] += 100.0
    assert abs(robust_line(t, wild)[1] - robust_line(t, y)[1]) < 0.01
    ones = np.ones((1, t.size))
    assert (
        abs(least_squares_lines(t, wild, ones)[1][0] - least_squares_lines(t, y, ones)[1][0]) > 0.1
    )


def test_equal_weights_give_the_line_of_all_points(points) -> None:
    t, y = (
        points[0][1:],
        points[1][1:],
    )  # an odd number, so that the median is one of the points under weights too
    level, slope, _ = robust_line(t, y)
    levels, slopes = robust_lines(t, y, np.ones((1, t.size)), (level, slope))
    np.testing.assert_allclose([levels[0], slopes[0]], [level, slope], atol=1e-4)


dated = st.lists(st.tuples(st.integers(2000, 2008), st.integers(1, 9)), min_size=1, max_size=40)


@given(dated, st.integers(1, 12))
def test_the_running_top_counts_larger_values_dated_on_or_before_each_row(rows, count: int) -> None:
    dates, values = np.array(rows, dtype=float).T
    larger = ((dates[None, :] <= dates[:, None]) & (values[None, :] > values[:, None])).sum(axis=1)
    np.testing.assert_array_equal(running_top(dates, values, count), larger <= count - 1)


@given(dated)
def test_a_record_beats_every_earlier_row_and_is_the_first_best_of_its_date(rows) -> None:
    dates, values = np.array(rows, dtype=float).T
    for best, score in (("highest", values), ("lowest", -values)):
        expected = [
            all(
                score[i] > score[j]
                for j in range(len(rows))
                if dates[j] < dates[i] or (dates[j] == dates[i] and j < i)
            )
            and all(score[i] >= score[j] for j in range(len(rows)) if dates[j] == dates[i])
            for i in range(len(rows))
        ]
        np.testing.assert_array_equal(running_best(dates, values, best), expected)


def test_a_falling_series_has_its_records_at_the_low_end() -> None:
    dates = np.arange(2000.0, 2020.0)
    values = 2.0 ** -(dates - 2000)
    assert fc.fit_trend(
        dates, values, method="record", best="lowest"
    ).halving_time_years.value == pytest.approx(1.0)
    with pytest.raises(fc.NotEnoughDataError, match="Only 1 point is left"):
        fc.fit_trend(dates, values, method="record")


@pytest.mark.parametrize(
    ("span", "period"), [(8.0, "years"), (2.0, "quarters"), (0.6, "months"), (0.05, "days")]
)
def test_blocks_are_the_longest_calendar_periods_of_which_there_are_five(
    span: float, period: str
) -> None:
    blocks = calendar_blocks(np.linspace(2020.01, 2020.01 + span, 30))
    assert blocks.period == period
    assert blocks.count >= 5


def test_points_on_four_days_are_too_few_for_blocks() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="Only 4 points"):
        calendar_blocks(np.repeat([2020.0, 2020.1, 2020.2, 2020.3], 3))


def test_every_replicate_draws_as_many_years_as_there_are_and_three_different_ones(rng) -> None:
    blocks = calendar_blocks(np.arange(2000.0, 2005.0))
    drawn = block_weights(rng, blocks, 2000)
    assert (drawn.sum(axis=1) == 5).all()
    assert (np.count_nonzero(drawn, axis=1) >= 3).all()


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_the_likeness_of_years_is_found_without_the_bias_of_fitting(
    rng, correlation: float
) -> None:
    found = []
    for _ in range(120):
        dates, values = alike_years(rng, correlation)
        t, y = dates - dates.mean(), np.log10(values)
        slope, level = np.polyfit(t, y, 1)
        found.append(
            likeness_of_neighbours(t, y - level - slope * t, calendar_blocks(dates)).correlation
        )
    assert np.median(found) == pytest.approx(correlation, abs=0.15)


def test_intervals_of_alike_years_hold_the_truth_and_textbook_ones_do_not(rng) -> None:
    held = textbook = 0
    series_count = 100 if SOAK else 30
    for seed in range(series_count):
        series = alike_years(rng, 0.6)
        low, high = fc.fit_trend(*series, replicates=200, seed=seed).slope_oom_per_year.interval(
            0.9
        )
        held += low <= 0.1 <= high
        low, high = fc.fit_trend(*series, errors="independent").slope_oom_per_year.interval(0.9)
        textbook += low <= 0.1 <= high
    assert held >= 0.82 * series_count
    assert textbook <= 0.70 * series_count


def test_forecasts_beyond_the_largest_number_are_infinite_without_a_warning() -> None:
    dates = np.arange(2000.0, 2020.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ahead = fc.fit_trend(dates, 10.0 ** (2 * (dates - 2000))).forecast([2400.0])
        assert np.isinf(ahead.median[0])
        assert np.isinf(ahead.draws).all()


@pytest.mark.parametrize("last_year", [1950, 1955, 1960, 1965, 1970, 1975, 1980])
def test_the_frontier_of_few_and_uneven_points_is_finite(last_year: int) -> None:
    table = fc.bundled()["computing_cost_1857_2001"]
    inside = table[(table["year"] >= 1900) & (table["year"] <= last_year)]
    trend = fc.fit_trend(
        inside["year"].to_numpy(),
        inside["usd_per_million_ops"].to_numpy(),
        method="frontier",
        best="lowest",
        seed=0,
    )
    low, high = trend.growth_per_year.interval(0.95)
    assert 0.5 < low < trend.growth_per_year.value < high < 1.0
