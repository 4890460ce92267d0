"""Roots of rising functions, many at once: Newton steps held within a bracket that shrinks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_STEPS = 80
TOLERANCE = 1e-12


def rising_root(function: Callable[[FloatArray], tuple[FloatArray, FloatArray]], low: FloatArray, high: FloatArray) -> FloatArray:
    """Where each of many rising functions is 0, between `low` and `high`; the nearer end where none is between them.

    `function` gives value and slope (above 0) for an array of points of the shape of `low` and `high`. Starts at `low`; absolute error
    below 1e-12 or a few units in the last place.
    """
    low = np.where(function(high)[0] <= 0.0, high, low)
    z, last = low, high - low
    for _ in range(MOST_STEPS):
        value, slope = function(z)
        low, high = np.where(value <= 0.0, z, low), np.where(value >= 0.0, z, high)
        newton = value / slope
        # A step that leaves the bracket or does not halve the one before could go round in circles: halve the bracket instead.
        shrinks = 2.0 * np.abs(newton) <= np.maximum(np.abs(last), TOLERANCE)
        within = (z - newton >= low) & (z - newton <= high) & shrinks
        last = np.where(within, newton, z - (low + high) / 2.0)
        z = z - last
        if np.abs(last).max(initial=0.0) < TOLERANCE:
            break
    return z
