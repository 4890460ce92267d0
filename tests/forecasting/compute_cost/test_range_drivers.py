from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from forecasting.arrays import FloatArray
from forecasting.compute_cost.range_drivers import range_drivers


def product(drawn: Mapping[str, FloatArray]) -> FloatArray:
    """A cost that is a product: its logarithm is the sum of the inputs' logarithms."""
    return np.prod(list(drawn.values()), axis=0)


def test_three_draws_of_two_inputs_give_what_is_worked_out_by_hand() -> None:
    """log10 a = −1, 0, 1 (variance 2/3) and log10 b = 2, 0, −2 (variance 8/3): shares 1/5, 4/5."""
    large, small = range_drivers(
        product, {"a": np.array([0.1, 1.0, 10.0]), "b": np.array([100.0, 1.0, 0.01])}
    )
    assert (large.name, small.name) == ("b", "a")
    assert large.share == pytest.approx(4 / 5)
    assert small.share == pytest.approx(1 / 5)
    assert (large.if_known.low, large.if_known.high) == pytest.approx((0.1, 10.0))
    assert (small.if_known.low, small.if_known.high) == pytest.approx((0.01, 100.0))
    assert small.if_known_with_larger.low == small.if_known_with_larger.high == 1.0


def test_lognormal_inputs_have_shares_of_their_known_variances(rng) -> None:
    spread = {"wide": 0.8, "middle": 0.4, "narrow": 0.2, "certain": 0.0}
    draws = {name: 10 ** (sd * rng.standard_normal(20_000)) for name, sd in spread.items()}
    found = {driver.name: driver for driver in range_drivers(product, draws)}
    total = sum(sd**2 for sd in spread.values())
    for name, sd in spread.items():
        assert found[name].share == pytest.approx(sd**2 / total, abs=0.01)
    assert found["certain"].share == 0.0
    assert sum(driver.share for driver in found.values()) == pytest.approx(1)
    # The shares are of the variance of the whole, as the inputs are independent.
    assert np.var(np.log10(product(draws))) == pytest.approx(total, rel=0.03)
    # Without the widest, 80% lie within 1.2816 standard deviations of what is left.
    left = 2 * 1.2815516 * np.sqrt(0.4**2 + 0.2**2)
    known = found["wide"].if_known
    assert np.log10(known.high / known.low) == pytest.approx(left, rel=0.03)


def test_an_input_of_a_sum_has_the_share_of_moving_it_alone() -> None:
    """Of 9 + x with x = 1, 91 the logarithm moves from 1 to 2, as does that of y = 1, 10."""
    first, second = range_drivers(
        lambda drawn: (9.0 + drawn["x"]) * drawn["y"],
        {"x": np.array([1.0, 1.0, 91.0]), "y": np.array([10.0, 1.0, 1.0])},
    )
    assert first.share == pytest.approx(0.5)
    assert second.share == pytest.approx(0.5)


def test_where_nothing_is_in_doubt_all_shares_are_zero() -> None:
    drivers = range_drivers(product, {"a": np.full(5, 2.0), "b": np.full(5, 3.0)})
    assert [driver.share for driver in drivers] == [0.0, 0.0]
    assert {driver.if_known.value for driver in drivers} == {6.0}
