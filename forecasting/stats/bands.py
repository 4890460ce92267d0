"""Bands: the quantiles of a forecast, the form in which forecasts reach charts, tables
and downloads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.formatting import range_in_words
from forecasting.stats.quantiles import quantile_of

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

    def at(self, x: float) -> tuple[float, ...]:
        """The seven quantiles at `x`, interpolated on the logarithm."""
        return tuple(float(np.exp(np.interp(x, self.x, np.log(row)))) for row in self.values)


@dataclass(frozen=True)
class Range:
    """A key figure: median with its 80% range (`low`, `high`); infinite ends mean “never within the
    horizon”.
    """

    value: float
    low: float
    high: float
    unit: str

    @classmethod
    def of_draws(cls, draws: FloatArray, unit: str, level: float = 0.8) -> Range:
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
        low, value, high = (
            float(end) for end in quantile_of(draws, (tail, 0.5, 1 - tail), "nearest")
        )
        return cls(value, low, high, unit)

    def range_words(self, words: Callable[[float], str]) -> str:
        """The range alone, a unit that both ends share said once: “80% range $0.3 to $4
        million”.
        """
        return f"80% range {range_in_words(self.low, self.high, words)}"

    def with_range(self, words: Callable[[float], str]) -> str:
        """The figure with its range: “$1.2 million (80% range $0.3 to $4 million)”."""
        return f"{words(self.value)} ({self.range_words(words)})"
