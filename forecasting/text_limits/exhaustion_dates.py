"""Dates at which draws cross, weighted: a mixture of forecasts holds the draws of each with its
weight, so that it lies between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.stats.bands import QUANTILES, Range
from forecasting.stats.range_level import USUAL_LEVEL

#: A result is kept for every scenario seen: steps of 1/2000 of probability are finer than any
#: figure shown.
STEPS = 2000
#: Sums of weights are not exact: a quantile must not jump to the next draw by a rounding error.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class ExhaustionDates:
    """`dates` are the decimal years reached with probability 1/2000, 2/2000, … 1; infinite ones lie
    beyond the horizon.

    `later_share` is the share of draws that do not cross within the horizon.
    """

    dates: FloatArray
    later_share: float

    @classmethod
    def of(cls, parts: Sequence[tuple[FloatArray, float]]) -> ExhaustionDates:
        """From the draws of each forecast with its weight; weights add up to 1."""
        counted = [(part, weight / part.size) for part, weight in parts if weight > 0.0]
        dates = np.concatenate([part for part, _ in counted])
        reached = np.arange(1, STEPS + 1) / STEPS - _ROUNDING
        if (
            len({each for _, each in counted}) == 1
        ):  # all draws count alike: sorting alone is much faster than finding the order
            ordered, at = np.sort(dates), np.floor(reached * dates.size).astype(np.intp)
        else:
            order = np.argsort(dates)
            weights = np.concatenate([np.full(part.size, each) for part, each in counted])[order]
            ordered, at = dates[order], np.searchsorted(np.cumsum(weights), reached)
        later = sum(weight * float(np.mean(np.isposinf(part))) for part, weight in parts)
        return cls(ordered[np.minimum(at, dates.size - 1)], later)

    def quantile(self, q: float) -> float:
        """The earliest date that is reached with probability `q`; infinite where that is beyond the
        horizon.
        """
        at = math.ceil(q * STEPS - _ROUNDING * STEPS) - 1
        return float(self.dates[min(max(at, 0), STEPS - 1)])

    @property
    def median(self) -> float:
        """The date reached with probability 1/2."""
        return self.quantile(0.5)

    def range(self, level: float = USUAL_LEVEL) -> Range:
        """Median and central range."""
        tail = (1.0 - level) / 2.0
        known = tuple(self.quantile(q) for q in QUANTILES) if level == USUAL_LEVEL else ()
        return Range(self.median, self.quantile(tail), self.quantile(1.0 - tail), "year", known)

    def share_by(self, years: FloatArray) -> FloatArray:
        """The probability of having crossed by each of the years."""
        return np.searchsorted(self.dates, years, side="right") / STEPS
