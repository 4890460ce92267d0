"""Figures as Plotly's own classes hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.figure import Figure


def checked(figure: Figure) -> go.Figure:
    """The figure in Plotly's classes, which raise ValueError for a property that it doesn't have or
    a value that the property doesn't take.
    """
    return go.Figure(data=figure.data, layout=figure.layout)


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """Where properties are set to None, which Plotly's script need not take for “not set”."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from nulls(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from nulls(inner, f"{path}[{number}]")
