"""What moves the date on which text runs out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.figure import Figure
from dashboard.charts.text_drivers import text_drivers_chart
from dashboard.forecasts import forecast
from dashboard.pages.text.controls import State, main_controls
from dashboard.pages.text.date import DATE_TABLES
from dashboard.ui import layout
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_month
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_sensitivity import TextSensitivity, text_sensitivity


def drivers_figure(
    _state: State, result: TextSensitivity, _pins: Sequence[TextSensitivity] = ()
) -> Figure | None:
    """How far each factor moves the date; None where none does."""
    return text_drivers_chart(result) if result.swings else None


def show_drivers(state: State) -> None:
    """The tornado, and each factor's rank correlation with the date."""
    result = layout.answered(
        state,
        text_sensitivity,
        lambda _: [forecast(text_exhaustion, state.scenario, state.context).answer],
    )
    main_controls(state)
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    figure = None if result is None else drivers_figure(state, result)
    if result is None or figure is None:
        return
    layout.chart(
        state,
        figure,
        key="text-drivers-chart",
        alt=result.answer,
        name="text-what-moves-the-date",
    )
    st.caption(
        "Each bar: the median date with one factor held at its 10th (blue) and 90th (orange)"
        " percentile, everything else drawn as before. Grey: the value of the factor there. Dates"
        " are by month here, since some factors move them by less than a year."
    )
    layout.numbers(
        lambda: driver_numbers(result),
        key=state.key("numbers-drivers"),
        alt="Change of the date and rank correlation by factor",
        is_open=True,
    )
    layout.method(
        DRIVER_FORMULAS,
        DRIVER_NOTES,
        layout.source_lines(state, DATE_TABLES),
        key=state.key("method-drivers"),
    )


def driver_numbers(result: TextSensitivity) -> pd.DataFrame:
    """Each factor in words."""
    horizon = result.scenario.horizon_year
    return pd.DataFrame(
        [
            {
                "Factor": swing.label,
                "At its 10th percentile": f"{swing.low_words}: {_year(swing.at_low, horizon)}",
                "At its 90th percentile": f"{swing.high_words}: {_year(swing.at_high, horizon)}",
                "Moves the date by": (
                    f"{swing.years:.1f} years"
                    if math.isfinite(swing.years)
                    else "beyond the horizon"
                ),
                "Rank correlation": f"{swing.rank_correlation:+.2f}",
            }
            for swing in result.swings
        ]
    )


def _year(year: float, horizon: int) -> str:
    return in_month(year) if math.isfinite(year) else f"after {horizon}"


DRIVER_FORMULAS = (
    (
        r"\rho = \mathrm{corr}\big(\mathrm{rank}(x),\ \mathrm{rank}(\mathrm{date})\big)",
        (
            "Rank correlation (Spearman) over all draws: how far the date rises and falls with a"
            " factor while all others vary."
        ),
    ),
)
DRIVER_NOTES = (
    "Bars fix one factor at a time; factors are independent of each other in this model.",
    "Which demand: the median dates by past growth alone and by the compute forecast alone.",
    "Draws that do not cross by the horizon are ties at the end of the ranking.",
)
