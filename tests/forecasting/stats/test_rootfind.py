"""Roots of many rising functions at once."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.arrays import FloatArray, IntArray
from forecasting.stats.rootfind import Function, find_roots

POWERS = np.array([1.0, 3.0, 9.0, 31.0])


def powers(power: FloatArray, asked: list[int]) -> Function:
    def function(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        asked.append(x.size)
        return x**power - 2.0, power * x ** (power - 1.0)

    return function


def test_roots_are_the_same_whether_or_not_those_found_drop_out() -> None:
    low, high, all_asked, asked = np.zeros(4), np.full(4, 3.0), [], []

    def of_rows(chosen: IntArray) -> Function:
        return powers(POWERS[chosen], asked)

    kept = find_roots(powers(POWERS, all_asked), low, high)
    dropped = find_roots(powers(POWERS, asked), low, high, of_rows=of_rows)
    assert kept == pytest.approx(2.0 ** (1.0 / POWERS), abs=1e-11)
    assert dropped == pytest.approx(kept, abs=1e-11)
    assert sum(asked) < sum(all_asked)


def test_where_no_root_is_between_the_ends_the_nearer_end_is_given() -> None:
    found = find_roots(powers(POWERS, []), np.full(4, 2.5), np.full(4, 3.0))
    assert found == pytest.approx(np.full(4, 2.5))
    found = find_roots(powers(POWERS, []), np.zeros(4), np.full(4, 0.5))
    assert found == pytest.approx(np.full(4, 0.5))
