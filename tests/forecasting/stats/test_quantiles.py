from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.stats.bands import QUANTILES, Bands, Range
from forecasting.stats.quantiles import quantile_of

draws = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)
draws_with_infinities = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([-np.inf, np.inf]), min_size=1, max_size=50
)


def test_quantiles_are_those_of_numpys_hazen_rule(rng) -> None:
    table = rng.standard_normal((37, 4))
    levels = [0.0, 0.01, 0.3, 0.5, 0.99, 1.0]
    np.testing.assert_allclose(
        quantile_of(table, levels), np.quantile(table, levels, axis=0, method="hazen"), atol=1e-14
    )


@given(draws=draws, levels=st.lists(st.floats(0, 1), min_size=2, max_size=8).map(sorted))
def test_quantiles_never_fall_and_stay_among_the_draws(draws, levels) -> None:
    found = quantile_of(np.array(draws), levels)
    assert (np.diff(found) >= -1e-9 * (1 + np.abs(found[1:]))).all()
    assert min(draws) - 1e-6 <= found.min() <= found.max() <= max(draws) + 1e-6


@given(draws=draws_with_infinities, levels=st.lists(st.floats(0, 1), min_size=2).map(sorted))
def test_quantiles_of_infinite_draws_are_never_nan_and_never_fall(draws, levels) -> None:
    found = quantile_of(np.array(draws), levels)
    assert not np.isnan(found).any()
    assert (found[1:] >= found[:-1] - 1e-9 * 1e6).all()


@given(draws=draws_with_infinities)
def test_quantiles_of_mirrored_draws_are_mirrored(draws) -> None:
    levels = np.array([0.05, 0.3, 0.61, 0.975])
    mirrored = -quantile_of(-np.array(draws), 1.0 - levels)
    np.testing.assert_allclose(quantile_of(np.array(draws), levels), mirrored, atol=1e-6)


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0.125, -np.inf), (0.2, -np.inf), (0.375, 1.0), (0.5, 1.5), (0.625, 2.0), (0.7, np.inf)],
)
def test_between_a_finite_and_an_infinite_draw_lies_the_infinite_one(level, expected) -> None:
    assert quantile_of(np.array([1.0, np.inf, 2.0, -np.inf]), level) == expected


def test_between_the_two_infinities_lies_the_nearer_one() -> None:
    both = np.array([-np.inf, np.inf])
    assert quantile_of(both, [0.4, 0.6]).tolist() == [-np.inf, np.inf]


def test_figures_and_bands_keep_the_rules_that_links_were_released_with(rng) -> None:
    draws = rng.standard_normal(100)
    bands, figure = Bands.of_draws(np.array([2030.0]), draws[:, None]), Range.of_draws(draws, "1")
    np.testing.assert_allclose(bands.values[:, 0], np.quantile(draws, QUANTILES), atol=1e-14)
    nearest = np.sort(draws)[[10, 50, 89]]
    assert [figure.low, figure.value, figure.high] == nearest.tolist()


@pytest.mark.parametrize("rule", ["hazen", "linear", "nearest"])
def test_no_rule_gives_nan_among_infinite_draws(rule, rng) -> None:
    draws = np.append(rng.standard_normal(97), [np.inf, -np.inf, np.inf])
    found = quantile_of(draws, np.linspace(0.0, 1.0, 201), rule)
    assert not np.isnan(found).any()
    assert (found[1:] >= found[:-1]).all()
