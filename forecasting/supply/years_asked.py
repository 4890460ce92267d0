"""Years and numbers of draws that a function is asked for, checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError

LAST_YEAR = 2100.0
MAX_DRAWS = 100_000


def years_asked(years: ArrayLike, first: float, since: str) -> FloatArray:
    """The years as an array of decimal years, shape (years,); raises InputError for what is no year
    from `first` to LAST_YEAR.

    Parameters
    ----------
    years : array-like of floats, shape (years,), or a float
        Decimal years.
    first : float
        The first year that is known.
    since : str
        What begins then, for the message.
    """
    remedy = f"Use years from {np.ceil(first):.0f}, when {since}, to {LAST_YEAR:.0f}."
    try:
        found = np.atleast_1d(np.asarray(years, dtype=np.float64))
    except (TypeError, ValueError):
        raise InputError("years", str(years)[:40], remedy) from None
    if found.ndim != 1 or found.size == 0:
        raise InputError("years", f"an array of shape {found.shape}", remedy)
    for year in found:
        if not first <= year <= LAST_YEAR:
            raise InputError("years", float(year), remedy)
    return found


def draws_asked(draws: int) -> int:
    """The number of draws; raises InputError where it is none from 1 to MAX_DRAWS.

    Parameters
    ----------
    draws : int
        How many draws.
    """
    if not isinstance(draws, int | np.integer) or not 1 <= draws <= MAX_DRAWS:
        raise InputError("draws", draws, f"Use a whole number of draws from 1 to {MAX_DRAWS:,}.")
    return int(draws)
