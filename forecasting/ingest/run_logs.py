"""Training logs, many rows a run, reduced to a row a run: its last loss, its lowest, or the mean of
its last tenth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.arrays import FloatArray, IntArray
from forecasting.ingest.column_mapping import Take

SMOOTHED_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class FinalLosses:
    """A row a run, in the order in which runs first appear: `loss`, the `at` row of the log it was
    taken from, `rows` with a loss.
    """

    run: IntArray
    loss: FloatArray
    at: IntArray
    rows: IntArray


def reduced(run: NDArray[np.int32], order: FloatArray, loss: FloatArray, take: Take) -> FinalLosses:
    """One loss a run; rows without a loss are passed over.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The run of each row of a log, from 0.
    order : array of floats, shape (rows,)
        What sorts the rows of a run, such as steps; NaN: as they stand.
    loss : array of floats, shape (rows,)
        The loss of each row, NaN where there is none.
    take : str
        Which loss of a run: "last", "lowest", or "smoothed" for the mean of its end.
    """
    rows = np.flatnonzero(np.isfinite(loss))
    keys = run[rows].astype(np.int64)
    place = order[rows]
    in_order = np.all(
        (keys[1:] > keys[:-1]) | ((keys[1:] == keys[:-1]) & ~(place[1:] < place[:-1]))
    )
    if not in_order:
        by = (
            np.lexsort((np.nan_to_num(place, nan=-np.inf), keys))
            if np.isfinite(place).any()
            else np.argsort(keys, kind="stable")
        )
        rows, keys = rows[by], keys[by]
    starts = (
        np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        if rows.size
        else np.array([], dtype=np.int64)
    )
    ends = np.concatenate([starts[1:], [rows.size]]).astype(np.int64)[: starts.size]
    counts = ends - starts
    values = loss[rows]
    last = ends - 1
    if take == "lowest":
        least = np.minimum.reduceat(values, starts) if starts.size else values[:0]
        where = np.flatnonzero(values == np.repeat(least, counts))
        _, first = np.unique(keys[where], return_index=True)
        chosen, result = where[first], least
    elif take == "smoothed" and starts.size:
        tail = np.maximum(1, np.ceil(SMOOTHED_SHARE * counts).astype(np.int64))
        sums = np.concatenate([[0.0], np.cumsum(values)])
        chosen, result = last, (sums[ends] - sums[ends - tail]) / tail
    else:
        chosen, result = last, values[last]
    return FinalLosses(keys[starts], result, rows[chosen], counts)


def last_known(run: NDArray[np.int32], values: FloatArray, runs: IntArray) -> FloatArray:
    """The last finite value of each run, NaN where there is none; for what a log repeats on each
    row or gives once.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The run of each row of a log, from 0.
    values : array of floats, shape (rows,)
        The values, in any unit.
    runs : array of whole numbers, shape (runs,)
        The runs asked for.
    """
    size = int(max(run.max(initial=-1), runs.max(initial=-1))) + 1
    known = np.full(size, np.nan)
    rows = np.flatnonzero(np.isfinite(values))
    known[run[rows]] = values[rows]
    result: FloatArray = known[runs]
    return result


def known_at(
    run: NDArray[np.int32], order: FloatArray, values: FloatArray, runs: FinalLosses
) -> FloatArray:
    """The value on each run's chosen row or, where that row has none, on the nearest row of the run
    before it.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The run of each row of a log, from 0.
    order : array of floats, shape (rows,)
        What sorts the rows of a run; NaN: as they stand.
    values : array of floats, shape (rows,)
        The values, in any unit.
    runs : FinalLosses
        The runs, with the row that was chosen of each.
    """
    at = rows_known_at(run, order, values, runs)
    result: FloatArray = np.where(at >= 0, values[at], np.nan)
    return result


def rows_known_at(
    run: NDArray[np.int32], order: FloatArray, values: FloatArray, runs: FinalLosses
) -> IntArray:
    """Where `known_at` takes the values from, −1 where it finds none.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The run of each row of a log, from 0.
    order : array of floats, shape (rows,)
        What sorts the rows of a run; NaN: as they stand.
    values : array of floats, shape (rows,)
        The values, in any unit.
    runs : FinalLosses
        The runs, with the row that was chosen of each.
    """
    missing = ~np.isfinite(values[runs.at])
    at: IntArray = np.where(missing, -1, runs.at)
    if missing.any():
        by = np.lexsort((np.nan_to_num(order, nan=-np.inf), run))
        filled = np.where(np.isfinite(values[by]), np.arange(by.size), -1)
        filled = np.maximum.accumulate(filled)
        place = np.empty(by.size, dtype=np.int64)
        place[by] = np.arange(by.size)
        source = filled[place[runs.at]]
        same = (source >= 0) & (run[by[source]] == runs.run)
        at = np.where(missing & same, by[source], at)
    return at
