"""What a model is served on and in: a chip's limits, the precision of weights and cache, and how
much of the limits serving software reaches.

chip = ServingChip(name="H100 SXM", flop_per_s={"fp16": 989.4e12, "fp8": 1979e12},
memory_bytes=80e9, memory_bytes_per_s=3.35e12, link_bytes_per_s=450e9, tdp_watts=700)
chip.peak_flop_per_s("fp4")

Efficiencies by generation are fitted to measured throughput.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, UnknownNameError
from forecasting.laws.law_inputs import checked_coefficient


@dataclass(frozen=True)
class Precision:
    """A number format: bytes a weight, with the scales of blocks, and bytes an element of the
    cache of keys and values.
    """

    name: str
    bytes_per_weight: float
    bytes_per_kv_element: float


#: The cache is kept in 8 bits wherever weights are.
PRECISIONS: Mapping[str, Precision] = {
    each.name: each
    for each in (
        Precision("fp16", 2.0, 2.0),
        Precision("fp8", 1.0, 1.0),
        Precision("fp4", 0.56, 1.0),  # a scale for every 16 or 32 weights
    )
}


def precision_of(name: str) -> Precision:
    """The precision of this name; raises UnknownNameError for one that is not in PRECISIONS."""
    if name not in PRECISIONS:
        raise UnknownNameError("precision", name, PRECISIONS)
    return PRECISIONS[name]


@dataclass(frozen=True)
class Efficiency:
    """Shares of a chip's peaks that serving reaches: of its FLOP/s and of its memory's bytes/s.

    They are fitted together and absorb scheduling, sampling and uneven load: neither is a measured
    bandwidth. They may be arrays, for several cases at once. Raises InputError for shares that are
    not above 0.
    """

    compute: float | FloatArray
    memory: float | FloatArray

    def __post_init__(self) -> None:
        for name in ("compute", "memory"):
            shares = np.asarray(getattr(self, name), dtype=np.float64)
            if not (np.isfinite(shares) & (shares > 0.0)).all():
                raise InputError(name, getattr(self, name), "Give shares above 0.")

    def times(self, factor: float | FloatArray) -> Efficiency:
        """Both shares times a factor, as for a range or a measurement of one's own."""
        return Efficiency(self.compute * factor, self.memory * factor)


#: By chip generation, and for one that no measurement has been seen of. Fitted to 485 measured
#: throughputs of 2024–2026 (MLPerf Inference v4.1–v6.1, TensorRT-LLM, LLM-Inference-Bench).
EFFICIENCIES: Mapping[str, Efficiency] = {
    "Hopper": Efficiency(0.40, 0.70),
    "Blackwell": Efficiency(0.50, 0.30),
    "CDNA3": Efficiency(0.30, 0.20),
    "CDNA4": Efficiency(0.70, 0.20),
    "Ampere": Efficiency(0.25, 0.80),
    "Ada": Efficiency(0.35, 0.40),
    "RTX Blackwell": Efficiency(0.70, 0.40),
}
UNSEEN_EFFICIENCY = Efficiency(0.45, 0.30)
#: 80% of measured throughputs lie within this factor of the model's, either way: of chips and
#: models left out of the fit 84% and 82%, of generations without a fit 92% or more.
KNOWN_FACTOR, UNSEEN_FACTOR = 1.6, 3.0


@dataclass(frozen=True, kw_only=True)
class ServingChip:
    """A chip's limits.

    Parameters
    ----------
    name : str
        What it is called.
    flop_per_s : Mapping of str to float
        Dense peaks by precision; fp16 is needed, others where the chip has them.
    memory_bytes, memory_bytes_per_s : float
        Its memory, and how fast that is read.
    link_bytes_per_s : float
        To the other chips of its replica, one way.
    tdp_watts : float
        Its thermal design power.
    generation : str
        Its key in EFFICIENCIES; others have the efficiency of an unseen one.
    """

    name: str
    flop_per_s: Mapping[str, float]
    memory_bytes: float
    memory_bytes_per_s: float
    link_bytes_per_s: float
    tdp_watts: float
    generation: str = ""

    def __post_init__(self) -> None:
        for name in ("memory_bytes", "memory_bytes_per_s", "link_bytes_per_s", "tdp_watts"):
            object.__setattr__(self, name, checked_coefficient(name, getattr(self, name)))
        for precision, peak in self.flop_per_s.items():
            precision_of(precision)
            checked_coefficient(f"flop_per_s of {precision}", peak)
        if "fp16" not in self.flop_per_s:
            raise InputError("flop_per_s", dict(self.flop_per_s), "Give the peak at fp16, too.")

    def peak_flop_per_s(self, precision: str) -> float:
        """The dense peak at a precision; where the chip has none for it, that of the next wider
        precision, in which it then computes.
        """
        order = list(PRECISIONS)
        wanted = order.index(precision_of(precision).name)
        return next(
            self.flop_per_s[name]
            for name in reversed(order[: wanted + 1])
            if name in self.flop_per_s
        )

    @property
    def efficiency(self) -> Efficiency:
        """What serving reaches on its generation."""
        return EFFICIENCIES.get(self.generation, UNSEEN_EFFICIENCY)

    @property
    def range_factor(self) -> float:
        """The factor within which 80% of measured throughputs lie, either way."""
        return KNOWN_FACTOR if self.generation in EFFICIENCIES else UNSEEN_FACTOR
