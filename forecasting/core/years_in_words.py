"""Years with their ranges in plain words, also where they lie beyond what a forecast looks at."""

from __future__ import annotations

import math

from forecasting.core.bands import Range


def when_in_words(figure: Range, first_year: int, last_year: int) -> str:
    """A year with its 80% range: “in 2029 (80% range 2027 to 2035)”, “not before 2060”, “before 2015”."""
    low, high = year_in_words(figure.low, first_year, last_year), year_in_words(figure.high, first_year, last_year)
    if math.isinf(figure.value):
        words = f"not before {last_year}" if figure.value > 0 else f"before {first_year}"
        return words if figure.low == figure.high else f"{words} (80% range {low} to {high})"
    return f"in {math.floor(figure.value)} (80% range {low} to {high})"


def year_in_words(year: float, first_year: int, last_year: int) -> str:
    """A year, or “after 2060”, “before 2015”."""
    if math.isinf(year):
        return f"after {last_year}" if year > 0 else f"before {first_year}"
    return str(math.floor(year))
