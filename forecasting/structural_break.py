"""Did the growth rate change? One kink at an unknown date, with a p-value that holds under serial dependence; “none found” is an answer.

    log10 y(t) = a + b·t + c·max(0, t − τ) + e

The statistic is the largest share of the squared residuals that a kink at any τ inside the data takes away (sup-F, Andrews 1993).
Its textbook distribution assumes independent errors; here it is simulated from the series' own error model: effects of calendar years
that are as alike from year to year as the residuals show, freed from the bias of fitting (see block_bootstrap), plus noise within years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecasting.block_bootstrap import Blocks, Likeness, calendar_blocks, likeness_of_neighbours
from forecasting.errors import NotEnoughDataError
from forecasting.least_squares import least_squares_lines
from forecasting.series import checked_series, require_points

FloatArray = NDArray[np.float64]

FEWEST_POINTS = 12
#: A kink is looked for between these shares of the points and of the span.
INNER_SHARE = (0.15, 0.85)
MOST_CANDIDATES = 120


@dataclass(frozen=True)
class Break:
    """Whether growth changed: `found` at the level asked for, the best `date` (decimal year), slopes before and after in OOM a year."""

    found: bool
    date: float
    p_value: float
    slope_before: float
    slope_after: float


def find_break(dates: ArrayLike, values: ArrayLike, *, level: float = 0.05, simulations: int = 999, seed: int = 0) -> Break:
    """Look for one change of the growth rate. `dates` and `values` as for fit_trend, n ≥ 12.

    Raises InputError for bad values and NotEnoughDataError for fewer than 12 points.
    """
    years, numbers = checked_series(dates, values)
    require_points(years)
    if years.size < FEWEST_POINTS:
        raise NotEnoughDataError(int(years.size), FEWEST_POINTS, "A change of growth can't be looked for in fewer: widen the dates.")
    centre = float(years.mean())
    t, y = years - centre, np.log10(numbers)
    kinks = _candidates(t)
    basis = _free_of_line(t, np.maximum(0.0, t[:, None] - kinks))
    line, slopes = least_squares_lines(t, y, np.ones((1, t.size)))
    residual = y - line[0] - slopes[0] * t
    scale = np.sqrt(np.sum(basis**2, axis=0))
    pulls = residual @ basis / scale
    best = int(np.argmax(pulls**2))
    total = float(residual @ residual)
    statistic = float(pulls[best] ** 2) / total if total > 0.0 else 0.0
    simulated = _statistics_without_break(t, years, residual, basis / scale, simulations, np.random.default_rng(seed))
    p_value = (1.0 + float(np.count_nonzero(simulated >= statistic))) / (simulations + 1.0)
    change = float(pulls[best] / scale[best])
    before = _slope_before(t, y, float(kinks[best]), change)
    return Break(p_value <= level, float(kinks[best]) + centre, p_value, before, before + change)


def _candidates(t: FloatArray) -> FloatArray:
    """Dates to try: those that leave 15% of points and of the span on either side, at most 120."""
    low, high = np.quantile(t, INNER_SHARE)
    first, last = t.min() + INNER_SHARE[0] * np.ptp(t), t.min() + INNER_SHARE[1] * np.ptp(t)
    inner = np.unique(t[(t >= max(low, first)) & (t <= min(high, last))])
    if inner.size == 0:
        inner = np.array([float(np.median(t))])
    if inner.size > MOST_CANDIDATES:
        inner = inner[np.linspace(0, inner.size - 1, MOST_CANDIDATES).round().astype(int)]
    return inner


def _free_of_line(t: FloatArray, columns: FloatArray) -> FloatArray:
    """The columns with what a straight line in t explains taken away; `t` is centred."""
    centred = columns - columns.mean(axis=0)
    result: FloatArray = centred - np.outer(t, t @ centred / float(t @ t))
    return result


def _statistics_without_break(
    t: FloatArray, years: FloatArray, residual: FloatArray, units: FloatArray, simulations: int, rng: np.random.Generator
) -> FloatArray:
    """The statistic of series that have no break and errors like those of this one, length `simulations`."""
    blocks = calendar_blocks(years)
    errors = _simulated_errors(blocks, likeness_of_neighbours(t, residual, blocks), residual.size, simulations, rng)
    taken = (errors @ units) ** 2
    straight = np.column_stack([np.full(t.size, t.size**-0.5), t / np.sqrt(float(t @ t))])
    left = np.sum(errors**2, axis=1) - np.sum((errors @ straight) ** 2, axis=1)
    result: FloatArray = taken.max(axis=1) / left
    return result


def _simulated_errors(blocks: Blocks, likeness: Likeness, points: int, simulations: int, rng: np.random.Generator) -> FloatArray:
    apart = np.abs(blocks.number[:, None] - blocks.number)
    root = np.linalg.cholesky(likeness.correlation**apart + 1e-9 * np.eye(blocks.count))
    effects = rng.standard_normal((simulations, blocks.count)) @ root.T * np.sqrt(max(likeness.between, 0.0))
    noise = rng.standard_normal((simulations, points)) * np.sqrt(max(likeness.within, 1e-300))
    result: FloatArray = effects[:, blocks.row] + noise
    return result


def _slope_before(t: FloatArray, y: FloatArray, kink: float, change: float) -> float:
    _, slopes = least_squares_lines(t, y - change * np.maximum(0.0, t - kink), np.ones((1, t.size)))
    return float(slopes[0])
