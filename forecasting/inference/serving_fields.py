"""How busy chips are kept while they answer, as several forecasts take it."""

from __future__ import annotations

from typing import Any

from forecasting.inference.serving import MAX_MFU
from forecasting.scenario import quantity


def reading_mfu() -> Any:
    """The model FLOP utilisation of reading prompts."""
    why = (
        "Of the dense FP16 peak, idle hours included: above 1 is possible at lower precision. Whole"
        " prompts are read at once, which keeps a chip as busy as training does."
    )
    return quantity(0.40, unit="1", label="… in reading prompts", why=why, ge=1e-4, le=MAX_MFU)


def writing_mfu() -> Any:
    """The model FLOP utilisation of writing answers."""
    why = (
        "Of the dense FP16 peak, idle hours included. Token by token, memory is the limit: a few"
        " per cent where few requests are in flight (Sardana et al. 2024)."
    )
    return quantity(0.05, unit="1", label="… in writing answers", why=why, ge=1e-4, le=MAX_MFU)
