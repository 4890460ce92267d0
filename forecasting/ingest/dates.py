"""Dates as people write them: 2026-01-31, 31.01.2026, 01/31/2026, Jan 31, 2026, 31 January 2026."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = (
    re.compile(r"(?P<month>[a-z]+)\.? (?P<day>\d{1,2})[a-z]{0,2},? (?P<year>\d{4})", re.I),
    re.compile(r"(?P<day>\d{1,2})[a-z]{0,2}\.?[ -](?P<month>[a-z]+)\.?,?[ -](?P<year>\d{4})", re.I),
)


def day_of(text: str, day_first: bool | None = None) -> dt.date:
    """The day that a text means.

    Parameters
    ----------
    text : str
        The date.
    day_first : bool or None
        Whether 03/04/2026 is the third of April; None: it is refused. With points the day is first.

    Raises
    ------
    ValueError
        Where it is no date, or could be two.
    """
    text = text.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.fullmatch(text):
        first, mark, second, year = int(found[1]), found[2], int(found[3]), int(found[4])
        if mark == "." or first > 12 or first == second:
            return dt.date(year, second, first)
        if second > 12:
            return dt.date(year, first, second)
        if day_first is None:
            raise ValueError("It is ambiguous: it could be two different days. ")
        return dt.date(year, second, first) if day_first else dt.date(year, first, second)
    for pattern in _WORDS:
        if (found := pattern.fullmatch(text)) and found["month"][:3].lower() in _MONTHS:
            month = _MONTHS.index(found["month"][:3].lower()) + 1
            return dt.date(int(found["year"]), month, int(found["day"]))
    return dt.date.fromisoformat(text[:10]) if re.match(r"\d{8}", text) else _no_date()


def is_day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates such as 03/04/2026 have the day first, by those of the same column that can be
    only one; None where none tells, or they disagree.
    """
    told = set()
    for text in texts:
        found = _NUMBERS.fullmatch(text.strip())
        if found and found[2] != "." and (int(found[1]) > 12) != (int(found[3]) > 12):
            told.add(int(found[1]) > 12)
    return told.pop() if len(told) == 1 else None


def _no_date() -> dt.date:
    raise ValueError("")
