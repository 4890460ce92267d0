"""How fast a replica is where the efficiency of its chips is known to a factor alone.

solved = solved_replica(replica, tpot_limit_s=0.05, range_factor=1.8)
solved.at(deviates, solved.replica.requests_per_s, otherwise=0.0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.serving.replica import Replica, largest_batches

#: Factors on the efficiency, in standard deviations of its logarithm, at which a replica is solved;
#: between them its speed is interpolated.
NODES = np.linspace(-3.5, 3.5, 9)
#: The normal deviate below which 90% lie: an 80% range of ×/÷ f is this many deviations wide.
Z80 = 1.2815515655446004


@dataclass(frozen=True, eq=False)
class SolvedReplica:
    """A replica at several efficiencies.

    Parameters
    ----------
    nodes : array of floats, shape (n,)
        Those of NODES at which some batch keeps to the limits.
    factors : array of floats, shape (n,)
        The factors on the efficiency there.
    replica : Replica
        The replica with the largest batch at each; its figures have shape (n,).
    """

    nodes: FloatArray
    factors: FloatArray
    replica: Replica

    def at(self, deviates: FloatArray, values: FloatArray, otherwise: float) -> FloatArray:
        """A figure of the replica at other efficiencies, by its logarithm between the nodes.

        Parameters
        ----------
        deviates : array of floats
            Standard normal deviates of the efficiency's logarithm.
        values : array of floats, shape (n,)
            The figure at the nodes, above 0.
        otherwise : float
            The figure where the efficiency is too low for the limits.
        """
        between = np.interp(deviates, self.nodes, np.log(values))
        result: FloatArray = np.where(deviates < self.nodes[0], otherwise, np.exp(between))
        return result


def solved_replica(
    replica: Replica,
    *,
    range_factor: float,
    tpot_limit_s: float = math.inf,
    ttft_limit_s: float = math.inf,
) -> SolvedReplica:
    """The replica as full as the limits allow at each efficiency that is likely.

    Parameters
    ----------
    replica : Replica
        It keeps to the limits at the middle efficiency.
    range_factor : float
        80% of efficiencies lie within this factor, either way.
    tpot_limit_s, ttft_limit_s : float
        The mean seconds that an output token and the first token may take.
    """
    factors = np.exp(math.log(range_factor) / Z80 * NODES)
    batches = np.broadcast_to(
        largest_batches(
            replica.served.times(factors),
            replica.traffic,
            chips=float(replica.chips),
            tpot_limit_s=tpot_limit_s,
            ttft_limit_s=ttft_limit_s,
        ),
        NODES.shape,
    )
    can = np.isfinite(batches)
    served = replica.served.times(factors[can])
    return SolvedReplica(
        NODES[can], factors[can], replace(replica, served=served, batch=batches[can])
    )
