"""Track record: how good have such forecasts been?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.coverage_by_horizon import coverage_by_horizon_chart
from dashboard.charts.figure import Figure
from dashboard.charts.past_forecast import past_forecast_chart
from dashboard.charts.reliability import reliability_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.forecasts import forecast
from dashboard.pages.track_record import TrackRecordDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from dashboard.ui.rest_of_page import first_part_ends
from forecasting.errors import ForecastingError
from forecasting.evaluation.all_records import AllRecords, every_series
from forecasting.evaluation.law_track_record import FORMS as CURVE_FORMS
from forecasting.evaluation.law_track_record import LAW_FORMS, LawTrackRecord, tried_laws
from forecasting.evaluation.reliability import Reliability, reliability
from forecasting.evaluation.track_record import (
    METHOD_TITLES,
    TrackRecord,
    possible_cut_offs,
    track_record,
)
from forecasting.evaluation.track_record_scenario import TrackRecordScenario
from forecasting.evaluation.tracked_series import tracked_series
from forecasting.formatting import significant
from forecasting.reporting.evaluation_answers import (
    horizon_answers,
    record_lines,
    track_record_note,
)
from forecasting.reporting.methods import formula

State = PageState[TrackRecordScenario, TrackRecordDisplay]


def then_figure(state: State, result: TrackRecord, pins: Sequence[TrackRecord] = ()) -> Figure:
    """The forecast as it would have been made, and what came; pins of another series
    are left out.
    """
    same_series = [pin for pin in pins if pin.series.key == result.series.key]
    return past_forecast_chart(result, ChartBuilder.of(state.display, same_series))


def show_then(state: State) -> None:
    """One forecast as it would have been made, and what came."""
    result = judged(state)
    controls_of(state)
    pins = pinned_results(state, track_record)
    bar(state, result)
    pinned(
        state,
        [
            f"{pin.series.label}, {METHOD_TITLES[pin.scenario.method]}, {pin.cut_off_year}"
            for pin in pins
        ],
    )
    if result is None:
        return
    chart = then_figure(state, result, pins)
    layout.chart(
        state,
        chart,
        key="then-chart",
        alt=result.answer,
        name=file_stem("forecast-of", str(result.cut_off_year)),
    )
    st.caption(
        escape_markdown(
            "Grey: known then. Green circles: later, inside the 80% band. Orange crosses: later,"
            " outside it. The forecast is fitted to the grey points alone, by the method that the"
            " dashboard uses today."
        )
    )
    layout.numbers(
        lambda: horizon_numbers(result), key=state.key("numbers-then"), alt="Coverage by horizon"
    )
    method_of(state, state.key("method-then"))


def horizon_figure(state: State, result: TrackRecord, _pins: Sequence[TrackRecord] = ()) -> Figure:
    """How often bands held, by how far ahead they looked."""
    return coverage_by_horizon_chart(result, ChartBuilder.of(state.display))


def show_horizon(state: State) -> None:
    """How often bands held, by how far ahead they looked."""
    result = judged(state, at_cut_off=False)
    controls_of(state, at_cut_off=False)
    bar(state, result, is_over_time=False)
    if result is None:
        return
    chart = horizon_figure(state, result)
    layout.chart(
        state,
        chart,
        key="horizon-chart",
        alt=record_lines(result)[0],
        name=file_stem("coverage", result.series.key),
    )
    st.caption(
        escape_markdown(
            "Dotted line: nominal share of the band. Bias: forecast / outcome. Bars: 80% range of"
            " the sampling error, from resampling years, since the points of a year and forecasts"
            " from neighbouring dates are not independent; it is large, since few years have"
            " passed. "
            + " ".join(
                f"Left out: {each.cut_off:.0f}, {each.reason}."
                for each in result.record.left_out[:2]
            )
        )
    )
    layout.numbers(
        lambda: horizon_numbers(result),
        key=state.key("numbers-horizon"),
        alt="Coverage by horizon",
        is_open=True,
    )
    method_of(state, state.key("method-horizon"))


def reliability_figure(
    state: State, result: Reliability, _pins: Sequence[Reliability] = ()
) -> Figure:
    """How often bands of every level held, over all series."""
    return reliability_chart(result, ChartBuilder.of(state.display))


def show_reliability(state: State) -> None:
    """How often bands of 50, 80 and 95% held, over all series."""
    with st.spinner("Evaluating every series from up to ten past dates …", show_time=True):
        result: Reliability = forecast(reliability, state.scenario, state.context)
    layout.answer(result.answer, *result.lines)
    Controls(state).select("method", words=METHOD_TITLES.__getitem__)
    display_bar(state, result, can_pin=False, has_log=False)
    layout.chart(
        state,
        reliability_figure(state, result),
        key="reliability-chart",
        alt=result.answer,
        name="reliability",
    )
    st.caption(
        "Points: mean over the tracked series. Bars: the middle 80% of series. On the dashed line"
        " bands contain as many points as they should; below it they are too narrow, above it too"
        " wide."
    )
    layout.numbers(
        lambda: reliability_numbers(result),
        key=state.key("numbers-reliability"),
        alt="Share of later points inside the bands, by level",
        is_open=True,
    )
    method_of(state, state.key("method-reliability"))


def reliability_numbers(result: Reliability) -> pd.DataFrame:
    """What bands of every level held, by method."""
    return pd.DataFrame(
        [
            {
                "Method": METHOD_TITLES[method],
                "Band": f"{row.level:.0%}",
                "Inside, mean of series": f"{row.mean:.0%}",
                "Middle 80% of series": f"{row.low:.0%} to {row.high:.0%}",
                "Series": row.series,
            }
            for method, rows in result.by_method.items()
            for row in rows
        ]
    )


def show_all(state: State) -> None:
    """Every tracked series by every method, and what fails."""
    with st.spinner(
        "Evaluating 17 series by every method from up to ten past dates each; once per start of the"
        " server …",
        show_time=True,
    ):
        records: AllRecords = forecast(every_series, state.scenario, state.context)
    table = records.table
    layout.answer(records.answer, *records.lines)
    Controls(state).toggle("peers")
    display_bar(state, records, can_pin=False)
    first_part_ends()
    layout.table(shown_table(table), alt="Coverage and score of every series and method")
    st.caption(
        escape_markdown(
            "Share of later points inside the 80% band; in brackets the score relative to that of"
            " the textbook line (mean CRPS, the usual error of a whole forecast: below 1.00 is"
            " better). “New” series were not used to choose the method. The download adds 50% and"
            " 95% bands, bias, width and sampling error."
            + "".join(f" Not evaluated: {failed}" for failed in records.failed[:3])
        )
    )
    method_of(state, state.key("method-all"))


def show_laws(state: State) -> None:
    """Scaling laws fitted to smaller runs, tried on larger ones."""
    with st.spinner(
        (
            "Fitting every form of law to the smaller runs of every set; once per start of the"
            " server …"
        ),
        show_time=True,
    ):
        record: LawTrackRecord = forecast(tried_laws, state.scenario, state.context)
    layout.answer(record.answer, *record.lines)
    display_bar(state, record, can_pin=False)
    first_part_ends()
    for kind in record.table["kind"].unique():
        st.markdown(f"**{kind.capitalize()}**")
        layout.table(
            law_table(record, kind), alt=f"Errors of scaling laws on held-out larger runs: {kind}"
        )
    st.caption(
        escape_markdown(
            "Each form's median error on the held-out runs, in brackets its bias: above 0 the loss"
            " was predicted too high. Reach: how far the largest held-out run lies beyond the"
            " largest fitted one, in compute, examples or size. Held: share of held-out runs inside"
            " the 80% interval of the Chinchilla form for a new run; far beyond the runs these"
            " intervals are too narrow, since they assume that the form is correct. "
            + "; ".join(f"{name.capitalize()}: {words}" for name, words in LAW_FORMS.items())
            + "."
        )
    )
    layout.method(
        (),
        LAW_NOTES,
        layout.source_lines(state, state.section.sources),
        key=state.key("method-laws"),
    )


def judged(state: State, at_cut_off: bool = True) -> TrackRecord | None:
    """The page's result with its answer said, or the reason why there is none."""
    try:
        result: TrackRecord = forecast(track_record, state.scenario, state.context)
    except ForecastingError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return None
    if track_record_note(result) and at_cut_off:
        st.warning(escape_markdown(track_record_note(result)), icon=":material/warning:")
    layout.answer(*((result.answer, *result.lines) if at_cut_off else horizon_answers(result)))
    return result


