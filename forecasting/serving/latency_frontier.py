"""Throughput against latency: what a replica writes a second as it holds more requests at once.

frontier = latency_frontier(served, traffic, chips=4) frontier.tokens_per_s_per_chip
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Traffic, largest_batches

BATCHES = 200


@dataclass(frozen=True, eq=False)
class LatencyFrontier:
    """A replica of `chips` over the requests it holds, arrays of one shape.

    `tpot_s` is the mean time an output token takes, `ttft_s` that to the first one,
    `tokens_per_s_per_chip` counts output tokens.
    """

    chips: int
    batch: FloatArray
    tpot_s: FloatArray
    ttft_s: FloatArray
    tokens_per_s_per_chip: FloatArray


def latency_frontier(
    served: ServedOn, traffic: Traffic, *, chips: int, points: int = BATCHES
) -> LatencyFrontier:
    """From one request at a time to as many as memory and software allow, evenly on a log scale.

    Parameters
    ----------
    served : ServedOn
        The model on its chip.
    traffic : Traffic
        The requests.
    chips : int
        Chips of the replica.
    points : int
        How many batches.

    Raises
    ------
    InputError
        Where the model does not fit on so many chips.
    """
    most = float(largest_batches(served, traffic, chips=float(chips)))
    if np.isnan(most):
        raise InputError(
            "chips",
            chips,
            f"{served.model.name} takes {served.weight_bytes / 1e9:,.0f} GB at {served.precision}:"
            " give more chips, or a narrower precision.",
        )
    batch: FloatArray = np.geomspace(1.0, most, points)
    prefill_s = float(served.prefill_s(traffic.tokens_in, chips))
    step_s = served.decode_step_s(batch, traffic.context, chips)
    requests_per_s = 1.0 / (traffic.tokens_out * step_s / batch + prefill_s)
    busy = prefill_s * requests_per_s
    return LatencyFrontier(
        chips=chips,
        batch=batch,
        tpot_s=batch / (requests_per_s * traffic.tokens_out),
        ttft_s=prefill_s * (1.0 + busy / (2.0 * (1.0 - busy))),
        tokens_per_s_per_chip=requests_per_s * traffic.tokens_out / chips,
    )
