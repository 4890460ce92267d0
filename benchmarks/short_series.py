"""How the default method's 80% bands do on short yearly series: yearly medians of each family of
development series, cut to at most 30 years, judged by the cut-offs for few points.

    python -m benchmarks short_series

BANDS_FURTHER names a CSV file of further series, as for `bands`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import forecasting as fc
from forecasting.arrays import FloatArray
from forecasting.evaluation.backtest import Backtest, CutOffs, backtest
from forecasting.evaluation.development_series import DevelopmentSeries, development_series
from forecasting.trends.pooled_trend import MANY_POINTS

METHODS = ("default", "calibrated", "textbook")
MIN_YEARS = 12  # some values then come three years after a cut-off
STEP_YEARS = 18  # long histories count as several short series


def run() -> None:
    further = os.environ.get("BANDS_FURTHER")
    every = development_series(fc.bundled(), Path(further) if further else None)
    families = {each.family: each for each in reversed(every)}
    started = time.process_time()
    found = [
        {"family": family, "method": method, **_shares(record)}
        for family, series in families.items()
        for dates, values in _short(series)
        for method in METHODS
        for record in [
            backtest(dates, values, method=method, plan=CutOffs.of_few_points(dates.size))
        ]
    ]
    table = pd.DataFrame(found).groupby(["method", "family"]).mean().groupby("method")
    shown = table.mean().round(3)
    shown["below 70%"] = table["80%"].agg(lambda held: float((held < 0.7).mean())).round(3)
    print(f"{table.size().iloc[0]} families, yearly, {MIN_YEARS} to {MANY_POINTS} points a series;")
    print("share of later values inside the bands, each family counted once")
    print(shown.loc[list(METHODS)].to_string())
    print(f"{time.process_time() - started:.0f} s CPU")


def _short(series: DevelopmentSeries) -> Iterator[tuple[FloatArray, FloatArray]]:
    year = np.floor(series.dates)
    years = np.unique(year)
    dates = np.array([series.dates[year == each].mean() for each in years])
    values = np.array([np.median(series.values[year == each]) for each in years])
    for start in range(0, max(1, years.size - MIN_YEARS), STEP_YEARS):
        part = slice(start, start + MANY_POINTS)
        if dates[part].size >= MIN_YEARS:
            yield dates[part], values[part]


def _shares(record: Backtest) -> dict[str, float]:
    return {
        "50%": record.coverage(0.5).value,
        "80%": record.coverage(0.8).value,
        "95%": record.coverage(0.95).value,
        "80% beyond two years": record.coverage(0.8, 2).value,
    }
