"""Hypothesis strategies of valid scenarios and displays of any page, made from their fields."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from forecasting.data.dataset import bundled
from forecasting.errors import InputError
from forecasting.fitting.law_choice import law_names
from forecasting.scenario import Scenario
from forecasting.stats.distribution import Distribution

MAX_FIELDS = 6


def bounds_of(metadata: list[Any]) -> dict[str, Any]:
    """ge, gt, le and lt among the metadata of a field."""
    return {
        name: getattr(each, name)
        for each in metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(each, name, None) is not None
    }


def floats(bounds: dict[str, Any]) -> st.SearchStrategy[float]:
    """Floats within bounds; without them, moderate ones."""
    low, high = bounds.get("ge", bounds.get("gt", -1e9)), bounds.get("le", bounds.get("lt", 1e9))
    return st.floats(
        float(low),
        float(high),
        exclude_min="gt" in bounds,
        exclude_max="lt" in bounds,
        allow_nan=False,
    )


def values_of_field(record: type[BaseModel], name: str) -> st.SearchStrategy[Any]:
    """Values that a field accepts by itself."""
    info = record.model_fields[name]
    known = record.choices(name, bundled()) if issubclass(record, Scenario) else None
    if known is not None:
        return st.sampled_from(known)
    if name == "law":
        return st.sampled_from([*law_names(), "custom:1.7,400.0,410.0,0.34,0.28"])
    return _of_annotation(info.annotation, bounds_of(info.metadata), info)


def _of_annotation(annotation: Any, bounds: dict[str, Any], info: Any) -> st.SearchStrategy[Any]:
    if annotation is Distribution:
        default = info.get_default()
        scale = st.floats(0.8, 1.25)
        return st.builds(lambda a, b: _scaled(default, a, b), scale, scale)
    if annotation is bool:
        return st.booleans()
    if annotation is float:
        return floats(bounds)
    if annotation is int:
        return st.integers(bounds.get("ge", 0), bounds.get("le", 10**6))
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if get_origin(annotation) is tuple:
        most = next((each.max_length for each in info.metadata if hasattr(each, "max_length")), 3)
        return st.lists(
            _of_annotation(get_args(annotation)[0], {}, info), max_size=most, unique=True
        ).map(tuple)
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if len(parts) < len(get_args(annotation)):
        return st.none() | _of_annotation(parts[0], bounds, info)
    return st.just(info.get_default())


def _scaled(default: Distribution, a: float, b: float) -> Distribution:
    low, high = sorted((default.low * a, default.high * b))
    if default.shape == "fixed":
        return Distribution.fixed(default.low * a)
    return Distribution(low, high, default.share, default.shape)


def scenarios_of(record: type[Any]) -> st.SearchStrategy[Any]:
    """Valid records with a few fields that differ from the defaults; fields that contradict each
    other are left at theirs.
    """
    fields = st.lists(
        st.sampled_from(sorted(record.model_fields)), max_size=MAX_FIELDS, unique=True
    )
    chosen = fields.flatmap(
        lambda names: st.fixed_dictionaries({name: values_of_field(record, name) for name in names})
    )
    return chosen.map(lambda values: _valid(record, values))


def _valid(record: type[Any], values: dict[str, Any]) -> Any:
    kept = dict(values)
    while True:
        try:
            return record(**kept)
        except InputError as error:
            if error.parameter not in kept and not kept:
                raise
            kept.pop(error.parameter if error.parameter in kept else next(iter(kept)))
