"""What models are served on and how fast, as several forecasts ask for it."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from forecasting.data.dataset import DataSet
from forecasting.scenario import Inputs, quantity
from forecasting.serving.serving_tables import CHIPS, MODELS, serving_chips

DEFAULT_CHIP = "NVIDIA H100 SXM"


class ServingChoiceInputs(Inputs):
    """The chip, the precision of weights, and how long a token may take."""

    TABLES: ClassVar[tuple[str, ...]] = (MODELS, CHIPS)

    serving_chip: str = quantity(DEFAULT_CHIP, unit="name", label="Chip")
    serving_precision: Literal["fp16", "fp8", "fp4"] = quantity(
        "fp8",
        unit="name",
        label="Precision",
        why=(
            "Of the weights. A chip without units for it computes at the next wider precision that"
            " it has; the cache is kept in 8 bits whenever weights are."
        ),
    )
    tpot_limit_ms: float = quantity(
        50.0,
        unit="ms",
        label="Mean TPOT at most (ms)",
        why="0 for no limit. 50 ms per token is 20 tokens per second, faster than people read.",
        ge=0.0,
        le=60_000.0,
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names of chips."""
        if field == "serving_chip":
            return tuple(serving_chips(data))
        return super().choices(field, data)

    @property
    def mean_tpot_limit_s(self) -> float:
        """The mean time in seconds that an output token may take."""
        return self.tpot_limit_ms / 1e3 or math.inf
