"""Generations: the ladder of 100× steps, what each takes, and where text, power, chips or money run
out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts import style
from dashboard.charts.figure import Figure
from dashboard.charts.generation_ladder import generation_ladder_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.plan import PlanDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.formatting import in_dollars, in_words, range_in_words
from forecasting.planning.generations import NEEDS, Generations, generations
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.planning_answers import NEED_WORDS, step_years
from forecasting.stats.range_level import range_heading

TITLES = {
    "text": "Tokens of text",
    "power": "Power (MW)",
    "chips": "Chips",
    "money": "Cost of the run (USD)",
}
UNITS = {"text": "tokens", "power": "MW", "chips": "chips"}
SHORT_TITLES = {"text": "Text (tokens)", "power": "Power (MW)", "chips": "Chips", "money": "Cost"}
MODES = {"past": "trained", "compute": "100× compute", "everything": "100× of everything"}
FORMULAS = (
    (
        r"\ln 100/\ln g\ \text{years}",
        (
            "The time between generations of 100 times the compute at a growth of g per year: 3.26"
            " years at 4.1×."
        ),
    ),
    (
        r"N \times 100^{\beta/(\alpha+\beta)},\qquad D \times 100^{\alpha/(\alpha+\beta)}",
        (
            "What 100 times the compute means, compute-optimal: 8.2 times the parameters on 12.2"
            " times the text with α = 0.336, β = 0.283; ten times each only where both are equal."
        ),
    ),
)
NOTES = (
    (
        "Steps are counted from GPT-4 (2.1 × 10²⁵ FLOP, March 2023). Names such as “GPT-5 class”"
        " mean the step, not a product. Available means: unique public text, chips and power of the"
        " largest run by trend, and money as below."
    ),
    (
        "The text needed is compute-optimal; heavily used models are trained on more. The text"
        " available is unique public text."
    ),
    (
        "Power and chips needed follow the efficiency and speed of chips at the step's date; what"
        " is available is the trend of the largest runs."
    ),
    (
        "Money available is the cost of GPT-4's run at its date, growing as the budget of the plan"
        " does."
    ),
    (
        "“100× of everything” takes the source article literally: 100 times GPT-4's text, power,"
        " chips and money per step."
    ),
)
SOURCES = (
    "ai_models",
    "runs_chinchilla",
    "chip_rental_prices",
    "chip_rental_prices_2026",
    "ml_chips",
    "article_claims",
)


def generations_figure(
    state: PageState[PlanScenario, PlanDisplay],
    result: Generations,
    _pins: Sequence[Generations] = (),
) -> Figure:
    """What each step takes of the chosen need."""
    need = state.display.need
    return generation_ladder_chart(
        result,
        need,
        title=TITLES[need],
        words=in_dollars if need == "money" else style.count_words,
        unit=UNITS.get(need, ""),
    )


def show_generations(state: PageState[PlanScenario, PlanDisplay]) -> None:
    """Answer, controls, chart of one need, numbers."""
    result = layout.answered(state, generations)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("need", words=lambda need: NEED_WORDS[need].capitalize())
        controls.number("generation_factor", step=10, form="%g", width=200)
        controls.range("frontier_growth")
    display_bar(state, result, can_pin=False, has_bands=False, has_log=False)
    if result is None:
        return
    need = state.display.need
    layout.chart(
        state,
        generations_figure(state, result),
        key=f"plan-ladder-{need}",
        alt=result.answer,
        name=f"plan-generations-{need}",
    )
    st.caption(escape_markdown(need_note(result, need)))
    note = "In brackets: the chance that this much is available in that year."
    layout.numbers(
        lambda: ladder_numbers(result),
        key=state.key("numbers-ladder"),
        alt="Needs of each step",
        is_open=True,
        note=note,
    )
    layout.method(
        FORMULAS, NOTES, layout.source_lines(state, SOURCES), key=state.key("method-ladder")
    )


def need_note(result: Generations, need: str) -> str:
    """Where this need runs out, in both readings of the claim."""
    words = NEED_WORDS[need]
    parts = []
    for mode in ("compute", "everything"):
        step = result.runs_out(need, mode)
        where = (
            "lasts for all three steps"
            if step is None
            else f"is short from the {step.name} on ({step_years(step.date)})"
        )
        parts.append(
            f"With {MODES[mode]}, {words} {where}.".replace("chips is", "the number of chips is")
        )
    said = (
        " ".join(parts)
        + f" Points are what a run needs, with {range_heading()}s; green shows what will be"
        " available."
    )
    if need == "money":
        priced = {"rented": "rented", "owned": "owned", "own": "your own"}[result.scenario.price]
        said += (
            " Two bases: past steps are the amortised cost of hardware and energy in 2023 USD as"
            f" given by Epoch AI; future steps use the plan's price of compute ({priced}) in"
            f" {result.price_year} USD."
        )
    gpt5 = f"{result.scenario.generation_factor:g}"
    return (
        f"{said} “GPT-5 class” is only {gpt5}× the compute of GPT-4, not the product GPT-5 (6.6 ×"
        " 10²⁵ FLOP by Epoch AI, about 3×)."
    )


def ladder_numbers(result: Generations) -> pd.DataFrame:
    """One row a step and mode, needs in words and in brackets the chance that so much is
    available.
    """
    rows = []
    for step in (*result.past, *result.ahead):
        row = {
            "Step": step.name,
            "Meaning of a step": MODES[step.mode],
            "Year": range_in_words(math.floor(step.date.low), math.floor(step.date.high), str),
            "Training FLOP": in_words(step.training_flop.value, 2),
        }
        for need in NEEDS:
            amount = step.needs.get(need)
            words = in_dollars if need == "money" else style.count_words
            cell = "not known" if amount is None else words(amount.value, 2)
            row[SHORT_TITLES[need]] = (
                cell if step.mode == "past" else f"{cell} ({step.enough[need]:.0%})"
            )
        rows.append(row)
    return pd.DataFrame(rows)