def controls_of(state: State, at_cut_off: bool = True) -> None:
    """Series, method, cut-off and horizon."""
    controls, series = Controls(state), tracked_series(state.context.data)
    first, last = possible_cut_offs(series[state.scenario.series])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("series", words=lambda key: series[key].label)
        controls.select("method", words=METHOD_TITLES.__getitem__)
        if at_cut_off:
            controls.slider("cut_off_year", low=first, high=last)
            controls.slider("years_ahead", low=1, high=10)


def bar(state: State, result: TrackRecord | None, is_over_time: bool = True) -> None:
    """The display bar with the scored points as its download."""
    display_bar(state, result, can_pin=is_over_time, has_log=is_over_time)


def horizon_numbers(result: TrackRecord) -> pd.DataFrame:
    """Coverage by year of horizon, of the method and of the textbook line."""
    rows = []
    for name, record in (("this method", result.record), ("textbook line", result.textbook)):
        for _, row in record.by_horizon.iterrows():
            rows.append(
                {
                    "Years ahead": (
                        f"{row['years_ahead_above']:.0f} to {row['years_ahead_up_to']:.0f}"
                    ),
                    "Method": (
                        METHOD_TITLES[record.method]
                        if name == "this method"
                        else "Textbook least squares"
                    ),
                    "Points": int(row["points"]),
                    **{
                        f"Inside the {level} band": (
                            f"{row[f'coverage_{level}']:.0%} ({row[f'coverage_{level}_q10']:.0%} to"
                            f" {row[f'coverage_{level}_q90']:.0%})"
                        )
                        for level in ("50%", "80%", "95%")
                    },
                    "Width of 80% band": f"×{significant(10 ** row['width_80_oom'], 2)}",
                    "Score (CRPS, factors of ten)": f"{row['crps_oom']:.3f}",
                    "Bias": f"×{significant(10 ** row['bias_oom'], 2)}",
                }
            )
    return pd.DataFrame(rows).drop_duplicates()


