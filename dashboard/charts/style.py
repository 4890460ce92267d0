"""The style of all charts: one palette for light and dark, axes with ticks in plain words,
places of labels. The parts of a chart are drawn by `builder`.

Text, grid and ground colours are left to the theme of the page, so that a chart follows it; series
colours keep at least 3:1 contrast on both grounds and differ in lightness as well as hue (after
Okabe & Ito's palette for colour-blind readers).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.formatting import in_words, significant

BLUE, VERMILION, GREEN, PURPLE, GREY = "#2b83ba", "#d95f02", "#1a9873", "#a55fa8", "#8a8f98"
#: For the fourth pin, and for what is none of two things compared.
OCHRE = "#b08a00"
#: Colours, dashes and markers of pinned scenarios: never told apart by colour alone.
PIN_STYLES = (
    (GREEN, "dash", "square"),
    (PURPLE, "dashdot", "diamond"),
    (GREY, "longdash", "triangle-up"),
    (OCHRE, "dot", "triangle-down"),
)
HEIGHT = 460
#: Ticks of an axis of shares that ends near 100%.
SHARE_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
#: Names of annotations that the chart element moves apart and off lines (chart_labels.js): anywhere
#: near their point; “moment” along its vertical line, “level” along its horizontal one.
MOVABLE = "label"
#: Pixels between a label and its line: where labels stand clear from the start, the chart element
#: need not draw a second time.
CLEAR = 7
PHONE_SAFE_MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}

Words = Callable[[float], str]


@dataclass(frozen=True)
class Axis:
    """One axis: its title with the unit, all `values` that must fit on it, whether it is
    logarithmic, and `words` for its ticks.

    `ends` fixes the range where the values alone do not give it, `ticks` the ticks; `hover` says a
    value on hover where that takes other words than a tick, and `unit` follows it there.
    """

    title: str
    words: Words
    values: Sequence[FloatArray] = ()
    log: bool = True
    ends: tuple[float, float] | None = None
    ticks: Sequence[float] | None = None
    hover: Words | None = None
    unit: str = ""

    def hovered(self, value: float) -> str:
        """A value as it stands on hover."""
        return f"{(self.hover or self.words)(value)} {self.unit}".rstrip()

    @property
    def layout(self) -> dict[str, Any]:
        """The axis as Plotly takes it, ticks in plain words."""
        low, high = self.ends or _extent(self.values, self.log)
        axis: dict[str, Any] = {
            "title": {"text": self.title},
            "automargin": True,
            "zeroline": False,
        }
        ticks = self.ticks or (decade_ticks(low, high) if self.log else linear_ticks(low, high))
        axis |= {"tickvals": ticks, "ticktext": [self.words(tick) for tick in ticks]}
        if self.log:
            return axis | {"type": "log", "range": [math.log10(low), math.log10(high)]}
        return axis | {"range": [low, high]}


def spread(values: Sequence[float], least_gap: float) -> list[float]:
    """The values moved apart, in their order, so that labels at them do not overlap; as little as
    need be, about their middle.
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    placed = [values[at] for at in order]
    for _ in range(50):
        for below in range(len(placed) - 1):
            lack = least_gap - (placed[below + 1] - placed[below])
            if lack > 1e-12:
                placed[below] -= lack / 2
                placed[below + 1] += lack / 2
    result = [0.0] * len(values)
    for at, value in zip(order, placed, strict=True):
        result[at] = value
    return result


def toolbar(name: str, image: str) -> dict[str, Any]:
    """Chart configuration: image download at publication size in the format of the display bar."""
    return {
        "displaylogo": False,
        # The buttons there are, not those to leave out: a new Plotly may bring others, such as one
        # that uploads the chart.
        "modeBarButtons": [
            ["toImage"],
            ["zoom2d", "pan2d"],
            ["zoomIn2d", "zoomOut2d", "resetScale2d"],
        ],
        "plotlyServerURL": "",
        "showSendToCloud": False,
        "toImageButtonOptions": {
            "format": image,
            "filename": name,
            "width": 1200,
            "height": 675,
            "scale": 2,
        },
    }


def decade_ticks(low: float, high: float) -> list[float]:
    """Powers of ten between two values, thinned to at most eight; with fewer than two decades,
    1-2-5 steps, within one decade finer.
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 2:
        multiples = (
            (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0) if high < 10.0 * low else (1, 2, 5)
        )
        steps = [m * 10.0**e for e in range(first - 1, last + 1) for m in multiples]
        return [s for s in steps if low <= s <= high]
    step = max(1, math.ceil((last - first + 1) / 8))
    return [10.0**e for e in range(first, last + 1, step)]


def linear_ticks(low: float, high: float) -> list[float]:
    """About five round steps between two values."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= rough)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def count_words(value: float, digits: int = 3) -> str:
    """A count in words to the end, for axes on which words and powers of ten would mix: 7,300
    quadrillion.
    """
    return (
        f"{significant(value / 1e15, digits)} quadrillion"
        if value >= 1e18
        else in_words(value, digits)
    )


def between(share: float) -> str:
    """A colour on the way from vermilion over purple to blue, for lines in an order; `share` from 0
    to 1.
    """
    stops = [
        [int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (VERMILION, PURPLE, BLUE)
    ]
    at = min(max(share, 0.0), 1.0) * 2.0
    first = min(int(at), 1)
    mixed = [
        round(a + (b - a) * (at - first))
        for a, b in zip(stops[first], stops[first + 1], strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def translucent(colour: str, alpha: float) -> str:
    """A hex colour with an alpha channel."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:.3g})"


def _extent(values: Sequence[FloatArray], log: bool) -> tuple[float, float]:
    joined = np.concatenate([np.ravel(v) for v in values])
    joined = joined[np.isfinite(joined) & ((joined > 0) | (not log))]
    if joined.size == 0:
        return (1.0, 10.0) if log else (0.0, 1.0)
    low, high = float(joined.min()), float(joined.max())
    if log:
        return low / 1.6, high * 1.6
    room = 0.05 * (high - low or 1.0)
    return (0.0 if low >= 0 else low - room), high + room
