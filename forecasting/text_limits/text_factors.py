"""Draws of the factors of stock and demand: stratified, seeded, one stream a factor.

A factor keeps its normal deviates whatever the scenario, so that two scenarios differ by what was
changed and not by chance: more stock never brings the date forward, not even by a draw.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import InputError
from forecasting.stats.distribution import Distribution

DRAWS = 10_000
#: The order fixes each factor's stream: add at the end only.
STREAMS = (
    "pages",
    "bytes_per_page",
    "bytes_below_six",
    "quality",
    "repetition",
    "epochs",
    "page_growth",
    "page_count_growth",
    "multimodal",
    "private",
    "synthetic",
    "people_stock",
    "anchor_tokens",
    "growth",
    "compute",
    "compute_shift_oom",
    "overtraining",
    "which_demand",
    "law",
)
#: A range of which more than this share is drawn again is not the range that was meant.
MAX_DRAWN_AGAIN = 0.5


@lru_cache(maxsize=4)
def normal_deviates(seed: int, draws: int = DRAWS) -> FloatArray:
    """Standard normal deviates, shape (streams, draws): in each row the midpoints of equally likely
    strata in random order (read-only).
    """
    grid = ndtri((np.arange(draws) + 0.5) / draws)
    rng = np.random.default_rng(seed)
    deviates = np.stack([grid[rng.permutation(draws)] for _ in STREAMS])
    deviates.setflags(write=False)
    return deviates


def deviates_of(stream: str, seed: int, draws: int = DRAWS) -> FloatArray:
    """The normal deviates of one factor, shape (draws,).

    Parameters
    ----------
    stream : str
        The factor, one of STREAMS.
    seed : int
        Seed of the deviates of all factors.
    draws : int
        How many.
    """
    row: FloatArray = normal_deviates(seed, draws)[STREAMS.index(stream)]
    return row


def draw_factor(
    stream: str,
    value: Distribution,
    z: FloatArray,
    allowed: Callable[[FloatArray], BoolArray] = lambda drawn: drawn > 0.0,
) -> FloatArray:
    """The factor at normal deviates, shape (draws,); what is not allowed is drawn again, from among
    the draws that are.

    Parameters
    ----------
    stream : str
        Name of the factor, for the error.
    value : Distribution
        Its range, in its own unit.
    z : array of floats, shape (draws,)
        The normal deviates.
    allowed : function of an array, which gives a mask of its shape
        Which values are possible; by default those above 0.

    Raises
    ------
    InputError
        Where more than half would have to be drawn again.
    """
    drawn = value.of_normal(z)
    bad = ~allowed(drawn)
    again = int(bad.sum())
    if again == 0:
        return drawn
    if again > MAX_DRAWN_AGAIN * drawn.size:
        raise InputError(
            stream,
            str(value),
            f"{again / drawn.size:.0%} of its draws are impossible values: narrow the range or use"
            " another shape.",
        )
    # Rows are in random order: the first of the allowed draws are as good as any.
    drawn[bad] = np.resize(drawn[~bad], again)
    return drawn
