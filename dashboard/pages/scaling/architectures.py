"""Architectures: which scales best, and where does one pass another?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.architectures import architectures_chart
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.routed_or_dense import percent, routed_or_dense_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.forecasts import forecast
from dashboard.pages.scaling import ScalingDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.fitting.group_comparison import Crossover
from forecasting.formatting import in_words, significant
from forecasting.reporting.methods import formula, formulas
from forecasting.reporting.scaling_answers import capitalised, interval_words, sizes_sentence
from forecasting.scaling.architectures import ArchitectureComparison, architectures, form_misses
from forecasting.scaling.curve_sets import ARCHITECTURES, TABLE_OF_TASK
from forecasting.scaling.routed_or_dense import (
    ROUTER_TITLES,
    ROWS_TITLES,
    RoutedOrDense,
    routed_or_dense,
)
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.stats.estimate import Estimate

State = PageState[ScalingScenario, ScalingDisplay]

TASKS = {"vision": "Images", "translation": "Translation", "routing": "Routed or dense"}
VERDICTS = {
    "inside": "inside the data",
    "outside": "beyond the data",
    "undetermined": "undetermined",
    "none": "no crossing in range",
}


def curves_figure(
    state: State, result: ArchitectureComparison, _pins: Sequence[ArchitectureComparison] = ()
) -> Figure:
    """Error by data, an architecture a curve."""
    return architectures_chart(result, ChartBuilder.of(state.display))


def show_curves(state: State) -> None:
    """One architecture against others on a task."""
    result = layout.answered(state, architectures)
    task, controls = state.scenario.task, Controls(state)
    known = ARCHITECTURES[task]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("task", words=TASKS.__getitem__)
        controls.select(
            f"{task}_model",
            words=lambda name: (
                f"{name}, {known[name].family}"
                if task == "vision"
                else capitalised(known[name].title)
            ),
        )
        controls.quantity("at_examples" if task == "vision" else "at_pairs", (7, 11))
    others = [name for name in known if name != getattr(state.scenario, f"{task}_model")]
    controls.several(f"{task}_others", others, words=lambda name: capitalised(known[name].label))
    with st.expander(
        "Which points, which form", key=state.key("curve-fit"), on_change="rerun"
    ) as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.segmented(
                    "curve_form",
                    words={"M2": "With a floor (M2)", "M1": "No floor (M1)"}.__getitem__,
                )
                if task == "vision":
                    controls.quantity("from_examples", (6, 9))
    display_bar(state, result, can_pin=False)
    if result is None:
        return
    chart = curves_figure(state, result)
    layout.chart(
        state,
        chart,
        key="architectures-chart",
        alt=result.answer,
        name=file_stem("architectures", task),
    )
    worst = max(result.curves, key=lambda one: one.miss)
    st.caption(
        escape_markdown(
            f"{sizes_sentence(result)} Filled points were fitted, open ones held out;"
            f" {worst.architecture.label} has the largest error on its held-out points,"
            f" {significant(100 * worst.miss, 2)}%. Bands are for the curve: they are valid only as"
            " far as its form is, and fade a factor of ten beyond the points."
        )
    )
    layout.numbers(
        lambda: curve_numbers(result),
        key=state.key("numbers-curves"),
        alt="Slopes, floors and crossovers",
        is_open=True,
    )
    with st.expander(
        "Which form extrapolates best?",
        key=state.key("forms"),
        on_change="rerun",
        icon=":material/straighten:",
    ) as opened:
        if opened.open:
            st.caption(
                "Root mean square of ln(fitted/measured) at the later points, held out from all"
                " fits: M1 is a power law alone, M2 has a floor, M4 also begins at chance level."
            )
            layout.table(
                miss_numbers(forecast(form_misses, state.scenario, state.context)),
                alt="Errors by form",
            )
    layout.method(
        CURVE_FORMULAS,
        curve_notes(result),
        layout.source_lines(state, [TABLE_OF_TASK[task]]),
        key=state.key("method-curves"),
    )


def routing_figure(
    state: State, result: RoutedOrDense, _pins: Sequence[RoutedOrDense] = ()
) -> Figure:
    """Routed runs against the dense law."""
    return routed_or_dense_chart(result, ChartBuilder.of(state.display))


def show_routing(state: State) -> None:
    """Routed models against dense ones."""
    result = layout.answered(state, routed_or_dense)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("task", words=TASKS.__getitem__)
        controls.several("routers", list(ROUTER_TITLES))
        controls.select("experts", [2, 4, 8, 16, 32, 64, 128, 256, 512])
        controls.segmented("routed_rows", words=ROWS_TITLES.__getitem__)
    display_bar(state, result, can_pin=False, has_log=False)
    if result is None:
        return
    chart = routing_figure(state, result)
    layout.chart(state, chart, key="routing-chart", alt=result.answer, name="routed-or-dense")
    st.caption(
        "Each point is a routed run against the dense law at its size; bold points have"
        f" {state.scenario.experts} experts, faint ones another number. Where a line reaches zero,"
        " routing no longer lowers the loss."
    )
    layout.numbers(
        lambda: routing_numbers(result),
        key=state.key("numbers-routing"),
        alt="Crossover by router",
        is_open=True,
    )
    layout.method(
        ROUTING_FORMULAS,
        ROUTING_NOTES,
        layout.source_lines(state, ["runs_routed_vs_dense"]),
        key=state.key("method-routing"),
    )


def curve_numbers(result: ArchitectureComparison) -> pd.DataFrame:
    """Slopes, floors and crossovers in words, with their ranges."""
    model = result.model.architecture.label
    rows = []
    for at, one in enumerate(result.curves):
        row = {"Architecture": capitalised(one.architecture.label)}
        if one.architecture.params is not None:
            row["Parameters"] = in_words(one.architecture.params)
        row |= {
            f"Crosses {model} at": crossing_words(result.crossovers[at - 1]) if at else "–",
            f"{model} lower at {in_words(result.at)} in": (
                f"{result.chance_lower[at - 1]:.0%} of resamples" if at else "–"
            ),
            f"Slope at {in_words(result.at)}": interval_words(one.slope_at),
            "Floor": interval_words(one.fit.estimate("floor")),
            "Exponent above the floor": interval_words(one.fit.estimate("exponent")),
            f"{model} has the higher exponent in": (
                f"{result.chance_scales_better[at - 1]:.0%} of resamples" if at else "–"
            ),
            "Held-out error": f"{significant(100 * one.miss, 2)}%",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def crossing_words(crossing: Crossover) -> str:
    """Where two curves cross, with its range and whether that lies inside the data."""
    if not math.isfinite(crossing.value):
        return VERDICTS[crossing.verdict]
    where = Estimate(crossing.value, crossing.draws)
    words = where.with_range(lambda end: in_words(end, 2) if math.isfinite(end) else "never")
    return f"{words}, {VERDICTS[crossing.verdict]}"


def miss_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Misses as percentages, the best form named."""
    forms = ("M1", "M2", "M4")
    shown = pd.DataFrame(
        {"Architecture": table["architecture"], "Held-out points": table["held_out_points"]}
    )
    misses = table[[f"{form}_miss_rmse_ln" for form in forms]].to_numpy()
    for at, form in enumerate(forms):
        shown[form] = [f"{significant(100 * miss, 2)}%" for miss in misses[:, at]]
    shown["Smallest error"] = [forms[at] for at in misses.argmin(axis=1)]
    return shown


