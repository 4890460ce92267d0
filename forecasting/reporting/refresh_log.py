"""What refreshes of the tables changed: the last one in two lines, and the whole log as a table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.data.change_log import LoggedChange, read_changes
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with

FIGURES_NAMED = 2
MAX_TABLES_NAMED = 2
HEADINGS = {
    "day": "Refreshed on",
    "since": "Before, data to",
    "what": "Table or figure",
    "change": "What changed",
    "by": "Moved by",
}


@dataclass(frozen=True)
class RefreshLog:
    """The log beside the tables; `lines` is empty where they were never refreshed."""

    changes: tuple[LoggedChange, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The figures that the last refresh moved, and how many tables it replaced."""
        if not self.changes:
            return ()
        day = self.changes[-1].day
        last = [each for each in self.changes if each.day == day]
        tables = [each for each in last if each.kind == "table"]
        # A figure whose range alone moved has nothing to name here.
        figures = [
            each
            for each in last
            if each.kind == "figure" and _value(each.before) != _value(each.after)
        ]
        figures.sort(key=lambda each: "$" in each.after)  # years first, then amounts
        count = f"{len(tables)} {'table was' if len(tables) == 1 else 'tables were'}"
        renewed = f"{count} renewed on {day}"
        if not figures:
            return (f"{renewed}; no headline figure moved.",)
        named = "; ".join(_figure(each) for each in figures[:FIGURES_NAMED])
        more = len(figures) - FIGURES_NAMED
        rest = f" {more} more {'figure' if more == 1 else 'figures'} moved." if more > 0 else ""
        since = max(each.since for each in figures)
        return (f"Since {since}: {named}.", f"{renewed}.{rest}")

    @property
    def table(self) -> pd.DataFrame:
        """A row a change, the newest refresh first."""
        rows = [
            (each.day, each.since, _what(each), _change(each), _tables(each.by))
            for each in sorted(self.changes, key=lambda each: each.day, reverse=True)
        ]
        return pd.DataFrame(rows, columns=list(HEADINGS))


@cached_with
def refresh_log(data: DataSet) -> RefreshLog:
    """The log of the folder that the data set was read from, as it was when it was first asked
    for: what is refreshed later belongs to the next set.
    """
    return RefreshLog(read_changes(data.folder))


def _figure(change: LoggedChange) -> str:
    tables = change.by.split("; ")
    named = tables if len(tables) <= MAX_TABLES_NAMED else tables[:1]
    others = f" and {len(tables) - len(named)} more" if len(named) < len(tables) else ""
    by = f" (new {_tables('; '.join(named))}{others})" if change.by else ""
    label = change.name[:1].lower() + change.name[1:] if change.name[1:2].islower() else change.name
    return f"{label}: {_value(change.before)} → {_value(change.after)}{by}"


def _value(words: str) -> str:
    """A figure without its range."""
    return words.partition(" (")[0]


#: How parts of tables' names are written in a sentence.
_WORDS = {"ai": "AI", "ml": "ML", "us": "US", "gpu": "GPU", "arc": "ARC", "agi": "AGI"}


def _tables(names: str) -> str:
    return ", ".join(
        " ".join(_WORDS.get(word, word) for word in name.split("_")).replace("ARC AGI", "ARC-AGI")
        for name in names.split("; ")
    )


def _what(change: LoggedChange) -> str:
    return change.name if change.kind == "figure" else f"table {change.name}"


def _change(change: LoggedChange) -> str:
    if change.kind == "figure":
        return f"{change.before} → {change.after}"
    counts = (
        (change.rows_added, "added"),
        (change.rows_changed, "changed"),
        (change.rows_removed, "gone"),
    )
    return "rows: " + ", ".join(
        f"{count} {what}" for count, what in counts if count not in ("", "0")
    )
