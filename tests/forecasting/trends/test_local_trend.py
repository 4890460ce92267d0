from __future__ import annotations

import numpy as np
import pytest

from forecasting.trends.local_trend import PAIRS, SHOCKS, TrendPrior, seen_by_year

FLAT = TrendPrior(-1.0, 0.5, tuple([1.0 / len(SHOCKS)] * len(SHOCKS)))


def series(rng: np.random.Generator, years: float = 20.0, a_year: int = 6):
    dates = 2000.0 + np.sort(rng.uniform(0.0, years, int(years * a_year)))
    return dates, 0.2 * (dates - 2000.0) + rng.normal(0.0, 0.3, dates.size)


def test_prior_weights_sum_to_one_and_follow_the_shares_of_shocks() -> None:
    weights = np.exp(FLAT.log_weights()).reshape(-1, len(SHOCKS))
    assert weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(weights.sum(axis=0), 1.0 / len(SHOCKS))


def test_with_no_change_of_growth_and_no_shocks_it_is_the_least_squares_line(
    rng: np.random.Generator,
) -> None:
    # A point a month: nothing is taken together.
    dates = 2000.0 + (np.arange(120) + 0.5) / 12
    logs = 0.2 * (dates - 2000.0) + rng.normal(0.0, 0.3, dates.size)
    now = seen_by_year(dates, logs, 0)[0]
    mean, _ = now.ahead(np.array([2012.0]))
    slope, level = np.polyfit(dates - 2005.0, logs, 1)
    # The smallest change of growth of the grid is not none: about a hundredth of the scatter.
    assert mean[0, 0] == pytest.approx(level + 7.0 * slope, abs=0.02)
    deviation = np.sqrt(np.sum((logs - level - slope * (dates - 2005.0)) ** 2) / 118)
    assert now.variance[0] ** 0.5 == pytest.approx(deviation, rel=0.02)


def test_what_was_known_in_earlier_years_does_not_depend_on_later_points(
    rng: np.random.Generator,
) -> None:
    dates, logs = series(rng)
    first = seen_by_year(dates, logs, 6)
    changed = logs.copy()
    changed[dates > dates[-1] - 1.9] += 1.0
    again = seen_by_year(dates, changed, 6)
    assert len(first) == len(again) == 7
    ahead = np.array([dates[-1] + 1.0])
    for one, other in zip(first[2:], again[2:], strict=True):
        assert one.known == other.known
        np.testing.assert_allclose(other.ahead(ahead)[0], one.ahead(ahead)[0], rtol=1e-6)


def test_growth_that_changed_is_followed_by_pairs_that_let_it_change(
    rng: np.random.Generator,
) -> None:
    dates = np.linspace(2000.0, 2020.0, 81)
    logs = np.where(dates < 2012.0, 0.3 * (dates - 2012.0), 0.0) + rng.normal(0.0, 0.05, 81)
    now = seen_by_year(dates, logs, 0)[0]
    log = FLAT.log_weights() + now.evidence
    weight = np.exp(log - log.max())
    growth = float(weight @ now.state[1] / weight.sum())
    assert abs(growth) < 0.08 < np.polyfit(dates, logs, 1)[0]


def test_variances_grow_with_the_years_ahead(rng: np.random.Generator) -> None:
    now = seen_by_year(*series(rng), 0)[0]
    _, variance = now.ahead(now.last + np.array([1.0, 3.0, 10.0, 30.0]))
    assert variance.shape == (PAIRS, 4)
    assert (np.diff(variance, axis=1) > 0.0).all()


def test_the_covariance_of_now_and_now_is_the_variance(rng: np.random.Generator) -> None:
    now = seen_by_year(*series(rng), 0)[0]
    here = np.array([now.last, now.last])
    np.testing.assert_allclose(now.between(here), now.ahead(here)[1][:, 0], rtol=1e-6)


def test_a_series_of_equal_values_and_one_of_five_points_have_finite_forecasts() -> None:
    for dates in (np.linspace(2000.0, 2010.0, 40), np.linspace(2020.0, 2020.3, 5)):
        now = seen_by_year(dates, np.zeros(dates.size), 0)[0]
        mean, variance = now.ahead(np.array([dates[-1] + 1.0]))
        assert np.isfinite(mean).all()
        assert np.isfinite(variance).all()
