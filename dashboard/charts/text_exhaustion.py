"""Chart of text wanted against text there is: stock, demand and training sets by year, with the
date at which they cross.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_words
from forecasting.stats.bands import Bands
from forecasting.stats.year_ranges import year_in_words
from forecasting.text_limits.text_exhaustion import TextExhaustion

FIRST_SHOWN_YEAR = 2016
#: Training sets below this are cut: they say nothing of what text will be wanted.
MIN_TOKENS = 1e9
#: Room above the largest stock, in which demand leaves the chart.
ROOM_ABOVE = 30.0


def text_exhaustion_chart(
    result: TextExhaustion, *, levels: Sequence[float], log: bool, pins: Sequence[TextExhaustion]
) -> go.Figure:
    """Stock and demand with bands, the training sets behind the demand as points, the crossing with
    its 80% range of dates.
    """
    horizon = float(result.scenario.horizon_year)
    top = (
        float(result.people_stock.median[-1]) * ROOM_ABOVE
        if log
        else float(result.stock.interval(0.8)[1].max())
    )
    chart = style.figure(
        y_title="Tokens",
        log=log,
        words=in_words,
        values=[np.array([MIN_TOKENS, top])],
        years=(FIRST_SHOWN_YEAR - 0.3, horizon + 0.3),
    )
    sizes = result.growth.sizes
    style.mark_projection(chart, float(sizes.dates[-1]), horizon)
    style.add_bands(chart, result.stock, levels, style.BLUE)
    style.add_bands(chart, since_anchor(result, result.demand), levels, style.VERMILION)
    fitted = np.isin(sizes.dates, result.growth.fitted.dates)
    shown = (sizes.dates >= FIRST_SHOWN_YEAR) & (sizes.tokens >= MIN_TOKENS)
    for keep, symbol, what in (
        (shown & fitted, "circle", "training set"),
        (shown & ~fitted, "circle-open", "training set, not fitted"),
    ):
        rows = np.flatnonzero(keep)
        hover = [
            f"{sizes.names[row]}<br>{sizes.dates[row]:.1f}: {in_words(sizes.tokens[row])} tokens"
            for row in rows
        ]
        style.add_points(
            chart,
            sizes.dates[rows],
            sizes.tokens[rows],
            hover,
            style.GREY,
            name=what,
            symbol=symbol,
            size=5,
        )
    _draw_lines(chart, result, log)
    _mark_crossing(chart, result, log)
    for number, (pin, (colour, dash, _)) in enumerate(
        zip(pins, style.PIN_STYLES, strict=False), start=1
    ):
        for bands, what in ((pin.stock, "stock"), (since_anchor(pin, pin.demand), "demand")):
            style.add_line(
                chart,
                bands,
                colour,
                solid_until=-math.inf,
                name=f"pin {number}, {what}",
                words=in_words,
                dash=dash,
                width=1.5,
            )
        if math.isfinite(pin.median_year):
            style.label(
                chart,
                pin.median_year,
                pin.tokens_at_crossing,
                f"pin {number}",
                colour,
                log=log,
                anchor="left",
                below=True,
            )
    return chart


def _draw_lines(chart: go.Figure, result: TextExhaustion, log: bool) -> None:
    """The medians, each named on the line itself."""
    for bands, colour, name, dash, width in (
        (result.people_stock, style.OCHRE, "all text online", "dashdot", 1.5),
        (result.stock, style.BLUE, "stock of public text", "dash", 2.5),
        (
            since_anchor(result, result.demand),
            style.VERMILION,
            "largest training run",
            "dash",
            2.5,
        ),
    ):
        style.add_line(
            chart,
            bands,
            colour,
            solid_until=-math.inf,
            name=name,
            words=in_words,
            dash=dash,
            width=width,
        )
    years = result.stock.x
    for bands, name, colour in (
        (result.people_stock, "all text online", style.OCHRE),
        (result.stock, "public text", style.BLUE),
    ):
        # As high as the line is where its name ends.
        style.label(
            chart,
            FIRST_SHOWN_YEAR,
            _at(bands.median, years, FIRST_SHOWN_YEAR + 6),
            name,
            colour,
            log=log,
            anchor="left",
        )
    anchor = max(math.ceil(result.scenario.anchor_year), FIRST_SHOWN_YEAR)
    wanted = _at(result.demand.median, years, anchor)
    off = (46, 44) if log else (-40, -44)
    style.label(
        chart,
        anchor,
        wanted,
        "largest training run",
        style.VERMILION,
        log=log,
        anchor="left" if log else "right",
        arrow=off,
    )
    if result.scenario.demand == "mixture":
        after = years >= anchor
        for line, name, left in (
            (result.history_demand, "by growth", True),
            (result.compute_demand, "by compute", False),
        ):
            style.add_curve(
                chart,
                years[after],
                line[after],
                style.VERMILION,
                name=name,
                words=(_year, in_words),
                dash="dot",
                width=1.2,
            )
            # Well above the stock, where the two have parted; one to the left of its line, the
            # other to its right.
            beyond = np.flatnonzero(line >= 4.0 * result.people_stock.median)
            if beyond.size:
                at = int(beyond[0])
                side = "right" if left else "left"
                style.label(
                    chart,
                    float(years[at]),
                    float(line[at]),
                    name,
                    style.VERMILION,
                    log=log,
                    anchor=side,
                    below=not left,
                )


def since_anchor(result: TextExhaustion, bands: Bands) -> Bands:
    """The bands from the year to which the largest training set belongs; before it there is nothing
    to forecast.
    """
    keep = bands.x >= min(math.floor(result.scenario.anchor_year), bands.x[-2])
    return Bands(bands.x[keep], bands.values[:, keep])


def _mark_crossing(chart: go.Figure, result: TextExhaustion, log: bool) -> None:
    """A ring at the median date with a bar over its 80% range; words alone where it lies beyond the
    horizon.
    """
    horizon = float(result.scenario.horizon_year)
    low, high = (min(max(end, FIRST_SHOWN_YEAR), horizon) for end in result.interval(0.8))
    if math.isinf(result.median_year):
        later = result.median_year > 0
        x, words, anchor = (
            (1.0, f"used up: not before {horizon:.0f}", "right")
            if later
            else (0.0, "used up before", "left")
        )
        chart.add_annotation(
            x=x,
            y=0.02,
            xref="paper",
            yref="paper",
            text=words,
            showarrow=False,
            xanchor=anchor,
            yanchor="bottom",
            font={"size": 13},
        )
        return
    year = math.floor(result.median_year)
    first, last = (
        year_in_words(end, FIRST_SHOWN_YEAR, int(horizon)) for end in result.interval(0.8)
    )
    chart.add_scatter(
        x=[low, high],
        y=[result.tokens_at_crossing] * 2,
        mode="lines",
        line={"color": style.PURPLE, "width": 5},
        opacity=0.8,
        hoverinfo="skip",
        name="80% range of dates",
    )
    style.add_points(
        chart,
        np.array([result.median_year]),
        np.array([result.tokens_at_crossing]),
        [f"used up in {year} (80% range {first} to {last})"],
        style.PURPLE,
        name="used up",
        size=13,
        opacity=1,
    )
    # On a linear axis the crossing itself lies at the foot.
    style.mark_moment(
        chart,
        result.median_year,
        f"used up in {year}<br>80% range {first} to {last}",
        at_top=not log,
    )


def _year(year: float) -> str:
    return f"{year:.0f}"


def _at(values: np.ndarray, years: np.ndarray, year: float) -> float:
    return float(values[int(np.searchsorted(years, year))])
