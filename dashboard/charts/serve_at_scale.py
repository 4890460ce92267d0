"""Chart of the cheapest model over requests a day: its size, its tokens, the share of training, or
what is saved.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_words
from forecasting.inference.serve_at_scale import REQUESTS, DemandCurve, ServeAtScale
from forecasting.stats.bands import Bands

TITLES = {
    "params": "Parameters of the cheapest model",
    "tokens": "Training tokens of the cheapest model",
    "train_share": "Share of training in the cost",
    "saving": "Saving over the Chinchilla model",
}
UNITS = {"params": "parameters", "tokens": "tokens"}
NAMES = {
    "params": "model size",
    "tokens": "training tokens",
    "train_share": "share of training",
    "saving": "saving",
}


def serve_chart(result: ServeAtScale, builder: ChartBuilder[ServeAtScale], *, shows: str) -> Figure:
    """One quantity of the law itself with its bands over requests a day, the scenario's own demand
    marked; shares are on a linear axis.
    """
    is_share = shows in ("train_share", "saving")
    logarithmic = builder.log and not is_share
    words = _percent if is_share else in_words
    curve = curve_of(result, shows)
    drawn = [
        *(end for level in builder.levels for end in curve.interval(level)),
        curve.of_law,
        *(curve_of(pin, shows).of_law for pin in builder.pins),
    ]
    plain = {"params": result.best.chinchilla_params, "tokens": result.best.chinchilla_tokens}.get(
        shows
    )
    chart = builder.xy(
        style.Axis(
            "Requests per day",
            in_words,
            ends=(float(REQUESTS[0]), float(REQUESTS[-1])),
            hover=_requests,
        ),
        style.Axis(
            TITLES[shows],
            words,
            [*drawn, *([np.array([plain])] if plain else [])],
            log=logarithmic,
            ends=(0.0, 1.0) if is_share else None,
            unit=UNITS.get(shows, ""),
        ),
    )
    chart.bands(Bands(REQUESTS, curve.values), style.BLUE)
    chart.curve(REQUESTS, curve.of_law, style.BLUE, name=NAMES[shows])
    at = int(0.6 * REQUESTS.size)
    rises = curve.of_law[-1] > curve.of_law[0]
    chart.label(
        REQUESTS[at],
        curve.of_law[at],
        NAMES[shows],
        style.BLUE,
        anchor="right" if rises else "left",
    )
    if plain:
        chart.mark_level(plain, "Chinchilla model of the same quality")
    for pin in builder.pinned():
        other = curve_of(pin.result, shows).of_law
        chart.curve(REQUESTS, other, pin.colour, name=pin.name, dash=pin.dash)
        place = int((0.35 + 0.1 * pin.number) * REQUESTS.size)
        chart.label(REQUESTS[place], other[place], pin.name, pin.colour)
    _mark_demand(chart, result, shows, words)
    if math.isfinite(result.over_tried_from):
        chart.mark_beyond(
            result.over_tried_from,
            float(REQUESTS[-1]),
            "more tokens per parameter than any published run",
        )
    return chart.figure


def curve_of(result: ServeAtScale, shows: str) -> DemandCurve:
    """The curve of a quantity."""
    curve: DemandCurve = getattr(result, f"{shows}_by_requests")
    return curve


def _mark_demand(chart: Chart, result: ServeAtScale, shows: str, words: style.Words) -> None:
    asked = result.scenario.requests_per_day
    if not REQUESTS[0] <= asked <= REQUESTS[-1]:
        return
    value = float(getattr(result.best, shows))
    chart.mark_moment(asked, "your demand")
    chart.point(
        asked,
        value,
        f"{in_words(asked)} requests per day: {words(value)} {UNITS.get(shows, '')}".rstrip(),
        style.VERMILION,
        name="your demand",
    )
    left = asked < math.sqrt(REQUESTS[0] * REQUESTS[-1])
    chart.label(
        asked,
        value,
        f"<b>{words(value)}</b>",
        style.VERMILION,
        anchor="left" if left else "right",
        arrow=(26 if left else -26, -28),
    )


def _requests(value: float) -> str:
    return f"{in_words(value, 2)} requests per day"


def _percent(share: float) -> str:
    return f"{share:.0%}"
