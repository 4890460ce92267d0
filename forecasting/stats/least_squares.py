"""Straight lines by least squares, many weightings in one go."""

from __future__ import annotations

import numpy as np

from forecasting.arrays import FloatArray


def least_squares_lines(
    t: FloatArray, y: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Lines that minimise `sum_i w_ri (y_i - a_r - b_r t_i)^2`: a and b, each of shape (R,).

    Textbook normal equations, solved for all rows at once through five weighted sums.

    Parameters
    ----------
    t : array of floats, shape (n,)
        Dates in years; centre them, since the sums are of squares.
    y : array of floats, shape (n,)
        Values, such as log10 of a quantity.
    weights : array of floats, shape (R, n)
        Weights of 0 or more; every row needs some on two dates at least.
    """
    sums = weights @ np.column_stack([np.ones_like(t), t, t * t, y, t * y])
    return solve_sums(sums)


def solve_sums(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Intercepts and slopes from the weighted sums of 1, t, t², y and t·y, shape (R, 5)."""
    count, first, second, value, product = sums.T
    mean = first / count
    slope = (product - mean * value) / (second - mean * first)
    return value / count - slope * mean, slope
