"""Units of counts and of compute: as names of columns write them, and as numbers betray them.

unit_of_name("params_m")         # ("params", "millions")
unit_of_name("total_gflops")     # ("total_flops", "GFLOP")
unit_of_name("log10_n")          # ("n", "log10")
in_plain(values, "millions")     # values · 10⁶
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from forecasting.arrays import FloatArray

COUNT_UNITS: Mapping[str, float] = {
    "ones": 1.0, "thousands": 1e3, "millions": 1e6, "billions": 1e9, "trillions": 1e12,
}  # fmt: skip
FLOP_UNITS: Mapping[str, float] = {
    "FLOP": 1.0, "MFLOP": 1e6, "GFLOP": 1e9, "TFLOP": 1e12, "PFLOP": 1e15, "EFLOP": 1e18,
    "ZFLOP": 1e21, "YFLOP": 1e24, "PF-days": 8.64e19,
}  # fmt: skip
#: Units in which the numbers are logarithms, by their base.
LOG_BASES: Mapping[str, float] = {"log10": 10.0, "ln": math.e, "log2": 2.0}
#: A logarithm whose name does not tell its base; its numbers do.
LOG = "log"
PLAIN = ("ones", "FLOP")
UNIT_WORDS = {
    "log10": "logarithms to base 10", "ln": "natural logarithms", "log2": "logarithms to base 2",
    "ones": "plain counts", "FLOP": "FLOP",
}  # fmt: skip
#: Sizes, tokens and compute of runs that people train, with a wide margin: the middle of a column
#: outside these is in another unit. No language model has under 1,000 parameters.
USUAL: Mapping[str, tuple[float, float]] = {
    "params": (1e3, 2e13), "tokens": (1e4, 1e16), "training_flop": (1e9, 1e30),
}  # fmt: skip
#: Tokens per parameter of the middle run, outside which a unit is wrong.
USUAL_RATIO = (0.2, 1e5)
#: Models of fewer parameters than this do not see more tokens a parameter than that.
TINY_PARAMS, TINY_RATIO = 1e7, 5e3
#: Middle values beyond these are no logarithms to base 10, or none at all.
_LOG10_MOST = {"params": 13.0, "tokens": 15.9, "training_flop": 31.0}
_LN_MOST = 75.0

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("k", "thousand", "thousands", "1e3", "kilo"), "thousands"),
    **dict.fromkeys(
        ("m", "mn", "mm", "mil", "mill", "mio", "million", "millions", "mega", "1e6"), "millions"
    ),
    **dict.fromkeys(
        ("b", "bn", "bil", "bill", "billion", "billions", "g", "giga", "1e9"), "billions"
    ),
    **dict.fromkeys(("t", "tn", "trillion", "trillions", "tera", "1e12"), "trillions"),
    **dict.fromkeys(
        (
            "pf_days", "pfs_days", "pf_s_days", "pflop_s_days", "pflops_days", "pflop_days",
            "pflop_day", "petaflop_days", "petaflop_s_days", "pfdays", "pf_day", "pfs_day",
            "petaflops_days", "pfs_d",
        ),
        "PF-days",
    ),
}  # fmt: skip
_PREFIX_OF = {
    "k": "thousands", "m": "MFLOP", "g": "GFLOP", "t": "TFLOP", "p": "PFLOP", "e": "EFLOP",
    "z": "ZFLOP", "y": "YFLOP", "mega": "MFLOP", "giga": "GFLOP", "tera": "TFLOP",
    "peta": "PFLOP", "exa": "EFLOP", "zetta": "ZFLOP", "yotta": "YFLOP",
}  # fmt: skip
_POWERS = {6: "MFLOP", 9: "GFLOP", 12: "TFLOP", 15: "PFLOP", 18: "EFLOP", 21: "ZFLOP", 24: "YFLOP"}
_COUNT_OF_POWER = {3: "thousands", 6: "millions", 9: "billions", 12: "trillions"}
_FLOP_WORD = re.compile(r"(?:^|_)(mega|giga|tera|peta|exa|zetta|yotta|[kmgtpezy])_?(flops?)(?=_|$)")
_POWER = re.compile(r"(?:^|_)(?:x_?)?(?:1e|10e?_?|e)_?(\d{1,2})(?=_|$)")
_COUNTED = re.compile(r"^(mega|giga|tera|[kmgbt])(params?|parameters|tokens?|toks?)$")
_COUNTED_WORD = re.compile(r"^(?:params?|parameters|tokens?|toks?)$")
_LOG_PREFIX = re.compile(r"^(log_?10|lg|log_?2|log_?e|ln|log)_?(?:of_)?(?=[a-z])(.+)$")
_LOG_SUFFIX = re.compile(r"^(.+?)_(?:in_)?(log_?10|lg|log_?2|log_?e|ln|log)$")
_LOG_UNIT = {"log10": "log10", "lg": "log10", "log2": "log2", "loge": "ln", "ln": "ln", "log": LOG}


def factor_of(unit: str) -> float | None:
    """What a unit's numbers are multiplied by, None for logarithms and what is no unit."""
    return COUNT_UNITS.get(unit, FLOP_UNITS.get(unit))


