"""Train or infer, two axes: quality over training compute and compute an answer, and the best split
of a budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.compute_map import compute_map_chart
from dashboard.charts.figure import Figure
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.pages.inference import InferenceDisplay
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.answer_mfu_controls import answer_mfu_controls, served_on_controls
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.data.dataset import DataSet
from forecasting.formatting import in_words
from forecasting.inference.compute_map import ComputeMap, compute_map
from forecasting.inference.exchange_rate import elo_claim
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.reporting.answer_mfu_notes import answer_mfu_words
from forecasting.reporting.inference_answers import score_words
from forecasting.reporting.inference_notes import chip_hour_price_words, rate_in_use
from forecasting.reporting.methods import formula

State = PageState[InferenceScenario, InferenceDisplay]

TRADES = {
    "language": "Most language tasks",
    "decomposable": "Decomposable reasoning",
    "verified": "Cheaply verified answers",
    "go": "Go",
    "hex": "Hex",
    "own": "Your own rate",
}


def axes_figure(state: State, result: ComputeMap, pins: Sequence[ComputeMap] = ()) -> Figure:
    """Training compute against compute of an answer."""
    return compute_map_chart(result, ChartBuilder.of(state.display, pins))


def show_axes(state: State) -> None:
    """The map with its controls, numbers and method."""
    result = layout.answered(
        state,
        compute_map,
        lambda _: [elo_claim(state.context.data).answer] if state.scenario.trade == "go" else [],
    )
    axes_controls(state)
    pins = pinned_results(state, compute_map)
    display_bar(state, result, has_log=False)
    pinned(state, [f"{TRADES[pin.scenario.trade]}, {pin.budget_words}" for pin in pins])
    if result is None:
        return
    chart = axes_figure(state, result, pins)
    layout.chart(
        state,
        chart,
        key="map-chart",
        alt=result.answer,
        name=file_stem("train-or-infer", state.scenario.trade),
    )
    st.caption(escape_markdown(map_note(result)))
    layout.numbers(
        lambda: split_numbers([result, *pins]),
        key=state.key("numbers-map"),
        alt="The best split of the budget, with ranges",
        is_open=bool(pins),
    )
    with st.expander(
        "Published exchange rates",
        key=state.key("rates"),
        on_change="rerun",
        icon=":material/currency_exchange:",
    ) as opened:
        if opened.open:
            layout.table(
                published_rates(state.context.data),
                alt="How training compute and answering compute trade off",
            )
    layout.method(
        GAME_FORMULAS if result.is_game else LANGUAGE_FORMULAS,
        map_notes(result),
        layout.source_lines(state, map_tables(result)),
        key=state.key("method-map"),
    )


def axes_controls(state: State) -> None:
    """Task and budget in sight, demand and prices folded."""
    controls, trade = Controls(state), state.scenario.trade
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("trade", words=TRADES.__getitem__)
        if trade == "go":
            controls.quantity("go_budget_flop", (18, 30))
            controls.quantity("go_moves", (0, 12))
        elif trade == "hex":
            controls.quantity("hex_budget_flop", (10, 20))
            controls.quantity("hex_moves", (0, 12))
            controls.slider("board_size", low=3, high=9)
        else:
            controls.quantity("budget_usd", (5, 12))
            controls.quantity("requests_per_day", (2, 11))
    if trade == "own":
        left, right = st.columns(2)
        with left:
            controls.range("own_rate")
        with right:
            controls.range("own_span")
    if trade == "go":
        return
    if trade == "hex":
        with st.expander(
            "Assumptions: cost of a position", key=state.key("hex-assumptions"), on_change="rerun"
        ) as folded:
            if folded.open:
                controls.quantity("hex_flop_per_position", (3, 10))
        return
    demand_and_prices(state)


def demand_and_prices(state: State) -> None:
    """The folded inputs that two sections share: law, demand, prices by phase."""
    controls = Controls(state)
    title = "Assumptions: scaling law, tokens per request, prices by phase"
    with st.expander(
        title, key=state.key(f"assumptions-{state.display.view}"), on_change="rerun"
    ) as folded:
        if not folded.open:
            return
        left, middle, right = st.columns(3)
        with left:
            controls.law()
            controls.number("days", step=30)
        with middle:
            controls.quantity("tokens_in", (0, 6))
            controls.quantity("tokens_out", (0, 6))
            controls.number("usd_per_chip_hour", step=0.1, empty="the market's")
            controls.quantity("peak_flop_per_s", (13, 17))
        with right:
            controls.slider("mfu_train", low=0.01, high=0.8, step=0.01)
        answer_mfu_controls(controls, state.scenario)
        if state.scenario.answer_mfu == "model":
            with st.container(horizontal=True, vertical_alignment="bottom"):
                served_on_controls(controls)


def split_numbers(results: list[ComputeMap]) -> pd.DataFrame:
    """The best split in words, one row a scenario."""
    rows = []
    for number, result in enumerate(results):
        share, passes, score = result.train_share, result.passes, result.best_score
        row = {
            "Scenario": f"Pin {number}" if number else "Current",
            "Task": TRADES[result.scenario.trade],
            "Budget": result.budget_words,
        }
        if result.best is not None:
            row |= {
                "Spent on training": share.in_brackets("{:.0%}".format),
                "Training": f"{in_words(result.best.training_flop)} FLOP",
                "Positions per move" if result.is_game else "Passes per answer": passes.in_brackets(
                    partial(in_words, digits=2)
                ),
                "Buys": score.in_brackets(partial(score_words, is_game=result.is_game)),
            }
            if not result.is_game:
                row["Model"] = f"{in_words(result.best.params)} parameters"
        rows.append(row)
    return pd.DataFrame(rows).fillna("–")


def published_rates(tables: DataSet) -> pd.DataFrame:
    """Every published trade of training against inference, in orders of magnitude."""
    table = tables["train_inference_tradeoffs"]
    return pd.DataFrame(
        {
            "Technique": table["technique"],
            "Training (factors of ten)": table["train_oom"],
            "Inference (factors of ten)": table["inference_oom"],
            "Along its span": table["behaviour"].fillna("–"),
            "Source": table["source"],
        }
    )


def map_note(result: ComputeMap) -> str:
    """What the parts of the chart are, and the rate in use."""
    price = ""
    if result.served is not None and result.rent is not None:
        used = answer_mfu_words(result.scenario, result.served, result.mfu)
        price = f" {chip_hour_price_words(result.rent)} {used}"
    what = (
        "Elo"
        if result.is_game
        else "the training FLOP of a compute-optimal model that is as good in one pass"
    )
    free = ""
    if result.best is not None:
        free = f" If the span were no limit, {result.free_share:.0%} would go into training."
    return (
        f"{rate_in_use(result.rate)}{free} Blue curves join equal quality and are named by {what}."
        " The dashed line is the budget; its thick part contains the best split in the chosen share"
        f" of draws of the rate, its span and the law.{price}"
    )


def map_tables(result: ComputeMap) -> list[str]:
    """The tables behind a map."""
    if result.scenario.trade == "go":
        return ["train_inference_tradeoffs", "alphago_elo", "ai_models", "article_claims"]
    if result.scenario.trade == "hex":
        return ["train_inference_tradeoffs", "hex_elo_frontier"]
    return [
        "train_inference_tradeoffs",
        "runs_chinchilla",
        "served_models",
        "serving_chips",
        "chip_rental_prices_2026",
    ]


EQUAL_QUALITY = formula("forecasting.inference.allocation:train_share_of_exchange")
LANGUAGE_FORMULAS = (
    (
        (
            r"C_\mathrm{eq} = T\cdot h(x)^{-1/\gamma}\cdot k^{s},\qquad h(x) = \frac{\beta"
            r" x^{-\alpha} + \alpha x^{\beta}}{\alpha + \beta}"
        ),
        (
            "As good as a compute-optimal model of C_eq FLOP in one pass: T training FLOP, a model"
            " x times Chinchilla's size for T, k passes per answer, exchange rate s."
        ),
    ),
    (
        r"T\cdot c_\mathrm{train} + \mathrm{requests}\cdot 2N\,(T_\mathrm{in} c_\mathrm{in} + k\,"
        r" T_\mathrm{out} c_\mathrm{out})"
        r" \le \mathrm{budget},\qquad 1 \le k \le 10^{S}",
        (
            "The budget, by the price of a FLOP in each phase. Beyond the span S more passes do not"
            " help."
        ),
    ),
    (
        rf"{EQUAL_QUALITY},\qquad m = \frac{{1}}{{s}} - \frac{{\beta}}{{\alpha+\beta}}",
        (
            "Inside the span curves of equal quality are power laws, and the cheapest split puts"
            " m/(1 + m) into training."
        ),
    ),
)
GAME_FORMULAS = (
    (
        r"\mathrm{Elo} = \mathrm{Elo}_0 + 120\,\log_2\frac{T}{T_0} + 120\, s \log_2 k",
        "Go: 120 Elo a doubling of training or of search (Brown).",
    ),
    (
        formula("forecasting.inference.hex_frontier"),
        (
            "Hex on a board of b rows: Jones's frontier, fitted by least squares to 707 rows; C is"
            " training FLOP moved by search, 15.8× of which are worth 10× of training."
        ),
    ),
    (
        EQUAL_QUALITY,
        "The cheapest split puts m/(1 + m) into training: a half at 1:1, 54.5% at m = 1.2.",
    ),
)


def map_notes(result: ComputeMap) -> list[str]:
    """Assumptions of this map, and what is left out."""
    notes = [f"{rate_in_use(result.rate)} Source: {result.rate.source}."]
    if result.is_game:
        notes += [
            (
                "A move costs the positions searched times one evaluation of the network: for Go"
                " two FLOP per weight and point of AlphaGo Zero's network; for Hex an assumption,"
                " since Jones's networks were of many sizes."
            ),
            (
                "AlphaGo Zero's place is Epoch AI's estimate of its training FLOP; how much it"
                " searched in rated play is not in the table, so its point with search is placed"
                " where the rule gives its Elo."
            ),
            (
                "Search saturates: the span shrinks as play gets stronger, which these maps do not"
                " follow."
            ),
        ]
        return notes
    return [
        *notes,
        (
            f"Law: {result.law.title if result.law else ''}. All training text is taken as fresh;"
            " the page Plan includes the limit of data."
        ),
        (
            "The model's size is chosen again at every point: a smaller one leaves more passes for"
            " the same compute."
        ),
        ("An answer's compute counts writing; the prompt is paid for separately, once per answer."),
        (
            "Passes may be samples, longer reasoning or search: one rate covers them all, which is"
            " its weakness."
        ),
        (
            "Left out: memory and speed of answers, the cost of verifying, and the fact that rates"
            " were measured on models from 2023 and before."
        ),
    ]
