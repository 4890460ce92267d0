"""The builder of all charts: what the reader chose for a figure (bands, log axis, pins), and a
figure that knows its own axes.

    def example_chart(result: Example, builder: ChartBuilder[Example]) -> Figure:
        chart = builder.over_time("Cost (USD)", in_dollars, values=[...], years=(2020, 2035))
        chart.bands(result.bands, style.BLUE)
        chart.line(result.bands, style.BLUE, name="cost", solid_until=2025.0)
        for pin in builder.pinned():
            chart.line(pin.result.bands, pin.colour, name=pin.name, dash=pin.dash)
        return chart.figure

Pages make the builder of their display and pins, and charts pass on the `Chart` alone: whether an
axis is logarithmic, the levels of the bands and the words of the axes are known to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from dashboard.charts import style
from dashboard.charts.figure import Figure
from dashboard.charts.style import Axis, Words, translucent
from dashboard.state.display import Display
from forecasting.arrays import BoolArray, FloatArray
from forecasting.formatting import significant
from forecasting.stats.bands import Bands

R = TypeVar("R")


@dataclass(frozen=True)
class Pin(Generic[R]):
    """A pinned result with the colour, dash and marker that tell it from the others."""

    number: int
    result: R
    colour: str
    dash: str
    symbol: str

    @property
    def name(self) -> str:
        """Its name on the chart."""
        return f"pin {self.number}"


@dataclass(frozen=True)
class ChartBuilder(Generic[R]):
    """What the reader chose for a figure, from which charts start.

    Parameters
    ----------
    levels : sequence of floats
        Levels of the bands as shares, widest first; none for medians alone.
    log : bool
        Whether axes that follow the reader's switch are logarithmic.
    pins : sequence of results
        The pinned results beside the one in view.
    """

    levels: Sequence[float] = ()
    log: bool = True
    pins: Sequence[R] = ()

    @classmethod
    def of(cls, display: Display, pins: Sequence[R] = ()) -> ChartBuilder[R]:
        """From a page's display and the results of its pins."""
        return cls(display.levels, display.log, pins)

    def over_time(
        self,
        title: str,
        words: Words,
        *,
        values: Sequence[FloatArray],
        years: tuple[float, float],
        log: bool | None = None,
        hover_year: Words = "{:.0f}".format,
        unit: str = "",
    ) -> Chart:
        """An empty chart over time.

        Parameters
        ----------
        title : str
            Title of the y axis, with the unit.
        words : Words
            Says a value of y in plain units.
        values : sequence of arrays
            All that must fit on the y axis.
        years : (float, float)
            The ends of the x axis, decimal years.
        log : bool or None
            Whether the y axis is logarithmic; None follows the reader's switch.
        hover_year : Words
            Says a date on hover.
        unit : str
            What follows a value of y on hover, where `words` does not say it.
        """
        x = {
            "range": list(years),
            "tickformat": "d",
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        }
        y = Axis(title, words, values, self.log if log is None else log, unit=unit)
        return Chart(_empty(x, y.layout), self.levels, False, y.log, (hover_year, y.hovered))

    def xy(self, x: Axis, y: Axis) -> Chart:
        """An empty chart of one quantity against another."""
        figure = _empty(x.layout | {"showgrid": False}, y.layout)
        return Chart(figure, self.levels, x.log, y.log, (x.hovered, y.hovered))

    def pinned(self) -> Iterator[Pin[R]]:
        """The pins, each with a style of its own."""
        for number, (result, look) in enumerate(
            zip(self.pins, style.PIN_STYLES, strict=False), start=1
        ):
            yield Pin(number, result, *look)

    def outermost(self, bands: Bands) -> tuple[FloatArray, ...]:
        """The ends of the widest band shown, or the median where none is: what must fit."""
        return bands.interval(max(self.levels)) if self.levels else (bands.median,)