def in_plain(values: FloatArray, unit: str) -> FloatArray:
    """Numbers in a unit as plain counts or FLOP."""
    base = LOG_BASES.get(unit)
    if base is not None:
        with np.errstate(over="ignore"):
            return np.asarray(np.power(base, values), dtype=np.float64)
    factor = factor_of(unit)
    return values if factor in (None, 1.0) else values * factor


def units_of_role(role: str) -> tuple[str, ...]:
    """The units in which a column of this role may be, plain first."""
    if role == "training_flop":
        return (*FLOP_UNITS, *LOG_BASES)
    if role in ("params", "tokens"):
        return (*COUNT_UNITS, *LOG_BASES)
    return tuple(COUNT_UNITS)


def unit_of_name(name: str) -> tuple[str, str]:
    """The name without its unit, and the unit ("" for none); names in lower case with underscores.

    Endings count before beginnings, so that “tokens_b” and “b_tokens” are both billions.
    """
    if (found := _FLOP_WORD.search(name)) and not is_rate(name):
        flop = f"{name[: found.start()]}_{found[2]}{name[found.end() :]}".strip("_")
        rest = re.sub(r"_?flops?$", "", flop)
        after = name[found.end() :].strip("_")
        if not after or after in ("total", "used", "spent", "train", "training", "6nd"):
            return _flop_base(flop, rest), _PREFIX_OF[found[1]]
    for word, unit in _WORDS.items():
        for ending in (f"_in_{word}", f"_{word}"):
            if name.endswith(ending) and len(name) > len(ending):
                return name[: -len(ending)], unit
    if found := _POWER.search(name):
        base = (name[: found.start()] + name[found.end() :]).strip("_")
        if base and int(found[1]) in _POWERS | _COUNT_OF_POWER:
            is_flop = re.search(r"flop|compute|^c$", base) is not None
            units = _POWERS if is_flop else _COUNT_OF_POWER
            if int(found[1]) in units:
                return base, units[int(found[1])]
    if found := _COUNTED.match(name):
        return found[2], _WORDS[found[1]]
    if found := _LOG_PREFIX.match(name):
        return found[2], _LOG_UNIT[found[1].replace("_", "")]
    if found := _LOG_SUFFIX.match(name):
        return found[1], _LOG_UNIT[found[2].replace("_", "")]
    for word, unit in _WORDS.items():
        for opening in (f"{word}_of_", f"{word}_"):
            base = name.removeprefix(opening)
            if base not in ("", name) and (len(word) > 1 or _COUNTED_WORD.match(base)):
                return base, unit
    return name, ""


def _flop_base(flop: str, rest: str) -> str:
    """“compute_gflop” is a compute, “total_gflops” a total of FLOP."""
    return (
        rest
        if rest and rest.split("_")[-1] in ("compute", "c", "budget", "flops", "flop")
        else flop
    )


def is_rate(name: str) -> bool:
    """Whether a name of FLOP means a speed, or the FLOP of one token, rather than a run's total."""
    parts = set(name.split("_"))
    is_days = bool(parts & {"days", "day"})
    return bool(
        parts & {"per", "sec", "second", "gpu", "mfu", "device", "peak", "achieved", "rate", "step"}
    ) or ("s" in parts and not is_days)


def unit_of_cell(cell: str) -> str | None:
    """The unit that a cell of a row of units names, "" for one without a factor (“nats”), None for
    what is no unit.
    """
    word = re.sub(r"[^a-z0-9]+", "_", cell.lower().strip()).strip("_")
    if not word:
        return ""
    if word in _NEUTRAL:
        return ""
    if word in LOG_BASES:
        return word
    if word in ("log", "lg"):
        return _LOG_UNIT[word]
    if found := re.fullmatch(r"(mega|giga|tera|peta|exa|zetta|yotta|[gtpezy])_?flops?", word):
        return _PREFIX_OF[found[1]]
    if word in _WORDS:
        return _WORDS[word]
    base = re.sub(r"_?(?:of_)?(?:params?|parameters|tokens?|toks?)$", "", word).strip("_")
    base = re.sub(r"^in_", "", base)
    if base in _WORDS:
        return _WORDS[base]
    if found := re.fullmatch(r"(?:x_?)?(?:1e|10_?)(\d+)(?:_flops?)?", word):
        units = _POWERS if "flop" in word else _COUNT_OF_POWER | _POWERS
        return units.get(int(found[1]))
    return None


