from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

import forecasting as fc
from forecasting.evaluation.forecast_scores import crps_of_draws, crps_of_student, share_of


def test_the_score_of_draws_agrees_with_a_well_kept_library(rng: np.random.Generator) -> None:
    library = pytest.importorskip("scoringrules")
    draws, came = rng.normal(size=(101, 40)), rng.normal(size=40)
    expected = library.crps_ensemble(came, draws.T, estimator="nrg")
    np.testing.assert_allclose(crps_of_draws(draws, came), expected, rtol=1e-10)


def test_the_closed_form_of_students_t_agrees_with_a_well_kept_library(
    rng: np.random.Generator,
) -> None:
    library = pytest.importorskip("scoringrules")
    centre, scale, came = rng.normal(size=30), rng.uniform(0.1, 2, 30), rng.normal(size=30)
    np.testing.assert_allclose(
        crps_of_student(centre, scale, 7.0, came),
        library.crps_t(came, 7.0, centre, scale),
        rtol=1e-9,
    )


def test_many_draws_reach_the_closed_form(rng: np.random.Generator) -> None:
    shares = (np.arange(20_000) + 0.5) / 20_000
    draws = np.repeat(stdtrit(5, shares)[:, None], 4, axis=1)
    came = np.array([-3.0, 0.0, 0.5, 2.0])
    np.testing.assert_allclose(
        crps_of_draws(draws, came), crps_of_student(np.zeros(4), np.ones(4), 5.0, came), rtol=2e-3
    )


def test_one_draw_scores_its_distance() -> None:
    np.testing.assert_allclose(
        crps_of_draws(np.array([[1.0, 2.0]]), np.array([3.0, 2.0])), [2.0, 0.0]
    )


def test_the_error_of_a_share_grows_when_points_come_in_few_blocks(
    rng: np.random.Generator,
) -> None:
    hits = rng.random(200) < 0.8
    many = share_of(hits, np.arange(200))
    few = share_of(np.sort(hits), np.arange(200) // 40)
    assert many.value == few.value
    assert few.high - few.low > 2 * (many.high - many.low)
    assert share_of(hits, np.zeros(200, dtype=np.int64)).low == many.value


@pytest.mark.parametrize("draws", [np.ones((3, 2)), np.ones(3), np.ones((0, 3))])
def test_draws_of_another_shape_are_refused(draws) -> None:
    with pytest.raises(fc.InputError, match="draws"):
        crps_of_draws(draws, np.ones(3))


def test_students_t_needs_more_than_one_degree_of_freedom() -> None:
    with pytest.raises(fc.InputError, match="freedom"):
        crps_of_student(np.zeros(1), np.ones(1), 1.0, np.zeros(1))
