"""How fast, and with which utilisation, models are served that are known by their sizes alone.

speed = answer_speed(np.array([7e9, 70e9, 700e9]), chip, "fp8", tokens_in=1000, tokens_out=500,
tpot_limit_s=0.1, shape=dense_shape(bundled()))
speed.mfu_output

Each size takes the shape of a dense model, and the replica of 1, 2, 4 … chips that writes most
tokens a second and chip within the latency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import BoolArray, FloatArray
from forecasting.serving.dense_shape import DenseShape
from forecasting.serving.hardware import ServingChip
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, Traffic, largest_batches, replica_sizes

#: Chips of a replica that are tried: sizes of later years take more than are linked today.
MAX_CHIPS = 1024
#: Where no batch meets the latency: how many times the least that can be had a token may take.
SLOWER = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class AnswerSpeed:
    """Models served at full load, arrays of the shape of the sizes asked for.

    `mfu_input` and `mfu_output` are shares of the dense fp16 peak, above 1 where a narrower
    precision allows; `ttft_s` and `tpot_s` mean times. `least_tpot_s` is NaN where a replica holds
    the model and meets the latency. Where none does it is the least time that a token takes, one
    request at a time, and the figures are for twice that.
    """

    mfu_input: FloatArray
    mfu_output: FloatArray
    ttft_s: FloatArray
    tpot_s: FloatArray
    chips: FloatArray
    least_tpot_s: FloatArray

    @property
    def is_within(self) -> BoolArray:
        """Whether the latency is met."""
        result: BoolArray = np.isnan(self.least_tpot_s)
        return result


def answer_speed(
    params: ArrayLike,
    chip: ServingChip,
    precision: str,
    *,
    tokens_in: float,
    tokens_out: ArrayLike,
    shape: DenseShape,
    tpot_limit_s: float = math.inf,
) -> AnswerSpeed:
    """Dense models of these sizes on a chip.

    Parameters
    ----------
    params : array of floats
        Parameters, above 0.
    chip : ServingChip
        The chip.
    precision : str
        A key of PRECISIONS.
    tokens_in : float
        Tokens of a prompt; fewer than 1 count as 1, so that reading has a utilisation.
    tokens_out : array of floats
        Tokens that an answer writes one after another; broadcasts with `params`. Fewer than 1 count
        as 1.
    shape : DenseShape
        What models of these sizes look like.
    tpot_limit_s : float
        The mean time an output token may take, in seconds.
    """
    sizes, written = np.broadcast_arrays(
        np.asarray(params, dtype=np.float64), np.maximum(tokens_out, 1.0)
    )
    chips = np.asarray(replica_sizes(MAX_CHIPS), dtype=np.float64)
    served = ServedOn(model=shape.of(sizes[..., None]), chip=chip, precision=precision)
    traffic = Traffic(tokens_in=max(tokens_in, 1.0), tokens_out=written[..., None])
    batch = largest_batches(served, traffic, chips=chips, tpot_limit_s=tpot_limit_s)
    replica = Replica(served=served, traffic=traffic, chips=chips, batch=batch)
    is_within = np.asarray(np.isfinite(batch).any(axis=-1))
    least_s = np.full(sizes.shape, np.nan)
    if not is_within.all():
        alone = replace(replica, batch=1.0)
        fits = served.memory_batch(traffic.context, chips) >= 1.0
        # A model that fits on none is taken to be spread over more chips as fast as over the most.
        fits[..., -1] = True
        alone_s = np.where(fits, alone.tpot_s, np.inf)
        least_s = np.where(is_within, np.nan, alone_s.min(axis=-1))
        slower = SLOWER * np.where(is_within, np.inf, least_s)[..., None]
        later = largest_batches(served, traffic, chips=chips, tpot_limit_s=slower)
        later = np.where(np.isnan(later) & (alone_s == least_s[..., None]), 1.0, later)
        batch = np.where(is_within[..., None], batch, later)
        replica = replace(replica, batch=batch)
    best = np.argmax(np.where(np.isnan(batch), -1.0, replica.tokens_per_s_per_chip), axis=-1)

    def at_best(values: FloatArray) -> FloatArray:
        wide = np.broadcast_to(values, batch.shape)
        return np.take_along_axis(wide, best[..., None], axis=-1)[..., 0]

    # The best one alone, worked out again, takes less than all that were tried.
    chosen = Replica(
        served=replace(served, model=shape.of(sizes)),
        traffic=replace(traffic, tokens_out=written),
        chips=at_best(chips),
        batch=at_best(batch),
    )
    return AnswerSpeed(
        mfu_input=chosen.mfu_input,
        mfu_output=chosen.mfu_output,
        ttft_s=chosen.ttft_s,
        tpot_s=chosen.tpot_s,
        chips=at_best(chips),
        least_tpot_s=least_s,
    )
