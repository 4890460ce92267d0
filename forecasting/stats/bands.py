"""Bands: the quantiles of a forecast, the form in which forecasts reach charts, tables
and downloads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.formatting import figure_with, likely, range_in_words
from forecasting.stats.quantiles import quantile_of
from forecasting.stats.range_level import USUAL_LEVEL, level_in_words

#: Ends of the 95%, 80% and 50% bands and the median.
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
LEVELS = (0.5, 0.8, 0.95)


def central_rows(values: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """The rows of `values` (at QUANTILES) that bound the central share `level`, one of LEVELS;
    raises InputError for another.
    """
    low = round((1 - level) / 2, 4)
    if low not in QUANTILES:
        raise InputError("level", level, "Use 0.5, 0.8 or 0.95.")
    return values[QUANTILES.index(low)], values[QUANTILES.index(round(1 - low, 4))]


def quantile_columns(name: str, values: FloatArray) -> dict[str, FloatArray]:
    """The columns of a table that hold quantiles, `<name>_q2.5` to `<name>_q97.5`: a row of
    `values` (7, t) each; `name` says the unit.
    """
    return {
        f"{name}_q{quantile * 100:g}": row for quantile, row in zip(QUANTILES, values, strict=True)
    }


@dataclass(frozen=True)
class Bands:
    """Quantiles of a quantity over another: over time, mostly, or over compute, parameters, cost.

    `x` has shape (t,): decimal years, FLOP, parameters or USD, as the result that holds the bands
    says. `values` has shape (7, t), in the unit of the quantity, at QUANTILES.
    """

    x: FloatArray
    values: FloatArray

    @classmethod
    def of_draws(cls, x: FloatArray, draws: FloatArray) -> Bands:
        """From draws of shape (draws, t)."""
        return cls(x, quantile_of(draws, QUANTILES, "linear"))

    @property
    def median(self) -> FloatArray:
        """The median, shape (t,)."""
        median: FloatArray = self.values[QUANTILES.index(0.5)]
        return median

    def interval(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper end of the central band of `level`, one of 0.5, 0.8 and 0.95."""
        return central_rows(self.values, level)

    def range_at(self, at: int, unit: str) -> Range:
        """The key figure at place number `at` of `x`, in `unit`."""
        middle, (low, high) = self.median, self.interval(USUAL_LEVEL)
        return Range(
            float(middle[at]),
            float(low[at]),
            float(high[at]),
            unit,
            tuple(float(value) for value in self.values[:, at]),
        )

    def at(self, x: float) -> tuple[float, ...]:
        """The seven quantiles at `x`, interpolated on the logarithm."""
        return tuple(float(np.exp(np.interp(x, self.x, np.log(row)))) for row in self.values)


@dataclass(frozen=True)
class Range:
    """A key figure: median with its 80% range (`low`, `high`); infinite ends mean “never within the
    horizon”. `quantiles` are its values at QUANTILES, where more than that range is known.
    """

    value: float
    low: float
    high: float
    unit: str
    quantiles: tuple[float, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def of_draws(cls, draws: FloatArray, unit: str, level: float = USUAL_LEVEL) -> Range:
        """Median and central range of draws, which may be infinite.

        Parameters
        ----------
        draws : array of floats, shape (n,)
            Equally likely values.
        unit : str
            Their unit, such as "USD" or "year".
        level : float
            The share of the draws inside the range, between 0 and 1.
        """
        tail = (1 - level) / 2
        low, value, high, *known = (
            float(end) for end in quantile_of(draws, (tail, 0.5, 1 - tail, *QUANTILES), "nearest")
        )
        return cls(value, low, high, unit, tuple(known) if level == USUAL_LEVEL else ())

    @classmethod
    def of_quantiles(cls, quantiles: tuple[float, ...], unit: str) -> Range:
        """From values at QUANTILES."""
        low, value, high = (quantiles[QUANTILES.index(q)] for q in (0.1, 0.5, 0.9))
        return cls(value, low, high, unit, quantiles)

    def times(self, factor: float, unit: str) -> Range:
        """The range of `factor` times the figure, in `unit`; `factor` is 0 or more."""
        return Range(
            self.value * factor,
            self.low * factor,
            self.high * factor,
            unit,
            tuple(end * factor for end in self.quantiles),
        )

    def around(self, value: float) -> Range:
        """The same range about another value, such as that of a best fit; it holds that value at
        every level.
        """
        known = tuple(
            min(end, value) if q < 0.5 else max(end, value) if q > 0.5 else value
            for q, end in zip(QUANTILES, self.quantiles, strict=False)
        )
        return Range(value, min(self.low, value), max(self.high, value), self.unit, known)

    @property
    def ends(self) -> tuple[float, float, float]:
        """The ends at the level at which ranges are written, and that level; the 80% range where
        no other is known.
        """
        level = level_in_words()
        tail = round((1 - level) / 2, 4)
        if not self.quantiles or level == USUAL_LEVEL or tail not in QUANTILES:
            return self.low, self.high, USUAL_LEVEL
        low, high = QUANTILES.index(tail), QUANTILES.index(round(1 - tail, 4))
        return self.quantiles[low], self.quantiles[high], level

    def range_words(self, words: Callable[[float], str]) -> str:
        """The range alone: “likely $0.3–4 million (80%)”; empty where both ends are the same in
        words.
        """
        low, high, level = self.ends
        return likely(low, high, level, words)

    def in_brackets(self, words: Callable[[float], str]) -> str:
        """The figure with its range for a cell of a table: “$2.43 ($1.39–4.87)”. The level stands
        above the table; where this range has another, in the cell: “$2.43 (80%: $1.39–4.87)”. The
        figure alone where both ends are the same in words.
        """
        low, high, level = self.ends
        if words(low) == words(high):
            return words(self.value)
        named = "" if level == level_in_words() else f"{100.0 * level:.3g}%: "
        return f"{words(self.value)} ({named}{range_in_words(low, high, words)})"

    def with_range(
        self, words: Callable[[float], str], unit: str = "", *, goes_on: bool = False
    ) -> str:
        """The figure with its range: “$1.2 million, likely $0.3–4 million (80%)”, and a comma after
        it where the sentence goes on.

        Parameters
        ----------
        words : function of a float, which gives str
            What writes the figure and both ends.
        unit : str
            What follows the figure alone, and is not said again with its range.
        goes_on : bool
            Whether the sentence goes on after it.
        """
        return figure_with(words(self.value), self.range_words(words), unit, goes_on=goes_on)
