"""Whether a newer table can be true, beside the old one: what no schema can say.

Each problem is a sentence that names the column, what was seen and where the limit lies. Any of
them keeps the old table in use.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.data.catalogue import ColumnInfo, TableInfo

#: Shares of the rows known before.
MAX_LOST_ROWS = 0.1
MAX_MOVED_VALUES = 0.3
MAX_EMPTIED = 0.5
MAX_SCALED_VALUES = 0.2
#: A value has moved when it differs by more than this.
MOVED = 0.2
#: How far from a power of ten the ratio of a wrong unit may be, in powers of ten.
NEAR_POWER = 0.02
#: Below so many values a column says nothing about its unit.
MIN_VALUES = 3
MIN_NEW_VALUES = 5
#: New rows whose median price is so many times the old ones' are in another unit.
MAX_PRICE_STEP = 20.0
#: So many rows of days to come are left out rather than refused.
MAX_FUTURE_ROWS = 0.02


@dataclass(frozen=True)
class Verdict:
    """Problems (none: it can be true), the rows to use, and notes on those left out."""

    problems: tuple[str, ...]
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


def plausibility(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame, today: dt.date) -> Verdict:
    """Compare two typed frames of one table on the day `today`.

    Parameters
    ----------
    info : TableInfo
        The table's entry.
    old, new : DataFrame
        Its rows before and after, both of the schema.
    today : date
        Rows of later days are left out, or refused if there are many; a table that marks what is
        projected may have them.
    """
    new, problems, notes = _until(info, new, today)
    problems += _repeated(info, old, new)
    problems += _lost(info, old, new)
    pairs = _pairs(info, old, new)
    for column in info.columns:
        if column.name in info.primary_key:
            continue
        problems += _emptied(column, old, new)
        if column.is_numeric and pairs is not None:
            before = pairs[f"{column.name}_old"].to_numpy(dtype=np.float64)
            after = pairs[f"{column.name}_new"].to_numpy(dtype=np.float64)
            problems += _moved(column, before, after) if _has_own_key(info) else []
            problems += _scaled(column, before, after)
    problems += _new_prices(info, old, new)
    return Verdict(tuple(problems), new, notes)


def _until(
    info: TableInfo, new: pd.DataFrame, today: dt.date
) -> tuple[pd.DataFrame, list[str], tuple[str, ...]]:
    future = np.zeros(len(new), dtype=bool)
    for column in info.columns:
        if column.type == "date":
            future |= (new[column.name] > pd.Timestamp(today)).to_numpy()
    if "projected" in new.columns:
        future &= (new["projected"] != 1).to_numpy()
    rows = int(future.sum())
    if rows > max(1, MAX_FUTURE_ROWS * len(new)):
        return new, [f"{rows} of {len(new)} rows have a day after today ({today})."], ()
    if not rows:
        return new, [], ()
    kept = new[~future].reset_index(drop=True)
    return kept, [], (f"{_rows(rows)} of days after today ({today}) left out.",)


def _repeated(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    if info.primary_key:
        return []  # the schema refuses a repeated key
    before, after = int(old.duplicated().sum()), int(new.duplicated().sum())
    if after > before + max(1, len(new) // 100):
        return [f"{_rows(after)} repeat another ({before} before)."]
    return []


def _lost(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    if info.primary_key:
        key = list(info.primary_key)
        found = old[key].merge(new[key].drop_duplicates(), on=key, how="left", indicator=True)
        lost = int((found["_merge"] == "left_only").sum())
    else:
        lost = len(old) - len(new)
    if lost > max(2, MAX_LOST_ROWS * len(old)):
        return [
            f"{lost} of {len(old)} rows known before are gone; at most {MAX_LOST_ROWS:.0%} may be."
        ]
    return []


def _pairs(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of both, side by side; where the key has a day, the newest of each series."""
    key = list(_series_key(info))
    if not key:
        return None
    if not _has_own_key(info):
        days = [name for name in info.primary_key if name not in key]
        old, new = (
            each.sort_values(days, kind="stable").drop_duplicates(key, keep="last")
            for each in (old, new)
        )
    return old.merge(new, on=key, suffixes=("_old", "_new"))


def _series_key(info: TableInfo) -> tuple[str, ...]:
    """The key without its days: what names the series of prices or states that a row is of."""
    return tuple(name for name in info.primary_key if info.column(name).type != "date")


def _has_own_key(info: TableInfo) -> bool:
    return _series_key(info) == info.primary_key


def _moved(column: ColumnInfo, before: FloatArray, after: FloatArray) -> list[str]:
    both = np.isfinite(before) & np.isfinite(after)
    if both.sum() < MIN_VALUES:
        return []
    moved = np.abs(after - before)[both] > MOVED * np.abs(before)[both]
    if moved.sum() > max(2.0, MAX_MOVED_VALUES * both.sum()):
        return [
            f"{column.name}: {int(moved.sum())} of {int(both.sum())} values known before differ by"
            f" more than {MOVED:.0%}."
        ]
    return []


def _scaled(column: ColumnInfo, before: FloatArray, after: FloatArray) -> list[str]:
    positive = np.isfinite(before) & np.isfinite(after) & (before > 0) & (after > 0)
    if positive.sum() < MIN_VALUES:
        return []
    powers = np.log10(after[positive] / before[positive])
    whole = np.round(powers)
    near = (whole != 0) & (np.abs(powers - whole) < NEAR_POWER)
    if near.sum() <= max(2.0, MAX_SCALED_VALUES * positive.sum()):
        return []
    values, counts = np.unique(whole[near], return_counts=True)
    factor = 10.0 ** float(values[np.argmax(counts)])
    times = f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"
    return [
        f"{column.name}: {int(near.sum())} of {int(positive.sum())} values are {times} those known"
        f" before; the unit may have changed ({column.unit})."
    ]


def _emptied(column: ColumnInfo, old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    before, after = (float(each[column.name].notna().mean()) for each in (old, new))
    there = int(old[column.name].notna().sum())
    if there >= MIN_VALUES and after < (1 - MAX_EMPTIED) * before:
        return [
            f"{column.name}: {after:.0%} of the rows have a value; {before:.0%} had one before."
        ]
    return []


def _new_prices(info: TableInfo, old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """New rows of series that were not known have none to be compared with, but their medians."""
    key = list(info.primary_key)
    if not key:
        return []
    found = new.merge(old[key], on=key, how="left", indicator=True)
    added = new[(found["_merge"] == "left_only").to_numpy()]
    problems = []
    for column in info.columns:
        if not column.is_numeric or "USD" not in column.unit:
            continue
        before, after = (_positive(each[column.name]) for each in (old, added))
        if min(before.size, after.size) < MIN_NEW_VALUES:
            continue
        step = float(np.median(after) / np.median(before))
        if abs(math.log(step)) > math.log(MAX_PRICE_STEP):
            problems.append(
                f"{column.name}: the median of the {after.size} new rows is {step:.3g} times that"
                f" of the old ones; the unit may have changed ({column.unit})."
            )
    return problems


def _positive(values: Sequence[float] | pd.Series) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    return numbers[np.isfinite(numbers) & (numbers > 0)]


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
