"""Chinchilla's surface: a run set refitted, its IsoFLOP curves and optimal path, a predicted loss,
and reasons to doubt it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.isoflop_surface import isoflop_chart, residual_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.forecasts import forecast
from dashboard.pages.scaling import ScalingDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from dashboard.ui.progressive import Estimated, Progressive
from forecasting.formatting import in_words, significant
from forecasting.reporting.methods import formula
from forecasting.reporting.scaling_answers import surface_formula
from forecasting.scaling.isoflop_surface import (
    SHOWN,
    WORDS,
    SecondOpinion,
    Surface,
    isoflop_surface,
    next_run_advice,
    second_opinion,
)
from forecasting.scaling.published_runs import SET_TITLES, TABLE_OF_SET, TRAINING_SET_TITLES
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.stats.range_level import level_in_words, range_heading

State = PageState[ScalingScenario, ScalingDisplay]

LOSS_FUNCTION_WORDS = {
    "huber": "Huber",
    "least_squares": "Least squares",
    "least_absolute": "Least absolute",
}
PREDICT_WORDS = {
    "compute": "a compute budget, spent optimally",
    "run": "a run of this size on these tokens",
    "params": "a model size, data unlimited",
    "tokens": "an amount of data, size unlimited",
}


def surface_figure(state: State, result: Surface, _pins: Sequence[Surface] = ()) -> Figure:
    """The runs and the law fitted to them."""
    return isoflop_chart(
        result, ChartBuilder.of(state.display), new_run=state.display.band_kind == "run"
    )


def show_surface(state: State) -> None:
    """The law of a run set, from the fit to the next run."""
    progressive = Progressive(state, isoflop_surface)
    made = progressive.answered()
    surface_controls(state)
    display_bar(state, made, can_pin=False)
    if made is None:
        return
    progressive.rest(lambda result: chart_and_numbers(state, result))
    show_checks(progressive, made.result)
    show_advice(state)

    def method(made: Estimated[Surface]) -> None:
        formulas = (*SURFACE_FORMULAS, (surface_formula(made.result), "The law of these runs."))
        sources = layout.source_lines(state, [TABLE_OF_SET[state.scenario.run_set]])
        layout.method(
            formulas, surface_notes(made.result), sources, key=state.key("method-surface")
        )

    progressive.part("method", method)


def chart_and_numbers(state: State, result: Surface) -> None:
    """The chart, what to doubt, and the coefficients."""
    chart = surface_figure(state, result)
    layout.chart(
        state,
        chart,
        key="surface-chart",
        alt=result.answer,
        name=file_stem("isoflop", state.scenario.run_set),
    )
    st.caption(escape_markdown(surface_note(result)))
    doubts = [warning.sentence for warning in result.warnings]
    if result.fit.held_out is not None:
        doubts.insert(0, result.fit.held_out.answer)
    if doubts:
        lines = "\n".join(f"- {escape_markdown(doubt)}" for doubt in doubts)
        st.warning(f"Before you trust it:\n\n{lines}", icon=":material/warning:")
    layout.numbers(
        lambda: coefficient_numbers(result),
        key=state.key("numbers-surface"),
        alt=f"Coefficients with {range_heading()}s",
        is_open=True,
    )


def surface_controls(state: State) -> None:
    """Run set and target in sight, the fit folded."""
    controls, scenario = Controls(state), state.scenario
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("run_set", words=SET_TITLES.__getitem__)
        if scenario.run_set == "overtraining":
            controls.segmented("training_set", words=TRAINING_SET_TITLES.__getitem__)
        controls.select("predict", words=PREDICT_WORDS.__getitem__)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if scenario.predict == "compute":
            controls.quantity("target_flop", (18, 30))
        if scenario.predict in ("run", "params"):
            controls.quantity("target_params", (7, 14))
        if scenario.predict in ("run", "tokens"):
            controls.quantity("target_tokens", (8, 15))
        controls.segmented("band_kind", words={"curve": "the law", "run": "a new run"}.__getitem__)
    with st.expander("How it is fitted", key=state.key("how-fitted"), on_change="rerun") as folded:
        if not folded.open:
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            controls.segmented("loss_function", words=LOSS_FUNCTION_WORDS.__getitem__)
            if scenario.loss_function == "huber":
                controls.quantity("delta", (-6, 0))
            controls.segmented("residuals", words={"log": "ln loss", "loss": "loss"}.__getitem__)
            if scenario.run_set == "chinchilla":
                controls.number("left_out", step=1)
            if scenario.run_set == "repeated":
                controls.quantity("most_epochs", (0, 4))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            controls.segmented("resampling", words=str.capitalize)
            controls.segmented(
                "bootstrap_by", words={"row": "runs", "params": "model sizes"}.__getitem__
            )
            controls.segmented(
                "interval_kind", words=lambda kind: kind.replace("_", "-").capitalize()
            )
            controls.number("resamples", step=100)


def show_checks(progressive: Progressive[Surface], result: Surface) -> None:
    """Residuals, the runs held out, profiles and other loss functions; computed when opened."""
    state = progressive.state
    with st.expander(
        "Checks: residuals, held-out runs, other loss functions",
        key=state.key("checks"),
        on_change="rerun",
    ) as opened:
        if not opened.open:
            return
        opinion: SecondOpinion = forecast(second_opinion, state.scenario, state.context)
        if opinion.held_out is None:
            st.markdown("Too few runs to hold out the largest fifth and fit the others.")
        else:
            st.markdown(escape_markdown(opinion.held_out.answer))
        chart = residual_chart(result, opinion.held_out)
        alt = opinion.held_out.answer if opinion.held_out else "Residuals of every run"
        layout.chart(state, chart, key="residual-chart", alt=alt, name="residuals")
        st.markdown(
            "**Bootstrap against profile.** A profile fixes one coefficient and refits the others:"
            " a second opinion on its interval."
        )
        progressive.part(
            "profiles",
            lambda made: layout.table(
                profile_numbers(made.result, opinion),
                alt="Profile intervals beside those of the bootstrap",
            ),
        )
        st.markdown(
            "**What the loss function changes.** The choice of loss function and of the residuals'"
            " scale matters more than the optimiser."
        )
        layout.table(loss_function_numbers(opinion), alt="Laws by loss function")


def show_advice(state: State) -> None:
    """Which run to do next; computed when opened."""
    with st.expander(
        "Which run to do next?",
        key=state.key("advice"),
        on_change="rerun",
        icon=":material/lightbulb:",
    ) as opened:
        if not opened.open:
            return
        Controls(state).quantity("budget_flop", (17, 26))
        with layout.error_boundary():
            advice = forecast(next_run_advice, state.scenario, state.context)
            st.markdown(f"**{escape_markdown(advice.answer)}**")
            st.caption(
                f"Of {advice.grid_params.size} affordable runs between the smallest measured one"
                " and ten times the largest, at tokens per parameter like those measured or nearer"
                " the target's. The target is the prediction above. For a target on the"
                " compute-optimal path, the largest run is best; for an over-trained target, a"
                " smaller model on more tokens is."
            )


def surface_note(result: Surface) -> str:
    """What is drawn, and which budgets have no lowest point."""
    said = (
        f"{result.reference.title}: {len(result.fit.runs)} {result.reference.what}. Points are"
        " runs, thin lines the law at one compute each, the thick line its optimal path."
    )
    if result.isoflop is None:
        return f"{said} No IsoFLOP curves: {result.no_isoflop}"
    refused = [part.refused for part in result.isoflop.slices if part.refused]
    exponent = result.isoflop.params_exponent
    if exponent is not None:
        said += (
            " Diamonds are the lowest points of a curve through each budget's runs, with one shape"
            " for all; by them alone the best size grows as compute to the power"
            f" {exponent.with_range('{:.2f}'.format)}."
        )
    if refused:
        said += (
            f" {len(refused)} of {len(result.isoflop.slices)} budgets have no lowest point:"
            f" {refused[0]}"
        )
    return said


def coefficient_numbers(result: Surface) -> pd.DataFrame:
    """Coefficients and predictions with their ranges."""
    rows, level = [], level_in_words()
    for name in SHOWN:
        low, high = result.interval(name, level)
        rows.append(
            {
                "Quantity": WORDS[name],
                "Value": significant(result.fit.estimate(name).value, 4),
                range_heading(): f"{significant(low, 3)} to {significant(high, 3)}",
            }
        )
    for words, figure in (
        ("Predicted loss: the law", result.curve),
        ("Predicted loss: a new run", result.run),
    ):
        low, high = figure.interval(level)
        rows.append(
            {
                "Quantity": words,
                "Value": f"{figure.value:.3f}",
                range_heading(): f"{low:.3f} to {high:.3f}",
            }
        )
    return pd.DataFrame(rows)


def profile_numbers(result: Surface, opinion: SecondOpinion) -> pd.DataFrame:
    """The intervals of the bootstrap and of the profiles side by side."""
    level = level_in_words()
    rows = []
    for profile in opinion.profiles:
        bootstrap, other = result.interval(profile.name, level), profile.interval(level)
        rows.append(
            {
                "Quantity": WORDS[profile.name],
                "Value": f"{result.fit.estimate(profile.name).value:.4f}",
                f"{range_heading()}, bootstrap": f"{bootstrap[0]:.3f} to {bootstrap[1]:.3f}",
                f"{range_heading()}, profile": f"{other[0]:.3f} to {other[1]:.3f}",
            }
        )
    return pd.DataFrame(rows)


def loss_function_numbers(opinion: SecondOpinion) -> pd.DataFrame:
    """The law by loss function, in words."""
    table = opinion.loss_functions
    return pd.DataFrame(
        {
            "Loss function": table["loss_function"],
            **{
                name: table[column].map(lambda v: significant(v, 4))
                for name, column in (("E", "E"), ("α", "alpha"), ("β", "beta"))
            },
            "N* grows as C to the power": table["params_exponent"].map(lambda v: f"{v:.3f}"),
            "Best model at 5.76 × 10²³ FLOP": (
                table["params_at_5.76e23_flop"].map(lambda v: in_words(v, 2))
            ),
        }
    )


SURFACE_FORMULAS = (
    (
        formula("forecasting.laws.chinchilla_law:ChinchillaLaw"),
        "Loss by parameters N and tokens D.",
    ),
    (
        r"\min \sum_i \mathrm{Huber}_\delta\big(\ln L(N_i, D_i) - \ln L_i\big)",
        "The fit: summed, never averaged, since an averaged objective makes optimisers stop early.",
    ),
)


def surface_notes(result: Surface) -> list[str]:
    """How this fit was made and how far its numbers can be trusted."""
    fit = result.fit
    parabolas = result.isoflop.parabola_exponent if result.isoflop is not None else None
    published_way = (
        []
        if parabolas is None
        else [
            "Parabolas through all sizes of each budget, as most papers fit them, let the best size"
            f" grow as compute to the power {parabolas:.2f}: they can't lean, so that sizes far"
            " from the best move their lowest points."
        ]
    )
    return [
        (
            f"Of {fit.tried_starts} starts {fit.agreeing_starts} end at the best fit; condition"
            f" number {significant(fit.condition_number, 3)}."
        ),
        (
            f"Intervals from {len(fit.draws):,} refits to reweighted runs. “Smooth” weights leave"
            " no run out; “counts” draw runs with replacement, as most published intervals do."
        ),
        *published_way,
        "The interval of a new run adds the scatter of the measured runs about the law.",
        "Sets are never pooled: they differ in tokenizer, text and the loss measured.",
        (
            "Pitfalls: parameters with or without embeddings, last or lowest loss, runs stopped"
            " before their learning rate had decayed."
        ),
    ]
