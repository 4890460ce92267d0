"""Choosing one of many tries by a verifier, a score or a vote; and checking each step against
checking whole answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.selection import selection_chart
from dashboard.charts.step_search import step_search_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.inference import InferenceDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.formatting import in_percent, in_words
from forecasting.inference.best_of_many import BestOfMany, best_of_many
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.sampled_model import OWN_COUNTS
from forecasting.inference.step_comparison import WAYS, StepComparison, step_comparison

State = PageState[InferenceScenario, InferenceDisplay]

PROBLEMS = {"model": "Problems of a model", "one": "One problem"}


def selection_figure(state: State, result: BestOfMany, pins: Sequence[BestOfMany] = ()) -> Figure:
    """How often the right answer is chosen, by tries."""
    return selection_chart(result, ChartBuilder.of(state.display, pins))


def show_selection(state: State) -> None:
    """Accuracy of the chosen answer against tries."""
    result = layout.answered(state, best_of_many)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("solve_rates", words=PROBLEMS.__getitem__)
        if state.scenario.solve_rates == "one":
            controls.slider("solve_rate", low=0.0, high=1.0, step=0.01)
        else:
            controls.select(
                "sampled_model",
                words=lambda name: "Your own counts" if name == OWN_COUNTS else name,
            )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.slider("true_positive", low=0.0, high=1.0, step=0.01)
        controls.slider("false_positive", low=0.0, high=1.0, step=0.01)
        controls.slider("separation", low=-2.0, high=5.0, step=0.1)
    pins = pinned_results(state, best_of_many)
    display_bar(state, result, has_bands=False, has_log=False)
    pinned(
        state,
        [
            f"accepts {pin.scenario.true_positive:.0%} of right,"
            f" {pin.scenario.false_positive:.0%} of wrong answers"
            for pin in pins
        ],
    )
    if result is None:
        return
    chart = selection_figure(state, result, pins)
    layout.chart(state, chart, key="selection-chart", alt=result.answer, name="choosing-one")
    published = ", ".join(
        f"{PUBLISHED_NAMES.get(method, method)} {in_percent(share)}"
        for method, _, share in result.published
    )
    st.caption(
        escape_markdown(
            "Measured, for comparison: of 1,860 solutions to each of 500 MATH problems by a far"
            f" larger model, {published} chose the right one (Lightman et al. 2023). The vote is"
            " between two answers; real questions have many wrong ones, which split their votes."
        )
    )
    layout.numbers(
        lambda: selection_numbers([result, *pins]),
        key=state.key("numbers-selection"),
        alt="Accuracy by tries",
        is_open=True,
    )
    layout.method(
        SELECTION_FORMULAS,
        SELECTION_NOTES,
        layout.source_lines(state, ["repeated_sampling_counts", "verifier_selection_published"]),
        key=state.key("method-selection"),
    )


def selection_numbers(results: list[BestOfMany]) -> pd.DataFrame:
    """Accuracy of each way to choose at round numbers of tries, and its ceiling; of pins the
    yes-or-no verifier alone.
    """
    rows = []
    for number, result in enumerate(results):
        for curve in result.curves if number == 0 else [result.curve("binary")]:
            row = {
                "Method of choosing": (
                    f"Pin {number}: {curve.title}" if number else curve.title.capitalize()
                )
            }
            for k in (1, 3, 10, 100, 1000, 10_000):
                at = int(abs(result.tries - k).argmin())
                row[f"{in_words(float(result.tries[at]))} {'try' if k == 1 else 'tries'}"] = (
                    in_percent(float(curve.accuracy[at])) if at <= curve.last else "–"
                )
            rows.append(row | {"Ceiling": in_percent(curve.ceiling)})
    return pd.DataFrame(rows)


def steps_figure(
    state: State, result: StepComparison, _pins: Sequence[StepComparison] = ()
) -> Figure:
    """Solved by effort, for each way to search."""
    return step_search_chart(result, ChartBuilder.of(state.display))


def show_steps(state: State) -> None:
    """Accuracy against steps written, for each way to search."""
    result = layout.answered(state, step_comparison)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.slider("steps", low=1, high=100, step=1)
        controls.slider("step_right", low=0.5, high=1.0, step=0.005)
        controls.slider("target_accuracy", low=0.05, high=0.99, step=0.01)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.slider("step_true_positive", low=0.0, high=1.0, step=0.01)
        controls.slider("step_false_positive", low=0.0, high=1.0, step=0.01)
    with st.expander(
        "The verifier of whole answers, the beam, the cost of verifying",
        key=state.key("step-more"),
        on_change="rerun",
    ) as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.slider("true_positive", low=0.0, high=1.0, step=0.01)
                controls.slider("false_positive", low=0.0, high=1.0, step=0.01)
                controls.slider("beam_width", low=1, high=16, step=1)
                controls.slider("verification_cost", low=0.0, high=2.0, step=0.05)
    display_bar(state, result, can_pin=False, has_bands=False)
    if result is None:
        return
    chart = steps_figure(state, result)
    layout.chart(state, chart, key="steps-chart", alt=result.answer, name="step-by-step")
    st.caption(
        escape_markdown(
            "Each line follows one way to search at growing effort; the large mark is its cheapest"
            " setting that reaches the target. Where a line goes flat, the verifier's mistakes are"
            " the limit, not the compute. All figures are exact; none is simulated."
        )
    )
    layout.numbers(
        lambda: step_numbers(result),
        key=state.key("numbers-steps"),
        alt="Cost of the target by method",
        is_open=True,
    )
    layout.method(STEP_FORMULAS, STEP_NOTES, STEP_SOURCES, key=state.key("method-steps"))


def step_numbers(result: StepComparison) -> pd.DataFrame:
    """What the target costs by each way, and the most that each can reach."""
    rows = []
    for way in WAYS:
        best = result.cheapest[way]
        rows.append(
            {
                "Way": way[:1].upper() + way[1:],
                "Cheapest setting that reaches the target": best.setting if best else "none",
                "Steps written": in_words(best.cost, 3) if best else "–",
                "Right": in_percent(best.accuracy) if best else "–",
                "The most it can reach": in_percent(result.ceilings[way]),
            }
        )
    return pd.DataFrame(rows)


PUBLISHED_NAMES = {
    "ORM best-of-N": "a score of whole answers",
    "PRM best-of-N": "a score of steps",
    "majority vote": "a vote",
}
SELECTION_FORMULAS = (
    (
        (
            r"\mathrm{acc}(N) = \frac{p\,t}{q}\left(1-(1-q)^N\right) + p(1-t)(1-q)^{N-1},\quad q ="
            r" p\,t + (1-p)f"
        ),
        (
            "Yes-or-no verifier: accepts right answers with chance t, wrong ones with chance f. Its"
            " ceiling is p·t/q."
        ),
    ),
    (
        (
            r"\mathrm{acc}(N) = \int N p\,\varphi(s-d')\left[p\,\Phi(s-d') +"
            r" (1-p)\,\Phi(s)\right]^{N-1} ds"
        ),
        "Score verifier: the best score wins; right answers score d′ standard deviations higher.",
    ),
    (
        r"\mathrm{acc}(N) = P(X > N/2) + \tfrac12 P(X = N/2),\quad X \sim \mathrm{Bin}(N, p)",
        "Majority vote between two answers.",
    ),
)
SELECTION_NOTES = (
    "Averages are over the problems: each has its own solve rate, and easy ones gain the least.",
    (
        "The perfect checker over counted problems is the unbiased coverage, as in the section on"
        " coverage, and ends where the counted tries end."
    ),
    (
        "The other ways take each problem's counted rate as if it were known, which is biased near"
        " as many tries as were made; a problem never solved counts as never solved. (From rates"
        " alone, the perfect checker of Pythia 12B would reach 84.8%, not 87.5%.)"
    ),
    (
        "A verifier with t below f is worse than chance: its ceiling lies below one try, and more"
        " tries make it worse."
    ),
    (
        "The score verifier's normal tails have no end, so its ceiling is all that can be solved;"
        " real scores can be fooled, and have lower ceilings."
    ),
    (
        "Verdicts on different tries count as independent; a verifier that always errs on the same"
        " problems has a lower ceiling."
    ),
)
STEP_FORMULAS = (
    (
        r"L/p \quad\text{against}\quad L\,p^{-L}",
        (
            "Expected steps with perfect verifiers, of steps and of whole answers: 33 against 708"
            " at p = 0.9, L = 30."
        ),
    ),
    (
        r"\rho = \frac{p\,t}{p\,t + (1-p)f},\qquad \rho^{L}",
        "Chance that an accepted step is right, and the ceiling of retried steps.",
    ),
)
STEP_NOTES = (
    (
        "A solution is right if all its steps are. After a wrong step nothing right can follow, and"
        " the verifier of steps accepts each later step at its rate for wrong steps."
    ),
    (
        "Retried steps: each is written until accepted, at most m times; then the last one stays."
        " Best of N chains: the one with the most accepted steps. Beam: of all continuations,"
        " accepted ones continue, chosen at random where there are too many."
    ),
    (
        "Cost counts steps written, and verifications where they have a cost; reading a whole"
        " answer counts as reading all its steps."
    ),
    (
        "Left out: steps of different difficulty, verdicts that depend on one another, and"
        " backtracking by more than one step."
    ),
)
STEP_SOURCES = (
    (
        "Lightman et al. 2023, Let's Verify Step by Step,"
        " [arXiv:2305.20050](https://arxiv.org/abs/2305.20050), for the idea and the measured gain;"
        " the model of it is ours."
    ),
)
