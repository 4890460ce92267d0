"""How fast the price of a score has fallen since, by the ARC Prize leaderboard: lines through the
record lows of what reaches it, a task or a token.

measured_declines(bundled())                 # USD a task, as run
measured_declines(bundled(), basis="token")  # list price, three tokens read for one written

The method is that of Epoch AI's fits (LLM inference price trends, 2025-03): of the systems that
reach a score the cheapest so far, by release date, and least squares through the logarithms of
their prices. A task counts the tokens that a system uses, so its price falls by r/g where a token's
falls by r and tokens a task grow by g.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from forecasting.data.dataset import DataSet
from forecasting.inference.leaderboard import Entry, cheapest_so_far, machines
from forecasting.units import decimal_years

BENCHMARKS = ("ARC-AGI-1", "ARC-AGI-2")
#: Scores in %, at which prices are followed.
SCORES = tuple(range(10, 100, 10))
#: A line needs so many record lows, over so many years.
MIN_SYSTEMS, MIN_YEARS = 4, 0.5
Basis = Literal["task", "token"]


@dataclass(frozen=True)
class QualityDecline:
    """A line at one score: `factor` is by how much the price falls in a year, `low` to `high` its
    90% interval, of Student's t about so few points; `systems` are the record lows.
    """

    benchmark: str
    score: float
    systems: tuple[Entry, ...]
    factor: float
    low: float
    high: float
    r_squared: float

    @property
    def start(self) -> dt.date:
        """The day of the first record low."""
        return self.systems[0].released or dt.date.min

    @property
    def end(self) -> dt.date:
        """The day of the last."""
        return self.systems[-1].released or dt.date.min


@dataclass(frozen=True)
class MeasuredDeclines:
    """The lines at those of the `tried` scores that have one; without any, figures are empty."""

    basis: Basis
    fits: tuple[QualityDecline, ...]
    tried: int

    @property
    def median(self) -> float:
        """The middle of the factors."""
        return float(np.median([fit.factor for fit in self.fits])) if self.fits else float("nan")

    @property
    def straddling(self) -> int:
        """Lines whose interval reaches below 1: their points allow a rise in price."""
        return sum(fit.low < 1.0 for fit in self.fits)

    @property
    def window(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day of all lines; None without any."""
        if not self.fits:
            return None
        return min(fit.start for fit in self.fits), max(fit.end for fit in self.fits)

    @property
    def table(self) -> pd.DataFrame:
        """A row a line, with the columns of the table token_price_declines."""
        return pd.DataFrame(
            [
                (
                    fit.benchmark,
                    f"{fit.score:g}%",
                    len(fit.systems),
                    fit.start,
                    fit.end,
                    fit.factor,
                    fit.low,
                    fit.high,
                    fit.r_squared,
                )
                for fit in self.fits
            ],
            columns=[
                "benchmark",
                "at_least_as_good_as",
                "models",
                "start_date",
                "end_date",
                "price_reduction_per_year",
                "ci90_low",
                "ci90_high",
                "r_squared",
            ],
        )


def measured_declines(data: DataSet, basis: Basis = "task") -> MeasuredDeclines:
    """The lines at scores of ARC-AGI-1 and -2 in steps of ten points.

    Parameters
    ----------
    data : DataSet
        The tables.
    basis : str
        “task”, what a task cost as it was run, or “token”, the first list price of the model.
    """
    price = _PRICES[basis]
    fits = []
    for benchmark in BENCHMARKS:
        entries = [replace(each, usd=price(each)) for each in machines(benchmark, data)]
        for score in SCORES:
            fit = _fit(benchmark, score, cheapest_so_far(score, entries))
            if fit is not None:
                fits.append(fit)
    return MeasuredDeclines(basis, tuple(fits), len(BENCHMARKS) * len(SCORES))


def _fit(benchmark: str, score: float, systems: tuple[Entry, ...]) -> QualityDecline | None:
    """The line through record lows; None for too few or too short a time."""
    if len(systems) < MIN_SYSTEMS:
        return None
    years = decimal_years(np.array([each.released for each in systems], dtype="datetime64[D]"))
    if np.ptp(years) < MIN_YEARS:
        return None
    logs = np.log([each.usd for each in systems])
    centred = years - years.mean()
    spread = float(centred @ centred)
    slope = float(centred @ logs) / spread
    missed = logs - logs.mean() - slope * centred
    freedom = len(systems) - 2
    error = float(stdtrit(freedom, 0.95)) * np.sqrt(missed @ missed / freedom / spread)
    total = logs - logs.mean()
    return QualityDecline(
        benchmark,
        float(score),
        systems,
        factor=float(np.exp(-slope)),
        low=float(np.exp(-slope - error)),
        high=float(np.exp(-slope + error)),
        r_squared=1.0 - float(missed @ missed) / float(total @ total),
    )


def _usd_per_task(entry: Entry) -> float:
    return entry.usd


def _usd_per_mtok(entry: Entry) -> float:
    return entry.usd_per_mtok


_PRICES: dict[Basis, Callable[[Entry], float]] = {"task": _usd_per_task, "token": _usd_per_mtok}
