"""How the runs of a log end, and how far apart their losses stand: kept for parts of a log and put
together, so that a run that ends without a loss is told wherever it was divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RunEndings:
    """Of each run, arrays of one length: how many `rows` and `losses` it has, how many rows without
    a loss stand before its first one (`lead`), at most between or before them (`gap`) and after the
    last (`tail`), whether one of the latter is written as NaN or inf, and its `first` and `last`
    place in order (NaN where unknown).
    """

    rows: IntArray
    losses: IntArray
    lead: IntArray
    gap: IntArray
    tail: IntArray
    has_nan: BoolArray
    first: FloatArray
    last: FloatArray

    def __len__(self) -> int:
        return int(self.rows.size)

    @property
    def diverged(self) -> BoolArray:
        """Which runs have no loss in their last rows, more of them than between evaluations."""
        found: BoolArray = (self.losses >= 2) & (self.tail > self.gap)
        return found

    def at(self, runs: NDArray[np.integer]) -> RunEndings:
        """Some of the runs."""
        return RunEndings(*(getattr(self, each.name)[runs] for each in fields(self)))

    def placed(self, count: int, runs: NDArray[np.integer]) -> RunEndings:
        """The same as `runs` among `count`; the others have no rows."""
        placed = _none(count)
        for each in fields(self):
            getattr(placed, each.name)[runs] = getattr(self, each.name)
        return placed

    def and_these(self, other: RunEndings) -> RunEndings:
        """The same runs, of which `other` has the rows that follow; where their places in order say
        that they come before, or between these, they count as such.
        """
        is_before = (other.last < self.first) & (other.rows > 0) & (self.rows > 0)
        is_between = (other.last < self.last) & ~is_before & (other.rows > 0)
        one, two = _chosen(is_before, other, self), _chosen(is_before, self, other)
        no_loss = two.losses == 0
        after = np.where(one.losses > 0, one.tail, one.rows) + two.lead
        # Before the first loss of all, what leads to it; else a gap between two.
        gap = np.maximum(one.gap, np.where(no_loss, 0, np.maximum(two.gap, after)))
        tail = np.where(no_loss, one.tail + two.rows, two.tail)
        has_nan = np.where(no_loss, one.has_nan | two.has_nan, two.has_nan)
        return RunEndings(
            rows=one.rows + two.rows,
            losses=one.losses + two.losses,
            lead=np.where(one.losses > 0, one.lead, one.rows + two.lead),
            gap=np.where(is_between, np.maximum(one.gap, two.gap), gap),
            tail=np.where(is_between, one.tail, tail),
            has_nan=np.where(is_between, one.has_nan, has_nan),
            first=np.fmin(one.first, two.first),
            last=np.fmax(one.last, two.last),
        )


def _none(count: int) -> RunEndings:
    def zeros() -> IntArray:
        return np.zeros(count, dtype=np.int64)

    def unknown() -> FloatArray:
        return np.full(count, np.nan)

    nan = np.zeros(count, dtype=np.bool_)
    return RunEndings(zeros(), zeros(), zeros(), zeros(), zeros(), nan, unknown(), unknown())


def _chosen(which: BoolArray, one: RunEndings, other: RunEndings) -> RunEndings:
    return RunEndings(
        *(np.where(which, getattr(one, e.name), getattr(other, e.name)) for e in fields(one))
    )


def endings_of(
    run: NDArray[np.int32], count: int, order: FloatArray, loss: FloatArray, is_nan: BoolArray
) -> RunEndings:
    """How the runs of a log, or of a part of one, end.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The run of each row of a log, from 0.
    count : int
        How many runs there are.
    order : array of floats, shape (rows,)
        What sorts the rows of a run; NaN: as they stand.
    loss : array of floats, shape (rows,)
        The losses, NaN where there is none.
    is_nan : array of bools, shape (rows,)
        Where a cell is not empty and holds NaN or inf.
    """
    found = _none(count)
    known = np.isfinite(loss)
    found.rows[:] = np.bincount(run, minlength=count)
    found.losses[:] = np.bincount(run[known], minlength=count)
    np.fmin.at(found.first, run, order)
    np.fmax.at(found.last, run, order)
    suspects = np.unique(run[~known])
    rows = np.flatnonzero(np.isin(run, suspects)) if suspects.size else suspects
    if not rows.size:
        return found
    rows = rows[np.lexsort((np.nan_to_num(order[rows], nan=-np.inf), run[rows]))]
    runs = run[rows]
    starts = np.searchsorted(runs, suspects)
    ends = np.append(starts[1:], rows.size)
    at = np.flatnonzero(known[rows])
    of = np.searchsorted(suspects, runs[at])  # the suspect of each loss
    is_first = np.append(True, of[1:] != of[:-1])[: of.size]
    before = np.where(is_first, starts[of] - 1, np.append(-1, at[:-1])[: at.size])
    gaps = at - before - 1
    lead = found.rows[suspects].copy()
    lead[of[is_first]] = gaps[is_first]
    gap = np.zeros(suspects.size, dtype=np.int64)
    np.maximum.at(gap, of, gaps)
    last = starts - 1
    np.maximum.at(last, of, at)
    named = np.append(0, np.cumsum(is_nan[rows]))
    found.lead[suspects] = lead
    found.gap[suspects] = gap
    found.tail[suspects] = ends - 1 - last
    found.has_nan[suspects] = named[ends] > named[last + 1]
    return found


def joined_endings(
    parts: Sequence[tuple[RunEndings, NDArray[np.integer]]], count: int
) -> RunEndings:
    """The endings of `count` runs from those of parts of their logs, one after the other, each with
    the numbers that its runs have among all.
    """
    whole = _none(count)
    for endings, runs in parts:
        together = whole.at(runs).and_these(endings)
        for each in fields(whole):
            getattr(whole, each.name)[runs] = getattr(together, each.name)
    return whole


__all__ = ["RunEndings", "endings_of", "joined_endings"]
