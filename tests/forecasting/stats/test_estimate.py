from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.stats.estimate import Estimate

draws = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


def test_the_interval_interpolates_between_draws_at_the_middle_of_their_steps() -> None:
    assert Estimate(2.0, np.array([3.0, 1.0, 2.0])).interval(0.5) == (1.25, 2.75)


def test_infinite_draws_make_infinite_ends_and_never_nan() -> None:
    estimate = Estimate(np.inf, np.array([1.0, 2.0, np.inf, np.inf]))
    assert estimate.interval(0.9) == (1.0, np.inf)
    assert estimate.median == np.inf
    assert estimate.quantile(0.375) == 2.0
    assert Estimate(np.inf, np.full(5, np.inf)).interval(0.5) == (np.inf, np.inf)


@given(draws=draws, narrow=st.floats(0.01, 0.98))
def test_a_wider_level_holds_the_narrower_one(draws, narrow: float) -> None:
    estimate = Estimate(0.0, np.array(draws))
    wide = estimate.interval(narrow + 0.01)
    inner = estimate.interval(narrow)
    slack = 1e-9 * (1 + abs(wide[0]) + abs(wide[1]))
    assert wide[0] - slack <= inner[0] <= inner[1] + slack <= wide[1] + 2 * slack


def test_draws_are_a_copy_that_cannot_be_written_to() -> None:
    mine = np.array([1.0, 2.0])
    estimate = Estimate(1.5, mine)
    mine[0] = 9.0
    assert estimate.draws[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        estimate.draws[0] = 5.0


@pytest.mark.parametrize(
    ("level", "said"), [(0.0, "0.0"), (1.0, "1.0"), (95, "95"), (float("nan"), "nan")]
)
def test_a_level_outside_0_and_1_is_said(level: float, said: str) -> None:
    with pytest.raises(InputError, match="`level` is " + said):
        Estimate(1.0, np.array([1.0, 2.0])).interval(level)


@pytest.mark.parametrize("draws", [np.array([]), np.array([1.0, np.nan]), np.ones((2, 2))])
def test_draws_that_are_empty_or_no_numbers_are_refused(draws) -> None:
    with pytest.raises(InputError, match="draws"):
        Estimate(1.0, draws)


def test_a_quantile_beyond_1_is_said() -> None:
    with pytest.raises(InputError, match=r"1\.2"):
        Estimate(1.0, np.array([1.0])).quantile(1.2)
