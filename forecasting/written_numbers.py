"""Numbers as people write them: 75e9, 75 billion, 1.4T, 7B, 20%, $1,000, 5.76 × 10²³."""

from __future__ import annotations

import math
import re

from forecasting.errors import InputError
from forecasting.units import in_words

SUFFIXES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "g": 1e9, "billion": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12, "p": 1e15, "quadrillion": 1e15, "%": 1e-2,
}  # fmt: skip
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?:\s*[×x*]\s*10(?:\^|\*\*)?([+-]?\d+))?\s*([a-z]+|%)?", re.ASCII)
_SUPERSCRIPT = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹−", "-+0123456789-")


def number_in(text: str, parameter: str = "number") -> float:
    """The finite number that a text means; raises InputError naming `parameter` where it means none.

    Thousands may be set apart by commas, spaces or underscores; a decimal comma is refused, not guessed.
    """
    cleaned = text.strip().translate(_SUPERSCRIPT).lower().removeprefix("$")
    cleaned = re.sub(r"(?<=\d),(?=\d{3}(?!\d))|(?<=\d)[_\s](?=\d)", "", cleaned)
    cleaned = cleaned.replace("×10", "×10^").replace("x10", "x10^").replace("^^", "^")
    found = _NUMBER.fullmatch(cleaned)
    scale = SUFFIXES.get(found[3] or "", None if found and found[3] else 1.0) if found else None
    if found is None or scale is None:
        raise InputError(parameter, text, "Write a number, such as 75e9, 75 billion, 1.4T or 20%.")
    try:
        value = float(found[1]) * 10.0 ** int(found[2] or 0) * scale
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InputError(parameter, text, "Write a finite number.")
    return value


def in_exact_words(value: float) -> str:
    """The value in words, with as many digits as it takes for `number_in` to give the value back."""
    for digits in range(3, 16):
        words = in_words(value, digits)
        try:
            if number_in(words) == value:
                return words
        except InputError:
            break
    return repr(value)
