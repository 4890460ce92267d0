"""The section Price of compute: price-performance over time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.price_trend import price_trend_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.pages.cost import CostDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_series import (
    FORMAT_LABELS,
    SERIES_KINDS,
    Published,
)
from forecasting.compute_cost.price_trend import PriceTrend, price_trend
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_month
from forecasting.reporting.compute_cost_answers import diagnostic_words
from forecasting.reporting.methods import formulas
from forecasting.trends.error_opinions import ErrorOpinions, error_opinions
from forecasting.trends.state_space import STATE_SPACE_METHODS

State = PageState[CostScenario, CostDisplay]

METHOD_NAMES = {
    "pooled": "Pooled over series",
    "calibrated": "Calibrated by past errors",
    "ols": "Least squares",
    "robust": "Robust (Huber)",
    "frontier": "Frontier (best tenth)",
    "record": "Record-setters",
    "local_linear_trend": "Local linear trend",
    "ets": "ETS (exponential smoothing)",
    "damped_ets": "Damped ETS",
}
OPINION_NAMES = {
    "plain": "Least squares, independent errors",
    "hac": "Least squares, HAC errors (Newey–West)",
    "by_year": "Least squares, errors clustered by year",
    "robust": "Huber's line (RLM)",
    "median": "Median line (QuantReg)",
    "quantile": "Line of the best tenth (QuantReg)",
}
TREND_FORMULAS = (
    (
        r"\log_{10} y(t) = a + b\,t + e",
        "Exponential trend; growth per year is 10 to the power b, doubling time log10(2)/b years.",
    ),
)
PROJECTION_NOTES = (
    (
        "The projection does not simply extend that line: its slope may drift, and its bands are"
        " set by the past errors of forecasts of the same series (pooled: of many series, too). The"
        " page Track record shows how well that has worked."
    ),
)


_LOCAL_TREND, _ETS = formulas("forecasting.trends.state_space")
#: By method: not read into the documentation with TREND_FORMULAS, which hold for all.
OF_STATE_SPACE: dict[str, tuple[tuple[str, str], ...]] = {
    "local_linear_trend": (
        (
            _LOCAL_TREND,
            "Local linear trend: the level and slope of yearly medians both follow random walks"
            " (Harvey 1989).",
        ),
    ),
    "ets": (
        (
            _ETS,
            "Exponential smoothing with additive error and trend of yearly medians, φ being 1"
            " (Hyndman et al. 2008).",
        ),
    ),
    "damped_ets": (
        (
            _ETS,
            "Exponential smoothing of yearly medians, its trend damped by a factor φ per year"
            " (Gardner and McKenzie 1985).",
        ),
    ),
}
STATE_SPACE_NOTES = (
    (
        "The projection is statsmodels', fitted by maximum likelihood to the medians of years"
        " counted back from the last point. Years without points are left missing: the Kalman"
        " filter skips them, and none is filled in. Its parameters are treated as known, so bands"
        " of short series are too narrow; the page Track record shows how often such bands"
        " contained later points."
    ),
)


def price_figure(state: State, result: PriceTrend, pins: Sequence[PriceTrend] = ()) -> Figure:
    """The trend of the price; pins in another unit are left out."""
    same_unit = [pin for pin in pins if pin.points.unit == result.points.unit]
    return price_trend_chart(
        result,
        ChartBuilder.of(state.display, same_unit),
        new_observation=state.display.interval == "observation",
    )


def show_price_trend(state: State) -> None:
    """Price-performance over time."""
    with importing_statsmodels(state.scenario.method):
        result = layout.answered(state, price_trend)
    price_trend_controls(state)
    pins = pinned_results(state, price_trend)
    display_bar(state, result)
    pinned(state, [f"{pin.points.label}, {METHOD_NAMES[pin.scenario.method]}" for pin in pins])
    if result is None:
        return
    chart = price_figure(state, result, pins)
    layout.chart(
        state, chart, key="price-chart", alt=result.answer, name=file_stem(result.points.label)
    )
    st.caption(escape_markdown(price_trend_note(result, state.display.interval)))
    layout.coverage(state, result.scenario.method, state.display.interval)
    layout.numbers(
        lambda: trend_numbers([result, *pins]),
        key=state.key("numbers-price"),
        alt="Growth and doubling time with 95% ranges",
        is_open=True,
    )
    show_second_opinion(state, result)
    layout.method(
        (*TREND_FORMULAS, *OF_STATE_SPACE.get(result.trend.method, ())),
        trend_notes(result),
        layout.source_lines(state, result.points.tables),
        key=state.key("method-price"),
    )


def importing_statsmodels(method: str) -> AbstractContextManager[None]:
    """Shows that a method takes seconds the first time: statsmodels is imported then."""
    if method in STATE_SPACE_METHODS and "statsmodels" not in sys.modules:
        return st.spinner("Loading statsmodels …")
    return nullcontext()


def show_second_opinion(state: State, result: PriceTrend) -> None:
    """Other estimators and other errors, and diagnostics; computed when opened."""
    with st.expander(
        "Second opinion: other errors and diagnostics",
        key=state.key("second-opinion"),
        on_change="rerun",
        icon=":material/rule:",
    ) as opened:
        if not opened.open:
            return
        with layout.error_boundary(), st.spinner("Fitting with statsmodels …"):
            best_tenth = 0.9 if result.points.rises else 0.1
            opinions = error_opinions(
                result.points.dates,
                result.points.values,
                quantile=best_tenth if result.scenario.method == "frontier" else None,
            )
            layout.table(
                opinion_numbers(result, opinions), alt="Growth with 95% ranges by kind of errors"
            )
            st.markdown(
                "\n".join(f"- {escape_markdown(line)}" for line in diagnostic_words(opinions))
            )


def opinion_numbers(result: PriceTrend, opinions: ErrorOpinions) -> pd.DataFrame:
    """Growth with 95% ranges: this page's, then those of statsmodels."""
    growth = result.trend.growth_per_year
    rows = [(f"This page: {METHOD_NAMES[result.scenario.method]}", growth.value)]
    ranges = [growth.interval(0.95)]
    for each in opinions.opinions:
        rows.append((OPINION_NAMES[each.kind], each.growth_per_year))
        ranges.append((each.low, each.high))
    return pd.DataFrame(
        {
            "Estimator and errors": [name for name, _ in rows],
            "Growth per year": [f"×{value:.3f}" for _, value in rows],
            "95% from": [f"×{low:.2f}" for low, _ in ranges],
            "to": [f"×{high:.2f}" for _, high in ranges],
        }
    )


