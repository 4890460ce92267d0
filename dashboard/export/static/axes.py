"""Axes of a figure: where values stand in pixels, and which ticks an axis has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.charts.figure import Properties
from forecasting.arrays import FloatArray

#: Pixels that a tick takes where the figure leaves ticks open, across and up, and their bounds.
_PIXELS_A_TICK = {"x": 80.0, "y": 40.0}
_MIN_TICKS, _MAX_TICKS = 4.0, 9.0


@dataclass(frozen=True)
class Axis:
    """One axis as drawn: `first` and `last` are the pixels at the ends of its range."""

    given: Properties
    first: float
    last: float

    @property
    def is_log(self) -> bool:
        """Whether places on it are logarithms of values."""
        return self.given.get("type") == "log"

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of its range, on a logarithmic axis their logarithms."""
        low, high = self.given["range"]
        return float(low), float(high)

    def at_place(self, place: float | FloatArray) -> Any:
        """Pixels of places, which on a logarithmic axis are logarithms: of annotations."""
        low, high = self.ends
        return self.first + (np.asarray(place, float) - low) / (high - low) * (
            self.last - self.first
        )

    def at(self, values: Any) -> FloatArray:
        """Pixels of values; NaN where there is none, or where a logarithm has none."""
        numbers = np.asarray(values, dtype=float)
        if self.is_log:
            with np.errstate(divide="ignore", invalid="ignore"):
                numbers = np.where(numbers > 0, np.log10(numbers), np.nan)
        pixels: FloatArray = self.at_place(numbers)
        return pixels

    def ticks(self) -> list[tuple[float, str]]:
        """The ticks in sight: pixels and words."""
        if not self.given.get("showticklabels", True):
            return []
        return [
            (pixel, words)
            for pixel, words in self._all_ticks()
            if min(self.first, self.last) - 0.5 <= pixel <= max(self.first, self.last) + 0.5
        ]

    def grid(self) -> list[float]:
        """Pixels of the lines across the plot."""
        if not self.given.get("showgrid", True):
            return []
        return [pixel for pixel, _ in self._all_ticks()]

    def _all_ticks(self) -> list[tuple[float, str]]:
        values: Sequence[float]
        if "tickvals" in self.given:
            values, texts = self.given["tickvals"], self.given.get("ticktext")
            words = list(texts) if texts is not None else [f"{value:g}" for value in values]
        else:
            values = self._own_values()
            words = [f"{value:.0f}" if value == round(value) else f"{value:g}" for value in values]
        pixels = self.at(np.asarray(values, dtype=float))
        return [
            (float(pixel), text)
            for pixel, text in zip(pixels, words, strict=False)
            if math.isfinite(pixel)
        ]

    def _own_values(self) -> list[float]:
        """Round values where the figure names none, as many as Plotly's script would take."""
        low, high = sorted(self.ends)
        length = abs(self.last - self.first)
        many = min(max(length / _PIXELS_A_TICK["x"], _MIN_TICKS), _MAX_TICKS) + 1
        rough = (high - low) / many
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(size * each for each in (2, 5, 10) if size * each >= rough * (1 - 1e-9))
        step = float(self.given.get("dtick", step))
        if self.given.get("tickformat") == "d":
            step = max(step, 1.0)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [step * number for number in range(first, last + 1)]
