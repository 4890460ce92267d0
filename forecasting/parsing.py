"""Numbers as people write them: 75e9, 75 billion, 1.4T, 7B, 20%, $1,000, 5.76 × 10²³."""

from __future__ import annotations

import math
import re

from forecasting.errors import InputError
from forecasting.formatting import in_words

#: Powers of ten by what is written after a number.
SUFFIXES = {
    "": 0, "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "g": 9,
    "billion": 9,
    "t": 12, "tn": 12, "trillion": 12, "p": 15, "quadrillion": 15, "%": -2,
}  # fmt: skip
_NUMBER = re.compile(
    r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?:\s*[×x*]\s*10(?:\^|\*\*)?([+-]?\d+))?\s*([a-z]+|%)?",
    re.ASCII,
)
#: A power of ten that nothing multiplies: 10²⁴.
_BARE_POWER = re.compile(r"^([-+−]?)10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_SUPERSCRIPT = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹−", "-+0123456789-")


def number_in(text: str, parameter: str = "number") -> float:
    """The finite number that a text means; raises InputError naming `parameter` where it means
    none.

    Thousands may be set apart by commas, spaces or underscores; a decimal comma is refused, not
    guessed.
    """
    bare = _BARE_POWER.sub(r"\g<1>1 × 10\2", text.strip().removeprefix("$").lstrip())
    cleaned = bare.translate(_SUPERSCRIPT).lower()
    cleaned = re.sub(r"(?<=\d),(?=\d{3}(?!\d))|(?<=\d)[_\s](?=\d)", "", cleaned)
    cleaned = cleaned.replace("×10", "×10^").replace("x10", "x10^").replace("^^", "^")
    found = _NUMBER.fullmatch(cleaned)
    power = SUFFIXES.get(found[3] or "") if found else None
    if found is None or power is None:
        raise InputError(parameter, text, "Write a number, such as 75e9, 75 billion, 1.4T or 20%.")
    # Powers are added to the exponent as written, since a product with 1e9 may round the last digit
    # another way.
    digits, _, exponent = found[1].partition("e")
    powers = [int(part[:9]) for part in (exponent, found[2]) if part]
    value = float(f"{digits}e{sum(powers) + power}")
    if not math.isfinite(value):
        raise InputError(parameter, text, "Write a finite number.")
    return value


def in_exact_words(value: float) -> str:
    """The value in words, with as many digits as it takes for `number_in` to give the value
    back.
    """
    for digits in range(3, 16):
        words = in_words(value, digits)
        try:
            if number_in(words) == value:
                return words
        except InputError:
            break
    return repr(value)
