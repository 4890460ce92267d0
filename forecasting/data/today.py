"""Today's date, from one place, so that tests and demonstrations can choose it.

No forecast reads it: a forecast is a function of scenario and data. What does are the age of
tables, the dates that exports and reports carry, rows of a user's file that have no date, the
scenario with which a page opens, and answers, which say what is past.
"""

from __future__ import annotations

import datetime as dt
import os

import numpy as np

from forecasting.errors import InputError
from forecasting.units import decimal_years

#: The environment variable that sets another day, as YYYY-MM-DD.
TODAY_VARIABLE = "COMPUTE_FORECAST_TODAY"


def now() -> float:
    """Today as a decimal year."""
    return float(decimal_years(np.array([today()], dtype="datetime64[D]"))[0])


def today() -> dt.date:
    """The day in UTC, so that two servers agree, or the one that COMPUTE_FORECAST_TODAY names;
    raises InputError where it names none.
    """
    given = os.environ.get(TODAY_VARIABLE)
    if not given:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise InputError(
            TODAY_VARIABLE, given, "Write a day as year-month-day, such as 2026-01-31, or unset it."
        ) from None
