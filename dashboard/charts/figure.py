"""A figure as Plotly's script takes it: plain traces and a plain layout.

Plotly's own Python classes check every property of every trace, which takes most of a page's time;
here the tests do that instead, once for each chart (tests/dashboard/figures.py).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from dashboard.escaping import chart_text

#: A trace, an annotation, a shape or an axis: properties as in Plotly's reference.
Properties = dict[str, Any]
#: What of a trace is shown as text with tags.
_WORDS = ("name", "text", "hovertext", "hovertemplate", "customdata")
#: Typed arrays that Plotly's script reads; integers of 64 bits have none.
_TYPED = frozenset({"i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"})


@dataclass(frozen=True)
class Figure:
    """Traces and layout, with the properties of https://plotly.com/javascript/reference/.

    Parameters
    ----------
    layout : dict
        Axes, annotations, shapes and all that is not a trace.
    data : list of dicts
        The traces, drawn in this order.
    """

    layout: Properties
    data: list[Properties] = field(default_factory=list)

    def add_scatter(self, **trace: Any) -> None:
        """Points or lines."""
        self._add("scatter", trace)

    def add_bar(self, **trace: Any) -> None:
        """Bars."""
        self._add("bar", trace)

    def add_heatmap(self, **trace: Any) -> None:
        """Cells of a grid, coloured by their values."""
        self._add("heatmap", trace)

    def _add(self, kind: str, trace: Properties) -> None:
        """A trace whose words hold no tags but those of ours: Plotly makes links of others."""
        said = {name: _safe(trace[name]) for name in _WORDS if name in trace}
        self.data.append({"type": kind, **trace, **said})

    def add_annotation(self, **annotation: Any) -> None:
        """Words at a place."""
        self.annotations.append(annotation | {"text": chart_text(annotation["text"])})

    def add_shape(self, **shape: Any) -> None:
        """A line or an area that is no trace."""
        self.layout.setdefault("shapes", []).append(shape)

    def update_layout(self, **properties: Any) -> None:
        """Set properties of the layout."""
        self.layout.update(properties)

    def update_xaxes(self, **properties: Any) -> None:
        """Set properties of the x axis."""
        self.layout["xaxis"].update(_with_safe_ticks(properties))

    def update_yaxes(self, **properties: Any) -> None:
        """Set properties of the y axis."""
        self.layout["yaxis"].update(_with_safe_ticks(properties))

    @property
    def range_x(self) -> tuple[float, float]:
        """The ends of the x axis, on a logarithmic one their logarithms."""
        low, high = self.layout["xaxis"]["range"]
        return low, high

    @property
    def range_y(self) -> tuple[float, float]:
        """The ends of the y axis, on a logarithmic one their logarithms."""
        low, high = self.layout["yaxis"]["range"]
        return low, high

    @property
    def annotations(self) -> list[Properties]:
        """The words at places, in the order they were added."""
        annotations: list[Properties] = self.layout.setdefault("annotations", [])
        return annotations

    def to_json(self) -> str:
        """The figure for Plotly's script; arrays of numbers in its binary form."""
        content = {"data": self.data, "layout": self.layout}
        return orjson.dumps(content, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _with_safe_ticks(properties: Properties) -> Properties:
    ticks = properties.get("ticktext")
    return properties if ticks is None else properties | {"ticktext": _safe(ticks)}


def _safe(words: Any) -> Any:
    """A text, or each of a list of texts or of rows of them."""
    if isinstance(words, str):
        return chart_text(words)
    return [_safe(each) for each in words] if isinstance(words, list | tuple) else words


def _plain(value: Any) -> Any:
    """What JSON has no words for: numpy's arrays and numbers."""
    if isinstance(value, np.ndarray):
        return _binary(value) if value.dtype.kind in "iuf" and value.size else value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} in a figure")


def _binary(numbers: np.ndarray[Any, Any]) -> Properties:
    """The base64 form of a typed array, whose NaN is a gap as null is."""
    dtype = numbers.dtype.str[1:] if numbers.dtype.str[1:] in _TYPED else "f8"
    data = np.ascontiguousarray(numbers, dtype=f"<{dtype}").tobytes()
    typed: Properties = {"dtype": dtype, "bdata": base64.b64encode(data).decode()}
    return typed if numbers.ndim == 1 else typed | {"shape": ", ".join(map(str, numbers.shape))}
