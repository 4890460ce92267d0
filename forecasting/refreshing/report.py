"""What a refresh did, or would do: outcomes by table, their changes, the figures they move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd

from forecasting.data.change_log import LoggedChange
from forecasting.refreshing.effects import TOGETHER, Effect
from forecasting.refreshing.table_changes import TableChanges

NAMES_SHOWN = 3
NO_CHANGES = TableChanges()
Status = Literal["replaced", "unchanged", "refused", "not given"]


@dataclass(frozen=True)
class Outcome:
    """What became of a table: `sentence` says why it was refused or is unchanged; `notes` what of
    the source was left out.
    """

    table: str
    status: Status
    sentence: str = ""
    changes: TableChanges = NO_CHANGES
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """A line on it, with a few names of the rows."""
        if self.status == "refused":
            return f"{self.table} not renewed: {self.sentence}"
        if self.status != "replaced":
            return f"{self.table} {self.sentence}"
        parts = [
            f"{len(names)} {'row' if len(names) == 1 else 'rows'} {what} ({_some(names)})"
            for what, names in (
                ("added", self.changes.added),
                ("changed", self.changes.changed),
                ("gone", self.changes.removed),
            )
            if names
        ]
        return f"{self.table}: {'; '.join(parts)}."


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did to the tables in `folder`, or with `dry_run` what it would do.

    `since` is how recent each replaced table was, `others` says what in a given folder is no
    table's file, `written_down` how many forecasts from the new tables went on record.
    """

    folder: Path
    day: dt.date
    since: Mapping[str, str]
    dry_run: bool
    outcomes: tuple[Outcome, ...]
    moved: tuple[Effect, ...]
    others: tuple[str, ...] = ()
    written_down: str = ""

    @property
    def failed(self) -> bool:
        """Whether a table was refused."""
        return any(each.status == "refused" for each in self.outcomes)

    @property
    def replaced(self) -> tuple[Outcome, ...]:
        """The outcomes of tables with changes."""
        return tuple(each for each in self.outcomes if each.status == "replaced")

    @cached_property
    def changes(self) -> pd.DataFrame:
        """A row a table with changes: table, and how many rows were added, changed, removed."""
        rows = [
            (
                each.table,
                *map(len, (each.changes.added, each.changes.changed, each.changes.removed)),
            )
            for each in self.replaced
        ]
        return pd.DataFrame(rows, columns=["table", "added", "changed", "removed"])

    @cached_property
    def effects(self) -> pd.DataFrame:
        """A row a figure and table that moves it alone, or “all together”: figure, before, after,
        by_table.
        """
        rows = [(each.figure, each.before, each.after, each.by_table) for each in self.moved]
        return pd.DataFrame(rows, columns=["figure", "before", "after", "by_table"])

    @cached_property
    def answer(self) -> str:
        """The whole report in lines."""
        count = len(self.replaced)
        did = "would be" if self.dry_run else "was" if count == 1 else "were"
        head = f"{count or 'No'} {'table' if count == 1 else 'tables'} {did} replaced"
        refused = sum(each.status == "refused" for each in self.outcomes)
        tail = f"; {refused} could not be, and stay as they were." if refused else "."
        order = ("replaced", "refused", "unchanged", "not given")
        outcomes = sorted(self.outcomes, key=lambda each: order.index(each.status))
        lines = [head + tail]
        absent = [each for each in outcomes if each.status == "not given"]
        for each in outcomes:
            if each.status != "not given" or len(absent) <= NAMES_SHOWN:
                lines += [f"  {each.words}", *(f"    {note}" for note in each.notes)]
        if len(absent) > NAMES_SHOWN:
            lines.append(f"  {len(absent)} tables are renewed by hand or were not given.")
        lines += [f"  {line}" for line in self.others]
        if self.replaced:
            lines += ["", *self._figure_lines()]
        if self.written_down:
            lines += ["", self.written_down]
        return "\n".join(lines)

    def _figure_lines(self) -> list[str]:
        together = [each for each in self.moved if each.by_table == TOGETHER]
        if not together:
            return ["No headline figure moves."]
        lines = ["Headline figures:"]
        for each in together:
            lines.append(f"  {each.figure}: {each.before} → {each.after}")
            alone = [other for other in self.moved if _is_alone(other, each.figure)]
            lines += [f"    {other.by_table} alone: → {other.after}" for other in alone]
            if not alone:
                lines.append("    only by several tables together")
        return lines

    def log_lines(self) -> tuple[LoggedChange, ...]:
        """The lines for the log beside the tables."""
        day = self.day.isoformat()
        tables = tuple(
            LoggedChange(
                day,
                self.since[each.table],
                "table",
                each.table,
                *map(str, map(len, each.changes.groups)),
            )
            for each in self.replaced
        )
        figures = []
        for each in self.moved:
            if each.by_table == TOGETHER:
                by = [other.by_table for other in self.moved if _is_alone(other, each.figure)]
                since = max(self.since[name] for name in by or self.since)
                figures.append(
                    LoggedChange(
                        day,
                        since,
                        "figure",
                        each.figure,
                        before=each.before,
                        after=each.after,
                        by="; ".join(by),
                    )
                )
        return (*tables, *figures)


def _is_alone(effect: Effect, figure: str) -> bool:
    return effect.figure == figure and effect.by_table != TOGETHER


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - NAMES_SHOWN
    return "; ".join(names[:NAMES_SHOWN]) + (f"; and {more} more" if more > 0 else "")
