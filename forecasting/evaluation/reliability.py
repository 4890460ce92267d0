"""How reliable bands have been over all tracked series: the share of later points that bands of 50,
80 and 95% held.

    reliability(ReliabilityInputs(method="pooled")).table
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import NotEnoughDataError
from forecasting.evaluation.shipped_records import shipped_row
from forecasting.evaluation.track_record import (
    METHOD_TITLES,
    JudgedMethod,
    judged_method,
    series_record,
)
from forecasting.evaluation.tracked_series import (
    TrackedSeries,
    TrackedSeriesInputs,
    tracked_series,
)
from forecasting.stats.bands import LEVELS
from forecasting.stats.quantiles import quantile_of


class ReliabilityInputs(TrackedSeriesInputs):
    """Inputs of the reliability of bands: of which method."""

    method: JudgedMethod = judged_method()


@dataclass(frozen=True)
class Held:
    """How much bands of a `level` held over so many `series`: the mean of their shares, and the 10%
    and 90% quantiles of these.
    """

    level: float
    mean: float
    low: float
    high: float
    series: int


@dataclass(frozen=True, eq=False)
class Reliability(Answered):
    """How much bands of each level held, by method and key of each series that could be judged: for
    the method of the scenario and the textbook line.
    """

    scenario: ReliabilityInputs
    shares: dict[str, dict[str, tuple[float, ...]]]

    @cached_property
    def by_method(self) -> dict[str, list[Held]]:
        """What bands of every level held, by method."""
        return {method: held_by_level(shares) for method, shares in self.shares.items()}

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a method and level."""
        return pd.DataFrame(
            [
                {
                    "method": METHOD_TITLES[method],
                    "level": row.level,
                    "held_mean": row.mean,
                    "held_q10_of_series": row.low,
                    "held_q90_of_series": row.high,
                    "series": row.series,
                }
                for method, rows in self.by_method.items()
                for row in rows
            ]
        )


def held_by_level(by_series: dict[str, tuple[float, ...]]) -> list[Held]:
    """What bands of 50, 80 and 95% held; every series counts the same."""
    rows = []
    for at, level in enumerate(LEVELS):
        shares = np.array([held[at] for held in by_series.values()])
        low, high = quantile_of(shares, (0.1, 0.9), "linear")
        rows.append(Held(level, float(shares.mean()), float(low), float(high), shares.size))
    return rows


def reliability(scenario: ReliabilityInputs, *, data: DataOrContext | None = None) -> Reliability:
    """How reliable the bands of a method have been, and those of the textbook line.

    Parameters
    ----------
    scenario : ReliabilityInputs
        Which method.
    data : DataSet, Context or None
        The tables; None: the bundled ones.

    Raises
    ------
    NotEnoughDataError
        Where no series could be judged.
    """
    tables = context_of(data).data
    shares: dict[str, dict[str, tuple[float, ...]]] = {}
    for method in dict.fromkeys((scenario.method, "textbook")):
        found = {}
        for key, series in tracked_series(tables).items():
            with suppress(NotEnoughDataError):
                found[key] = _held(series, method, tables)
        if not found:
            raise NotEnoughDataError(0, 1, f"No series could be evaluated by “{method}”.")
        shares[method] = found
    return Reliability(scenario, shares)


def _held(series: TrackedSeries, method: str, data: DataSet) -> tuple[float, ...]:
    """The share of later points that bands of each level held; raises NotEnoughDataError."""
    row = shipped_row(series, method)
    if row is not None:
        return tuple(row[f"coverage_{100.0 * level:.0f}"] for level in LEVELS)
    record = series_record(series.key, method, "observation", data)
    return tuple(record.coverage(level).value for level in LEVELS)