def routing_numbers(result: RoutedOrDense) -> pd.DataFrame:
    """Crossovers in words, with their ranges."""
    table = result.table
    return pd.DataFrame(
        {
            "Router": [ROUTER_TITLES[one.router] for one in result.routers],
            "Routed runs": table["runs"],
            "Routing stops helping at (dense parameters)": [
                one.crossover_words for one in result.routers
            ],
            f"Loss saved by {result.scenario.experts} experts at"
            f" {in_words(result.largest_run, 2)}": [
                percent(share) for share in table["loss_saved_at_largest_run_share"]
            ],
        }
    )


CURVE_FORMULAS = (
    (
        formula("forecasting.fitting.learning_curves:LearningCurve"),
        "Error after x examples: c is the exponent, ε∞ the floor (form M2; M1 has no floor).",
    ),
    (
        (
            r"-\frac{d\ln\varepsilon}{d\ln x} ="
            r" c\,\Big(1-\frac{\varepsilon_\infty}{\varepsilon(x)}\Big)"
        ),
        (
            "The slope that a chart with two logarithmic axes shows. It falls towards zero as the"
            " floor comes near."
        ),
    ),
)
ROUTED_LOSS, EXPERTS_THAT_COUNT = formulas("forecasting.laws.routing_law:RoutingLaw")
ROUTING_FORMULAS = (
    (
        ROUTED_LOSS,
        (
            "N: parameters of the dense model; Ê: experts, saturated at both ends. Routing stops"
            " helping at N = exp(−b/c)."
        ),
    ),
    (
        EXPERTS_THAT_COUNT,
        (
            "Effective number of experts: a few count for less than their number, and beyond many,"
            " more add nothing."
        ),
    ),
)
ROUTING_NOTES = (
    (
        "One fit per router, each with the same dense runs (one expert), by least squares on ln"
        " loss; intervals from 400 reweighted refits, saturation included."
    ),
    (
        "The crossover moves by a factor of two or more with the runs kept: choose them above to"
        " see. Only its order of magnitude is meaningful."
    ),
    (
        "Clark et al. 2022 count parameters of the dense model; all runs have the same 249,000"
        " steps, so this law does not cover more data."
    ),
    "Left out: the communication and memory costs of experts.",
)


def curve_notes(result: ArchitectureComparison) -> list[str]:
    """How these curves were fitted, and what they leave out."""
    sizes = [f"{one.architecture.name}: {one.architecture.source}." for one in result.curves]
    repeats = " Repeated views of an image count." if result.scenario.task == "vision" else ""
    return [
        (
            f"Least squares on ln error over the points marked for fitting; x is {result.unit} seen"
            f" in training.{repeats} The later points are held out."
        ),
        (
            "Intervals: 1,000 refits that reweight blocks of neighbouring points, since the"
            " published curves are smoothed."
        ),
        (
            "A crossover is not reliable in three cases: the curves meet more than one order of"
            " magnitude beyond the data; its interval spans more than two; or fewer than three"
            " quarters of the equally likely curves cross."
        ),
        (
            "Left out: what a larger model of the same family would do (the curves are of one size"
            " each), compute, and other tasks."
        ),
        "Parameters: " + " ".join(sizes) if result.scenario.task == "vision" else sizes[0],
    ]
