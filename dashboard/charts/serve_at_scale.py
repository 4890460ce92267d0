"""Chart of the cheapest model over requests a day: its size, its tokens, the share of training, or
what is saved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_words
from forecasting.inference.serve_at_scale import REQUESTS, DemandCurve, ServeAtScale
from forecasting.stats.bands import Bands

TITLES = {
    "params": "Parameters of the cheapest model",
    "tokens": "Training tokens of the cheapest model",
    "train_share": "Share of training in the cost",
    "saving": "Saved against Chinchilla's model",
}
NAMES = {
    "params": "model size",
    "tokens": "training tokens",
    "train_share": "share of training",
    "saving": "saving",
}


def serve_chart(
    result: ServeAtScale,
    *,
    shows: str,
    levels: Sequence[float],
    log: bool,
    pins: Sequence[ServeAtScale],
) -> go.Figure:
    """One quantity of the law itself with its bands over requests a day, the scenario's own demand
    marked; shares are on a linear axis.
    """
    is_share = shows in ("train_share", "saving")
    logarithmic = log and not is_share
    words = _percent if is_share else in_words
    curve = curve_of(result, shows)
    drawn = [
        *(end for level in levels for end in curve.interval(level)),
        curve.of_law,
        *(curve_of(pin, shows).of_law for pin in pins),
    ]
    plain = {"params": result.best.chinchilla_params, "tokens": result.best.chinchilla_tokens}.get(
        shows
    )
    chart = style.xy_figure(
        style.Axis("Requests a day", in_words, ends=(float(REQUESTS[0]), float(REQUESTS[-1]))),
        style.Axis(
            TITLES[shows],
            words,
            [*drawn, *([np.array([plain])] if plain else [])],
            log=logarithmic,
            ends=(0.0, 1.0) if is_share else None,
        ),
    )
    style.add_bands(chart, Bands(REQUESTS, curve.values), levels, style.BLUE)
    style.add_curve(
        chart, REQUESTS, curve.of_law, style.BLUE, name=NAMES[shows], words=(_requests, words)
    )
    at = int(0.6 * REQUESTS.size)
    rises = curve.of_law[-1] > curve.of_law[0]
    style.point_label(
        chart,
        float(REQUESTS[at]),
        float(curve.of_law[at]),
        NAMES[shows],
        style.BLUE,
        log=(True, logarithmic),
        anchor="right" if rises else "left",
    )
    if plain:
        style.mark_level(chart, plain, "Chinchilla's model of the same quality", log=logarithmic)
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        other = curve_of(pin, shows).of_law
        style.add_curve(
            chart,
            REQUESTS,
            other,
            colour,
            name=f"pin {number}",
            words=(_requests, words),
            dash=dash,
        )
        place = int((0.35 + 0.1 * number) * REQUESTS.size)
        style.point_label(
            chart,
            float(REQUESTS[place]),
            float(other[place]),
            f"pin {number}",
            colour,
            log=(True, logarithmic),
        )
    _mark_demand(chart, result, shows, words, logarithmic)
    if math.isfinite(result.over_tried_from):
        style.mark_beyond(
            chart,
            result.over_tried_from,
            float(REQUESTS[-1]),
            "more tokens per parameter than any published run",
            log_x=True,
        )
    return chart


def curve_of(result: ServeAtScale, shows: str) -> DemandCurve:
    """The curve of a quantity."""
    curve: DemandCurve = getattr(result, f"{shows}_by_requests")
    return curve


def _mark_demand(
    chart: go.Figure, result: ServeAtScale, shows: str, words: style.Words, log: bool
) -> None:
    asked = result.scenario.requests_per_day
    if not REQUESTS[0] <= asked <= REQUESTS[-1]:
        return
    value = float(getattr(result.best, shows))
    style.mark_moment(chart, asked, "your demand", log_x=True)
    style.add_points(
        chart,
        np.array([asked]),
        np.array([value]),
        [f"{in_words(asked)} requests a day: {words(value)}"],
        style.VERMILION,
        name="your demand",
        size=12,
        opacity=1.0,
    )
    left = asked < math.sqrt(REQUESTS[0] * REQUESTS[-1])
    style.point_label(
        chart,
        asked,
        value,
        f"<b>{words(value)}</b>",
        style.VERMILION,
        log=(True, log),
        anchor="left" if left else "right",
        arrow=(26 if left else -26, -28),
    )


def _requests(value: float) -> str:
    return f"{in_words(value, 2)} requests a day"


def _percent(share: float) -> str:
    return f"{share:.0%}"
