"""The inputs that give a model's size, shared by the forecasts that ask for one: Chinchilla's,
where nothing else is named.
"""

from __future__ import annotations

from typing import Any

from forecasting.scenario import quantity

#: Chinchilla, Hoffmann et al. 2022, arXiv 2203.15556: parameters, training tokens, and the compute
#: that it shares with Gopher.
CHINCHILLA_PARAMS, CHINCHILLA_TOKENS, CHINCHILLA_FLOP = 70e9, 1.4e12, 5.76e23


def params(label: str) -> Any:
    """Parameters of a model."""
    return quantity(
        CHINCHILLA_PARAMS,
        unit="parameters",
        label=label,
        why="Chinchilla's size, Hoffmann et al. 2022.",
        ge=1e3,
        le=1e17,
    )


def tokens(label: str) -> Any:
    """Tokens that a model is trained on."""
    return quantity(
        CHINCHILLA_TOKENS,
        unit="tokens",
        label=label,
        why="Chinchilla's data, Hoffmann et al. 2022.",
        ge=1e3,
        le=1e19,
    )


def training_flop(label: str) -> Any:
    """Compute of a training run."""
    why = "That of Chinchilla and Gopher, Hoffmann et al. 2022."
    return quantity(CHINCHILLA_FLOP, unit="FLOP", label=label, why=why, ge=1e12, le=1e35)
