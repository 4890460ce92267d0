"""Buy tokens or serve them: what requests cost at a list price, and from how many a day on chips of
one's own cost less.

A service is paid by whole replicas, of which some are spare, so that its cost is a staircase over
demand; bought tokens cost in proportion. The volumes at which they meet are solved exactly.

bought = BoughtTokens(usd_per_mtok_in=0.1, usd_per_mtok_out=0.5)
bought.usd_per_request(tokens_in=1000, tokens_out=500)
break_even(usd_per_month_of_daily_request=0.01, usd_per_month_of_replica=8000,
requests_per_day_of_replica=1e6, spare_replicas=1)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray


@dataclass(frozen=True, kw_only=True)
class BoughtTokens:
    """List prices in USD per million tokens: input, output, input found in a cache, and both in
    batches. Kinds without a price of their own (NaN) cost the plain one.
    """

    usd_per_mtok_in: float
    usd_per_mtok_out: float
    usd_per_mtok_cached: float = math.nan
    usd_per_mtok_batch_in: float = math.nan
    usd_per_mtok_batch_out: float = math.nan

    @property
    def has_batch(self) -> bool:
        """Whether batches have a price of their own."""
        return not math.isnan(self.usd_per_mtok_batch_in)

    def usd_per_request(
        self,
        *,
        tokens_in: float,
        tokens_out: float,
        cached_share: float = 0.0,
        batch_share: float = 0.0,
    ) -> float:
        """What a request costs, the mean: in a batch without the rebate of a cache, since makers do
        not add the two.

        Parameters
        ----------
        tokens_in, tokens_out : float
            Tokens of a request.
        cached_share : float
            The share of its input that is found in a cache.
        batch_share : float
            The share of requests that are sent as a batch.
        """
        full, cached = self.usd_per_mtok_in, self.usd_per_mtok_cached
        cached = full if math.isnan(cached) else cached
        mean_in = (1.0 - cached_share) * full + cached_share * cached
        at_once = tokens_in * mean_in + tokens_out * self.usd_per_mtok_out
        later = at_once
        if self.has_batch:
            in_batch = (
                tokens_in * self.usd_per_mtok_batch_in + tokens_out * self.usd_per_mtok_batch_out
            )
            later = min(at_once, in_batch)
        return ((1.0 - batch_share) * at_once + batch_share * later) / 1e6


@dataclass(frozen=True)
class BreakEven:
    """Requests a day at which serving first costs no more than buying, and from which on it never
    costs more; infinite where that never comes. Arrays of the shape of the inputs.
    """

    first: FloatArray
    lasting: FloatArray


def break_even(
    *,
    usd_per_month_of_daily_request: ArrayLike,
    usd_per_month_of_replica: ArrayLike,
    requests_per_day_of_replica: ArrayLike,
    spare_replicas: int,
) -> BreakEven:
    """Where c (⌈R/p⌉ + s) meets q R, for R requests a day.

    With r = q p/c, what a full replica's requests cost at the list price over what it costs: the
    m-th replica is reached at a gain where m (r - 1) ≥ s, and already begun at a gain where
    (m - 1)(r - 1) ≥ s + 1. With the least such m, R = c (m + s)/q in its stretch of demand.

    Parameters
    ----------
    usd_per_month_of_daily_request : array of floats
        q: what a request a day costs in a month when bought.
    usd_per_month_of_replica : array of floats
        c: what a replica costs in a month.
    requests_per_day_of_replica : array of floats
        p: what a replica answers in a day, 0 where it answers none.
    spare_replicas : int
        s: replicas beyond those needed.
    """
    q, c, p = np.broadcast_arrays(
        *(
            np.asarray(each, dtype=np.float64)
            for each in (
                usd_per_month_of_daily_request,
                usd_per_month_of_replica,
                requests_per_day_of_replica,
            )
        )
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = q * p / c - 1.0
        at_gain = np.maximum(1.0, np.ceil(spare_replicas / gain))
        # The stretch before the first that is begun at a gain is the last that crosses.
        begun_at_gain = np.ceil((spare_replicas + 1.0) / gain)
        each = [
            np.where(gain > 0.0, c * (replicas + spare_replicas) / q, math.inf)
            for replicas in (at_gain, np.maximum(1.0, begun_at_gain))
        ]
    return BreakEven(*each)
