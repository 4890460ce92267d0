"""Your runs: my CSV in; law, intervals, advice and warnings out; use my law everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.next_run import next_run_chart
from dashboard.charts.own_law import own_law_chart
from dashboard.charts.residuals import residuals_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import guarded
from dashboard.forecasts import forecast
from dashboard.pages.price_methods import PRICE_METHODS
from dashboard.pages.run import section_control
from dashboard.pages.runs import PAGE, RunsDisplay
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.fit_notes import show_warnings
from dashboard.pages.runs.getting_runs import show_getting_runs, show_lost
from dashboard.pages.runs.report import COEFFICIENT_WORDS, SYMBOLS, run_report
from dashboard.state import own_data, own_in_pages
from dashboard.state.own_data import StoredRuns
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import absolute_link, display_bar
from dashboard.ui.progressive import Estimated, Progressive, alongside
from dashboard.ui.rest_of_page import first_part_ends
from forecasting.fitting.law_choice import own_law
from forecasting.fitting.warning_kinds import LargeResiduals
from forecasting.formatting import in_flop, significant
from forecasting.reporting.methods import formula
from forecasting.reporting.user_runs_answers import (
    big_run_table,
    count_words,
    flop_words,
    law_latex,
    loss_words,
)
from forecasting.stats.range_level import range_heading
from forecasting.user_runs.own_runs import (
    ALL_GROUPS,
    TIMES_LARGEST,
    RunsForecast,
    RunsScenario,
    group_table,
    next_flop,
    next_run_advice,
    own_runs,
    run_groups,
)

State = PageState[RunsScenario, RunsDisplay]

TOKENS_BY = {"tokens": "Number", "ratio": "Per parameter", "optimum": "Compute-optimal"}


def law_figure(state: State, result: RunsForecast, _pins: Sequence[RunsForecast] = ()) -> Figure:
    """Loss over compute: the runs, the law and the big run."""
    return own_law_chart(result, ChartBuilder.of(state.display))


def show_law(state: State) -> None:
    """Loss over compute: the runs, the law and the big run."""
    show_runs(state, draw_law, has_bands=True, has_log=True)


def residuals_figure(
    _state: State, result: RunsForecast, _pins: Sequence[RunsForecast] = ()
) -> Figure | None:
    """How far the runs lie from the law; None without a law."""
    return None if result.undetermined else residuals_chart(result)


def show_residuals(state: State) -> None:
    """How far the runs lie from the law."""
    show_runs(state, draw_residuals)


def show_published(state: State) -> None:
    """Published laws on these runs, and groups of them side by side."""
    show_runs(state, draw_published)


def next_run_figure(
    state: State, result: RunsForecast, _pins: Sequence[RunsForecast] = ()
) -> Figure:
    """How much each run that the compute pays for would tell."""
    advice = forecast(next_run_advice, alongside(state.scenario, result), state.context)
    return next_run_chart(result, advice)


def show_next_run(state: State) -> None:
    """Which experiment would tell most about the big run."""
    show_runs(state, draw_next_run, draw_controls=next_run_controls)


def show_runs(
    state: State,
    draw: Callable[[State, RunsForecast], None],
    *,
    draw_controls: Callable[[State, RunsForecast], None] | None = None,
    has_bands: bool = False,
    has_log: bool = False,
) -> None:
    """What all sections share: answer, intake, controls, warnings, coefficients, method.

    Parameters
    ----------
    state : State
        The page's.
    draw : callable
        The section's own part.
    draw_controls : callable or None
        Controls of its own, above that part.
    has_bands, has_log : bool
        Whether its chart has bands, or a log axis to choose.
    """
    progressive, made = Progressive(state, own_runs), None
    held = run_intake.intake()
    show_lost(state)
    # Nothing is computed from a file in doubt, and the example does not stand in its place.
    waits = held is not None and (
        held.waits or (held.error is not None and own_data.own().runs is None)
    )
    if not waits:
        with st.spinner("Fitting, with resamples …"):
            made = progressive.answered()
    elif held is not None and held.waits:
        layout.answer(
            "Check how your file is read: nothing is computed from it until you have answered"
            " the questions below."
        )
    show_getting_runs(state)
    if waits:
        return
    outcome = None if made is None else made.result
    show_controls(state, run_groups(state.scenario, state.context), is_pooled(outcome))
    display_bar(
        state,
        outcome,
        can_pin=False,
        has_bands=has_bands and outcome is not None and not outcome.undetermined,
        has_log=has_log,
    )
    if outcome is not None:
        section_control(PAGE, state)
        if draw_controls is not None:
            draw_controls(state, outcome)
        progressive.rest(lambda result: draw(state, result))
        progressive.part("use", lambda made: show_use(state, made))
        progressive.part("law", lambda made: show_coefficients(state, made.result))
    layout.method(
        FORMULAS, NOTES, layout.source_lines(state, state.section.sources), key=state.key("method")
    )


def show_coefficients(state: State, result: RunsForecast) -> None:
    """The warnings; the law and its coefficients, where there is one."""
    show_warnings(state, result)
    if not result.undetermined:
        st.latex(law_latex(result.law))
        layout.numbers(
            lambda: coefficient_table(result),
            key=state.key("numbers"),
            title="The coefficients",
            alt="Coefficients with intervals",
        )


def draw_law(state: State, result: RunsForecast) -> None:
    """The chart of the law and what is on it."""
    chart = law_figure(state, result)
    layout.chart(
        state,
        chart,
        key="runs-law",
        alt=result.full_answer,
        name="scaling-law",
    )
    flop = escape_markdown(flop_words(result))
    st.caption(
        f"{flop} Points are runs; dotted grey lines are published laws."
        if result.undetermined
        else (
            f"{flop} Points are runs. The line is the lowest loss for each amount of"
            " compute, its band the bootstrap range of the law; runs lie above it as far as their"
            " size was off the optimum. Dotted grey lines are published laws. The diamond is the"
            " big run with the range for a single new run."
        )
    )
    if not result.undetermined:
        layout.table(big_run_table(result), alt=f"The big run in full, with {range_heading()}s")


def draw_residuals(state: State, result: RunsForecast) -> None:
    """The residuals, and how the law predicts the largest runs when these are hidden."""
    figure = residuals_figure(state, result)
    if figure is None:
        st.info("Without a law there are no residuals.")
        return
    alt = f"Residuals of {len(result.fit.runs)} runs about the fitted law"
    layout.chart(state, figure, key="runs-residuals", alt=alt, name="residuals")
    held = result.fit.held_out
    st.caption(
        escape_markdown(
            held.answer if held else "Too few runs to hold out the largest and predict them."
        )
    )


def draw_published(state: State, result: RunsForecast) -> None:
    """Tables of the published laws and of the groups."""
    first_part_ends()
    layout.table(comparison_table(result), alt="Published laws on these runs")
    if result.loss_unit != "nats per token":
        st.warning(
            f"Your losses are in {escape_markdown(result.loss_unit)}, those of published laws in"
            " nats per token: errors and levels can't be compared, but exponents can."
        )
    st.caption(
        "A law's level depends on the tokenizer, the test set and what counts as a parameter: a"
        " large bias with a small spread says that the form holds and the level differs. The"
        " optimum is at the budget above."
    )
    if len(result.groups) > 1:
        st.markdown(
            "**Groups side by side** (80% intervals); the group with the larger exponents gains"
            " more from scale"
        )
        with layout.error_boundary(), st.spinner("Fitting each group …"):
            layout.table(
                forecast(group_table, alongside(state.scenario, result), state.context),
                alt="The law of each group of runs",
            )


def show_controls(state: State, groups: tuple[str, ...], pooled: bool) -> None:
    """Budget and target in sight, the fit folded; the group in sight where groups should be fitted
    apart, or one is.

    Parameters
    ----------
    state : State
        The page's.
    groups : tuple of str
        The names of the groups.
    pooled : bool
        Whether groups that differ too much are fitted together.
    """
    controls, s = Controls(state), state.scenario
    group_in_sight = pooled or s.group != ALL_GROUPS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("budget_in", words={"usd": "Dollars", "flop": "FLOP"}.__getitem__)
        if s.budget_in == "usd":
            controls.quantity("budget_usd", (2, 11))
        else:
            controls.quantity("budget_flop", (17, 29))
        controls.slider("year", high=2040)
        if group_in_sight:
            choose_group(controls, groups, s.group)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("target_params", (7, 13))
        controls.segmented("target_by", words=TOKENS_BY.__getitem__)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if s.target_by == "tokens":
            controls.quantity("target_tokens", (8, 15))
        elif s.target_by == "ratio":
            controls.quantity("target_tokens_per_param", (0, 4))
        controls.quantity("cluster_chips", (0, 6))
        controls.select("price_method", words=PRICE_METHODS.__getitem__)
    with st.expander(
        "How it is fitted", key=state.key("fit"), on_change="rerun", icon=":material/tune:"
    ) as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                if groups and not group_in_sight:
                    choose_group(controls, groups, s.group)
                controls.select(
                    "loss_function", words=lambda name: name.replace("_", " ").capitalize()
                )
                if s.loss_function == "huber":
                    controls.number("delta", step=1e-3, form="%.6f")
                options = ("row", "params", "tokens", *(("group",) if groups else ()))
                controls.segmented(
                    "resample_by",
                    options,
                    words={
                        "row": "Run",
                        "params": "Size",
                        "tokens": "Tokens",
                        "group": "Group",
                    }.__getitem__,
                )
                controls.number("resamples", step=100)


def choose_group(controls: Controls, groups: tuple[str, ...], now: int) -> None:
    """The choice of a group, or of all together."""
    numbers = sorted({ALL_GROUPS, *range(1, len(groups) + 1), now})
    controls.select("group", numbers, words=lambda number: group_words(number, groups))


def group_words(number: int, groups: tuple[str, ...]) -> str:
    """A group by its name, which links do not carry."""
    if number == ALL_GROUPS:
        return "All together"
    return groups[number - 1] if number <= len(groups) else f"Group {number}, not among these runs"


def show_use(state: State, made: Estimated[RunsForecast]) -> None:
    """Use the law everywhere, or stop; downloads of what was found. Neither from few resamples."""
    result = made.result
    runs, in_use = own_data.own().runs, own_data.own().law
    with st.container(horizontal=True, vertical_alignment="center"):
        if runs is not None:
            if in_use is not None and in_use.law == result.law:
                clicked = st.button(
                    "Stop using this law",
                    icon=":material/undo:",
                    on_click=own_in_pages.drop_own_law,
                    key="runs.drop",
                )
            else:
                clicked = st.button(
                    "Use this law everywhere",
                    type="primary",
                    disabled=made.is_rough or bool(result.undetermined),
                    icon=":material/public:",
                    on_click=own_in_pages.use_own_law,
                    args=(own_law(result.fit, runs.data_hash), shared_runs(result)),
                    key="runs.use",
                    help=escape_markdown(result.undetermined)
                    or "Every page that computes with such a law uses yours, and says so, until you"
                    " undo it. It stays in this session.",
                )
            if clicked:
                st.rerun()
        st.download_button(
            "Cleaned runs",
            data=lambda: guarded(result.frame),
            file_name="runs-cleaned.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            disabled=made.is_rough,
        )
        if not result.undetermined:
            st.download_button(
                "Draws",
                data=lambda: guarded(result.fit.draws.table),
                file_name="law-draws.csv",
                mime="text/csv",
                icon=":material/scatter_plot:",
                on_click="ignore",
                disabled=made.is_rough,
            )
        st.download_button(
            "Report",
            data=lambda: run_report(result, runs, link=absolute_link(state)),
            file_name="scaling-law-report.md",
            mime="text/markdown",
            icon=":material/article:",
            on_click="ignore",
            disabled=made.is_rough,
        )
    if runs is not None and result.undetermined:
        st.caption(
            "*Use this law everywhere* is off: a fit at the edge of the allowed range is not a law"
            " to compute with."
        )
    if in_use is not None:
        st.caption(
            ":violet-badge[:material/person: Your data] Your law is in use on every page that"
            " computes with such a law; the Overview shows the defaults. Links carry its"
            " coefficients; ranges and runs travel only by Share."
        )


def shared_runs(result: RunsForecast) -> StoredRuns:
    """What *Share* would store: the cleaned table, how columns were read, and how the law was
    fitted.
    """
    runs, s = own_data.own().runs, result.scenario
    settings = {
        name: getattr(s, name)
        for name in ("loss_function", "delta", "resample_by", "resamples", "seed")
    }
    return StoredRuns(
        result.frame, runs.mapping.as_dict if runs else {}, {"group": result.group_name, **settings}
    )


def next_run_controls(state: State, result: RunsForecast) -> None:
    """What the next run may take."""
    if not result.undetermined:
        words = (
            f"{TIMES_LARGEST} × the largest run, {in_flop(next_flop(RunsScenario(), result.fit))}"
        )
        Controls(state).quantity("next_flop", (16, 24), empty=words)


def draw_next_run(state: State, result: RunsForecast) -> None:
    """The runs that the compute pays for, by how much each would tell."""
    with layout.error_boundary():
        with st.spinner("Trying out runs …"):
            advice = forecast(next_run_advice, alongside(state.scenario, result), state.context)
        st.markdown(f"**{escape_markdown(advice.answer)}**")
        layout.chart(
            state,
            next_run_figure(state, result),
            key="runs-next",
            alt=advice.answer,
            name="next-run",
        )
        st.caption(
            "Each dot is a run that the compute above pays for; the larger and darker it is, the"
            " more the run would narrow the range of the big run's loss. The star is the best use"
            " of all that compute, unless another run narrows the range by a percentage point more."
        )


def comparison_table(result: RunsForecast) -> pd.DataFrame:
    """Published laws beside this fit, in words."""
    return pd.DataFrame(
        {
            "Law": [each.title for each in result.standing],
            "Error of ln loss (RMS)": [f"{100 * each.error:.2f}%" for each in result.standing],
            "Predicted / measured loss (median)": [
                f"{100 * each.bias:+.2f}%" for each in result.standing
            ],
            "Best parameters": [count_words(each.params) for each in result.standing],
            "Best tokens": [count_words(each.tokens) for each in result.standing],
            "Loss at the budget": [loss_words(each.loss) for each in result.standing],
        }
    )


def coefficient_table(result: RunsForecast) -> pd.DataFrame:
    """Coefficients with their intervals, in words."""
    table = result.coefficients
    return pd.DataFrame(
        {
            "Coefficient": [SYMBOLS.get(name, name) for name in table["coefficient"]],
            "Estimate": [significant(value, 5) for value in table["estimate"]],
            "80% interval": [
                f"{significant(a, 3)} to {significant(b, 3)}"
                for a, b in zip(table["low_80"], table["high_80"], strict=True)
            ],
            "95% interval": [
                f"{significant(a, 3)} to {significant(b, 3)}"
                for a, b in zip(table["low_95"], table["high_95"], strict=True)
            ],
            "Meaning": [COEFFICIENT_WORDS[name] for name in table["coefficient"]],
        }
    )


def is_pooled(result: RunsForecast | None) -> bool:
    """Whether groups that differ too much are fitted together."""
    return result is not None and any(
        isinstance(warning, LargeResiduals) and warning.groups for warning in result.warnings
    )


FORMULAS = (
    (
        formula("forecasting.laws.chinchilla_law:ChinchillaLaw"),
        "Loss in nats per token by parameters N and training tokens D.",
    ),
    (
        formula("forecasting.laws.chinchilla_law:ChinchillaLaw.optimal"),
        "The best size for a given compute; tokens follow.",
    ),
    (
        formula("forecasting.user_runs.big_run"),
        "The best tokens for a size, and the compute of a run; its hours are for the chip whose"
        " rented compute is cheapest, at the usual share of its peak.",
    ),
)
NOTES = (
    (
        "Huber loss on the residuals of ln L, summed; starts from a grid of exponents, then Newton"
        " steps. Intervals are quantiles of refits to resampled runs."
    ),
    (
        "Dollars are turned into compute at the price of rented chips (page Cost of compute), with"
        " the range of that price."
    ),
    (
        "Assumed: one tokenizer and test set, final losses of finished runs, every token seen once."
        " Left out: repeated data, mixtures, learning-rate schedules other than those of the runs."
    ),
    (
        "The range of a prediction says how far other runs like these would move the law; it does"
        " not say whether the law holds beyond the runs."
    ),
)
