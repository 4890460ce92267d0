"""The inputs of serving answers that several forecasts share: what is asked for, and how busy chips
are kept while they answer.
"""

from __future__ import annotations

from typing import Any

from forecasting.scenario import quantity


def requests_per_day(default: float, label: str) -> Any:
    """How many requests come in a day."""
    return quantity(default, unit="requests/day", label=label, why="An example.", ge=0.0, le=1e15)


def tokens_in() -> Any:
    """Tokens of a prompt."""
    return quantity(
        1000.0, unit="tokens", label="Tokens read a request", why="An example.", ge=0.0, le=1e9
    )


def tokens_out(label: str, least: float = 0.0) -> Any:
    """Tokens of an answer; a forecast that counts samples of it needs at least one."""
    return quantity(500.0, unit="tokens", label=label, why="An example.", ge=least, le=1e9)


def reading_mfu() -> Any:
    """The model FLOP utilisation of reading prompts."""
    why = "Whole prompts are read at once, which keeps a chip as busy as training does."
    return quantity(0.40, unit="1", label="… in reading prompts", why=why, ge=1e-4, le=1.0)


def writing_mfu() -> Any:
    """The model FLOP utilisation of writing answers."""
    why = "Token by token, memory is the limit: a few per cent of the peak (Sardana et al. 2024)."
    return quantity(0.05, unit="1", label="… in writing answers", why=why, ge=1e-4, le=1.0)
