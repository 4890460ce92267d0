"""Constants of time, and dates as decimal years."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86400.0
HOURS_PER_DAY = 24.0
HOURS_PER_YEAR = 8766.0  # 365.25 days
DAYS_PER_YEAR = 365.25


def decimal_years(dates: ArrayLike) -> FloatArray:
    """Dates as decimal years: 2024-07-01 becomes about 2024.497.

    `dates` holds datetime64 values, ISO strings, `date` objects, or numbers that are decimal years
    already. Missing dates become NaN.
    """
    array = np.asarray(dates)
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    days = array.astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    start = years.astype("datetime64[D]")
    length = ((years + 1).astype("datetime64[D]") - start).astype(np.float64)
    whole = years.astype(np.int64).astype(np.float64) + 1970.0
    result: FloatArray = whole + (days - start).astype(np.float64) / length
    return np.where(np.isnat(days), np.nan, result)


def date_of_year(year: float) -> dt.date:
    """The calendar day of a decimal year (years 1 to 9999), the inverse of `decimal_years` up to a
    day.
    """
    whole = math.floor(year)
    start = dt.date(whole, 1, 1)
    length = 366 if (whole % 4 == 0 and (whole % 100 != 0 or whole % 400 == 0)) else 365
    return start + dt.timedelta(days=min(length - 1, round((year - whole) * length)))
