"""Years with their ranges in plain words, also where they lie beyond what a forecast looks at."""

from __future__ import annotations

import math

from forecasting.stats.bands import Range


def when_in_words(figure: Range, first_year: int, last_year: int) -> str:
    """A year with its 80% range: “in 2029, likely 2027–2035 (80%)”, “not before 2060”, “before
    2015”.

    Parameters
    ----------
    figure : Range
        Years, decimal; infinite ends lie outside the years looked at.
    first_year, last_year : int
        The years looked at.
    """
    when, ends = when_and_range(figure, first_year, last_year)
    return f"{when}, {ends}" if ends else when


def when_and_range(figure: Range, first_year: int, last_year: int) -> tuple[str, str]:
    """The same in two parts: “in 2029” and “likely 2027–2035 (80%)”, the second empty where all
    draws agree on “not before 2060”.

    Parameters
    ----------
    figure : Range
        Years, decimal; infinite ends lie outside the years looked at.
    first_year, last_year : int
        The years looked at.
    """
    ends = figure.range_words(lambda year: year_in_words(year, first_year, last_year))
    if math.isinf(figure.value):
        return f"not before {last_year}" if figure.value > 0 else f"before {first_year}", ends
    return f"in {math.floor(figure.value)}", ends


def year_in_words(year: float, first_year: int, last_year: int) -> str:
    """A year, or “after 2060”, “before 2015”.

    Parameters
    ----------
    year : float
        A decimal year, −∞ for before the first, ∞ for after the last.
    first_year, last_year : int
        The years looked at.
    """
    if math.isinf(year):
        return f"after {last_year}" if year > 0 else f"before {first_year}"
    return str(math.floor(year))
