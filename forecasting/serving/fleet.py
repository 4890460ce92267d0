"""The replicas that a demand takes: of which size, and how many for a request a day.

fleet = fleet_of(service, demand, seed=0)
fleet.chips(1e6, spare_replicas=1)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.serving.replica import Replica, largest_batches, replica_sizes
from forecasting.serving.service_inputs import ServedDemandInputs, Service
from forecasting.serving.uncertain_speed import Z80
from forecasting.stats.sampling import above_zero, stratified_normals
from forecasting.units import SECONDS_PER_DAY

DRAWS = 1000
#: Quantiles of the efficiency at which sizes of a replica are compared.
COMPARED_AT = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, eq=False)
class Fleet:
    """The replicas of a demand over draws of how fast they are and how full they run, arrays of
    shape (draws,).

    Parameters
    ----------
    replica : Replica
        The best one at the middle efficiency.
    per_daily_request : array of floats
        Replicas that a request a day takes, spares apart; infinite where no batch is fast enough.
    reading_share : array of floats
        The share of a replica's time that prompts take.
    """

    replica: Replica
    per_daily_request: FloatArray
    reading_share: FloatArray

    def chips(self, requests_per_day: float, spare_replicas: int) -> FloatArray:
        """Chips that this many requests a day take: g (⌈k R⌉ + s)."""
        needed = replicas_for(requests_per_day, self.per_daily_request)
        result: FloatArray = self.replica.chips * (needed + spare_replicas)
        return result


def fleet_of(service: Service, demand: ServedDemandInputs, seed: int) -> Fleet:
    """The replicas that a request a day takes.

    At the peak those that keep to the latency must meet peak · (1 - b) of it, and over the day what
    they leave must do for the share b that waits: k = max(peak (1 - b)/X, (1 - b)/X + b/X_b)/u.

    Parameters
    ----------
    service : Service
        The model on its chip.
    demand : ServedDemandInputs
        The demand and the limits.
    seed : int
        Seed of the draws.

    Raises
    ------
    InputError
        Where the model fits on no replica, or no batch keeps to the limits.
    """
    batched = demand.batch_share
    deviates, normals = stratified_normals(2, DRAWS, seed)
    busy = np.clip(above_zero(demand.peak_utilisation, normals), 0.01, 1.0)
    replica = _replica_of(service, demand)

    def seconds_a_request(*, in_batches: bool) -> FloatArray:
        """Seconds of a replica that a request takes."""
        solved = demand.solved(service, replica, in_batches=in_batches)
        return solved.at(deviates, 1.0 / solved.replica.requests_per_s, math.inf)

    at_once = later = np.zeros(DRAWS)
    if batched < 1.0:
        at_once = (1.0 - batched) * seconds_a_request(in_batches=False)
    if batched > 0.0:
        later = batched * seconds_a_request(in_batches=True)
    speed = np.exp(deviates * math.log(service.range_factor) / Z80)
    prefill_s = service.served.times(speed).prefill_s(demand.traffic.tokens_read, replica.chips)
    return Fleet(
        replica=replica,
        per_daily_request=np.maximum(demand.peak_factor * at_once, at_once + later)
        / busy
        / SECONDS_PER_DAY,
        reading_share=prefill_s / (at_once + later),
    )


def _replica_of(service: Service, demand: ServedDemandInputs) -> Replica:
    """The replica of the size with the fewest chips for this demand, the mean over the efficiencies
    compared: one that is fastest a chip may be too large for a small demand, and one that just
    keeps to the latency fails where software reaches a little less.
    """
    in_batches = demand.batch_share == 1.0
    possible = {int(each.chips): each for each in demand.replicas(service, in_batches=in_batches)}
    sizes = np.array(replica_sizes(demand.max_chips_per_replica), dtype=np.float64)
    factors = np.exp(ndtri(COMPARED_AT) * math.log(service.range_factor) / Z80)[:, None]
    served = service.served.times(factors)
    limits = {} if in_batches else demand.limits
    batch = largest_batches(served, demand.traffic, chips=sizes, **limits)
    batch = np.broadcast_to(batch, (len(COMPARED_AT), sizes.size))
    replicas = Replica(served=served, traffic=demand.traffic, chips=sizes, batch=batch)
    at_peak = max((1.0 - demand.batch_share) * demand.peak_factor, 1.0)
    rate = at_peak * demand.requests_per_day / SECONDS_PER_DAY
    busy = min(demand.peak_utilisation.median, 1.0)
    needed = np.ceil(rate / (replicas.requests_per_s * busy)) + demand.spare_replicas
    chips = np.where(np.isnan(batch), math.inf, sizes * needed)

    def order(size: int) -> tuple[int, float, float]:
        each = chips[:, int(np.searchsorted(sizes, size))]
        fails = int(np.isinf(each).sum())
        mean = float(each[np.isfinite(each)].mean())
        return fails, mean, -float(possible[size].tokens_per_s_per_chip)

    return possible[min(possible, key=order)]


def replicas_for(requests_per_day: float | FloatArray, per_daily_request: FloatArray) -> FloatArray:
    """Whole replicas, spares apart: none for no request."""
    with np.errstate(invalid="ignore"):
        needed = np.ceil(requests_per_day * per_daily_request)
    result: FloatArray = np.where(np.asarray(requests_per_day) > 0.0, needed, 0.0)
    return result
