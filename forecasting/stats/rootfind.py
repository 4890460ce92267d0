"""Roots of rising functions, many at once: Newton steps held within a bracket that shrinks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecasting.arrays import FloatArray, IntArray
from forecasting.stats.budget import check_budget

#: Of an array of points: value and slope at each.
Function = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
MAX_STEPS = 80
TOLERANCE = 1e-12
#: A flat function gets the steepest step there is, which its bracket then cuts short.
SMALLEST_SLOPE = 1e-300


def find_roots(
    function: Function,
    low: FloatArray,
    high: FloatArray,
    *,
    start: FloatArray | None = None,
    tolerance: float = TOLERANCE,
    of_rows: Callable[[IntArray], Function] | None = None,
) -> FloatArray:
    """Where each of many rising functions is 0; the nearer end where none is between `low` and
    `high`.

    The absolute error is below the tolerance or a few units in the last place.

    Parameters
    ----------
    function : function of an array, which gives two
        Value and slope (0 or more) at points of the shape of `low`.
    low, high : arrays of floats of one shape
        Ends of the interval of each function.
    start : array of floats of that shape, or None
        Where to start; None: at `low`.
    tolerance : float
        The error allowed, in the unit of the points.
    of_rows : function of an array of places, which gives such a function, or None
        The functions at these places alone, so that those whose root is found drop out; None: all
        are asked to the end.
    """
    low = np.where(function(high)[0] <= 0.0, high, low)
    z, last = low if start is None else np.clip(start, low, high), high - low
    roots, active = z.copy(), np.arange(z.size)
    for _ in range(MAX_STEPS):
        check_budget()
        value, slope = function(z)
        low, high = np.where(value <= 0.0, z, low), np.where(value >= 0.0, z, high)
        newton = value / np.maximum(slope, SMALLEST_SLOPE)
        # A step that leaves the bracket or does not halve the one before could go round in circles:
        # halve the bracket instead.
        shrinks = 2.0 * np.abs(newton) <= np.maximum(np.abs(last), tolerance)
        within = (z - newton >= low) & (z - newton <= high) & shrinks
        last = np.where(within, newton, z - (low + high) / 2.0)
        z = z - last
        moving = np.abs(last) >= tolerance
        if not moving.any():
            break
        if of_rows is not None and 2 * np.count_nonzero(moving) <= moving.size:
            roots[active] = z
            active = active[moving]
            z, low, high, last = (x[moving] for x in (z, low, high, last))
            function = of_rows(active)
    if of_rows is None:
        return z
    roots[active] = z
    return roots
