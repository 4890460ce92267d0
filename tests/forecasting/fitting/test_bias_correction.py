"""Bias-corrected draws: what moves, what stays, and that their percentiles are Efron's interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from forecasting.fitting.bias_correction import bias_corrected
from forecasting.stats.estimate import Estimate
from forecasting.stats.quantiles import quantile_of


def test_draws_with_the_estimate_at_their_median_stay(rng) -> None:
    draws = np.sort(rng.standard_normal(1001))
    np.testing.assert_allclose(bias_corrected(draws[500], draws), draws, atol=1e-9)


def test_percentiles_of_the_moved_draws_are_the_bias_corrected_interval(rng) -> None:
    draws = np.exp(rng.standard_normal(4001))
    value = float(np.quantile(draws, 0.6))
    shift = 2 * ndtri(np.mean(draws < value))
    expected = quantile_of(draws, ndtr(shift + ndtri([0.05, 0.95])))
    assert Estimate(value, bias_corrected(value, draws)).interval(0.9) == pytest.approx(
        tuple(expected), rel=0.01
    )


@given(st.integers(0, 10**6), st.floats(-1.5, 1.5))
def test_ranks_and_range_stay(seed: int, value: float) -> None:
    draws = np.random.default_rng(seed).standard_normal(101)
    moved = bias_corrected(value, draws)
    assert (np.diff(moved[np.argsort(draws)]) >= 0).all()
    assert draws.min() <= moved.min()
    assert moved.max() <= draws.max()


def test_every_column_is_moved_by_its_own_estimate(rng) -> None:
    draws = rng.standard_normal((501, 3))
    values = np.array([-0.5, 0.0, 0.5])
    moved = bias_corrected(values, draws)
    for k in range(3):
        np.testing.assert_allclose(moved[:, k], bias_corrected(values[k], draws[:, k]))
    # Fewer draws above a high estimate: the interval moves up.
    assert np.median(moved[:, 0]) < np.median(draws[:, 0]) < np.median(moved[:, 2])


def test_infinite_draws_and_a_single_one_pass_through() -> None:
    assert bias_corrected(2.0, np.array([2.0])).tolist() == [2.0]
    moved = bias_corrected(2.0, np.array([1.0, 2.0, 3.0, np.inf, np.inf]))
    assert not np.isnan(moved).any()
