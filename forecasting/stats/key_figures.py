"""The key figures of a result."""

from __future__ import annotations

import dataclasses

from forecasting.stats.bands import Range
from forecasting.stats.estimate import Estimate


def key_figures(result: object) -> dict[str, Range]:
    """The key figures of a result: its fields that are a range or an estimate, by name; an
    estimate's range is of 80%, its unit unsaid.
    """
    found: dict[str, Range] = {}
    for part in dataclasses.fields(result) if dataclasses.is_dataclass(result) else ():
        value = getattr(result, part.name)
        if isinstance(value, Estimate):
            value = Range(value.value, *value.interval(0.8), unit="")
        if isinstance(value, Range):
            found[part.name] = value
    return found
