"""A transformer as serving sees it: the weights a step reads, its cache of keys and values, the
FLOP of reading and writing.

llama = ServedModel(name="Llama-3-70B", params=70.6e9, layers=80, width=8192, attention_width=8192,
kv_width=1024) llama.kv_bytes_per_token(2.0)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.laws.law_inputs import checked_coefficients


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """A transformer's shape. Parameters, layers and widths of a dense one may be arrays, for
    several models at once.

    Parameters
    ----------
    name : str
        What it is called.
    params : float or array of floats
        All parameters.
    active_params : float or array of floats
        Those that a token uses; 0 for all, as in a dense model.
    layers, width : float or array of floats
        Layers, and elements of a token's vector between them.
    attention_width : float or array of floats
        Query heads times the size of a head.
    kv_width : float or array of floats
        Key-value heads times the size of a head (grouped or multi-query attention where it is less
        than `attention_width`); 0 where the cache is latent.
    kv_latent : int
        Elements a token and layer of a latent cache (MLA); 0 without one.
    experts, experts_used : int
        Experts a layer, and those that a token is routed to; 0 in a dense model.
    windowed_layers, window_tokens : int
        Layers whose attention sees the last `window_tokens` alone.
    """

    name: str
    params: float | FloatArray
    active_params: float | FloatArray = 0.0
    layers: float | FloatArray
    width: float | FloatArray
    attention_width: float | FloatArray
    kv_width: float | FloatArray = 0.0
    kv_latent: int = 0
    experts: int = 0
    experts_used: int = 0
    windowed_layers: int = 0
    window_tokens: int = 0

    def __post_init__(self) -> None:
        for name in ("params", "layers", "width", "attention_width"):
            object.__setattr__(self, name, checked_coefficients(name, getattr(self, name)))
        active = checked_coefficients("active_params", self.active_params, zero_allowed=True)
        if np.any(active > self.params):
            raise InputError(
                "active_params", active, f"Give at most all {np.min(self.params):g} parameters."
            )
        object.__setattr__(self, "active_params", active if np.any(active) else self.params)
        if self.windowed_layers < 0 or np.any(self.windowed_layers > self.layers):
            raise InputError("windowed_layers", self.windowed_layers, "Give 0 to all layers.")
        if bool(np.any(self.kv_width)) == bool(self.kv_latent):
            raise InputError("kv_width", self.kv_width, "Give it or `kv_latent`, one of the two.")
        if self.is_sparse and not 0 < self.experts_used <= self.experts:
            raise InputError("experts_used", self.experts_used, "Give 1 to all experts.")

    @property
    def is_sparse(self) -> bool:
        """Whether a token uses some of the parameters alone: a mixture of experts."""
        return bool(np.any(self.active_params < self.params))

    def kv_bytes_per_token(self, bytes_per_element: float) -> float | FloatArray:
        """Cache that each token of the context adds.

        2 L k b with grouped-query attention (Ainslie et al. 2023, arXiv:2305.13245), L times the
        latent elements with multi-head latent attention (DeepSeek-V2, arXiv:2405.04434); layers
        with a window add none once it is full.
        """
        per_layer = self.kv_latent or 2 * self.kv_width
        return (self.layers - self.windowed_layers) * per_layer * bytes_per_element

    def kv_bytes_per_request(self, context: ArrayLike, bytes_per_element: float) -> FloatArray:
        """Cache of a request with `context` tokens, those of windowed layers included."""
        tokens = np.asarray(context, dtype=np.float64)
        per_layer = self.kv_latent or 2 * self.kv_width
        windowed = self.windowed_layers * per_layer * np.minimum(tokens, self.window_tokens)
        result: FloatArray = (
            self.kv_bytes_per_token(bytes_per_element) * tokens + windowed * bytes_per_element
        )
        return result

    def params_read(self, batch: ArrayLike) -> FloatArray:
        """Weights that a step of `batch` requests reads: all of a dense model; of experts those
        that some request is routed to, N_a + (N - N_a) (1 - (1 - e/E)^(B-1)).
        """
        requests = np.asarray(batch, dtype=np.float64)
        if not self.is_sparse:
            return np.broadcast_to(
                self.params, np.broadcast_shapes(requests.shape, np.shape(self.params))
            )
        missed = (1.0 - self.experts_used / self.experts) ** np.maximum(requests - 1.0, 0.0)
        result: FloatArray = self.active_params + (self.params - self.active_params) * (
            1.0 - missed
        )
        return result

    def attended(self, context: ArrayLike) -> FloatArray:
        """Tokens that attention looks at a layer, the mean over layers."""
        tokens = np.asarray(context, dtype=np.float64)
        share = self.windowed_layers / self.layers
        result: FloatArray = (1.0 - share) * tokens + share * np.minimum(tokens, self.window_tokens)
        return result
