"""Chart of text wanted against text there is: stock, demand and training sets by year, with the
date at which they cross.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_words
from forecasting.stats.bands import Bands
from forecasting.stats.year_ranges import year_in_words
from forecasting.text_limits.text_exhaustion import TextExhaustion

FIRST_SHOWN_YEAR = 2016
#: Training sets below this are cut: they say nothing of what text will be wanted.
MIN_TOKENS = 1e9
#: Room above the largest stock, in which demand leaves the chart.
ROOM_ABOVE = 30.0


def text_exhaustion_chart(result: TextExhaustion, builder: ChartBuilder[TextExhaustion]) -> Figure:
    """Stock and demand with bands, the training sets behind the demand as points, the crossing with
    its range of dates.
    """
    horizon = float(result.scenario.horizon_year)
    top = (
        float(result.people_stock.median[-1]) * ROOM_ABOVE
        if builder.log
        else float(result.stock.interval(0.8)[1].max())
    )
    chart = builder.over_time(
        "Tokens",
        in_words,
        values=[np.array([MIN_TOKENS, top])],
        years=(FIRST_SHOWN_YEAR - 0.3, horizon + 0.3),
        unit="tokens",
    )
    sizes = result.growth.sizes
    since = result.disclosed.only(result.disclosed.dates > sizes.dates[-1])
    last = max(float(each.dates[-1]) for each in (sizes, since) if each.dates.size)
    chart.mark_projection(last, horizon)
    chart.bands(result.stock, style.BLUE)
    chart.bands(since_anchor(result, result.demand), style.VERMILION)
    fitted = np.isin(sizes.dates, result.growth.fitted.dates)
    for each, symbol, what in (
        (sizes.only(fitted), "circle", "training set"),
        (sizes.only(~fitted), "circle-open", "training set, not fitted"),
        (since, "diamond-open", "training set disclosed since"),
    ):
        shown = each.only((each.dates >= FIRST_SHOWN_YEAR) & (each.tokens >= MIN_TOKENS))
        hover = [
            f"{name}<br>{date:.1f}: {in_words(tokens)} tokens"
            for name, date, tokens in zip(shown.names, shown.dates, shown.tokens, strict=True)
        ]
        chart.points(
            shown.dates,
            shown.tokens,
            hover,
            style.GREY,
            name=what,
            symbol=symbol,
            size=5,
        )
    _draw_lines(chart, result)
    _mark_crossing(chart, result)
    for pin in builder.pinned():
        for bands, what in (
            (pin.result.stock, "stock"),
            (since_anchor(pin.result, pin.result.demand), "demand"),
        ):
            chart.line(bands, pin.colour, name=f"{pin.name}, {what}", dash=pin.dash, width=1.5)
        if math.isfinite(pin.result.median_year):
            chart.label(
                pin.result.median_year,
                pin.result.tokens_at_crossing,
                pin.name,
                pin.colour,
                anchor="left",
                below=True,
            )
    return chart.figure


def _draw_lines(chart: Chart, result: TextExhaustion) -> None:
    """The medians, each named on the line itself."""
    for bands, colour, name, dash, width in (
        (result.people_stock, style.OCHRE, "all text online", "dashdot", 1.5),
        (result.stock, style.BLUE, "stock of public text", "dash", 2.5),
        (since_anchor(result, result.demand), style.VERMILION, "largest training run", "dash", 2.5),
    ):
        chart.line(bands, colour, name=name, dash=dash, width=width)
    years = result.stock.x
    for bands, name, colour in (
        (result.people_stock, "all text online", style.OCHRE),
        (result.stock, "public text", style.BLUE),
    ):
        # As high as the line is where its name ends.
        chart.label(
            FIRST_SHOWN_YEAR,
            _at(bands.median, years, FIRST_SHOWN_YEAR + 6),
            name,
            colour,
            anchor="left",
        )
    anchor = max(math.ceil(result.scenario.anchor_year), FIRST_SHOWN_YEAR)
    wanted = _at(result.demand.median, years, anchor)
    off = (46, 44) if chart.log_y else (-40, -44)
    chart.label(
        anchor,
        wanted,
        "largest training run",
        style.VERMILION,
        anchor="left" if chart.log_y else "right",
        arrow=off,
    )
    if result.scenario.demand == "mixture":
        after = years >= anchor
        for line, name, left in (
            (result.history_demand, "by past growth", True),
            (result.compute_demand, "by compute forecast", False),
        ):
            chart.curve(
                years[after], line[after], style.VERMILION, name=name, dash="dot", width=1.2
            )
            # Well above the stock, where the two have parted; one to the left of its line, the
            # other to its right.
            beyond = np.flatnonzero(line >= 4.0 * result.people_stock.median)
            if beyond.size:
                at = int(beyond[0])
                side = "right" if left else "left"
                chart.label(years[at], line[at], name, style.VERMILION, anchor=side, below=not left)


def since_anchor(result: TextExhaustion, bands: Bands) -> Bands:
    """The bands from the year to which the largest training set belongs; before it there is nothing
    to forecast.
    """
    keep = bands.x >= min(math.floor(result.scenario.anchor_year), bands.x[-2])
    return Bands(bands.x[keep], bands.values[:, keep])


def _mark_crossing(chart: Chart, result: TextExhaustion) -> None:
    """A ring at the median date with a bar over its range; words alone where it lies beyond the
    horizon.
    """
    horizon = float(result.scenario.horizon_year)
    *ends, level = result.used_up.ends
    low, high = (min(max(end, FIRST_SHOWN_YEAR), horizon) for end in ends)
    if math.isinf(result.median_year):
        later = result.median_year > 0
        x, words, anchor = (
            (1.0, f"used up: not before {horizon:.0f}", "right")
            if later
            else (0.0, "used up before", "left")
        )
        chart.figure.add_annotation(
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
    likely = result.used_up.range_words(
        lambda end: year_in_words(end, FIRST_SHOWN_YEAR, int(horizon))
    )
    chart.figure.add_scatter(
        x=[low, high],
        y=[result.tokens_at_crossing] * 2,
        mode="lines",
        line={"color": style.PURPLE, "width": 5},
        opacity=0.8,
        hoverinfo="skip",
        name=f"{level:.0%} range of dates",
    )
    chart.point(
        result.median_year,
        result.tokens_at_crossing,
        f"used up in {year}, {likely}" if likely else f"used up in {year}",
        style.PURPLE,
        name="used up",
        size=13,
    )
    # On a linear axis the crossing itself lies at the foot.
    chart.mark_moment(
        result.median_year,
        f"used up in {year}<br>{likely}" if likely else f"used up in {year}",
        at_top=not chart.log_y,
    )


def _at(values: np.ndarray, years: np.ndarray, year: float) -> float:
    return float(values[int(np.searchsorted(years, year))])