def shown_table(table: pd.DataFrame) -> pd.DataFrame:
    """A row a series, a column a method: what its 80% band held, and its score."""
    cells = [
        f"{held:.0%} ({score:.2f})"
        for held, score in zip(table["coverage_80"], table["crps_against_textbook"], strict=True)
    ]
    wide = table.assign(cell=cells).pivot(index="series", columns="method", values="cell")
    series = table.drop_duplicates("series").set_index("series")
    shown = pd.DataFrame(
        {
            "Series": series.index,
            "Method was": series["chosen_on_it"].map({True: "chosen on it", False: "new to it"}),
            "Dates": series["cut_offs"],
            "Later points": series["points"],
        }
    )
    present = set(table["method"])
    return shown.join(
        wide[[title for title in METHOD_TITLES.values() if title in present]].fillna("–")
    )


def law_table(record: LawTrackRecord, kind: str) -> pd.DataFrame:
    """A row a set of runs of that kind, a column a form: its median error and bias."""
    table = record.table[record.table["kind"] == kind]
    errors = zip(table["median_error_percent"], table["bias_percent"], strict=True)
    wide = table.assign(
        cell=[f"{error:.2g}% ({bias:+.2g}%)".replace("-", "−") for error, bias in errors]
    )
    wide = wide.pivot(index="runs", columns="form", values="cell")
    runs = table.drop_duplicates("runs").set_index("runs")
    shown = pd.DataFrame(
        {
            "Runs": [name[:1].upper() + name[1:] for name in runs.index],
            "Fitted": runs["fitted"],
            "Hidden": runs["hidden"],
            "Reach": [f"×{significant(10**value, 2)}" for value in runs["reach_oom"]],
        }
    )
    forms = list(dict.fromkeys(table["form"]))
    shown = shown.join(
        wide[forms]
        .fillna("–")
        .rename(columns=lambda form: form if form in CURVE_FORMS else form.capitalize())
    )
    held = table.dropna(subset="held_by_80_percent_interval").set_index("runs")[
        "held_by_80_percent_interval"
    ]
    return shown.assign(Held=[f"{held[name]:.0%}" for name in shown.index]) if len(held) else shown


