"""Random draws of quantities that are given as a median with an interval."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.stats.distribution import Distribution


def lognormal_about(
    median: float, factor: float, level: float, count: int, rng: np.random.Generator
) -> FloatArray:
    """Lognormal draws whose central interval is [median / factor, median · factor], shape (count,);
    a factor of 1 gives the median.

    Parameters
    ----------
    median : float
        Median of the draws, above 0, in their unit.
    factor : float
        How far the interval reaches, 1 or more.
    level : float
        The share inside the interval, between 0 and 1.
    count : int
        How many draws.
    rng : np.random.Generator
        What they come from.
    """
    width = np.log(factor) / ndtri(0.5 + level / 2)
    draws: FloatArray = median * np.exp(width * rng.standard_normal(count))
    return draws


def split_lognormal(
    median: float, low: float, high: float, level: float, count: int, rng: np.random.Generator
) -> FloatArray:
    """Draws with this median and central interval, lognormal on either side with a width of its
    own, shape (count,).

    Parameters
    ----------
    median : float
        Median of the draws, above 0, in their unit.
    low, high : float
        Ends of the interval about it, above 0.
    level : float
        The share inside the interval, between 0 and 1.
    count : int
        How many draws.
    rng : np.random.Generator
        What they come from.
    """
    normal = rng.standard_normal(count)
    side = ndtri(0.5 + level / 2)
    width = np.where(normal < 0, np.log(median / low) / side, np.log(high / median) / side)
    draws: FloatArray = median * np.exp(width * normal)
    return draws


def stratified_normals(streams: int, count: int, seed: int | list[int]) -> FloatArray:
    """Standard normal deviates, shape (streams, count): in each row the midpoints of equally likely
    strata, in random order.

    Parameters
    ----------
    streams : int
        How many rows.
    count : int
        How many deviates a row.
    seed : int or list of int
        Seed of the order.
    """
    grid = ndtri((np.arange(count) + 0.5) / count)
    rng = np.random.default_rng(seed)
    result: FloatArray = np.stack([grid[rng.permutation(count)] for _ in range(streams)])
    return result


def above_zero(value: Distribution, normals: FloatArray) -> FloatArray:
    """The draws at these deviates; where a normal or uniform range reaches down to 0 it is cut at a
    hundredth of its low end (above 0).
    """
    draws: FloatArray = np.maximum(value.of_normal(normals), 0.01 * value.low)
    return draws
