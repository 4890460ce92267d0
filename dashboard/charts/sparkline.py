"""The small charts of the Overview: a curve with its band, its points and its axes, as SVG in the
page itself. Words take the colour of the page's text, so that they follow its theme.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

import numpy as np

from dashboard.charts import style
from forecasting.arrays import FloatArray
from forecasting.reporting.law_summaries import LEVEL, Axis, LawSummary

WIDTH, HEIGHT = 280.0, 168.0
_RIGHT, _TOP, _BOTTOM = 8.0, 22.0, 34.0
#: Of words, and how wide a letter of them is at most on average; pixels.
_SIZE, _LETTER = 11, 5.9
#: Points drawn: of more, as many evenly spread.
MAX_POINTS = 120


def sparkline(summary: LawSummary, alt: str) -> str:
    """The SVG of a summary; `alt` says it in words."""
    return _Sparkline(summary).svg(alt)


class _Sparkline:
    def __init__(self, summary: LawSummary) -> None:
        self.summary = summary
        curve = summary.curve
        self.low, self.high = curve.interval(LEVEL)
        xs, ys = summary.points
        inside = (xs >= curve.x[0]) & (xs <= curve.x[-1])
        keep = np.linspace(0, max(inside.sum() - 1, 0), min(MAX_POINTS, inside.sum())).astype(int)
        self.points = xs[inside][keep], ys[inside][keep]
        self.x_ends = _place(np.array([curve.x[0], curve.x[-1]]), summary.x)
        values = _place(np.concatenate([self.low, self.high, self.points[1]]), summary.y)
        self.y_ends = np.array([values.min(), values.max()])
        ends = 10.0**self.y_ends if summary.y.is_log else self.y_ends
        self.y_words = [summary.y.words(float(end)) for end in ends]
        self.left = 8.0 + _LETTER * max(map(len, self.y_words))

    def svg(self, alt: str) -> str:
        """The whole picture."""
        summary, curve = self.summary, self.summary.curve
        ahead = curve.x >= summary.observed_until
        known = curve.x <= max(summary.observed_until, curve.x[0])
        band = self._path(
            zip(
                np.concatenate([curve.x, curve.x[::-1]]),
                np.concatenate([self.high, self.low[::-1]]),
                strict=True,
            )
        )
        parts = [f'<path d="{band}Z" fill="{style.BLUE}" fill-opacity="0.2"/>']
        if not known.all():
            parts.insert(0, self._shade(curve.x[known][-1] if known.any() else curve.x[0]))
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.8" fill="{style.VERMILION}"'
            ' fill-opacity="0.55"/>'
            for x, y in self._pixels(zip(*self.points, strict=True))
        ]
        for part, dash in ((known, ""), (ahead, ' stroke-dasharray="5 4"')):
            if part.sum() > 1:
                line = self._path(zip(curve.x[part], curve.median[part], strict=True))
                parts.append(
                    f'<path d="{line}" fill="none" stroke="{style.BLUE}" stroke-width="2"{dash}/>'
                )
        return (
            f'<svg class="sparkline" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img"'
            f' aria-label="{html.escape(alt, quote=True)}">{"".join(parts)}{self._words()}</svg>'
        )

    def _words(self) -> str:
        bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
        x_low, x_high = (self.summary.x.words(float(end)) for end in self.summary.curve.x[[0, -1]])
        y_low, y_high = self.y_words
        texts = [
            (0.0, 12.0, "start", self.summary.y.title),
            (self.left - 5, _TOP + 9, "end", y_high),
            (self.left - 5, bottom, "end", y_low),
            (self.left, bottom + 13, "start", x_low),
            (right, bottom + 13, "end", x_high),
            ((self.left + right) / 2, HEIGHT - 5, "middle", self.summary.x.title),
        ]
        axis = (
            f'<path d="M{self.left:g},{_TOP:g}V{bottom:g}H{right:g}" fill="none"'
            ' stroke="currentColor" stroke-opacity="0.3"/>'
        )
        return axis + "".join(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{_SIZE}"'
            f' fill="currentColor">{html.escape(text)}</text>'
            for x, y, anchor, text in texts
        )

    def _shade(self, start: float) -> str:
        ((x, _),) = self._pixels([(start, self.summary.curve.median[0])])
        return (
            f'<rect x="{x:.1f}" y="{_TOP:g}" width="{WIDTH - _RIGHT - x:.1f}"'
            f' height="{HEIGHT - _BOTTOM - _TOP:g}" fill="{style.GREY}" fill-opacity="0.12"/>'
        )

    def _path(self, points: Iterable[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in self._pixels(points))

    def _pixels(self, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        given = np.array(list(points), dtype=float).reshape(-1, 2)
        x = _share(_place(given[:, 0], self.summary.x), self.x_ends)
        y = _share(_place(given[:, 1], self.summary.y), self.y_ends)
        bottom = HEIGHT - _BOTTOM
        across = self.left + x * (WIDTH - _RIGHT - self.left)
        up = bottom - y * (bottom - _TOP)
        return list(zip(across.tolist(), up.tolist(), strict=True))


def _place(values: FloatArray, axis: Axis) -> FloatArray:
    """Where values stand on their axis, up to its scale."""
    places: FloatArray = np.log10(values) if axis.is_log else np.asarray(values, dtype=float)
    return places


def _share(places: FloatArray, ends: FloatArray) -> FloatArray:
    shares: FloatArray = (places - ends[0]) / ((ends[1] - ends[0]) or 1.0)
    return shares
