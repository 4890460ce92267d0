"""How much memory a result takes, as near as its arrays tell."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

#: Parts of a result that are looked at; what lies beyond is small beside its arrays.
MAX_PARTS = 5_000


def result_bytes(result: object) -> int:
    """The bytes of a result with all that it refers to, each part once: arrays, tables, records and
    collections of them.
    """
    seen: set[int] = set()
    waiting: list[Any] = [result]
    total = 0
    while waiting and len(seen) < MAX_PARTS:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, np.ndarray):
            # A view holds the whole of what it looks at.
            whole = part.base if isinstance(part.base, np.ndarray) else part
            if whole is part or id(whole) not in seen:
                seen.add(id(whole))
                total += whole.nbytes
        elif isinstance(part, pd.DataFrame | pd.Series):
            total += int(np.sum(part.memory_usage(index=True, deep=False)))
        else:
            total += sys.getsizeof(part, 0)
            waiting += _parts(part)
    return total


def _parts(part: object) -> list[Any]:
    if isinstance(part, Mapping):
        return [*part.keys(), *part.values()]
    if isinstance(part, list | tuple | set | frozenset):
        return list(part)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        # With what a record has computed for itself since.
        named = {each.name for each in dataclasses.fields(part)}
        held = [getattr(part, name) for name in named if hasattr(part, name)]
        more = getattr(part, "__dict__", {})
        return held + [value for name, value in more.items() if name not in named]
    return []
