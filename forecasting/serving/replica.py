"""A replica in steady state: how many requests it holds within a latency, how fast it answers them,
and what its tokens cost.

Requests are taken up continuously: a prompt is read as soon as a place is free, and the others wait
for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import InputError
from forecasting.formatting import significant
from forecasting.laws.law_inputs import checked_coefficient, checked_coefficients
from forecasting.serving.phases import ServedOn
from forecasting.units import SECONDS_PER_HOUR

#: Requests that a replica's software holds at most; experts in parallel hold this many a chip.
MAX_BATCH = 2048.0
#: Mean over 99th percentile of the time a token takes: measured median 0.88, 80% 0.74 to 0.94.
MEAN_OF_P99_TPOT = 0.85
#: Chips of a replica that are tried.
MAX_CHIPS_PER_REPLICA = 64
#: Halvings of a span of batches on a log scale: the largest is found to a billionth.
_HALVINGS = 36


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The requests: `tokens_in` and `tokens_out`, the mean of each; how much the length of answers
    varies (`variation`: its standard deviation over its mean; 1 for chat and reasoning, 0 for a
    fixed length); and the share of the prompt whose state is found in a cache (`cached_share`).
    Tokens may be arrays, for several cases at once. Raises InputError for less than one token out.
    """

    tokens_in: float | FloatArray
    tokens_out: float | FloatArray
    variation: float = 1.0
    cached_share: float = 0.0

    def __post_init__(self) -> None:
        for name in ("tokens_in", "variation", "cached_share"):
            value = checked_coefficients(name, getattr(self, name), zero_allowed=True)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "tokens_out", checked_coefficients("tokens_out", self.tokens_out))
        if np.any(self.tokens_out < 1.0):
            least = float(np.min(self.tokens_out))
            raise InputError("tokens_out", least, "Give at least 1 token per answer.")
        if self.cached_share > 1.0:
            raise InputError("cached_share", self.cached_share, "Give a share from 0 to 1.")

    @property
    def tokens_read(self) -> float | FloatArray:
        """Tokens of a prompt that are read: those that no cache has."""
        return self.tokens_in * (1.0 - self.cached_share)

    @property
    def context(self) -> float | FloatArray:
        """Tokens in the cache of a request in flight, the mean: I + O (1 + cv²)/2, since a long
        answer is in flight for longer.
        """
        return self.tokens_in + self.tokens_out * (1.0 + self.variation**2) / 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Replica:
    """A replica of `chips` that holds `batch` requests in the mean, in steady state. Where any of
    these is an array, so are its figures.
    """

    served: ServedOn
    traffic: Traffic
    chips: int | FloatArray
    batch: float | FloatArray

    @cached_property
    def prefill_s(self) -> FloatArray:
        """Seconds to read a prompt."""
        return self.served.prefill_s(self.traffic.tokens_read, self.chips)

    @cached_property
    def step_s(self) -> FloatArray:
        """Seconds to write a token for each request."""
        return self.served.decode_step_s(self.batch, self.traffic.context, self.chips)

    @cached_property
    def requests_per_s(self) -> FloatArray:
        """Requests it answers a second: 1/(O t_d/B + t_p)."""
        return 1.0 / (self.traffic.tokens_out * self.step_s / self.batch + self.prefill_s)

    @property
    def tokens_per_s_per_chip(self) -> FloatArray:
        """Output tokens a second and chip."""
        return self.requests_per_s * self.traffic.tokens_out / self.chips

    @property
    def tpot_s(self) -> FloatArray:
        """Mean seconds an output token takes, with the prompts of others read in between."""
        return self.batch / (self.requests_per_s * self.traffic.tokens_out)

    @property
    def ttft_s(self) -> FloatArray:
        """Mean seconds to the first token: reading, and waiting for the reading of others."""
        return _first_token_s(self.prefill_s, self.requests_per_s)

    @property
    def mfu_output(self) -> FloatArray:
        """Utilisation while writing, of the dense fp16 peak: above 1 is possible at a narrower
        precision.
        """
        flop = 2.0 * self.served.model.active_params * np.asarray(self.batch)
        return flop / (self.step_s * self.chips * self.served.chip.flop_per_s["fp16"])

    @property
    def mfu_input(self) -> FloatArray:
        """Utilisation while reading, of the dense fp16 peak; NaN where nothing is read."""
        if not np.any(self.traffic.tokens_read):
            return np.full(np.shape(self.prefill_s), np.nan)
        flop = 2.0 * self.served.model.active_params * self.traffic.tokens_read
        return flop / (self.prefill_s * self.chips * self.served.chip.flop_per_s["fp16"])

    def chips_for(
        self, requests_per_s: float, utilisation: float, spare_replicas: int = 0
    ) -> FloatArray:
        """Chips that answer this many requests a second: g (⌈rate/(X u)⌉ + spare).

        Parameters
        ----------
        requests_per_s : float
            Requests a second at the peak that is to be met.
        utilisation : float
            The share of full load at which replicas are to run, above 0 and at most 1.
        spare_replicas : int
            Replicas beyond those needed.
        """
        busy = checked_share("utilisation", utilisation)
        rate = checked_coefficient("requests_per_s", requests_per_s, zero_allowed=True)
        needed: FloatArray = np.ceil(rate / (self.requests_per_s * busy))
        return self.chips * (needed + spare_replicas)

    def usd_per_million_tokens(self, usd_per_chip_hour: float, utilisation: float) -> TokenCost:
        """What a million tokens cost.

        Parameters
        ----------
        usd_per_chip_hour : float
            What a chip costs an hour.
        utilisation : float
            The share of full load at which replicas run, above 0 and at most 1.
        """
        busy = checked_share("utilisation", utilisation)
        usd_per_s = usd_per_chip_hour * self.chips / SECONDS_PER_HOUR / busy
        read = self.traffic.tokens_in if np.any(self.traffic.tokens_in) else math.nan
        return TokenCost(
            output=1e6 * usd_per_s * self.step_s / self.batch,
            input=1e6 * usd_per_s * self.prefill_s / read,
            blended=1e6 * usd_per_s / (self.requests_per_s * self.traffic.tokens_out),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenCost:
    """Dollars for a million tokens written (`output`) and of prompts, cached ones included
    (`input`; NaN without any), and for a million written with the prompts that belong to them
    (`blended`).
    """

    output: FloatArray
    input: FloatArray
    blended: FloatArray


def _first_token_s(prefill_s: FloatArray, requests_per_s: FloatArray) -> FloatArray:
    """Mean seconds to the first token: t_p + ρ t_p/(2 (1 - ρ)) with ρ = t_p X, a queue with one
    server, random arrivals and a fixed time of service.
    """
    busy = prefill_s * requests_per_s
    result: FloatArray = prefill_s * (1.0 + busy / (2.0 * (1.0 - busy)))
    return result


def checked_share(name: str, value: float) -> float:
    """A share above 0 and at most 1; raises InputError for others."""
    share = checked_coefficient(name, value)
    if share > 1.0:
        raise InputError(name, share, "Give a share above 0 and at most 1.")
    return share


def largest_batches(
    served: ServedOn,
    traffic: Traffic,
    *,
    chips: ArrayLike,
    tpot_limit_s: ArrayLike = math.inf,
    ttft_limit_s: float = math.inf,
) -> FloatArray:
    """The most requests in flight that memory, software and latency allow, for each number of chips
    of a replica; NaN where they allow none.

    Parameters
    ----------
    served : ServedOn
        The model on its chip.
    traffic : Traffic
        The requests.
    chips : array of floats
        Chips of the replica.
    tpot_limit_s : float or array of floats
        The mean time an output token may take, in seconds.
    ttft_limit_s : float
        The mean time to the first token, in seconds.
    """
    g = np.asarray(chips, dtype=np.float64)
    software = MAX_BATCH * (g if served.model.is_sparse else np.ones_like(g))
    most = np.minimum(software, served.memory_batch(traffic.context, g))
    prefill_s = served.prefill_s(traffic.tokens_read, g)
    if not served.model.is_sparse and math.isinf(ttft_limit_s):
        within = np.minimum(most, _dense_batches(served, traffic, g, prefill_s, tpot_limit_s))
        return np.where(within >= 1.0, within, np.nan)
    limit_s = np.asarray(tpot_limit_s, dtype=np.float64)

    def is_within(batch: FloatArray) -> BoolArray:
        """Whether tokens take no longer than they may, which holds for all smaller batches too."""
        step_s = served.decode_step_s(batch, traffic.context, g)
        tpot_s = step_s + batch * prefill_s / traffic.tokens_out
        within: BoolArray = tpot_s <= limit_s
        if ttft_limit_s < math.inf:
            rate = batch / (tpot_s * traffic.tokens_out)
            within &= _first_token_s(prefill_s, rate) <= ttft_limit_s
        return within

    low, high = np.ones_like(g), np.maximum(most, 1.0)
    possible = (most >= 1.0) & is_within(low)
    all_fit = is_within(high)
    if not all_fit.all():
        for _ in range(_HALVINGS):
            middle = np.sqrt(low * high)
            within = is_within(middle)
            low, high = np.where(within, middle, low), np.where(within, high, middle)
    result: FloatArray = np.where(possible, np.where(all_fit, most, low), np.nan)
    return result


def _dense_batches(
    served: ServedOn,
    traffic: Traffic,
    chips: FloatArray,
    prefill_s: FloatArray,
    tpot_limit_s: ArrayLike,
) -> FloatArray:
    """The requests at which a token of a dense model takes as long as it may: a step that is bound
    by memory, and one that is bound by compute, grows with them along a straight line.
    """
    none, one = np.zeros(()), np.ones(())
    beside = served.step_beside_s(none, chips)
    slope_beside = served.step_beside_s(one, chips) - beside + prefill_s / traffic.tokens_out
    batches = []
    for step_s in (served.step_memory_s, served.step_compute_s):
        start = step_s(none, traffic.context, chips)
        slope = step_s(one, traffic.context, chips) - start + slope_beside
        batches.append((np.asarray(tpot_limit_s) - start - beside) / slope)
    result: FloatArray = np.minimum(*batches)
    return result


def replica_sizes(max_chips: int) -> list[int]:
    """The numbers of chips that are tried: 1, 2, 4 … up to so many."""
    return [2**power for power in range(max_chips.bit_length())]


def replicas_within(
    served: ServedOn,
    traffic: Traffic,
    *,
    tpot_limit_s: float,
    ttft_limit_s: float = math.inf,
    max_chips: int,
) -> list[Replica]:
    """The fullest replica of each size that fits and meets the latency, the smallest first.

    Parameters
    ----------
    served : ServedOn
        The model on its chip.
    traffic : Traffic
        The requests.
    tpot_limit_s : float
        The mean time an output token may take, in seconds.
    ttft_limit_s : float
        The mean time to the first token, in seconds.
    max_chips : int
        Chips of a replica at most.
    """
    sizes = replica_sizes(max_chips)
    batches = largest_batches(
        served, traffic, chips=sizes, tpot_limit_s=tpot_limit_s, ttft_limit_s=ttft_limit_s
    )
    return [
        Replica(served=served, traffic=traffic, chips=chips, batch=float(batch))
        for chips, batch in zip(sizes, batches, strict=True)
        if not math.isnan(batch)
    ]


def best_replica(
    served: ServedOn,
    traffic: Traffic,
    *,
    tpot_limit_s: float = math.inf,
    ttft_limit_s: float = math.inf,
    max_chips: int = MAX_CHIPS_PER_REPLICA,
) -> Replica:
    """The replica of 1, 2, 4 … chips that writes most tokens a second and chip within the latency.

    Parameters
    ----------
    served : ServedOn
        The model on its chip.
    traffic : Traffic
        The requests.
    tpot_limit_s : float
        The mean time an output token may take, in seconds.
    ttft_limit_s : float
        The mean time to the first token, in seconds.
    max_chips : int
        Chips of a replica at most: those that are linked fast.

    Raises
    ------
    InputError
        Where the model fits on none of them, or no batch meets the latency; it names the nearest
        that can be had.
    """
    found = replicas_within(
        served,
        traffic,
        tpot_limit_s=tpot_limit_s,
        ttft_limit_s=ttft_limit_s,
        max_chips=max_chips,
    )
    if found:
        return max(found, key=lambda replica: float(replica.tokens_per_s_per_chip))
    alone = [
        Replica(served=served, traffic=traffic, chips=chips, batch=1.0)
        for chips in replica_sizes(max_chips)
        if served.memory_batch(traffic.context, chips) >= 1.0
    ]
    if not alone:
        weights = f"{served.weight_bytes / 1e9:,.0f} GB at {served.precision}"
        if served.memory_batch(traffic.context, max_chips) > 0.0:
            cache = float(served.kv_bytes(traffic.context)) / 1e9
            weights += f", a request in flight {cache:,.0f} GB of cache,"
        raise InputError(
            "chip",
            served.chip.name,
            f"{served.model.name} takes {weights}"
            f" and does not fit on {max_chips} of these chips with"
            f" {served.chip.memory_bytes / 1e9:,.0f} GB each. Use a chip with more memory, a"
            " narrower precision or a shorter context.",
        )
    fastest = min(alone, key=lambda replica: float(replica.tpot_s))
    if float(fastest.tpot_s) > tpot_limit_s:
        raise InputError(
            "tpot_limit_s",
            tpot_limit_s,
            f"No batch is that fast on {served.chip.name}: with one request at a time on"
            f" {fastest.chips} chips a token takes {_ms_up(fastest.tpot_s)}. Allow at least that.",
        )
    first = min(alone, key=lambda replica: float(replica.ttft_s))
    raise InputError(
        "ttft_limit_s",
        ttft_limit_s,
        f"No batch answers that soon on {served.chip.name}: with one request at a time on"
        f" {first.chips} chips the first token takes {_ms_up(first.ttft_s)}. Allow at least that.",
    )


def _ms_up(seconds: FloatArray) -> str:
    """Milliseconds to three digits, rounded up, so that a limit of that can be met."""
    ms = 1e3 * float(seconds)
    step = 10.0 ** (math.floor(math.log10(ms)) - 2)
    return f"{significant(math.ceil(ms / step) * step)} ms"
