"""Bias-corrected percentile intervals (Efron 1981): where fewer than half of the draws lie below
the estimate, the interval moves up.

Draws are moved, not intervals: every percentile of the moved draws is the bias-corrected one of the
original, so that bands, tables and intervals made from them agree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from forecasting.arrays import FloatArray

#: A share of draws below the estimate beyond these says that the law is not determined, not by how
#: much to correct.
MAX_LOPSIDED = (0.01, 0.99)


def bias_corrected(values: ArrayLike, draws: FloatArray) -> FloatArray:
    """Draws of shape (R, …) about estimates `values` of shape (…), moved in rank order: same shape,
    ranks unchanged.

    The draw at quantile u becomes the one at Φ(2·z0 + Φ⁻¹(u)), with Φ(z0) the share of draws below
    the estimate (half of ties).
    """
    count = len(draws)
    if count < 2:
        return draws
    order = np.argsort(draws, axis=0, kind="stable")
    ordered = np.take_along_axis(draws, order, axis=0)
    estimate = np.asarray(values, dtype=np.float64)
    below = 0.5 * (np.mean(draws < estimate, axis=0) + np.mean(draws <= estimate, axis=0))
    shift = 2.0 * ndtri(np.clip(below, *MAX_LOPSIDED))
    # Hazen positions, as quantiles of draws are read elsewhere.
    normal = ndtri((np.arange(count) + 0.5) / count).reshape((-1,) + (1,) * shift.ndim)
    position = np.clip(ndtr(normal + shift) * count - 0.5, 0.0, count - 1.0)
    low = np.floor(position).astype(np.intp)
    left = np.take_along_axis(ordered, low, axis=0)
    right = np.take_along_axis(ordered, np.minimum(low + 1, count - 1), axis=0)
    step = np.subtract(right, left, out=np.zeros_like(left), where=right != left)
    share = position - low
    moved = left + np.multiply(step, share, out=np.zeros_like(step), where=share > 0.0)
    result = np.empty_like(draws)
    np.put_along_axis(result, order, moved, axis=0)
    return result
