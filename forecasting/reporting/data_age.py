"""How recent the data are, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from forecasting.data.age import TableAge, data_as_of, stale_tables
from forecasting.data.catalogue import last_day
from forecasting.data.dataset import DataSet
from forecasting.units import DAYS_PER_YEAR

#: Stale tables that one sentence names.
MAX_NAMED = 2


def recency(data: DataSet, names: Iterable[str], on: dt.date) -> str:
    """How far these tables go, and which of them are older than their rhythm on that day; no words
    where there is no date to state.

    Parameters
    ----------
    data : DataSet
        The tables.
    names : Iterable of str
        Those that a forecast reads.
    on : datetime.date
        The day on which their age is taken.
    """
    names = tuple(names)
    newest = data_as_of(data, names)
    if newest is None:
        return ""
    overdue = stale_words(stale_tables(on, data=data, names=names))
    return f"Data to {month_of(newest)}. {overdue}".rstrip()


def stale_words(stale: Sequence[TableAge]) -> str:
    """Which tables are older than their rhythm, in one sentence; no words for none."""
    if not stale:
        return ""
    named = [
        f"“{age.title}” ({age.rhythm}) ends in {month_of(age.date)}, {age_words(age.days)} ago"
        for age in stale[:MAX_NAMED]
    ]
    more = len(stale) - len(named)
    if more > 0:
        named.append(f"{more} more tables are" if more > 1 else "1 more table is")
        named[-1] += " older than expected"
    return "; ".join(named) + "."


def month_of(date: str) -> str:
    """A catalogue date as month and year, or the year where no more is known."""
    return date if len(date) == 4 else f"{last_day(date):%B %Y}"


def age_words(days: int) -> str:
    """An age in whole days, months or years: 12 days, 3 months, 4 years."""
    months = round(12 * days / DAYS_PER_YEAR)
    if months < 2:
        return "1 day" if days == 1 else f"{days} days"
    return f"{months} months" if months < 24 else f"{round(days / DAYS_PER_YEAR)} years"
