"""How old tables are, and which of them are older than the rhythm at which newer data are expected.

    stale_tables(on=dt.date(2026, 11, 29))      # the tables that are overdue on that day
    table_ages(data, ["ai_models"], on=today())
    data_as_of(data, ["ai_models", "ml_chips"])  # “2026-09”

A table ages from the last day of its catalogue date: a month means its last day, a year 31
December. It is stale once it is more than DAYS_ALLOWED days old.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from forecasting.data.catalogue import last_day
from forecasting.data.dataset import DataSet, bundled
from forecasting.data.today import today

#: The greatest age in days by rhythm: the time to the next data and as much again, or a month more
#: where that is less, since figures of a month, quarter or year come out weeks after its end.
DAYS_ALLOWED = MappingProxyType({"weekly": 14, "monthly": 62, "quarterly": 123, "yearly": 400})


@dataclass(frozen=True)
class TableAge:
    """The age of one table on a day.

    Parameters
    ----------
    table, title : str
        Its name and its title in the catalogue.
    date : str
        How recent its data are: a year, month or day, as in the catalogue.
    last_day : datetime.date
        The last day of that date.
    rhythm : str
        How often newer data are expected, one of RHYTHMS.
    days : int
        Its age in days, counted from the last day; 0 before that day.
    """

    table: str
    title: str
    date: str
    last_day: dt.date
    rhythm: str
    days: int

    @property
    def is_stale(self) -> bool:
        """Whether newer data are overdue; never where none are expected."""
        return self.rhythm in DAYS_ALLOWED and self.days > DAYS_ALLOWED[self.rhythm]


def table_ages(
    data: DataSet, names: Iterable[str] | None = None, *, on: dt.date
) -> tuple[TableAge, ...]:
    """The ages of tables on a day, oldest first.

    Parameters
    ----------
    data : DataSet
        The tables. Those replaced by a user's own have no age: nothing says how recent they are.
    names : Iterable of str or None
        Which of them; None for all.
    on : datetime.date
        The day.

    Raises
    ------
    KeyError
        For a name that is not in the catalogue.
    """
    wanted = data.names if names is None else names
    infos = [data.catalogue[name] for name in wanted if name not in data.replaced_names]
    ages = []
    for info in infos:
        end = last_day(info.date)
        days = max(0, (on - end).days)
        ages.append(TableAge(info.name, info.title, info.date, end, info.rhythm, days))
    return tuple(sorted(ages, key=lambda age: age.last_day))


def stale_tables(
    on: dt.date | None = None, *, data: DataSet | None = None, names: Iterable[str] | None = None
) -> tuple[TableAge, ...]:
    """The tables that are older than their rhythm, oldest first.

    Data of a week may be 14 days old, of a month 62, of a quarter 123 and of a year 400; tables
    without a rhythm, the figures of a publication, are never stale.

    Parameters
    ----------
    on : datetime.date or None
        The day on which their age is taken; None for today.
    data : DataSet or None
        The tables; None for the bundled ones.
    names : Iterable of str or None
        Which of them; None for all.
    """
    ages = table_ages(bundled() if data is None else data, names, on=on or today())
    return tuple(age for age in ages if age.is_stale)


def data_as_of(data: DataSet, names: Iterable[str]) -> str | None:
    """The newest catalogue date of these tables (a year, month or day); None where they have
    none.
    """
    dates = [data.catalogue[name].date for name in names if name not in data.replaced_names]
    return max(dates, key=last_day, default=None)
