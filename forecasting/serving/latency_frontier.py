"""Throughput against latency: what a replica writes a second as it holds more requests at once.

frontier = latency_frontier(served, traffic, chips=4)
frontier.tpot_s, frontier.tokens_per_s_per_chip
"""

from __future__ import annotations

import numpy as np

from forecasting.errors import InputError
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, Traffic, largest_batches

BATCHES = 200


def latency_frontier(
    served: ServedOn, traffic: Traffic, *, chips: int, points: int = BATCHES
) -> Replica:
    """A replica from one request at a time to as many as memory and software allow, evenly on a log
    scale: its figures are arrays.

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
    batch = np.geomspace(1.0, most, points)
    return Replica(served=served, traffic=traffic, chips=chips, batch=batch)
