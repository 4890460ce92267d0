"""Uncertainty of a line when the errors of neighbouring points are not independent.

Points of one calendar year share what happened that year, and one year resembles the next. So whole
years are drawn with replacement (a pairs cluster bootstrap), which needs no assumption on the
errors within a year, and the spread of the lines so drawn is widened in two ways: for the number of
years being small, and for the likeness of neighbouring years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import NotEnoughDataError

MIN_BLOCKS = 5
_PERIODS = (("years", 1.0), ("quarters", 4.0), ("months", 12.0), ("days", 366.0))
_CORRELATIONS = np.linspace(0.0, 0.95, 20)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The calendar blocks of a series.

    `period` names them ("years"), `row` gives each point's block (0 … count-1, length n), `number`
    the running number of each block's period (length count), so that a difference of 1 means
    neighbours.
    """

    period: str
    row: IntArray
    number: FloatArray

    @property
    def count(self) -> int:
        """How many blocks hold points."""
        return int(self.number.size)


def calendar_blocks(years: FloatArray) -> Blocks:
    """The blocks of points dated `years` (decimal years): calendar years, or the longest of
    quarter, month and day with 5 blocks.

    Blocks shorter than a year can't show what a year shares: intervals from a short series are the
    less reliable for it. Raises NotEnoughDataError when the points lie on fewer than 5 days.
    """
    for period, per_year in _PERIODS:
        number, row = np.unique(np.floor(years * per_year), return_inverse=True)
        if number.size >= MIN_BLOCKS:
            return Blocks(period, row, number)
    raise NotEnoughDataError(
        int(number.size), MIN_BLOCKS, "Points on different days are counted here: widen the dates."
    )


def block_weights(rng: np.random.Generator, blocks: Blocks, replicates: int) -> FloatArray:
    """How often each point is drawn in each replicate: whole numbers, shape (replicates, n).

    Each replicate draws as many blocks as there are, with replacement; one with fewer than 3
    different blocks is drawn anew, since a line through two years says nothing on its error.

    Parameters
    ----------
    rng : np.random.Generator
        What the blocks are drawn from.
    blocks : Blocks
        The blocks of the n points.
    replicates : int
        How many replicates.
    """
    count = blocks.count
    drawn = rng.multinomial(count, np.full(count, 1.0 / count), size=replicates)
    while (poor := np.flatnonzero(np.count_nonzero(drawn, axis=1) < 3)).size:
        drawn[poor] = rng.multinomial(count, np.full(count, 1.0 / count), size=poor.size)
    return drawn[:, blocks.row].astype(np.float64)


@dataclass(frozen=True)
class Likeness:
    """How alike neighbouring blocks are, and what that does to a line's error.

    `correlation` is that of the common part of neighbouring blocks (0 to 0.95), `between` its
    variance, `within` the variance of a point about its block; `level_factor` and `slope_factor`
    are by how much the standard errors of level and slope exceed those that the block bootstrap
    finds, 1 or more.
    """

    correlation: float
    between: float
    within: float
    level_factor: float
    slope_factor: float


