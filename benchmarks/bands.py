"""How bands do on series that nobody tuned them to: constants learned on a random half of many
series and judged on the other half, many times; then the constants in use on every series.

    python -m benchmarks bands

BANDS_FURTHER names a CSV file of further series (columns series, decimal_year, value), BANDS_SPLITS
how many splits (60), BANDS_RIVALS the methods to score against ("textbook,ets"; ETS takes minutes).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

import forecasting as fc
from forecasting.errors import NotEnoughDataError
from forecasting.evaluation.band_splits import (
    JudgedSeries,
    Learner,
    SeriesRecord,
    goals,
    judge_series,
    random_splits,
)
from forecasting.evaluation.development_series import DevelopmentSeries, development_series
from forecasting.trends.pooled_trend import PooledSettings

GOALS = {
    "80_within_70_90": 0.90,
    "80_within_75_85": 0.60,
    "far_within_68_92": 0.85,
    "50_within_40_60": 0.90,
    "95_within_90_99": 0.90,
}


def run() -> None:
    further = os.environ.get("BANDS_FURTHER")
    rivals = tuple(os.environ.get("BANDS_RIVALS", "textbook,ets").split(","))
    every = development_series(fc.bundled(), Path(further) if further else None)
    started = time.process_time()
    judged = [each for each in (_judged(series, rivals) for series in every) if each is not None]
    families = {each.series.family for each in judged}
    print(
        f"{len(judged)} of {len(every)} series can be judged, {len(families)} families;"
        f" {time.process_time() - started:.0f} s CPU"
    )
    started = time.process_time()
    splits = random_splits(judged, int(os.environ.get("BANDS_SPLITS", "60")))
    print(
        f"{len(splits.learned)} splits, constants learned on one half and judged on the other;"
        f" {time.process_time() - started:.0f} s CPU"
    )
    print("unseen half, constants of the split: mean, and 10%, 50%, 90% of splits")
    _spread(splits.table)
    print("the same halves, constants in use")
    _spread(splits.released_table)
    learner = Learner(judged)
    rows = range(len(judged))
    print("constants learned on all:", learner.learn(rows))
    records = learner.judge(rows, PooledSettings())
    print("constants in use, all series, and long series of other technologies:")
    print(pd.DataFrame([goals(records), goals(_of(records, judged))]).T.round(3).to_string())
    _series(records)


def _judged(series: DevelopmentSeries, rivals: tuple[str, ...]) -> JudgedSeries | None:
    try:
        return judge_series(series, rivals)
    except NotEnoughDataError:
        if "ets" not in rivals:
            return None
    try:
        return judge_series(series, tuple(name for name in rivals if name != "ets"))
    except NotEnoughDataError:
        return None


def _of(records: list[SeriesRecord], judged: list[JudgedSeries]) -> list[SeriesRecord]:
    return [
        record
        for record, each in zip(records, judged, strict=True)
        if each.series.family.startswith("further") or each.series.family == "machines"
    ] or records


def _spread(table: pd.DataFrame) -> None:
    for name, column in table.items():
        low, middle, high = np.quantile(column, (0.1, 0.5, 0.9))
        goal = f"   goal {GOALS[str(name)]:.2f}" if name in GOALS else ""
        print(f"  {name:26s} {column.mean():.3f}   {low:.3f} {middle:.3f} {high:.3f}{goal}")


def _series(records: list[SeriesRecord]) -> None:
    print("every series: 80% band, beyond two years, 50%, 95%, scores")
    for each in sorted(records, key=lambda record: record.held_80):
        scores = " ".join(f"{name} {value:.2f}" for name, value in each.against.items())
        print(
            f"  {each.name[:44]:44s} {each.held_80:.2f} {each.far:.2f} {each.held_50:.2f}"
            f" {each.held_95:.2f} {scores}"
        )
