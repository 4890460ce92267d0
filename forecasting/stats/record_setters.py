"""Which rows of a series stood at the top when they appeared."""

from __future__ import annotations

import heapq
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.errors import InputError, UnknownNameError
from forecasting.stats.dated_series import checked_series

Best = Literal["highest", "lowest"]


def running_top(dates: ArrayLike, values: ArrayLike, count: int = 10) -> BoolArray:
    """The rows that were among the `count` highest when they appeared: a mask over the rows, in the
    order given.

    A row belongs if, among all rows dated on or before it (ties included), at most `count - 1` have
    a larger value.

    Parameters
    ----------
    dates : array-like of datetime64, ISO strings or decimal years, shape (n,)
        Dates in any order.
    values : array-like of floats, shape (n,)
        Values above 0.
    count : int
        How many rows are the highest, at least 1.

    Raises
    ------
    InputError
        For a date or value that can't be used, and for another count.
    """
    if not (isinstance(count, int | np.integer) and count >= 1):
        raise InputError("count", count, "Give a whole number of at least 1.")
    t, y = checked_series(dates, values)
    member = np.zeros(t.size, dtype=np.bool_)
    top: list[float] = []  # a heap of the `count` highest so far; its first is the least of them
    for rows in _same_date(t):
        for value in y[rows]:
            if len(top) < count:
                heapq.heappush(top, float(value))
            else:
                heapq.heappushpop(top, float(value))
        member[rows] = (len(top) < count) | (y[rows] >= top[0])
    return member


def running_best(dates: ArrayLike, values: ArrayLike, best: Best = "highest") -> BoolArray:
    """The rows that set a record: a mask over the rows, in the order given.

    A row sets a record if it is strictly better than every row dated before it and the best of its
    date (the first of equals).

    Parameters
    ----------
    dates : array-like of datetime64, ISO strings or decimal years, shape (n,)
        Dates in any order.
    values : array-like of floats, shape (n,)
        Values above 0.
    best : str
        Whether better is "highest" or "lowest".

    Raises
    ------
    InputError
        For a date or value that can't be used.
    UnknownNameError
        For another `best`.
    """
    if best not in get_args(Best):
        raise UnknownNameError("best", best, get_args(Best))
    t, y = checked_series(dates, values)
    score = y if best == "highest" else -y
    order = np.lexsort(
        (np.arange(t.size), -score, t)
    )  # by date, best first, then as given: the first of equals comes first
    ordered = score[order]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(ordered)[:-1]])
    member = np.zeros(t.size, dtype=np.bool_)
    member[order] = ordered > before
    return member


def _same_date(t: FloatArray) -> list[IntArray]:
    """The rows of each date, dates ascending."""
    order = np.argsort(t, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(t[order])) + 1) if t.size else []
