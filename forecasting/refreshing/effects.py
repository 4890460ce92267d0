"""Which headline figures newer tables move: all of them together, and each alone.

The figures are those of the Overview with its defaults. A table with which they can't be computed,
because it lacks a row that a forecast names, say, breaks pages and must not be used.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from forecasting.data.dataset import DataSet
from forecasting.errors import ForecastingError
from forecasting.reporting.overview import OverviewScenario, overview

#: In place of a table's name where all newer tables are taken together.
TOGETHER = "all together"


@dataclass(frozen=True)
class Effect:
    """A figure before and after, in words with its range; `by_table` names the table that alone
    was replaced, or is TOGETHER.
    """

    figure: str
    before: str
    after: str
    by_table: str


@dataclass(frozen=True)
class Effects:
    """What the usable frames move, all together first; `unusable` says of the others why."""

    moved: tuple[Effect, ...] = ()
    unusable: Mapping[str, str] | None = None


class FiguresError(ForecastingError):
    """The headline figures can't be computed from these tables."""


def effects(
    before: DataSet,
    frames: Mapping[str, pd.DataFrame],
    dates: Mapping[str, str],
    after: DataSet | None = None,
) -> Effects:
    """The figures that these frames move; raises FiguresError where those that can be used alone
    can't be used together, or the tables before can't be.

    Parameters
    ----------
    before : DataSet
        The tables before.
    frames : mapping
        The newer tables by name.
    dates : mapping
        How recent each of them is, as in the catalogue.
    after : DataSet, optional
        All tables together; None: those before with the frames that can be used.
    """
    read = [name for name in frames if name in OverviewScenario.TABLES]
    if not read:
        return Effects()
    old = _figures(before)
    alone: dict[str, list[tuple[str, str]]] = {}
    unusable: dict[str, str] = {}
    for name in read:
        try:
            alone[name] = _figures(_with(before, {name: frames[name]}, dates))
        except FiguresError as error:
            unusable[name] = str(error)
    if after is not None:
        together = _figures(after)
    elif not alone:
        return Effects((), unusable)
    elif len(alone) == 1:
        (together,) = alone.values()
    else:
        together = _figures(_with(before, {name: frames[name] for name in alone}, dates))
    moved = _moved(old, together, TOGETHER)
    for name, figures in alone.items():
        moved += _moved(old, figures, name, labels=together)
    return Effects(tuple(moved), unusable)


def _with(before: DataSet, frames: Mapping[str, pd.DataFrame], dates: Mapping[str, str]) -> DataSet:
    """The data set with newer tables, dated as they are: figures quote the dates of tables."""
    data = before.replaced(**frames)
    data.catalogue = MappingProxyType(
        {
            name: replace(info, date=dates[name]) if name in frames else info
            for name, info in before.catalogue.items()
        }
    )
    return data


def _figures(data: DataSet) -> list[tuple[str, str]]:
    """Label and words of each figure."""
    try:
        figures = overview(OverviewScenario(), data=data).figures
    except Exception as error:  # whatever it is, pages would meet it too
        logging.getLogger(__name__).info("figures can't be computed", exc_info=True)
        what = str(error) if isinstance(error, ForecastingError) else f"{error!r}"
        raise FiguresError(
            f"the headline figures can't be computed with it ({what.rstrip('.')})."
        ) from error
    return [(each.label, f"{each.words} ({each.range_words})") for each in figures]


def _moved(
    old: list[tuple[str, str]],
    new: list[tuple[str, str]],
    by_table: str,
    labels: list[tuple[str, str]] | None = None,
) -> list[Effect]:
    # By place: labels name what the data are, such as the years of a series.
    return [
        Effect(label, before, after, by_table)
        for (_, before), (_, after), (label, _) in zip(old, new, labels or new, strict=True)
        if before != after
    ]