def likeness_of_neighbours(
    t: FloatArray, influence: FloatArray, blocks: Blocks, also_fitted: FloatArray | None = None
) -> Likeness:
    """The serial correlation of block effects, freed from the bias that fitting a line causes.

    The model: influence = block effect, an autoregression over blocks, + independent noise.
    Residuals of a fitted line look less alike than the errors are, badly so with few blocks; hence
    the correlation is chosen for which the *expected* lag-1 product of fitted block means equals
    the observed one (indirect inference, Smith 1993), and variances are compared on the same
    footing.

    Parameters
    ----------
    t : array of floats, shape (n,)
        Dates in years from their mean.
    influence : array of floats, shape (n,)
        The residuals as they enter the estimating equations.
    blocks : Blocks
        The blocks of the n points.
    also_fitted : array of floats, shape (n,), or None
        A column that was fitted beside level and slope, such as a kink.
    """
    count = np.bincount(blocks.row).astype(np.float64)
    means = np.bincount(blocks.row, influence) / count
    within = float(np.sum((influence - means[blocks.row]) ** 2)) / max(1.0, t.size - blocks.count)
    place = np.bincount(blocks.row, t) / count
    place = place - np.average(place, weights=count)
    more = [] if also_fitted is None else [np.bincount(blocks.row, also_fitted) / count]
    design = np.column_stack([np.ones_like(place), place, *more])
    weighted = design * count[:, None]
    left_over = np.eye(blocks.count) - design @ np.linalg.pinv(design.T @ weighted) @ weighted.T
    root = np.sqrt(count)
    maker = left_over * root[:, None]
    neighbours = np.diff(blocks.number) == 1.0
    noise = (maker / count) @ maker.T
    observed = root * means
    observed_product = float(np.sum((observed[1:] * observed[:-1])[neighbours]))
    common = float(observed @ observed) - within * float(np.trace(noise))
    if common <= 1e-12 * float(observed @ observed) or not neighbours.any():
        return Likeness(0.0, 0.0, within, 1.0, 1.0)
    apart = np.abs(blocks.number[:, None] - blocks.number)
    pull = {"level": count, "slope": count * place}
    products: list[float] = []
    betweens: list[float] = []
    ratios: dict[str, list[float]] = {"level": [], "slope": []}
    for correlation in _CORRELATIONS:
        alike = correlation**apart
        fitted = maker @ alike @ maker.T
        between = common / float(np.trace(fitted))
        covariance = between * alike + within * np.diag(1.0 / count)
        seen = np.einsum("ij,jk,ik->i", left_over, covariance, left_over, optimize=True)
        products.append(
            between * float(np.diag(fitted, 1)[neighbours].sum())
            + within * float(np.diag(noise, 1)[neighbours].sum())
        )
        betweens.append(between)
        for name, weight in pull.items():
            ratios[name].append(
                float(weight @ covariance @ weight) / max(float(weight**2 @ seen), 1e-300)
            )
    correlation = float(np.interp(observed_product, np.maximum.accumulate(products), _CORRELATIONS))
    factors = {
        name: max(1.0, float(np.interp(correlation, _CORRELATIONS, ratio)) / ratio[0]) ** 0.5
        for name, ratio in ratios.items()
    }
    return Likeness(
        correlation,
        float(np.interp(correlation, _CORRELATIONS, betweens)),
        within,
        factors["level"],
        factors["slope"],
    )


def degrees_of_freedom(blocks: Blocks, likeness: Likeness) -> float:
    """Degrees of freedom of the spread: the blocks less two, fewer when neighbours are alike ((1 -
    ρ)/(1 + ρ) of them), at least 3.
    """
    rho = likeness.correlation
    return max(3.0, (blocks.count - 2.0) * (1.0 - rho) / (1.0 + rho))


def spread_factors(
    rng: np.random.Generator, blocks: Blocks, likeness: Likeness, replicates: int
) -> FloatArray:
    """Factors on a replicate's deviation, shape (replicates,), that make normal deviations
    Student's t, times sqrt(G/(G-1)) for G blocks.

    With few blocks their own spread is uncertain; without this, intervals of few years cover too
    rarely.

    Parameters
    ----------
    rng : np.random.Generator
        What puts the factors in random order.
    blocks : Blocks
        The G blocks.
    likeness : Likeness
        How alike neighbouring blocks are.
    replicates : int
        How many factors.
    """
    freedom = degrees_of_freedom(blocks, likeness)
    share = (rng.permutation(replicates) + 0.5) / replicates
    chi_square = 2.0 * gammaincinv(freedom / 2.0, share)
    factors: FloatArray = np.sqrt(freedom / chi_square * blocks.count / (blocks.count - 1.0))
    return factors


def stretched(draws: FloatArray, value: float, factors: FloatArray) -> FloatArray:
    """The draws with their deviations from a value multiplied, shape (R,).

    Parameters
    ----------
    draws : array of floats, shape (R,)
        The draws.
    value : float
        What they deviate from, in their unit.
    factors : array of floats, shape (R,)
        The factor on each deviation.
    """
    result: FloatArray = value + (draws - value) * factors
    return result
