"""Cells of text as numbers: plain ones by Arrow, a whole column at once; 7B, 1.4T, 3e21 FLOP and
decimal commas one by one.

Both ways round correctly, so that 6.79B and 6790000000 are the same number to the last bit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import InputError
from forecasting.parsing import SUFFIXES, number_in

#: What a cell without a value is written as.
MISSING = frozenset(
    {"", "nan", "na", "n/a", "null", "none", "nil", "-", "–", "—", "?", "#n/a", "missing"}
)
#: Longer cells hold no number.
MAX_NUMBER_LENGTH = 100
_PLAIN = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
#: Digits above the line, as in 10⁹.
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED_POWER = re.compile(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)")
#: What is written about a number: bold, formulas, marks of footnotes, remarks behind it.
_ABOUT = re.compile(r"^[~≈≃$*_\s]+|\s+(?:#|//).*$|[*†‡§$_\s]+$")
_UNIT = re.compile(
    r"(?<=[\d\skmbtgp%])\s*(?:flops?|params?|parameters?|tokens?|toks?|nats?|usd|bits?)\.?(?:/[a-z]+)?$",
    re.IGNORECASE,
)
_FLOP_PREFIX = re.compile(r"(?<=[\d\s])([kmgtpez])flops?$", re.IGNORECASE)
_PREFIX_POWERS = {"k": 3, "m": 6, "g": 9, "t": 12, "p": 15, "e": 18, "z": 21}
_GROUPED = r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$"
_GROUPED_POINTS = re.compile(_GROUPED)
_SUFFIXED = (
    r"(?i)^(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))\s*(?P<suffix>"
    + "|".join(sorted((re.escape(word) for word in SUFFIXES if word), key=len, reverse=True))
    + ")$"
)
_THOUSANDS = (
    r"^[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:'[0-9]{3})+|(?:’[0-9]{3})+|(?: [0-9]{3})+)(?:\.[0-9]+)?$"
)
#: Thousands as the Swiss write them: 7'000'000.
_SWISS = re.compile(r"(?<=\d)['’ʼ](?=\d{3}(?!\d))")
#: A number and how uncertain it is: 4.22 ± 0.003, 4.22 +/- 0.003, 4.22 (0.003) or 4.22(3).
UNCERTAIN = re.compile(
    r"(?P<value>[+-]?\d[\d.,]*(?:e[+-]?\d+)?)\s*"
    r"(?:(?:±|\+/-|\+-)\s*\d[\d.,]*(?:e[+-]?\d+)?|\(\s*(?:±|\+/-)?\s*\d[\d.,]*(?:e[+-]?\d+)?\s*\))",
    re.IGNORECASE,
)


@dataclass(eq=False)
class OddCells:
    """How many different cells of a file were read one by one, those that Arrow can't read; each
    takes some microseconds. Beyond `most` reading stops with InputError.
    """

    most: int = 400_000
    count: int = 0

    def add(self, count: int, example: str) -> None:
        """Note some more."""
        self.count += count
        if self.count > self.most:
            raise InputError(
                "file",
                f"more than {self.most:,} cells such as “{example[:40]}”",
                "Write plain numbers, such as 7000000000, 7e9 or 7B.",
            )


def numbers_of(
    cells: pa.StringArray, decimal: str, odd: OddCells | None = None
) -> tuple[FloatArray, BoolArray]:
    """Values (missing and unreadable cells NaN), and which cells hold something that is no finite
    number.

    Parameters
    ----------
    cells : Arrow array of text, shape (rows,)
        The cells as they are written.
    decimal : str
        The decimal sign, "." or ",".
    odd : OddCells or None
        Counts the cells that are read one by one, and limits them. None: no limit.
    """
    if decimal == ",":
        pointed = pc.match_substring(cells, ".")
        # Points between thousands (1.100) are no decimal ones: such columns are read cell by cell.
        is_plain = pc.any(pointed).as_py() is not True
        cells = pc.replace_substring(cells, ",", ".") if is_plain else cells
    else:
        is_plain = True
    if is_plain:
        try:
            values = _floats(pc.cast(cells, pa.float64()))
            return values, np.isinf(values)
        except pa.ArrowInvalid:
            pass
    plain = pc.match_substring_regex(cells, _PLAIN)
    if decimal == ",":
        plain = pc.and_not(plain, pc.match_substring_regex(cells, _GROUPED))
    values = _floats(pc.cast(pc.if_else(plain, cells, None), pa.float64()))
    bad = np.isinf(values)
    others = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    if others.size:
        rest = cells.take(pa.array(others))
        known = _usual(rest) if decimal == "." else np.full(others.size, np.nan)
        values[others] = known
        bad[others] = np.isinf(known)
        left = others[np.isnan(known)]
        rest = cells.take(pa.array(left)).dictionary_encode()
        if odd is not None and len(rest.dictionary):
            odd.add(len(rest.dictionary), rest.dictionary[0].as_py())
        words = [number_of(word, decimal) for word in rest.dictionary.to_pylist()]
        codes = rest.indices.to_numpy()
        values[left] = np.array([np.nan if word is None else word for word in words])[codes]
        bad[left] = np.array([word is None for word in words], dtype=np.bool_)[codes]
    return values, bad


def _usual(cells: pa.StringArray) -> FloatArray:
    """The numbers of cells with a suffix (7B, 1.4 T) or with thousands set apart, NaN for others.

    The suffix is put into the exponent, so that no digit is rounded twice.
    """
    parts = pc.extract_regex(cells, _SUFFIXED)
    suffix = pc.utf8_lower(pc.struct_field(parts, "suffix")).dictionary_encode()
    powers = [str(SUFFIXES[word]) for word in suffix.dictionary.to_pylist()]
    power = pa.array(powers, pa.string()).take(suffix.indices)
    written = pc.binary_join_element_wise(pc.struct_field(parts, "number"), power, "e")
    grouped = pc.if_else(pc.match_substring_regex(cells, _THOUSANDS), cells, None)
    written = pc.coalesce(written, pc.replace_substring_regex(grouped, r"[,'’\s_]", ""))
    return _floats(pc.cast(written, pa.float64()))


def number_of(cell: str, decimal: str = ".") -> float | None:
    """The number that a cell means: NaN for one without a value, None for one that is no finite
    number.
    """
    if len(cell) > MAX_NUMBER_LENGTH:
        return None
    text = cell.strip().strip("'\"").replace("\u00a0", " ").replace("\u202f", " ").strip()
    if text.lower() in MISSING:
        return float("nan")
    text = _ABOUT.sub("", text)
    text = _RAISED_POWER.sub(lambda found: "10^" + found[1].translate(_RAISED), text)
    text = text.replace("·10^", "x10^")
    text = _SWISS.sub("", text)
    if found := UNCERTAIN.fullmatch(text):
        text = found["value"]
    if decimal == ",":
        if _GROUPED_POINTS.fullmatch(text) or (
            "," in text and "." in text and text.rindex(".") < text.rindex(",")
        ):
            text = text.replace(".", "")
        text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    power = ""
    if found := _FLOP_PREFIX.search(text):
        text, power = text[: found.start()].strip(), f" x 10^{_PREFIX_POWERS[found[1].lower()]}"
    else:
        text = _UNIT.sub("", text)
    try:
        return number_in(text + power, "cell")
    except InputError:
        return None


def _floats(array: pa.Array) -> FloatArray:
    values: FloatArray = array.to_numpy(zero_copy_only=False).astype(np.float64)
    return values
