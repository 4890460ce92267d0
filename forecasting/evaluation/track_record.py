"""How good have such forecasts been? One forecast as it would have been made then, what came, and
how often such bands held.

backtest.py judges, tracked_series.py has the series, all_records.py judges all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import BoolArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import NotEnoughDataError
from forecasting.evaluation.backtest import Backtest, CutOffs, backtest
from forecasting.evaluation.forecast_scores import Share, crps_of_draws, share_of
from forecasting.evaluation.forecasters import forecaster
from forecasting.evaluation.tracked_series import (
    TrackedSeries,
    TrackedSeriesInputs,
    one_series,
    tracked_series,
)
from forecasting.scenario import quantity
from forecasting.stats.bands import QUANTILES, Bands
from forecasting.stats.quantiles import quantile_of
from forecasting.trends.trend import Kind

JudgedMethod = Literal[
    "pooled",
    "calibrated",
    "textbook",
    "ols",
    "robust",
    "no_change",
    "drift",
    "ets",
    "damped_ets",
    "local_linear_trend",
]
METHOD_TITLES: dict[str, str] = {
    "pooled": "Pooled over series",
    "calibrated": "Calibrated by past errors",
    "textbook": "Textbook least squares",
    "ols": "Least squares, whole years resampled",
    "robust": "Robust (Huber)",
    "no_change": "No change",
    "drift": "Random walk with drift",
    "ets": "ETS (statsmodels)",
    "damped_ets": "Damped ETS (statsmodels)",
    "local_linear_trend": "Local linear trend (statsmodels)",
}
STEPS_PER_YEAR = 4
LEVEL = 0.8
#: What needs no fit; where it scores better than the method, that is said.
SIMPLE = ("drift", "no_change")


def judged_method() -> Any:
    """A JudgedMethod."""
    return quantity(
        "pooled",
        unit="name",
        label="Method",
        why="Pooled is the default of trend forecasts; the others are for comparison.",
    )


class TrackRecordInputs(TrackedSeriesInputs):
    """Inputs of one forecast of the past: which series, by which method, standing when."""

    series: str = quantity("training_flop", unit="name", label="Series")
    method: JudgedMethod = judged_method()
    cut_off_year: int = quantity(
        2020,
        unit="year",
        label="Forecast as of 1 January",
        why="Only what was dated before this day is known.",
        ge=1905,
        le=2045,
    )
    years_ahead: int = quantity(
        5,
        unit="years",
        label="Years ahead",
        why="Five years is the horizon of the evaluation.",
        ge=1,
        le=15,
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The keys of the tracked series."""
        if field == "series":
            return tuple(tracked_series(data))
        return super().choices(field, data)


@dataclass(frozen=True, eq=False)
class TrackRecord(Answered):
    """One forecast of the past with what came, and the record of its method on the series.

    `cut_off_year` is the scenario's, or the nearest for which the series can be judged; `note` says
    so. `bands` are for a new point, on a quarterly grid from the cut-off on; `known` marks the
    points of the series known then, `later` those in the years ahead, `inside` which of the later
    ones lie in the 80% band. `record` and `textbook` are the backtests of the method and of the
    textbook line over all cut-offs, `simple` those of what needs no fit.
    """

    scenario: TrackRecordInputs
    cut_off_year: int
    series: TrackedSeries
    bands: Bands
    known: BoolArray
    later: BoolArray
    inside: BoolArray
    crps: float
    record: Backtest
    textbook: Backtest
    simple: tuple[Backtest, ...] = ()

    @property
    def held(self) -> Share | None:
        """The share of later points inside the 80% band of this one forecast; None where none has
        come.
        """
        if not self.later.any():
            return None
        return share_of(self.inside, np.floor(self.series.dates[self.later]).astype(np.int64))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a scored point of every cut-off, in the unit of the series."""
        frame = self.record.table.copy()  # the record keeps its own
        frame.insert(0, "unit", self.series.unit)
        frame.insert(0, "series", self.series.label)
        return frame


def track_record(scenario: TrackRecordInputs, *, data: DataOrContext | None = None) -> TrackRecord:
    """The forecast at the scenario's cut-off and the method's record on the series.

    Raises UnknownNameError for an unknown series. A cut-off for which it can't be judged is
    replaced by the nearest for which it can.
    """
    tables = context_of(data).data
    series = one_series(scenario.series, tables)
    first, last = possible_cut_offs(series)
    year = scenario.cut_off_year
    if not first <= year <= last:
        year = first if year < first else max(first, last - scenario.years_ahead + 1)
    known = series.dates < year
    logs = np.log10(series.values)
    cut_off = float(year)
    grid = np.linspace(
        cut_off, cut_off + scenario.years_ahead, scenario.years_ahead * STEPS_PER_YEAR + 1
    )
    later = ~known & (series.dates <= cut_off + scenario.years_ahead)
    draws = forecaster(scenario.method)(
        series.dates[known], logs[known], np.concatenate([grid, series.dates[later]])
    )
    quantiles = quantile_of(draws, QUANTILES)
    at_points = quantiles[:, grid.size :]
    low, high = at_points[QUANTILES.index(0.1)], at_points[QUANTILES.index(0.9)]
    came = logs[later]
    return TrackRecord(
        scenario=scenario,
        cut_off_year=year,
        series=series,
        bands=Bands(grid, 10.0 ** quantiles[:, : grid.size]),
        known=known,
        later=later,
        inside=(came >= low) & (came <= high),
        crps=(
            float(crps_of_draws(draws[:, grid.size :], came).mean()) if came.size else float("nan")
        ),
        record=series_record(scenario.series, scenario.method, "observation", tables),
        textbook=series_record(scenario.series, "textbook", "observation", tables),
        simple=tuple(
            series_record(scenario.series, method, "observation", tables) for method in SIMPLE
        ),
    )


def possible_cut_offs(series: TrackedSeries) -> tuple[int, int]:
    """The first and last year on whose 1 January a series can be forecast and judged."""
    if not series.dates.size:
        raise NotEnoughDataError(
            0, CutOffs().fewest_known, f"The series “{series.label}” is empty."
        )
    enough = float(series.dates[min(CutOffs().fewest_known, series.dates.size) - 1])
    return int(np.floor(enough)) + 1, int(np.floor(series.dates[-1]))


@cached_with
def series_record(key: str, method: str, kind: Kind, data: DataSet) -> Backtest:
    """The backtest of a tracked series by a method, by the protocol.

    Parameters
    ----------
    key : str
        Key of a tracked series.
    method : str
        A name of METHODS.
    kind : str
        "observation" or "trend": what is scored, see backtest.
    data : DataSet
        The tables.
    """
    series = one_series(key, data)
    return backtest(series.dates, series.values, method=method, kind=kind)
