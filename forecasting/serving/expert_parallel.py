"""Experts spread over many chips, each of which attends to requests of its own (expert parallelism
with data-parallel attention), and prompts read on other chips than answers are written on.

writing = ExpertParallel(model=deepseek, chip=h800, precision="fp8", link_bytes_per_s=50e9)
fleet = disaggregated(reading, writing, traffic, reading_chips=32, writing_chips=144,
tpot_limit_s=1/21)
fleet.chips_for(1800.0)

After the overview that DeepSeek published of its own inference system (open-infra-index, 2025).
Transfers are not hidden behind computing: where software does so, this is too slow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.laws.law_inputs import checked_coefficient
from forecasting.serving.hardware import precision_of
from forecasting.serving.phases import USABLE_MEMORY, ServedOn
from forecasting.serving.replica import Replica, Traffic, checked_share, largest_batches

#: Bytes an element that goes to an expert, in 8 bits, and comes back, in 16.
BYTES_THERE_AND_BACK = 3.0


@dataclass(frozen=True, kw_only=True)
class ExpertParallel(ServedOn):
    """A mixture of experts served with its experts spread over the chips of a replica; what all
    tokens use is on each of them.

    Parameters
    ----------
    link_bytes_per_s : float
        Between chips of different servers, one way and a chip; 0 takes the chip's own link, as
        within a server.

    Raises
    ------
    InputError
        For a dense model.
    """

    link_bytes_per_s: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_coefficient("link_bytes_per_s", self.link_bytes_per_s, zero_allowed=True)
        if not self.model.is_sparse:
            raise InputError("model", self.model.name, "Give a mixture of experts: this is dense.")

    @property
    def shared_params(self) -> float:
        """Parameters that all tokens use: what is left of the active ones, (E N_a - e N)/(E - e),
        if all experts are alike.
        """
        model = self.model
        routed = (model.params - model.active_params) / (model.experts - model.experts_used)
        return float(model.active_params - model.experts_used * routed)

    def step_memory_s(self, batch: ArrayLike, context: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Seconds of a step to read weights and caches: the shared weights on every chip.

        Parameters
        ----------
        batch : array of floats
            Requests in flight.
        context : array of floats
            Tokens of a request that are in the cache, the mean.
        chips : array of floats
            Chips of the replica.
        """
        b, c, g = (np.asarray(each, dtype=np.float64) for each in (batch, context, chips))
        routed = self.model.params_read(b) - self.shared_params
        read = self.shared_params + routed / g
        weight_bytes = read * precision_of(self.precision).bytes_per_weight
        result: FloatArray = (weight_bytes + b / g * self.kv_bytes(c)) / (
            self.chip.memory_bytes_per_s * self.reached.memory
        )
        return result

    def memory_batch(self, context: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Requests whose caches fit beside the weights, the shared ones on every chip."""
        g = np.asarray(chips, dtype=np.float64)
        a_weight = precision_of(self.precision).bytes_per_weight
        again = (g - 1.0) * self.shared_params * a_weight
        left = USABLE_MEMORY * g * self.chip.memory_bytes - self.weight_bytes - again
        result: FloatArray = left / self.kv_bytes(context)
        return result

    def _reduced_s(self, tokens: FloatArray, chips: FloatArray) -> FloatArray:
        """Half the seconds in which each chip sends its tokens to the experts of a layer and gets
        them back: 3 e d B/g (g-1)/(g V) a layer, where the base class counts two exchanges.
        """
        sent = BYTES_THERE_AND_BACK * self.model.experts_used * self.model.width * tokens / chips
        link = self.link_bytes_per_s or self.chip.link_bytes_per_s
        result: FloatArray = sent * (chips - 1.0) / chips / link / 2.0
        return result


@dataclass(frozen=True, kw_only=True, eq=False)
class Disaggregated:
    """A service that reads prompts on some chips and writes answers on others.

    `reading` writes nothing and `writing` reads nothing, each at full load.
    """

    reading: Replica
    writing: Replica

    def chips_for(self, requests_per_s: float, utilisation: float = 1.0) -> tuple[float, float]:
        """Chips that read and chips that write so many requests a second, in the mean: parts of a
        replica count.

        Parameters
        ----------
        requests_per_s : float
            Requests a second.
        utilisation : float
            The share of full load at which they run, above 0 and at most 1.
        """
        rate = checked_coefficient("requests_per_s", requests_per_s, zero_allowed=True)
        busy = checked_share("utilisation", utilisation)
        read = rate * float(self.reading.prefill_s) * self.reading.chips
        written = rate / float(self.writing.requests_per_s) * self.writing.chips
        return float(read) / busy, float(written) / busy


def disaggregated(
    reading: ServedOn,
    writing: ServedOn,
    traffic: Traffic,
    *,
    reading_chips: int,
    writing_chips: int,
    tpot_limit_s: float,
) -> Disaggregated:
    """The service with as many requests in flight as memory and the time of a token allow.

    Parameters
    ----------
    reading, writing : ServedOn
        The model on the chips of each kind.
    traffic : Traffic
        The requests.
    reading_chips, writing_chips : int
        Chips of a replica of each kind.
    tpot_limit_s : float
        The mean time an output token may take, in seconds.

    Raises
    ------
    InputError
        Where no batch is so fast, or the model does not fit.
    """
    cached = replace(traffic, cached_share=1.0)
    batch = float(
        largest_batches(writing, cached, chips=float(writing_chips), tpot_limit_s=tpot_limit_s)
    )
    if np.isnan(batch):
        raise InputError(
            "tpot_limit_s",
            tpot_limit_s,
            f"No batch of {writing.model.name} is that fast on {writing_chips}"
            f" {writing.chip.name}, or it does not fit. Give more chips or more time.",
        )
    return Disaggregated(
        reading=Replica(served=reading, traffic=traffic, chips=reading_chips, batch=1.0),
        writing=Replica(served=writing, traffic=cached, chips=writing_chips, batch=batch),
    )