def method_of(state: State, key: str) -> None:
    """The protocol and the method, formulas and sources."""
    layout.method(FORMULAS, NOTES, layout.source_lines(state, state.section.sources), key=key)


FORMULAS = (
    (
        (
            r"\log_{10} y = a(t) + s(t) + e,\quad da = b\,dt,\quad db = \sqrt{q}\,dW,\quad ds ="
            r" -s/\tau\,dt + \sqrt{u}\,dW'"
        ),
        (
            "Pooled: the mean, quantile by quantile, of “calibrated” (below) and of a local linear"
            " trend: level a and growth b both change, and points of neighbouring dates share"
            " shocks s. How much (q and u) is averaged over a grid; the prior of that grid is what"
            " about a hundred other series have shown."
        ),
    ),
    (
        (
            r"f^2 = \min\left(\max\left(\frac{1/2 + \sum_i 2^{-i}\,\overline{z_i^2}}{1/2 + \sum_i"
            r" 2^{-i}},\ 0.6^2\right),\ 2.2^2\right)"
        ),
        (
            "Its bands have the tails of Student's t with 4 degrees of freedom, as the errors of"
            " all series have had, and are multiplied by f. In its formula, z are the errors that"
            " forecasts"
            " of this series made i years ago, in standard deviations. Bands that were too wide are"
            " narrowed."
        ),
    ),
    (
        r"y(t) = a + b\,t + \sum_j v_j\,(t-k_j)_+ + \sum_j u_j\,e^{-(t-k_j)/0.7}\,[t \ge k_j] + e",
        (
            "Calibrated: log10 of the value is a line whose slope changes by v at knots half a year"
            " apart, with decaying shocks u that neighbouring points share. How much slope and"
            " shocks vary is averaged over a grid by marginal likelihood."
        ),
    ),
    (
        (
            r"w^2 = 0.94^2\,\max\left(1, \frac{m + \sum_i 2^{-i}\,\overline{z_i^2}}{m + \sum_i"
            r" 2^{-i}}\right)"
        ),
        (
            "Bands are multiplied by w: z are the errors made i years ago by forecasts from all"
            " earlier dates, in standard deviations; m is half a year of errors. Bands that were"
            " too wide are not narrowed, since quiet years may be followed by volatile ones. w is"
            " at most 1.88."
        ),
    ),
    (
        formula("forecasting.evaluation.forecast_scores:crps_of_draws"),
        (
            "The score (CRPS), in orders of magnitude: mean distance of the forecast X from the"
            " outcome, less half the mean distance within the forecast."
        ),
    ),
)
NOTES = (
    (
        "Cut-offs: the 30% quantile of a series' dates and every full year after it; points dated"
        " up to then are known (at least 15), points of the five years after it are later (at least"
        " 3). Hits are pooled over all cut-offs."
    ),
    (
        "No peeking: each forecast, its calibration included, is made from the known points alone;"
        " a test shuffles the later ones and nothing changes. One rule applies to all series, none"
        " of them by name."
    ),
    (
        "The constants of “calibrated” were chosen on eight series together, so it looks better on"
        " those than it is; those of “pooled” on about a hundred series, including the tracked"
        " ones."
    ),
    (
        "The benchmark “bands” shows how “pooled” does on series that it was not fitted to."
        " Constants are learned on a random half of the series and evaluated on the other half,"
        " sixty times; the spread over these splits is what counts."
    ),
    (
        "Few years have passed: most series have six to ten dates to forecast from, and"
        " neighbouring ones share most of the later points. Compare differences with the sampling"
        " errors."
    ),
    (
        "Left out: series chosen because they grew fast look better in retrospect; a record of the"
        " past can't show breaks that have not happened yet."
    ),
)
LAW_NOTES = (
    (
        "Run sets: the fifth, or the half, of the runs with the most compute is held out; the"
        " others are fitted."
    ),
    (
        "Learning curves: points beyond half of the largest number of examples are held out, as in"
        " Alabdulmohsin et al. 2022."
    ),
    "Routed models: the largest dense size and the models routed from it are held out.",
    "Left out: Kaplan's laws, whose runs are not public.",
)
