"""The forecast of the method "calibrated": a line whose slope drifts, with bands widened by the
series' own past errors.

drifting_line.py has the line, past_errors.py the widening. Here the two become quantiles that never
cross and that widen with the horizon. The rule is the same for every series and knows no names; how
it has done, `forecasting.evaluation` tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.trends.drifting_line import DriftingLine, LineSettings, fit_drifting_line
from forecasting.trends.past_errors import ErrorSettings, Widening, widening

DRAWS = 999
#: Growth "from here on" is the mean growth over these years.
GROWTH_SPAN_YEARS = 5.0
#: Years beyond the last point at which a forecast is computed; between them it is a straight line.
HORIZONS = np.concatenate(
    [
        np.arange(0.0, 5.0, 0.25),
        np.arange(5.0, 10.0, 0.5),
        np.arange(10.0, 31.0, 2.0),
        [40.0, 60.0, 100.0],
    ]
)
_PAST_STEPS = 60


@dataclass(frozen=True, eq=False)
class CalibratedForecast:
    """Quantiles ahead of the last point and along the points.

    `line` is the posterior, `factors` the widening of its bands. Everything is in log10 of the
    values.
    """

    line: DriftingLine
    factors: Widening

    @property
    def origin(self) -> float:
        """The last date."""
        return self.line.origin

    def draws(self, years: FloatArray, kind: Literal["trend", "observation"]) -> FloatArray:
        """Equally likely values at `years`, sorted, of shape (999, years)."""
        line = self.line
        past = np.linspace(line.first, line.origin, _PAST_STEPS + 1)[:-1]
        middle, offsets = self._sheet(line.origin + HORIZONS, kind)
        # A band never narrows again: what is uncertain in three years is no surer in four.
        offsets = np.where(
            offsets < 0.0,
            np.minimum.accumulate(offsets, axis=1),
            np.maximum.accumulate(offsets, axis=1),
        )
        nodes = line.origin + HORIZONS
        if float(years.min()) < line.origin:
            before = np.concatenate([line.first - HORIZONS[:0:-1], past])
            past_middle, past_offsets = self._sheet(before, kind)
            nodes = np.concatenate([before, nodes])
            middle, offsets = (
                np.concatenate([past_middle, middle]),
                np.concatenate([past_offsets, offsets], axis=1),
            )
        place = np.clip(np.searchsorted(nodes, years, side="right") - 1, 0, nodes.size - 2)
        share = (years - nodes[place]) / (nodes[place + 1] - nodes[place])
        spread = offsets[:, place] * (1.0 - share) + offsets[:, place + 1] * share
        result: FloatArray = middle[place] * (1.0 - share) + middle[place + 1] * share + spread
        return result

    def lines(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Equally likely levels at the last point and growth over the years after it (OOM a year),
        each of length `count`.
        """
        order = rng.permutation(count)
        levels, slopes = (part[order] for part in self.lines_by_luck(count))
        return levels, slopes

    def lines_by_luck(self, count: int) -> tuple[FloatArray, FloatArray]:
        """As `lines`, in the order of the luck that is the same in every forecast."""
        levels, slopes = self.line.lines(count, GROWTH_SPAN_YEARS)
        factor = self.factors.trend
        return _widened(levels, factor), _widened(slopes, factor)

    def _sheet(
        self, years: FloatArray, kind: Literal["trend", "observation"]
    ) -> tuple[FloatArray, FloatArray]:
        """Middles (years) and offsets of the sorted draws from them (999, years)."""
        drawn = np.sort(self.line.draws(years, DRAWS)[0 if kind == "trend" else 1], axis=0)
        middle = drawn[DRAWS // 2]
        return middle, (drawn - middle) * (
            self.factors.trend if kind == "trend" else self.factors.observation
        )


def calibrated_forecast(
    years: FloatArray,
    logs: FloatArray,
    *,
    line: LineSettings | None = None,
    errors: ErrorSettings | None = None,
) -> CalibratedForecast:
    """Fit a line whose slope drifts and the widening of its bands to a series.

    Parameters
    ----------
    years : array of floats, shape (n,)
        Decimal years in any order, n ≥ 5.
    logs : array of floats, shape (n,)
        log10 of the values.
    line : LineSettings or None
        How the line is fitted; None: the defaults.
    errors : ErrorSettings or None
        How past errors count; None: the defaults.
    """
    order = np.lexsort((logs, years))
    ordered, values = np.ascontiguousarray(years[order]), np.ascontiguousarray(logs[order])
    return CalibratedForecast(
        fit_drifting_line(ordered, values, line), widening(ordered, values, errors, line)
    )


def _widened(draws: FloatArray, factor: float) -> FloatArray:
    middle = float(np.median(draws))
    result: FloatArray = middle + factor * (draws - middle)
    return result
