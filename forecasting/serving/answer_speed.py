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


@dataclass(frozen=True, kw_only=True, eq=False)
class AnswerSpeed:
    """Models served at full load, arrays of the shape of the sizes asked for.

    `mfu_input` and `mfu_output` are shares of the dense fp16 peak, above 1 where a narrower
    precision allows; `ttft_s` and `tpot_s` mean times. `is_within` says whether a replica holds the
    model and meets the latency: where none does, the figures are those of the fastest replica that
    can be had, one request at a time.
    """

    mfu_input: FloatArray
    mfu_output: FloatArray
    ttft_s: FloatArray
    tpot_s: FloatArray
    chips: FloatArray
    is_within: BoolArray


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
    is_within = np.isfinite(batch)
    speed = np.where(is_within, replica.tokens_per_s_per_chip, -1.0)
    alone = replace(replica, batch=1.0)
    fits = served.memory_batch(traffic.context, chips) >= 1.0
    # A model that fits on none is taken to be spread over more chips as fast as over the most.
    fits[..., -1] = True
    nearest = np.argmin(np.where(fits, alone.tpot_s, np.inf), axis=-1)
    best = np.where(is_within.any(axis=-1), np.argmax(speed, axis=-1), nearest)[..., None]
    replica = replace(replica, batch=np.where(is_within, batch, 1.0))

    def at_best(values: FloatArray) -> FloatArray:
        return np.take_along_axis(np.broadcast_to(values, speed.shape), best, axis=-1)[..., 0]

    return AnswerSpeed(
        mfu_input=at_best(replica.mfu_input),
        mfu_output=at_best(replica.mfu_output),
        ttft_s=at_best(replica.ttft_s),
        tpot_s=at_best(replica.tpot_s),
        chips=at_best(chips),
        is_within=np.asarray(is_within.any(axis=-1)),
    )
