"""A number with its uncertainty: the value and equally likely draws around it. Shared by
every law.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.formatting import figure_with, likely
from forecasting.stats.quantiles import quantile_of
from forecasting.stats.range_level import level_in_words


def checked_level(level: float) -> float:
    """The level of an interval, a share between 0 and 1 (exclusive); raises InputError
    otherwise.
    """
    if not (isinstance(level, int | float) and 0.0 < level < 1.0):
        raise InputError("level", level, "Give a share between 0 and 1 (exclusive), such as 0.95.")
    return float(level)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value with equally likely draws of it.

    `value` is the point estimate, `draws` a one-dimensional array (read-only) that stands for what
    is known about it; both are in the same unit, and draws may be infinite (a doubling time when
    growth may be nil). Raises InputError on empty draws or NaN.

        >>> Estimate(2.0, np.array([1.0, 2.0, 3.0])).interval(0.5)
        (1.25, 2.75)
    """

    value: float
    draws: FloatArray = field(repr=False)

    def __post_init__(self) -> None:
        draws = np.array(self.draws, dtype=np.float64)
        if draws.ndim != 1 or draws.size == 0:
            raise InputError(
                "draws",
                f"an array of shape {draws.shape}",
                "Give a one-dimensional array with at least one draw.",
            )
        if np.isnan(draws).any() or math.isnan(self.value):
            raise InputError("draws", "NaN", "Every draw and the value must be numbers.")
        draws.setflags(write=False)
        object.__setattr__(self, "draws", draws)
        object.__setattr__(self, "value", float(self.value))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The central interval that holds `level` of the draws, as (low, high). Wider levels
        contain narrower ones.
        """
        tail = (1.0 - checked_level(level)) / 2.0
        low, high = quantile_of(self.draws, [tail, 1.0 - tail])
        return float(low), float(high)

    def quantile(self, q: float) -> float:
        """The value that a share `q` (0 to 1) of the draws stays below."""
        return float(quantile_of(self.draws, q))

    def with_range(
        self, words: Callable[[float], str], unit: str = "", *, goes_on: bool = False
    ) -> str:
        """The value with its range in words: “1.97, likely 1.96–1.99 (80%)”, and a comma after it
        where the sentence goes on.

        Parameters
        ----------
        words : function of a float, which gives str
            What writes the value and both ends.
        unit : str
            What follows the value alone, and is not said again with its range.
        goes_on : bool
            Whether the sentence goes on after it.
        """
        level = level_in_words()
        ends = likely(*self.interval(level), level, words)
        return figure_with(words(self.value), ends, unit, goes_on=goes_on)

    @property
    def median(self) -> float:
        """The middle of the draws."""
        return self.quantile(0.5)
