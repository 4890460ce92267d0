"""What perfect bands would reach: the same forecasts as the filter's, the coverage they promise."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.errors import NotEnoughDataError
from forecasting.evaluation.backtest import CutOffs
from forecasting.evaluation.band_ceiling import (
    Goal,
    IdealErrors,
    Law,
    _forecast,
    ideal_errors,
    likely_laws,
    share_meeting,
)
from forecasting.trends.local_trend import GROWTH_CHANGES, PAIRS, SHOCKS, seen_by_year
from forecasting.trends.pooled_trend import PooledSettings

GOAL = Goal("80% bands hold 75–85%", 0.8, 0.75, 0.85)


@pytest.mark.parametrize("pair", range(0, PAIRS, 7))
def test_the_ideal_forecast_is_that_of_the_filter_with_the_same_law(pair: int) -> None:
    rng = np.random.default_rng(pair)
    years = 2000.0 + np.cumsum(rng.uniform(0.2, 0.9, 24))
    values = rng.standard_normal(24)
    law = Law(float(GROWTH_CHANGES[pair // len(SHOCKS)]), *SHOCKS[pair % len(SHOCKS)])
    basis = np.stack([np.ones(24), years - years[0]], axis=1)
    middle, deviation = _forecast(law.covariance(years), basis, 18, 24, values[:18, None])
    seen = seen_by_year(years[:18], values[:18], 0)[0]
    means, variances = seen.ahead(years[18:])
    np.testing.assert_allclose(middle[:, 0], means[pair], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(deviation**2, variances[pair] / seen.variance[pair] + 1.0, rtol=1e-3)


@pytest.mark.parametrize(
    "law", [Law(0.0, 0.0, 0.7), Law(0.3, 0.3, 0.7), Law(0.1, 0.1, np.inf)], ids=str
)
def test_perfect_bands_hold_what_they_promise_on_average_over_series(law: Law) -> None:
    years = np.linspace(2000.0, 2012.0, 60)
    errors = ideal_errors(years, law, CutOffs(), 4000, np.random.default_rng(0))
    for level in (0.5, 0.8, 0.95):
        assert errors.held(level).mean() == pytest.approx(level, abs=0.01)


def test_even_perfect_bands_miss_a_goal_on_many_series_of_few_points_and_shared_errors() -> None:
    rng = np.random.default_rng(0)
    few = ideal_errors(np.linspace(2000, 2012, 45), Law(0.1, 0.1, np.inf), CutOffs(), 500, rng)
    many = ideal_errors(np.linspace(2000, 2012, 900), Law(0.0, 0.0, 0.7), CutOffs(), 500, rng)
    assert share_meeting(GOAL, [few]) < 0.45
    assert share_meeting(GOAL, [many]) > 0.95
    assert share_meeting(GOAL, [few, many]) == pytest.approx(
        (share_meeting(GOAL, [few]) + share_meeting(GOAL, [many])) / 2
    )


def test_series_without_points_so_far_ahead_are_left_out() -> None:
    near = IdealErrors(np.zeros((5, 4)), np.array([0.5, 1.0, 1.5, 2.0]))
    far = IdealErrors(np.array([[0.0, 0.0, 0.0, 0.0, 3.0]]), np.full(5, 2.5))
    goal = Goal("beyond two years 75–85%", 0.8, 0.75, 0.85, beyond_years=2.0)
    assert np.isnan(near.held(0.8, 2.0)).all()
    assert share_meeting(goal, [near, far]) == 1.0
    assert np.isnan(share_meeting(goal, [near]))


def test_likely_laws_are_those_of_the_series() -> None:
    rng = np.random.default_rng(1)
    years = np.linspace(2000.0, 2020.0, 200)
    prior = PooledSettings().prior
    straight = rng.standard_normal(200)
    walking = np.cumsum(3.0 * rng.standard_normal(200)) + rng.standard_normal(200)
    of_straight, of_walking = (
        np.mean([law.shock for law in likely_laws(years, logs, prior, 50, rng)])
        for logs in (straight, walking)
    )
    assert of_straight < 0.1 < 5.0 < of_walking


def test_a_series_too_short_to_judge_is_refused() -> None:
    with pytest.raises(NotEnoughDataError):
        ideal_errors(
            np.linspace(2000.0, 2005.0, 12),
            Law(0.1, 0.1, 0.7),
            CutOffs(),
            5,
            np.random.default_rng(0),
        )