def price_trend_controls(state: State) -> None:
    """Series, what narrows it, estimator, window and horizon."""
    controls, kind = Controls(state), SERIES_KINDS[state.scenario.series]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("series", words=lambda key: SERIES_KINDS[key].title)
        if kind.by_format:
            controls.select("number_format", words=FORMAT_LABELS.__getitem__)
        if kind.by_offer:
            controls.select("rental_chip", words=lambda name: "Any chip" if name == "any" else name)
            controls.select("commitment", words=COMMITMENT_LABELS.__getitem__)
        controls.slider("until_year")
    with st.expander(
        "Estimator and window", key=state.key("estimator"), on_change="rerun"
    ) as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.select("method", words=METHOD_NAMES.__getitem__)
                controls.segmented(
                    "interval",
                    words={"trend": "the trend line", "observation": "a new point"}.__getitem__,
                )
                controls.number("from_year", step=1)
                controls.number("to_year", step=1)
                controls.number("price_year", step=1, empty="last complete")


def trend_numbers(results: list[PriceTrend]) -> pd.DataFrame:
    """Growth and doubling time of each series with 95% ranges, beside what was published."""
    rows = []
    for result in results:
        growth = result.trend.growth_per_year
        low, high = growth.interval(0.95)
        value, soon, late = result.doubling
        ahead = result.trend.growth_ahead_per_year
        slow, fast = ahead.interval(0.8)
        published = result.points.published
        rows.append(
            {
                "Series": result.points.label,
                "Estimator": METHOD_NAMES[result.scenario.method],
                "Points": len(result.points.dates),
                "Growth per year": f"×{growth.value:.3f} (95% ×{low:.3f} to ×{high:.3f})",
                (
                    "Doubles every" if result.points.rises else "Halves every"
                ): f"{value:.2f} years (95% {soon:.2f} to {late:.2f})",
                "Expected from here on, per year": (
                    f"×{ahead.value:.3f} (80% ×{slow:.3f} to ×{fast:.3f})"
                ),
                "Published": published_words(published),
            }
        )
    return pd.DataFrame(rows)


def published_words(published: Published | None) -> str:
    """A published doubling time with its interval and source."""
    return (
        f"{published.doubling_time_years} ({published.low} to {published.high}), {published.source}"
        if published
        else "–"
    )


def price_trend_note(result: PriceTrend, interval: str) -> str:
    """What the band is for, the price base, the break, and the sentence on physical limits."""
    what = (
        "a new point of the series"
        if interval == "observation"
        else "the trend line, not for single points"
    )
    found = result.growth_break
    change = (
        f"The growth rate changes about {found.date:.0f} (p = {found.p_value:.2g})."
        if found.found and found.date is not None
        else f"No change in the growth rate is detectable (p = {found.p_value:.2g})."
    )
    far = ""
    if result.years_beyond_data > result.observed_years:
        far = (
            " The projection extends further than the data reach back: physical limits may end the"
            " trend earlier."
        )
    gap = ""
    if result.points.gap is not None:
        first, last = map(in_month, result.points.gap)
        gap = f" Between {first} and {last} no openly licensed offers are known."
    return f"Bands are for {what}. Money: {result.points.price_base}.{gap} {change}{far}"


def trend_notes(result: PriceTrend) -> list[str]:
    """How this series was fitted."""
    left_out = f" Left out: {result.points.left_out}." if result.points.left_out else ""
    return [
        (
            f"{METHOD_NAMES[result.scenario.method]} on {len(result.points.dates)}"
            f" {result.points.points_are}.{left_out}"
        ),
        (
            "Growth and doubling time come from a line through the points. Intervals are from"
            " resampling whole years, since points of one year are not independent, and are wider"
            " than textbook ones."
        ),
        *(PROJECTION_NOTES if result.trend.method in ("pooled", "calibrated") else ()),
        *(STATE_SPACE_NOTES if result.trend.method in STATE_SPACE_METHODS else ()),
        (
            "A change of growth is tested with a p-value that allows for serial dependence; “none”"
            " is a valid answer."
        ),
        (
            "Number formats are never mixed: mixing them moves the trend anywhere between 22% and"
            " 68% per year."
        ),
    ]
