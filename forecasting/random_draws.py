"""Random draws of quantities that are given as a median with an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri


def lognormal_about(median: float, factor: float, level: float, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Lognormal draws whose central `level` interval is [median / factor, median · factor]; a factor of 1 gives the median."""
    width = np.log(factor) / ndtri(0.5 + level / 2)
    draws: NDArray[np.float64] = median * np.exp(width * rng.standard_normal(count))
    return draws


def split_lognormal(median: float, low: float, high: float, level: float, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draws with this median and central `level` interval [low, high], lognormal on either side with a width of its own."""
    normal = rng.standard_normal(count)
    side = ndtri(0.5 + level / 2)
    width = np.where(normal < 0, np.log(median / low) / side, np.log(high / median) / side)
    draws: NDArray[np.float64] = median * np.exp(width * normal)
    return draws
