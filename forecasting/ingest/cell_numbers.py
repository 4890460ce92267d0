"""Cells of text as numbers: plain ones by Arrow, a whole column at once; 7B, 1.4T, 3e21 FLOP and
decimal commas one by one.

Both ways round correctly, so that 6.79B and 6790000000 are the same number to the last bit.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import InputError
from forecasting.parsing import number_in

#: What a cell without a value is written as.
MISSING = frozenset(
    {"", "nan", "na", "n/a", "null", "none", "nil", "-", "–", "—", "?", "#n/a", "missing"}
)
_PLAIN = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_UNIT = re.compile(
    r"(?<=[\d\skmbtgp%])\s*(?:flops?|params?|parameters?|tokens?|toks?|nats?|usd|bits?)\.?(?:/[a-z]+)?$",
    re.IGNORECASE,
)
_FLOP_PREFIX = re.compile(r"(?<=[\d\s])([kmgtpez])flops?$", re.IGNORECASE)
_PREFIX_POWERS = {"k": 3, "m": 6, "g": 9, "t": 12, "p": 15, "e": 18, "z": 21}
_GROUPED = r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$"
_GROUPED_POINTS = re.compile(_GROUPED)


def numbers_of(cells: pa.StringArray, decimal: str) -> tuple[FloatArray, BoolArray]:
    """Values (missing and unreadable cells NaN), and which cells hold something that is no finite
    number.
    """
    if decimal == ",":
        pointed = pc.match_substring(cells, ".")
        cells = (
            pc.if_else(pointed, cells, pc.replace_substring(cells, ",", "."))
            if pc.any(pointed).as_py() is not True
            else cells
        )
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
        rest = cells.take(pa.array(others)).dictionary_encode()
        words = [number_of(word, decimal) for word in rest.dictionary.to_pylist()]
        codes = rest.indices.to_numpy()
        values[others] = np.array([np.nan if word is None else word for word in words])[codes]
        bad[others] = np.array([word is None for word in words])[codes]
    return values, bad


def number_of(cell: str, decimal: str = ".") -> float | None:
    """The number that a cell means: NaN for one without a value, None for one that is no finite
    number.
    """
    text = (
        cell.strip()
        .strip("'\"")
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
        .removeprefix("~")
        .strip()
    )
    if text.lower() in MISSING:
        return float("nan")
    if len(text) > 60:
        return None
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
