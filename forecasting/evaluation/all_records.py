"""Every tracked series by every method, and how often the bands of a method have held."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import ForecastingError, NotEnoughDataError
from forecasting.evaluation.backtest import Backtest, Task, backtest, backtest_many
from forecasting.evaluation.forecast_scores import Share
from forecasting.evaluation.shipped_records import shipped_row
from forecasting.evaluation.track_record import LEVEL, METHOD_TITLES, series_record
from forecasting.evaluation.tracked_series import (
    TrackedSeries,
    TrackedSeriesInputs,
    tracked_series,
)
from forecasting.scenario import quantity
from forecasting.trends.trend import DEFAULT_METHOD, Kind

#: Methods of the table of all series; those of statsmodels are judged where it is asked for.
TABLE_METHODS = ("calibrated", "textbook", "ols", "no_change", "drift")
PEER_METHODS = ("ets", "damped_ets", "local_linear_trend")
OWN_METHODS = tuple(dict.fromkeys((DEFAULT_METHOD, *TABLE_METHODS)))
#: Those whose rows are computed when the tables are released: robust is judged by itself only.
SHIPPED_METHODS = (*OWN_METHODS, "robust")
#: Estimators whose bands are not meant to hold all points.
NOT_FOR_ALL_POINTS = ("frontier", "record")


class AllRecordsInputs(TrackedSeriesInputs):
    """Inputs of the record of all series: by which methods."""

    peers: bool = quantity(
        True,
        unit="1",
        label="Also ETS, damped and not, and local linear trend",
        why=(
            "Alternatives from statsmodels on yearly medians, computed when the tables are"
            " released."
        ),
    )


@dataclass(frozen=True, eq=False)
class AllRecords(Answered):
    """Every tracked series by every method: `rows` has the cells of the table by the series' key
    and method; `failed` says which could not be judged, and why.
    """

    rows: dict[tuple[str, str], dict[str, Any]]
    failed: tuple[str, ...]
    series: tuple[TrackedSeries, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a series and method: coverage, far coverage, CRPS against the textbook line,
        bias, widths.
        """
        # What links have shown stands where it stood: a method added since comes below.
        methods = [name for name in METHOD_TITLES if name != DEFAULT_METHOD]
        pairs = [(series, method) for series in self.series for method in methods]
        pairs += [(series, DEFAULT_METHOD) for series in self.series]
        return pd.DataFrame(
            [
                {"series": series.label, "method": METHOD_TITLES[method]}
                | self.rows[series.key, method]
                for series, method in pairs
                if (series.key, method) in self.rows
            ]
        )


def figures(series: TrackedSeries, record: Backtest, textbook_crps: float) -> dict[str, Any]:
    """The cells of a row of the table.

    Parameters
    ----------
    series : TrackedSeries
        The series.
    record : Backtest
        That of a method.
    textbook_crps : float
        The mean CRPS of the textbook line on the series, in OOM.
    """
    share = record.coverage(LEVEL)
    far = record.coverage(LEVEL, 2.0).value if (record.horizon > 2.0).any() else float("nan")
    width, hindsight = record.median_width(LEVEL), record.hindsight_width(LEVEL)
    return {
        "chosen_on_it": series.chosen_on,
        "cut_offs": int(record.cut_offs.size),
        "points": share.points,
        "coverage_50": record.coverage(0.5).value,
        "coverage_80": share.value,
        "coverage_80_low": share.low,
        "coverage_80_high": share.high,
        "coverage_80_beyond_two_years": far,
        "coverage_95": record.coverage(0.95).value,
        "crps_oom": record.mean_crps,
        "crps_against_textbook": record.mean_crps / textbook_crps,
        "bias_oom": record.bias,
        "width_80_oom": width,
        "width_against_hindsight": width / max(hindsight, 1e-12),
    }


def fresh_row(series: TrackedSeries, method: str) -> dict[str, Any]:
    """The cells of a row of the table, computed now; raises NotEnoughDataError."""
    record, textbook = (
        backtest(series.dates, series.values, method=name) for name in (method, "textbook")
    )
    return figures(series, record, textbook.mean_crps)


@cached_with
def all_records(peers: bool, data: DataSet) -> AllRecords:
    """Judge every tracked series by every method, with `peers` also by those of statsmodels; series
    whose points are those of the released tables are judged when these are released.
    """
    methods = (*OWN_METHODS, *(PEER_METHODS if peers else ()))
    series = tuple(tracked_series(data).values())
    pairs = [(each, method) for each in series for method in methods]
    found = {(each.key, method): shipped_row(each, method) for each, method in pairs}
    rows = {pair: row for pair, row in found.items() if row is not None}
    left = [(each, method) for each, method in pairs if (each.key, method) not in rows]
    results = backtest_many(
        [Task(each.label, each.dates, each.values, method) for each, method in left]
    )
    records: dict[tuple[str, str], Backtest] = {}
    failed = []
    for (each, method), result in zip(left, results, strict=True):
        if isinstance(result, ForecastingError):
            said = result.remedy if isinstance(result, NotEnoughDataError) else str(result)
            failed.append(f"{METHOD_TITLES[method]}, {said}")
        else:
            records[each.key, method] = result
    for each, method in left:
        if (each.key, method) in records:
            plain = rows.get((each.key, "textbook"))
            crps = records[each.key, "textbook"].mean_crps if plain is None else plain["crps_oom"]
            rows[each.key, method] = figures(each, records[each.key, method], crps)
    return AllRecords(rows, tuple(failed), series)


def every_series(scenario: AllRecordsInputs, *, data: DataOrContext | None = None) -> AllRecords:
    """Every tracked series by every method of this product, and by the peers where asked for."""
    return all_records(scenario.peers, context_of(data).data)


@cached_with
def method_coverage(method: str, kind: Kind, data: DataSet) -> Share:
    """How often 80% bands of a method have held on the eight series of the protocol.

    Each series weighs the same; the ends of the range are the series on which they held least and
    most.

    Parameters
    ----------
    method : str
        A name of METHODS.
    kind : str
        "observation" for new points, "trend" for the band of the trend on yearly medians.
    data : DataSet
        The tables.

    Raises
    ------
    NotEnoughDataError
        Where none of the series could be judged.
    """
    shares = []
    for series in tracked_series(data).values():
        if series.chosen_on:
            with suppress(NotEnoughDataError):
                shares.append(series_record(series.key, method, kind, data).coverage(LEVEL))
    if not shares:
        raise NotEnoughDataError(0, 1, f"No series could be evaluated by “{method}”.")
    values = [share.value for share in shares]
    return Share(
        float(np.mean(values)), min(values), max(values), sum(share.points for share in shares)
    )
