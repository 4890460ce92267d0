"""The requests of a service, as forecasts share them: how many come in a day, and how long they
are.
"""

from __future__ import annotations

from typing import Any

from forecasting.scenario import Inputs, quantity


def requests_per_day(default: float, label: str) -> Any:
    """How many requests come in a day."""
    return quantity(default, unit="requests/day", label=label, why="An example.", ge=0.0, le=1e15)


def tokens_in() -> Any:
    """Tokens of a prompt."""
    return quantity(
        1000.0, unit="tokens", label="Tokens read per request", why="An example.", ge=0.0, le=1e9
    )


def tokens_out(label: str, least: float = 0.0) -> Any:
    """Tokens of an answer; a forecast that counts samples of it needs at least one."""
    return quantity(500.0, unit="tokens", label=label, why="An example.", ge=least, le=1e9)


def cached_share() -> Any:
    """How much of a prompt was read before and is found in a cache."""
    return quantity(
        0.0,
        unit="share of 1",
        label="Share of the prompt that is cached",
        why="DeepSeek had 0.56 of its input in a cache on 27 February 2025.",
        ge=0.0,
        le=0.99,
    )


def length_variation() -> Any:
    """How far answers differ in length."""
    return quantity(
        1.0,
        unit="1",
        label="Spread of answer lengths",
        why="Standard deviation over mean: 1 in chat and reasoning, 0 for a fixed length.",
        ge=0.0,
        le=5.0,
    )


class RequestInputs(Inputs):
    """How long requests are."""

    tokens_in: float = tokens_in()
    tokens_out: float = tokens_out("Tokens written per request", least=1.0)


class DailyRequestInputs(RequestInputs):
    """How many come in a day, and how long they are."""

    requests_per_day: float = requests_per_day(1e6, "Requests per day")