@dataclass(frozen=True)
class Chart:
    """A figure that is being drawn, with what all parts of it need.

    Parameters
    ----------
    figure : Figure
        The figure itself, for what this class has no part for.
    levels : sequence of floats
        Levels of the bands, widest first.
    log_x, log_y : bool
        Whether its axes are logarithmic.
    words : (Words, Words)
        What says a value of x, and of y, on hover.
    """

    figure: Figure
    levels: Sequence[float]
    log_x: bool
    log_y: bool
    words: tuple[Words, Words]

    def bands(
        self,
        bands: Bands,
        colour: str,
        *,
        fades_after: float = math.inf,
        levels: Sequence[float] | None = None,
    ) -> None:
        """The bands of the reader's levels, or of those given, widest first; past `fades_after`
        they fade, since nothing observed speaks for them.
        """
        levels = self.levels if levels is None else levels
        if len(bands.x) == 1:  # one year has no course: upright bars
            for level in levels:
                low, high = bands.interval(level)
                self.figure.add_scatter(
                    x=[bands.x[0]] * 2,
                    y=[low[0], high[0]],
                    mode="lines",
                    line={"color": translucent(colour, 0.3), "width": 14},
                    hoverinfo="skip",
                    name=f"{level:.0%} band",
                )
            return
        near = bands.x <= fades_after
        # Both parts hold the year in which one ends and the other begins, so that no gap shows.
        far = bands.x >= (bands.x[near][-1] if near.any() else -math.inf)
        for part, strength in ((near, 1.0), (far, 0.4)):
            if part.sum() < 2:
                continue
            for level in levels:
                low, high = bands.interval(level)
                self.area(
                    bands.x[part],
                    low[part],
                    high[part],
                    colour,
                    name=f"{level:.0%} band",
                    opacity=0.16 * strength,
                )

    def area(
        self,
        x: FloatArray,
        low: FloatArray,
        high: FloatArray,
        colour: str,
        *,
        name: str,
        opacity: float = 0.16,
    ) -> None:
        """The ground between two lines over the same `x`."""
        self.figure.add_scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=translucent(colour, opacity),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=name,
        )

    def line(
        self,
        bands: Bands,
        colour: str,
        *,
        name: str,
        solid_from: float = -math.inf,
        solid_until: float = -math.inf,
        dash: str = "dash",
        width: float = 2.5,
    ) -> None:
        """The median over time: solid inside the observed years, dashed outside them."""
        years, median = bands.x, bands.median
        hover = [
            f"{name}, {year:.0f}: {self.words[1](value)}"
            for year, value in zip(years, median, strict=True)
        ]
        if len(years) == 1:
            self.points(years, median, hover, colour, name=name, size=10, opacity=1.0)
            return
        inside = (years >= solid_from) & (years <= solid_until)
        parts = (
            (inside, "solid"),
            (years <= _first_inside(years, inside, solid_from), dash),
            (years >= _first_outside(years, inside, solid_until), dash),
        )
        for part, part_dash in parts:
            if part.sum() >= 2:
                self.figure.add_scatter(
                    x=years[part],
                    y=median[part],
                    mode="lines",
                    line={"color": colour, "width": width, "dash": part_dash},
                    text=[h for h, keep in zip(hover, part, strict=True) if keep],
                    hovertemplate="%{text}<extra></extra>",
                    name=name,
                )

    def points(
        self,
        x: FloatArray,
        y: FloatArray,
        hover: Sequence[str],
        colour: str,
        *,
        name: str,
        symbol: str = "circle",
        size: float = 6,
        opacity: float = 0.65,
    ) -> None:
        """Measured points with their names on hover."""
        self.figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            marker={"color": colour, "size": size, "opacity": opacity, "symbol": symbol},
            text=list(hover),
            hovertemplate="%{text}<extra></extra>",
            name=name,
        )

    def point(
        self,
        x: float,
        y: float,
        hover: str,
        colour: str,
        *,
        name: str,
        symbol: str = "circle",
        size: float = 12,
    ) -> None:
        """One large, opaque point, with its words on hover."""
        at = np.array([x]), np.array([y])
        self.points(*at, [hover], colour, name=name, symbol=symbol, size=size, opacity=1)

    def estimates(
        self,
        x: FloatArray,
        y: FloatArray,
        ends: tuple[FloatArray, FloatArray],
        hover: Sequence[str],
        colour: str,
        *,
        name: str,
        symbol: str = "circle",
        dash: str = "solid",
    ) -> None:
        """Points joined by a line, each with a bar from one to the other of its `ends`."""
        low, high = ends
        self.figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"color": colour, "size": 9, "symbol": symbol},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": high - y,
                "arrayminus": y - low,
                "color": colour,
                "thickness": 1.2,
            },
            text=list(hover),
            hovertemplate="%{text}<extra></extra>",
            name=name,
        )

    def curve(
        self,
        x: FloatArray,
        y: FloatArray,
        colour: str,
        *,
        name: str,
        dash: str = "solid",
        width: float = 2.5,
    ) -> None:
        """A line of one quantity against another; on hover its name and both values."""
        x_words, y_words = self.words
        self.figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": colour, "width": width, "dash": dash},
            text=[f"{name}<br>{x_words(a)}: {y_words(b)}" for a, b in zip(x, y, strict=True)],
            hovertemplate="%{text}<extra></extra>",
            name=name,
        )

    def label(
        self,
        x: float,
        y: float,
        text: str,
        colour: str | None,
        *,
        anchor: str = "right",
        below: bool = False,
        middle: bool = False,
        arrow: tuple[float, float] | None = None,
    ) -> None:
        """A label on the line itself, instead of a legend: above it, `below` it or on its `middle`,
        or with `arrow` that many pixels off.

        Without a `colour` it has that of the page's text.
        """
        coloured = {} if colour is None else {"color": colour}
        pointing = {} if colour is None else {"arrowcolor": colour}
        self.figure.add_annotation(
            x=self.place_x(x),
            y=self.place_y(y),
            text=text,
            showarrow=arrow is not None,
            ax=arrow[0] if arrow else 0,
            ay=arrow[1] if arrow else 0,
            arrowwidth=1,
            arrowhead=0,
            xanchor=anchor,
            yanchor=(
                "auto"
                if arrow is not None
                else "middle"
                if middle
                else "top"
                if below
                else "bottom"
            ),
            yshift=0 if arrow is not None or middle else -style.CLEAR if below else style.CLEAR,
            font={"size": 13} | coloured,
            name=style.MOVABLE,
            **pointing,
        )

    def place_x(self, x: float) -> float:
        """Where a value of x stands on its axis: annotations of a log axis take the logarithm."""
        return math.log10(x) if self.log_x else float(x)

    def place_y(self, y: float) -> float:
        """Where a value of y stands on its axis."""
        return math.log10(y) if self.log_y else float(y)

    def value_y(self, place: float) -> float:
        """The value of y at a place on its axis."""
        return float(10.0**place) if self.log_y else place

    def mark_projection(self, last_observed: float, until: float) -> None:
        """Shade what lies beyond the data and say by how many years it does."""
        if until > last_observed:
            self.mark_beyond(
                last_observed,
                until,
                f"projection, {significant(until - last_observed, 2)} years beyond the data",
            )

    def mark_beyond(self, last_observed: float, until: float, text: str) -> None:
        """Shade what lies beyond `last_observed` on the x axis, with words above it."""
        self.shade(last_observed, until, text, style.GREY)

    def shade(self, first: float, last: float, text: str, colour: str) -> None:
        """Shade a stretch of the x axis, with words above its end."""
        self._add_stretch(first, last, fillcolor=translucent(colour, 0.10), line={"width": 0})
        self.figure.add_annotation(
            x=self.place_x(last),
            y=1,
            xref="x",
            yref="paper",
            text=text,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": 12},
        )

    def mark_gap(self, first: float, last: float, text: str) -> None:
        """Frame a stretch of the x axis of which nothing is known, with words along it."""
        frame = {"width": 1, "dash": "dot", "color": style.GREY}
        self._add_stretch(first, last, line=frame)
        self.figure.add_annotation(
            x=self.place_x((first + last) / 2),
            y=0.02,
            xref="x",
            yref="paper",
            text=text,
            textangle=-90,
            showarrow=False,
            yanchor="bottom",
            font={"size": 12},
        )

    def _add_stretch(self, first: float, last: float, **looks: Any) -> None:
        """A rectangle over a stretch of the x axis, as high as the chart, below what is drawn."""
        self.figure.add_shape(
            type="rect",
            xref="x",
            yref="paper",
            x0=first,
            x1=last,
            y0=0,
            y1=1,
            layer="below",
            **looks,
        )

    def mark_moment(self, x: float, text: str, *, at_top: bool = False) -> None:
        """A vertical line at the moment that matters, or at another value of x, with its name at
        its foot or `at_top`.

        The name stands right of the line, or left of it where the line is near the right end of an
        axis with a fixed range.
        """
        self.figure.add_shape(
            type="line",
            xref="x",
            yref="paper",
            x0=x,
            x1=x,
            y0=0,
            y1=1,
            line={"color": style.GREY, "width": 1.2, "dash": "dot"},
        )
        at = self.place_x(x)
        place: dict[str, Any] = (
            {"y": 0.98, "yanchor": "top"} if at_top else {"y": 0.02, "yanchor": "bottom"}
        )
        low, high = self.figure.range_x
        is_late = at > low + 0.65 * (high - low)
        side, clear = ("right", -style.CLEAR) if is_late else ("left", style.CLEAR)
        place |= {"xref": "x", "yref": "paper", "xanchor": side, "xshift": clear}
        self.figure.add_annotation(
            x=at, text=text, showarrow=False, font={"size": 12}, name="moment", **place
        )

    def mark_level(self, value: float, text: str) -> None:
        """A horizontal line at a level that matters, with its name."""
        self.figure.add_shape(
            type="line",
            xref="paper",
            yref="y",
            x0=0,
            x1=1,
            y0=value,
            y1=value,
            line={"color": style.GREY, "width": 1.2, "dash": "dot"},
        )
        self.figure.add_annotation(
            x=0.01,
            y=self.place_y(value),
            xref="paper",
            yref="y",
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            font={"size": 12},
            name="level",
        )


def _empty(x: dict[str, Any], y: dict[str, Any]) -> Figure:
    return Figure(
        {
            "height": style.HEIGHT,
            "margin": style.PHONE_SAFE_MARGIN,
            "showlegend": False,
            "hovermode": "closest",
            "uirevision": "keep",
            "xaxis": x,
            "yaxis": y,
        }
    )


def _first_inside(years: FloatArray, inside: BoolArray, solid_from: float) -> float:
    """The year up to which a dashed line leads, so that it meets the solid part."""
    return float(years[inside][0]) if inside.any() and years[0] < solid_from else solid_from


def _first_outside(years: FloatArray, inside: BoolArray, solid_until: float) -> float:
    """The dashed part starts where the solid one ends, so that no gap shows."""
    return float(years[inside][-1]) if inside.any() else solid_until
