"""Numbers in plain words: counts, FLOP, money, shares, spans of time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

from forecasting.units import DAYS_PER_YEAR, date_of_year

_SHORT_SCALE = (
    (1e15, "quadrillion"),
    (1e12, "trillion"),
    (1e9, "billion"),
    (1e6, "million"),
)
#: What a product or ratio is that overflows.
OVERFLOWN = "more than 10³⁰⁸"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_month(year: float) -> str:
    """A decimal year as month and year: October 2029."""
    return f"{date_of_year(year):%B %Y}"


def significant(value: float, digits: int = 3) -> str:
    """The value with `digits` significant digits, thousands separated, never in e-notation."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    text = f"{rounded:,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def superscript(exponent: int) -> str:
    """An exponent in raised digits."""
    return str(exponent).translate(_SUPERSCRIPT)


def _as_power(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    words, power = significant(float(mantissa), digits), f"10{superscript(int(exponent))}"
    return power if words == "1" else f"{words} × {power}"


@lru_cache(maxsize=8192)
def in_flop(value: float, digits: int = 3) -> str:
    """A count of FLOP as a power of ten from a billion on: 10²¹, 5.4 × 10¹⁸. No words are in use
    for numbers of this size.
    """
    if not 1e9 <= value < math.inf:
        return in_words(value, digits)
    return _as_power(value, digits)


@lru_cache(maxsize=8192)
def in_words(value: float, digits: int = 3) -> str:
    """A count in short-scale words, or as a power of ten beyond them: 1.31 trillion, 5.76 × 10²³,
    10²⁴.
    """
    if not math.isfinite(value):
        return (
            "undetermined"
            if math.isnan(value)
            else ("no limit" if value > 0 else "less than any number")
        )
    size = abs(value)
    if size >= 1e18 or (0 < size < 1e-4):
        return _as_power(value, digits)
    for scale, word in _SHORT_SCALE:
        if round(size, digits - 1 - math.floor(math.log10(size)) if size else 0) >= scale:
            return f"{significant(value / scale, digits)} {word}"
    return significant(value, digits)


@lru_cache(maxsize=8192)
def in_dollars(usd: float, digits: int = 3) -> str:
    """An amount of money: $672, $39.60, $4,350, $2.12 million, $0.0072; below a hundredth of a cent
    “under $0.0001”.
    """
    sign = "−" if usd < 0 else ""
    if 0 < abs(usd) < 1e-4:
        return f"under {sign}$0.0001"
    if 1 <= abs(usd) < 1000 and digits >= 3 and round(abs(usd), 2) != round(abs(usd)):
        return f"{sign}${abs(usd):.2f}"
    words = in_words(abs(usd), digits)
    tenths = abs(usd) < 1000 and words[-2:-1] == "."  # dimes are written as cents: $5.20
    return f"{sign}${words}{'0' if tenths else ''}"


#: A number that may stand before or after a dash: 12, $1.3, 80%, 4.6×, 1,200.
_PLAIN = re.compile(r"\$?[\d.,]+(%|×)?")


def range_in_words(low: float, high: float, words: Callable[[float], str]) -> str:
    """Both ends in words, what they share said once: 60–190 billion, $160–190,000, 57–97%, $900
    million to $1.2 billion; one end where they agree.

    Parameters
    ----------
    low, high : float
        The ends, in one unit.
    words : function of a float, which gives str
        What writes an end with its unit.
    """
    first, last = words(low), words(high)
    if first == last:
        return last
    (number, _, unit), (other, _, same) = first.partition(" "), last.partition(" ")
    plain, also = _PLAIN.fullmatch(number), _PLAIN.fullmatch(other)
    if unit not in (same, same.removesuffix("s")) or not plain or not also or plain[1] != also[1]:
        return f"{first} to {last}"
    if number.startswith("$") != other.startswith("$"):
        return f"{first} to {last}"
    return f"{number.removesuffix(plain[1] or '')}–{last.removeprefix('$')}"


def likely(low: float, high: float, level: float, words: Callable[[float], str]) -> str:
    """A range as it is always written: likely 2027–2035 (80%); empty where both ends are the same
    in words.

    Parameters
    ----------
    low, high : float
        The ends, in one unit.
    level : float
        The probability that the range has, between 0 and 1.
    words : function of a float, which gives str
        What writes an end with its unit.
    """
    if words(low) == words(high):
        return ""
    return f"likely {range_in_words(low, high, words)} ({100.0 * level:.3g}%)"


def figure_with(figure: str, ends: str, unit: str, *, goes_on: bool = False) -> str:
    """A figure and its range as one phrase: “73 billion parameters, likely 58–99 billion (80%)”;
    the figure alone where the range is empty.

    Parameters
    ----------
    figure, ends : str
        The figure and its range, in words.
    unit : str
        What follows the figure alone; one that ends in s loses it after a 1.
    goes_on : bool
        Whether the sentence goes on after it, and so needs a comma after a range.
    """
    if unit:
        figure = f"{figure} {unit.removesuffix('s') if figure == '1' else unit}"
    if not ends:
        return figure
    return f"{figure}, {ends}{',' if goes_on else ''}"


def counted(number: float, one: str, many: str = "") -> str:
    """A count with its noun: 1 year, 1.5 years, 1,024 chips.

    Parameters
    ----------
    number : float
        How many.
    one, many : str
        The noun for one, and for more where that is not the same with an s.
    """
    is_whole = hasattr(number, "__index__") or (number < 1e5 and number == round(number))
    return with_noun(f"{number:,.0f}" if is_whole else in_words(number), one, many)


def with_noun(number: str, one: str, many: str = "") -> str:
    """A number in words with its noun: 1 year, 1.5 years.

    Parameters
    ----------
    number : str
        The number in words.
    one, many : str
        The noun for one, and for more where that is not the same with an s.
    """
    return f"{number} {one if number == '1' else many or one + 's'}"


def in_percent(share: float, digits: int = 3) -> str:
    """A share as percent: 2.32%, 87.5%, 0.065%. Near the whole the digits count from there, so that
    0.995 never reads as 100%.
    """
    percent = 100.0 * share
    if 0.0 < percent < 1e-3:
        return "under 0.001%"
    distance = min(abs(percent), abs(100.0 - percent)) if 99.0 < percent < 100.0 else abs(percent)
    if distance == 0 or not math.isfinite(percent):
        return f"{percent:g}%"
    places = max(0, digits - 1 - math.floor(math.log10(distance)))
    text = f"{percent:,.{places}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def in_years(years: float) -> str:
    """A span of time in the unit that reads best: 2.5 years, 8 months, 12 days."""
    if years >= 1.5:
        return with_noun(significant(years, 3 if years >= 10 else 2), "year")
    if years * 12 >= 1.5:
        return with_noun(significant(years * 12, 2), "month")
    return with_noun(significant(years * DAYS_PER_YEAR, 2), "day")
