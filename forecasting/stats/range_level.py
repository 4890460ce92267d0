"""The one level at which ranges are written: 80%, or what a reader chose for the bands of a chart.

    with range_level(0.95):
        result.answer  # “likely 2025–2041 (95%)”

It says how a result is put into words and changes no number of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

USUAL_LEVEL = 0.8

_level: ContextVar[float] = ContextVar("level of ranges in words", default=USUAL_LEVEL)


def level_in_words() -> float:
    """The level at which ranges are written now."""
    return _level.get()


@contextmanager
def range_level(level: float) -> Iterator[None]:
    """Ranges inside are written at this level, a share between 0 and 1."""
    token = _level.set(level)
    try:
        yield
    finally:
        _level.reset(token)


def level_of_bands(levels: Sequence[float]) -> float:
    """The level for words beside a chart with these bands: 80% where it is among them, else the
    widest; 80% where none is drawn.
    """
    return USUAL_LEVEL if USUAL_LEVEL in levels or not levels else max(levels)


def range_heading() -> str:
    """The heading of a column of ranges: “80% range”."""
    return f"{100.0 * level_in_words():.3g}% range"
