"""Quantiles of draws. Each range, band and interval of a forecast is taken with `quantile_of`.

Three rules are in use, since links that were released under them keep their numbers; new code takes
the default.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError

Rule = Literal["hazen", "linear", "nearest"]


def checked_quantiles(q: ArrayLike) -> FloatArray:
    """The quantile levels as a float array, each between 0 and 1 (inclusive); raises InputError
    otherwise.
    """
    try:
        levels = np.asarray(q, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("q", str(q), "Give numbers between 0 and 1, such as 0.9.") from None
    bad = ~((levels >= 0.0) & (levels <= 1.0))
    if bad.any():
        raise InputError(
            "q",
            float(levels[bad].flat[0]),
            "Every quantile level must be between 0 and 1 (inclusive).",
        )
    return levels


def quantile_of(draws: FloatArray, q: ArrayLike, rule: Rule = "hazen") -> FloatArray:
    """Quantiles along the first axis: shape `q.shape + draws.shape[1:]`.

    Draw number i of n (sorted, from 0) is the (i + 1/2)/n quantile, straight lines in between
    (Hazen 1914), so that the quantiles of −x are those of x mirrored. Draws may be infinite, where
    the usual interpolation would give NaN: between a finite and an infinite draw the quantile is
    infinite, between −inf and +inf it is the nearer of the two.

    Parameters
    ----------
    draws : array of floats, shape (n, …)
        The draws, equally likely.
    q : float or array of floats
        Levels between 0 and 1.
    rule : str
        "hazen"; "linear" for draw i at i/(n − 1), which bands over time were released with;
        "nearest" for the nearest draw to that, which key figures were released with.
    """
    levels = checked_quantiles(q)
    ordered = np.sort(draws, axis=0)
    last = ordered.shape[0] - 1
    if rule == "hazen":
        position = np.clip(levels * ordered.shape[0] - 0.5, 0.0, last)
    else:
        position = np.round(levels * last) if rule == "nearest" else levels * last
    below = np.floor(position).astype(np.intp)
    low, high = ordered[below], ordered[np.minimum(below + 1, last)]
    share = (position - below).reshape(levels.shape + (1,) * (ordered.ndim - 1))
    from_infinity = np.isneginf(low)
    step = np.subtract(high, low, out=np.zeros_like(high), where=(high != low) & ~from_infinity)
    result: FloatArray = low + np.multiply(step, share, out=np.zeros_like(step), where=share > 0.0)
    return np.where(from_infinity & np.isposinf(high) & (share >= 0.5), high, result)
