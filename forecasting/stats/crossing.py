"""When does a path cross a level? Paths are straight between the years given, on whatever scale
`gap` is (a logarithm, mostly).
"""

from __future__ import annotations

import numpy as np

from forecasting.arrays import FloatArray


def first_crossing(years: FloatArray, gap: FloatArray) -> FloatArray:
    """The first year in which each path of `gap` (paths × years) is at or below 0, between years by
    a straight line.

    −inf where the first year is already at or below 0, +inf where no year is.
    """
    below = gap <= 0.0
    first = below.argmax(axis=1)
    result = np.full(len(gap), np.inf)
    rows = np.flatnonzero(below.any(axis=1) & (first > 0))
    at = first[rows]
    before, after = gap[rows, at - 1], gap[rows, at]
    result[rows] = years[at - 1] + before / (before - after) * (years[at] - years[at - 1])
    result[below[:, 0]] = -np.inf
    return result
