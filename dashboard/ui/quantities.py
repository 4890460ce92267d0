"""Quantities over many decades as a control has them: the steps of its slider, and the text of its
field.
"""

from __future__ import annotations

from functools import lru_cache

from forecasting.parsing import in_exact_words, number_in


@lru_cache(maxsize=64)
def log_steps(decades: tuple[int, int]) -> tuple[float, ...]:
    """1, 2, 3 and 5 times each power of ten from 10^decades[0] up to 10^decades[1]."""
    return (
        *(float(f"{step}e{decade}") for decade in range(*decades) for step in (1, 2, 3, 5)),
        float(f"1e{decades[1]}"),
    )


@lru_cache(maxsize=8192)
def quantity_text(value: float, unit: str) -> str:
    """The value as it may be typed in, to the last digit; two values never share a text.

    The unit is written where it stands before the number: $40 million, 600 billion.
    """
    return f"{'$' if unit == 'USD' else ''}{in_exact_words(float(value))}"


def quantity_in(text: str, unit: str, parameter: str) -> float:
    """The number that a text means, its unit behind it or not: 40M, $1.3e7, 600B tokens; raises
    InputError naming `parameter` where it means none.
    """
    stripped = text.strip()
    bare = stripped[: -len(unit)] if stripped.lower().endswith(f" {unit.lower()}") else text
    return number_in(bare, parameter)
