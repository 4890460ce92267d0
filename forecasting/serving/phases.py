"""How long a replica takes to read a prompt and to write a token for each of its requests: the
roofline of compute and memory, with what its chips tell each other.

Formulas after Pope et al. 2022 (arXiv:2211.05102) and Erdil 2025 (arXiv:2506.04645).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.serving.hardware import Efficiency, ServingChip, precision_of
from forecasting.serving.served_model import ServedModel

#: Of a chip's memory, what weights and cache may take: the rest is activations and fragments.
USABLE_MEMORY = 0.90
#: Seconds of a step beside the roofline: of each layer, to launch its kernels, and of each request,
#: to schedule it, sample its token and send it on. One process does so for a replica, one for each
#: chip where chips attend to requests of their own, since a latent cache has no heads to share out.
#: Of pairs that make 4 ms of 80 layers and 175 requests this one hits measured throughput best.
LAYER_OVERHEAD_S, REQUEST_OVERHEAD_S = 28e-6, 10e-6
#: Seconds an all-reduce takes before the first byte arrives.
ALL_REDUCE_S = 8e-6


@dataclass(frozen=True, kw_only=True)
class ServedOn:
    """A model at a precision on a chip, and how much of the chip's limits it reaches.

    Parameters
    ----------
    model : ServedModel
        The model.
    chip : ServingChip
        The chip.
    precision : str
        A key of PRECISIONS.
    efficiency : Efficiency or None
        Of the chip's peaks; None takes that of its generation.
    layer_overhead_s, request_overhead_s : float
        Seconds of a step beside the roofline, of each layer and of each request in flight.
    """

    model: ServedModel
    chip: ServingChip
    precision: str
    efficiency: Efficiency | None = None
    layer_overhead_s: float = LAYER_OVERHEAD_S
    request_overhead_s: float = REQUEST_OVERHEAD_S

    def __post_init__(self) -> None:
        precision_of(self.precision)
        if self.efficiency is None:
            object.__setattr__(self, "efficiency", self.chip.efficiency)

    @property
    def reached(self) -> Efficiency:
        """The efficiency in use."""
        return self.efficiency or self.chip.efficiency

    def times(self, factor: float | FloatArray) -> ServedOn:
        """The same with efficiencies that are a factor higher."""
        return replace(self, efficiency=self.reached.times(factor))

    @property
    def weight_bytes(self) -> float | FloatArray:
        """Memory of all weights."""
        return self.model.params * precision_of(self.precision).bytes_per_weight

    def kv_bytes(self, context: ArrayLike) -> FloatArray:
        """Memory of the cache of a request with `context` tokens."""
        per_element = precision_of(self.precision).bytes_per_kv_element
        return self.model.kv_bytes_per_request(context, per_element)

    def prefill_s(self, tokens_in: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Seconds in which `chips` read a prompt of `tokens_in`.

        [2 N_a I/F(p) + 2 L w I²/F16]/(g η_c) + 2 L · 4 I d (g-1)/(g V)
        """
        model, chip = self.model, self.chip
        read = np.asarray(tokens_in, dtype=np.float64)
        g = np.asarray(chips, dtype=np.float64)
        multiplied = 2.0 * model.active_params * read / chip.peak_flop_per_s(self.precision)
        # A token attends to half of the prompt in the mean.
        attention = 4.0 * model.layers * model.attention_width * read * model.attended(read / 2.0)
        computed = (multiplied + attention / chip.flop_per_s["fp16"]) / (g * self.reached.compute)
        result: FloatArray = computed + 2.0 * model.layers * self._reduced_s(read, g)
        return result

    def decode_step_s(self, batch: ArrayLike, context: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Seconds in which a replica writes a token for each of its requests.

        max{[b_w N_read + B κ C]/(g W η_b), B [2 N_a/F(p) + 4 L w C/F16]/(g η_c)}
        + 2 L [h + 4 B d (g-1)/(g V)] + L t_L + B t_B, with h for more than one chip

        Parameters
        ----------
        batch : array of floats
            Requests in flight.
        context : array of floats
            Tokens of a request that are in the cache, the mean.
        chips : array of floats
            Chips of the replica.
        """
        roofline = np.maximum(
            self.step_memory_s(batch, context, chips), self.step_compute_s(batch, context, chips)
        )
        result: FloatArray = roofline + self.step_beside_s(batch, chips)
        return result

    def step_memory_s(self, batch: ArrayLike, context: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Seconds of a step to read weights and caches.

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
        weights = self.model.params_read(b) * precision_of(self.precision).bytes_per_weight
        result: FloatArray = (weights + b * self.kv_bytes(c)) / (
            g * self.chip.memory_bytes_per_s * self.reached.memory
        )
        return result

    def step_compute_s(self, batch: ArrayLike, context: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Seconds of a step to multiply.

        Parameters
        ----------
        batch : array of floats
            Requests in flight.
        context : array of floats
            Tokens of a request that are in the cache, the mean.
        chips : array of floats
            Chips of the replica.
        """
        model, chip = self.model, self.chip
        b, c, g = (np.asarray(each, dtype=np.float64) for each in (batch, context, chips))
        flop = (
            2.0 * model.active_params / chip.peak_flop_per_s(self.precision)
            + (4.0 * model.layers * model.attention_width * model.attended(c))
            / chip.flop_per_s["fp16"]
        )
        result: FloatArray = b * flop / (g * self.reached.compute)
        return result

    def step_beside_s(self, batch: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Seconds of a step beside the roofline: between chips, and the overhead of any step."""
        b, g = (np.asarray(each, dtype=np.float64) for each in (batch, chips))
        talked = 2.0 * self.model.layers * (ALL_REDUCE_S * (g > 1.0) + self._reduced_s(b, g))
        of_a_process = b / g if self.model.kv_latent else b
        beside = self.model.layers * self.layer_overhead_s + of_a_process * self.request_overhead_s
        result: FloatArray = talked + beside
        return result

    def memory_batch(self, context: ArrayLike, chips: ArrayLike) -> FloatArray:
        """Requests whose caches fit beside the weights: b_w N + B κ C ≤ 0.90 g M. Below 1 where
        the model does not fit.
        """
        g = np.asarray(chips, dtype=np.float64)
        left = USABLE_MEMORY * g * self.chip.memory_bytes - self.weight_bytes
        result: FloatArray = left / self.kv_bytes(context)
        return result

    def _reduced_s(self, tokens: FloatArray, chips: FloatArray) -> FloatArray:
        """Seconds to add up the vectors of these tokens over the chips, twice 16 bits each."""
        sent = 4.0 * tokens * self.model.width * (chips - 1.0) / chips
        result: FloatArray = sent / self.chip.link_bytes_per_s
        return result


def ridge_batch(chip: ServingChip, precision: str) -> float:
    """Requests from which a dense model's step is bound by compute, not by reading its weights, at
    the chip's peaks: F(p) b_w/(2 W).
    """
    weight = precision_of(precision).bytes_per_weight
    return chip.peak_flop_per_s(precision) * weight / (2.0 * chip.memory_bytes_per_s)
