"""How good was a forecast? Scores of equally likely values against what came.

The continuous ranked probability score is the mean distance of a forecast from what came, less half
the mean distance between two values of the forecast (Gneiting & Raftery 2007, J. Am. Stat. Assoc.
102, 359–378): in the unit of the quantity, lower is better, and for a forecast of one value it is
the absolute error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, stdtr

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.errors import InputError
from forecasting.stats.quantiles import quantile_of

RESAMPLES = 400


def crps_of_draws(draws: FloatArray, came: FloatArray) -> FloatArray:
    r"""CRPS of equally likely `draws`, shape (draws, n), against what `came`, length n: length n,
    in their unit.

    .. math:: \mathrm{CRPS} = E|X - y| - \tfrac12 E|X - X'|
    """
    if draws.ndim != 2 or draws.shape[1] != came.size or draws.shape[0] == 0:
        raise InputError(
            "draws",
            f"an array of shape {draws.shape}",
            f"Give draws of shape (draws, {came.size}).",
        )
    count = draws.shape[0]
    ordered = np.sort(draws, axis=0)
    rank = 2.0 * np.arange(1, count + 1) - count - 1.0
    result: FloatArray = np.abs(ordered - came).mean(axis=0) - rank @ ordered / count**2
    return result


def crps_of_student(
    centre: FloatArray, scale: FloatArray, freedom: float, came: FloatArray
) -> FloatArray:
    """CRPS of Student's t in closed form (Jordan, Krüger & Lerch 2019, appendix A), in the unit of
    `came`.

    Parameters
    ----------
    centre : array of floats
        Middle of each forecast, in that unit.
    scale : array of floats, of the shape of `centre`
        Its scale (not its standard deviation), above 0.
    freedom : float
        Degrees of freedom, more than 1.
    came : array of floats, of the shape of `centre`
        What came.
    """
    if not freedom > 1.0:
        raise InputError("freedom", freedom, "Give more than 1 degree of freedom.")
    z = (came - centre) / scale
    density = np.exp(
        -(freedom + 1.0) / 2.0 * np.log1p(z**2 / freedom) - betaln(0.5, freedom / 2.0)
    ) / np.sqrt(freedom)
    constant = (
        2.0
        * np.sqrt(freedom)
        / (freedom - 1.0)
        * np.exp(betaln(0.5, freedom - 0.5) - 2.0 * betaln(0.5, freedom / 2.0))
    )
    result: FloatArray = scale * (
        z * (2.0 * stdtr(freedom, z) - 1.0)
        + 2.0 * density * (freedom + z**2) / (freedom - 1.0)
        - constant
    )
    return result


@dataclass(frozen=True)
class Share:
    """A share of points with the 80% interval of its sampling error; both ends are the share itself
    where there is one block.
    """

    value: float
    low: float
    high: float
    points: int

    @property
    def in_words(self) -> str:
        """79% (71 to 86%)."""
        return f"{self.value:.0%} ({100 * self.low:.0f} to {100 * self.high:.0f}%)"


def share_of(hits: BoolArray, blocks: IntArray) -> Share:
    """The share of `hits`, with the error that comes from few blocks: points of one block are not
    independent, so blocks are resampled.

    `blocks` numbers each point's block, such as the year in which it came; both have length n ≥ 1.
    """
    _, row = np.unique(blocks, return_inverse=True)
    count = int(row.max()) + 1
    points, good = (
        np.bincount(row).astype(np.float64),
        np.bincount(row, weights=hits.astype(np.float64)),
    )
    value = float(good.sum() / points.sum())
    if count == 1:
        return Share(value, value, value, hits.size)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES)
    shares = (drawn @ good) / (drawn @ points)
    # Resampling k blocks understates their spread by (k − 1)/k.
    shares = np.clip(value + (shares - value) * (count / (count - 1.0)) ** 0.5, 0.0, 1.0)
    low, high = quantile_of(shares, (0.1, 0.9), "linear")
    return Share(value, min(float(low), value), max(float(high), value), hits.size)
