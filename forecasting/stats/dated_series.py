"""Arrays as they are given, checked: a dated series of positive values is what every method of this
engine starts from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.units import decimal_years

MIN_POINTS = 5


def checked_dates(dates: ArrayLike, parameter: str = "dates") -> FloatArray:
    """The dates as decimal years (one-dimensional); raises InputError with the first date that
    can't be used.
    """
    array = np.atleast_1d(np.asarray(dates))
    if array.ndim != 1:
        raise InputError(
            parameter, f"an array of shape {array.shape}", "Give a one-dimensional array."
        )
    remedy = "Give calendar dates such as 2024-07-01, or decimal years such as 2024.5."
    if array.dtype.kind == "b":
        raise InputError(parameter, array[0], remedy)
    if (
        array.dtype.kind == "O"
    ):  # a table's column: numbers, text or date objects, and NaN where a cell was empty
        if all(
            isinstance(item, int | float | np.number) and not isinstance(item, bool)
            for item in array
        ):
            array = array.astype(np.float64)
        else:
            array = np.array(
                [None if item is None or item != item else item for item in array], dtype=object
            )
    try:
        years = decimal_years(array)
    except (TypeError, ValueError):
        raise InputError(parameter, _first_bad(array), remedy) from None
    bad = ~((years >= 1.0) & (years < 10000.0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            parameter, f"{array[row]} (row {row + 1})", f"{remedy} Leave out rows without a date."
        )
    return years


def checked_series(dates: ArrayLike, values: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Dates as decimal years and values as floats, both of length n.

    Raises InputError if the lengths differ, or with the first date that is missing or the first
    value that is not finite and above 0.
    """
    years = checked_dates(dates)
    numbers = as_float_array(values, "values")
    if years.size != numbers.size:
        raise InputError(
            "values",
            f"an array of {numbers.size}",
            f"Give one value per date: there are {years.size} dates.",
        )
    bad = ~(np.isfinite(numbers) & (numbers > 0.0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            "values",
            f"{numbers[row]} (row {row + 1})",
            "Every value must be finite and above 0: a trend is fitted to its logarithm.",
        )
    return years, numbers


def require_points(
    years: FloatArray, remedy: str = "Widen the dates or relax the filters."
) -> None:
    """Raise NotEnoughDataError for fewer than 5 points, InputError if all of them share one
    date.
    """
    if years.size < MIN_POINTS:
        raise NotEnoughDataError(int(years.size), MIN_POINTS, remedy)
    if np.ptp(years) == 0.0:
        raise InputError(
            "dates",
            f"{years[0]:.3f} in every row",
            "A trend needs points on different dates: widen the dates.",
        )


def _first_bad(array: NDArray[np.generic]) -> object:
    for row, item in enumerate(array):
        try:
            decimal_years(np.asarray([item]))
        except (TypeError, ValueError):
            return f"{str(item)[:40]} (row {row + 1})"
    return str(array)[:60]


def as_float_array(values: ArrayLike, parameter: str) -> FloatArray:
    """The values as a one-dimensional float array; raises InputError naming `parameter` where that
    can't be done.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(parameter, str(values)[:60], "Give numbers.") from None
    if array.ndim != 1:
        raise InputError(
            parameter, f"an array of shape {array.shape}", "Give a one-dimensional array."
        )
    return array