_NEUTRAL = frozenset(
    {
        "nats", "nat", "nats_token", "nats_per_token", "nat_per_token", "bits", "bit", "bits_token",
        "bits_per_token", "bits_per_byte", "bpb", "params", "parameters", "tokens", "token",
        "count", "counts", "number", "integer", "float", "flop", "flops", "usd", "s", "sec", "h",
        "hours", "str", "string", "text", "id", "name", "none", "unit", "units", "ones", "1", "ppl",
        "perplexity",
    }
)  # fmt: skip


def resolved_log(role: str, values: Sequence[float]) -> str:
    """The base of logarithms that a name leaves open, by the middle of the numbers."""
    if not len(values):
        return "log10"
    middle = float(np.median(np.asarray(values)))
    if middle > _LN_MOST:
        return "FLOP" if role == "training_flop" else "ones"
    return "log10" if middle <= _LOG10_MOST.get(role, 16.0) else "ln"


def is_usual(role: str, values: FloatArray) -> bool:
    """Whether the middle of a column, in plain units, is what a run may have."""
    low, high = USUAL[role]
    known = values[np.isfinite(values) & (values > 0.0)]
    return known.size == 0 or bool(low <= np.median(known) <= high)


def ratio_is_usual(params: FloatArray, tokens: FloatArray, least: float = USUAL_RATIO[0]) -> bool:
    """Whether the middle run has as many tokens a parameter as runs have.

    Parameters
    ----------
    params, tokens : arrays of floats, shape (rows,)
        Parameters and training tokens.
    least : float
        Fewer tokens a parameter than this are unusual.
    """
    with np.errstate(all="ignore"):
        ratio = tokens / params
    known = np.isfinite(ratio) & (ratio > 0.0)
    if not known.any():
        return True
    middle = float(np.median(ratio[known]))
    is_tiny = float(np.max(params[known])) < TINY_PARAMS and middle > TINY_RATIO
    return least <= middle <= USUAL_RATIO[1] and not is_tiny


def likely_units(
    columns: Mapping[str, FloatArray], now: Mapping[str, str], doubtful: Sequence[str]
) -> list[dict[str, str]]:
    """Units of the doubtful roles that make usual runs of the numbers, likelier ones first.

    Parameters
    ----------
    columns : mapping of str to arrays of floats, shape (rows,)
        The numbers as they stand, by role: params, tokens, training_flop.
    now : mapping of str to str
        The unit of each role as read.
    doubtful : sequence of str
        The roles whose unit is open.
    """
    found: list[tuple[float, dict[str, str]]] = []
    for units in itertools.product(*(units_of_role(role) for role in doubtful)):
        tried = dict(zip(doubtful, units, strict=True))
        plain = {
            role: in_plain(values, tried.get(role, now.get(role, "")))
            for role, values in columns.items()
        }
        if not all(
            is_usual(role, values) and _all_near_usual(role, values)
            for role, values in plain.items()
        ):
            continue
        ratio = _middle_ratio(plain)
        if ratio is None or USUAL_RATIO[0] <= ratio <= USUAL_RATIO[1]:
            size = plain.get("params", plain.get("tokens", np.array([1e9]))) / 1e9
            middle = float(np.median(size[np.isfinite(size) & (size > 0.0)]))
            off = abs(math.log(ratio / 20.0)) if ratio else 0.0
            # Who writes logarithms of one writes those of the other.
            off += 5.0 * (len({unit in LOG_BASES for unit in units}) - 1)
            found.append((off + 0.2 * abs(math.log(middle)), tried))
    return [units for _, units in sorted(found, key=lambda each: each[0])[:4]]


def _all_near_usual(role: str, values: FloatArray) -> bool:
    low, high = USUAL[role]
    known = values[np.isfinite(values) & (values > 0.0)]
    return bool(np.isinf(values).sum() == 0 and np.all((known > low / 100) & (known < high * 100)))


def _middle_ratio(plain: Mapping[str, FloatArray]) -> float | None:
    with np.errstate(all="ignore"):
        if "params" in plain and "tokens" in plain:
            ratio = plain["tokens"] / plain["params"]
        elif "params" in plain and "training_flop" in plain:
            ratio = plain["training_flop"] / (6.0 * plain["params"] ** 2)
        elif "tokens" in plain and "training_flop" in plain:
            ratio = 6.0 * plain["tokens"] ** 2 / plain["training_flop"]
        else:
            return None
    ratio = ratio[np.isfinite(ratio) & (ratio > 0.0)]
    return float(np.median(ratio)) if ratio.size else None
