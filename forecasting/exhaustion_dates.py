"""Dates at which draws cross, weighted: a mixture of forecasts holds the draws of each with its weight, so that it lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.bands import Range

FloatArray = NDArray[np.float64]

#: Sums of weights are not exact: a quantile must not jump to the next draw by a rounding error.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class ExhaustionDates:
    """Decimal years in order, and the probability of each date or an earlier one; infinite dates lie beyond the horizon."""

    dates: FloatArray
    probability: FloatArray

    @classmethod
    def of(cls, parts: Sequence[tuple[FloatArray, float]]) -> ExhaustionDates:
        """From the draws of each forecast with its weight; weights add up to 1."""
        dates = np.concatenate([part for part, weight in parts if weight > 0.0])
        weights = np.concatenate([np.full(part.size, weight / part.size) for part, weight in parts if weight > 0.0])
        order = np.argsort(dates, kind="stable")
        return cls(dates[order], np.cumsum(weights[order]))

    def quantile(self, q: float) -> float:
        """The earliest date that is reached with probability `q`; infinite where that is beyond the horizon."""
        at = int(np.searchsorted(self.probability, q - _ROUNDING))
        return float(self.dates[min(at, self.dates.size - 1)])

    @property
    def median(self) -> float:
        """The date reached with probability 1/2."""
        return self.quantile(0.5)

    def range(self, level: float = 0.8) -> Range:
        """Median and central range."""
        tail = (1.0 - level) / 2.0
        return Range(self.median, self.quantile(tail), self.quantile(1.0 - tail), "year")

    def share_by(self, years: FloatArray) -> FloatArray:
        """The probability of having crossed by each of the years."""
        count = np.searchsorted(self.dates, years, side="right")
        share: FloatArray = np.where(count > 0, self.probability[np.maximum(count, 1) - 1], 0.0)
        return np.minimum(share, 1.0)

    @property
    def later_share(self) -> float:
        """The share of draws that do not cross within the horizon."""
        later = 1.0 - float(self.share_by(np.array([1e9]))[0])
        return later if later > _ROUNDING else 0.0
