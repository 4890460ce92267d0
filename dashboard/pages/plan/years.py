"""The plan itself: the split, what to train and what binds, year by year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.plan_limits import plan_limits_chart
from dashboard.charts.plan_size import plan_size_chart
from dashboard.charts.plan_split import plan_split_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.pages.plan import PlanDisplay
from dashboard.state import session
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.answer_mfu_controls import answer_mfu_controls, served_on_controls
from dashboard.ui.contract_controls import CONTRACTS, lost_work_controls
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from dashboard.ui.navigation import pages
from dashboard.ui.presets import preset_choice
from dashboard.ui.progressive import Progressive, full
from forecasting.data.today import today
from forecasting.formatting import in_dollars, in_words, range_in_words, significant
from forecasting.inference.exchange_rate import exchange_rates
from forecasting.planning.plan import LIMITS, PlanResult, YearlyPlanInputs, plan
from forecasting.planning.plan_scenario import PRESETS, PlanScenario, preset, published_exchange
from forecasting.reporting.answer_mfu_notes import plan_mfu_words, time_words
from forecasting.reporting.methods import formula, formulas
from forecasting.reporting.plan_report import gain_lines
from forecasting.reporting.planning_answers import LIMIT_WORDS
from forecasting.reporting.planning_notes import chip_hour_source, chips_source, power_source
from forecasting.stats.range_level import level_in_words, range_heading

State = PageState[PlanScenario, PlanDisplay]

CHARTS = {"split": "Split over time", "size": "Size and tokens", "limits": "What limits when"}
BUDGETS = {"first_year": "First year", "all_years": "All years in total"}
DOLLARS = {"price_year": "Constant, of one price year", "nominal": "Nominal"}
PRICES = {"rented": "Rented", "owned": "Owned", "own": "My own quote"}
TEXTS = {"public": "Public text", "own": "My own", "unlimited": "Unlimited"}
OTHER_SUPPLIES = {"own": "My own", "unlimited": "Unlimited"}
CHIPS = {"stock": "Share of all chips", "trend": "Trend of the largest", **OTHER_SUPPLIES}
POWERS = {
    "site": "Largest site",
    "owner": "Largest owner's sites",
    "sites": "Trend of the largest sites",
    "trend": "Trend of published runs",
    **OTHER_SUPPLIES,
}
TREND_NAMES = {
    "mixed": "Mixed: all three",
    "gpu": "GPUs per dollar",
    "chips": "ML chips per dollar",
    "rental": "Rental prices",
}


def show_plan(state: State) -> None:
    """Answer, presets, controls, one chart at a time, numbers, method."""
    progressive = Progressive(state, plan)
    made = progressive.answered()
    plan_controls(state)
    pins = pinned_plans(state)
    shown = state.display.shown
    display_bar(state, made, has_bands=shown != "limits", has_log=shown == "size")
    pinned(state, [plan_name(pin.scenario) for pin in pins])
    if made is None:
        return
    Controls(state).segmented("shown", words=CHARTS.__getitem__, hidden_label=True)

    def chart_and_numbers(result: PlanResult) -> None:
        chart_of_plan(state, result, pins)
        if pins:
            layout.table(difference_table(result, pins), alt="Pinned plans beside the current one")
            st.caption("OOM: orders of magnitude, factors of ten, of training compute.")
        layout.numbers(
            lambda: plan_numbers(result, shown),
            key=state.key("numbers"),
            alt=f"The plan by year with {range_heading()}s",
        )
        layout.method(
            FORMULAS,
            lambda: plan_notes(state, result),
            lambda: layout.source_lines(state, SOURCES),
            key=state.key("method"),
        )

    progressive.rest(chart_and_numbers)


def plan_controls(state: State) -> None:
    """Presets and three controls in sight; short groups, one open at a time."""
    controls = Controls(state)
    choose_preset(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("budget_usd", (4, 12))
        controls.segmented("budget_for", words=BUDGETS.__getitem__)
        controls.range("budget_growth")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("requests_per_day", (0, 11))
        controls.slider("last_year", low=state.scenario.first_year)
    opened = st.segmented_control(
        "More inputs", list(GROUPS), key=state.key("group"), label_visibility="collapsed"
    )
    if opened:
        with st.container(border=True):
            GROUPS[opened](controls, state.scenario)


def choose_preset(state: State) -> None:
    """The presets side by side; none is marked once an input differs."""
    preset_choice(
        state,
        {name: title.split(", ")[0] for name, (title, _) in PRESETS.items()},
        next((name for name in PRESETS if state.scenario == preset(name, today())), None),
        lambda name, _: preset(name, today()),
        hidden_label=True,
    )


def preset_name(name: str) -> str:
    """A preset in two words."""
    return PRESETS[name][0].split(":")[0]


def budget_controls(controls: Controls, scenario: PlanScenario) -> None:
    """What the money is: its price of compute, its dollars, and what it has to pay for besides."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("price", words=PRICES.__getitem__)
        if scenario.price == "own":
            controls.range("usd_per_chip_hour")
            controls.range("price_decline")
        else:
            if scenario.price == "rented":
                controls.select("contract", words=CONTRACTS.__getitem__)
            controls.select("price_trend", words=TREND_NAMES.__getitem__)
        controls.select(
            "chip", words=lambda name: "Best widely rented chip" if name == "best" else name
        )
    if scenario.price == "rented" and scenario.contract == "spot":
        lost_work_controls(controls, scenario)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.number("training_overhead", step=0.1, form="%g")
        controls.segmented("dollars", words=DOLLARS.__getitem__)
        if scenario.dollars == "nominal":
            controls.number("inflation", step=0.005, form="%g")
        else:
            controls.number("price_year", step=1, empty="last complete")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.number("first_year", step=1)
        controls.number("model_lifetime_years", step=0.25, form="%g")


def demand_controls(controls: Controls, scenario: PlanScenario) -> None:
    """What has to be served."""
    del scenario
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.range("demand_growth")
        controls.number("tokens_in", step=100, form="%g")
        controls.number("tokens_out", step=100, form="%g")
        controls.quantity("least_params", (6, 13))


def worth_controls(controls: Controls, scenario: PlanScenario) -> None:
    """How well chips are used in training, the law, and what thinking longer is worth."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.number("mfu_train", step=0.01)
        controls.number("mfu_factor", step=0.05)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.law()
        controls.range("halving_months")
    state = controls.state
    st.caption("Published values of thinking longer:")
    with st.container(horizontal=True):
        for name, rate in exchange_rates(state.context.data).items():
            published = published_exchange(name, state.context.data)
            st.button(
                rate.title,
                on_click=session.show,
                args=(state, scenario.replaced(**published)),
                key=state.key(f"exchange-{name}"),
                help=escape_markdown(
                    f"{rate.words[:1].upper()}{rate.words[1:]}: {rate.source}. {rate.note}"
                ),
                type=(
                    "primary"
                    if all(getattr(scenario, field) == value for field, value in published.items())
                    else "secondary"
                ),
            )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.range("exchange_rate")
        controls.range("span_oom")


def answer_controls(controls: Controls, scenario: PlanScenario) -> None:
    """How well chips are used in answers, and how long an answer may take."""
    answer_mfu_controls(controls, scenario)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if scenario.answer_mfu == "model" or scenario.answer_time_limit_s:
            served_on_controls(controls)
        controls.number("answer_time_limit_s", step=10, form="%g")


def supply_controls(controls: Controls, scenario: PlanScenario) -> None:
    """What there is of text, chips, power and time."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("text", words=TEXTS.__getitem__)
        if scenario.text == "own":
            controls.range("own_tokens")
        controls.number("binding_epochs", step=1, form="%g")
    if scenario.text == "public":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            controls.range("text_quality")
            controls.range("text_share")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented("chips_from", words=CHIPS.__getitem__)
        if scenario.chips_from == "own":
            controls.range("own_chips")
        elif scenario.chips_from == "stock":
            controls.range("buyer_share")
            controls.range("shipments_growth")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("power_from", words=POWERS.__getitem__)
        if scenario.power_from == "own":
            controls.range("own_power_mw")
        elif scenario.power_from in ("site", "owner"):
            site_controls(controls)
        controls.range("days_per_run")
    st.page_link(
        pages()["supply"],
        label="Sites, chips and contracts in full",
        icon=":material/arrow_forward:",
        query_params={"v": "1", "view": "sites"},
    )


def site_controls(controls: Controls) -> None:
    """How much of a site one run has, how late sites are, how they grow beyond the projections."""
    controls.range("site_share")
    controls.range("site_delay_years")
    controls.range("site_growth")


#: The groups of inputs.
GROUPS = {
    "Money": budget_controls,
    "Demand": demand_controls,
    "Law, worth of thinking": worth_controls,
    "Serving": answer_controls,
    "Text, chips, power, days": supply_controls,
}


def plan_figure(state: State, result: PlanResult, pins: Sequence[PlanResult] = ()) -> Figure:
    """The chosen chart."""
    builder = ChartBuilder.of(state.display, pins)
    if state.display.shown == "split":
        return plan_split_chart(result, builder)
    if state.display.shown == "size":
        return plan_size_chart(result, builder)
    return plan_limits_chart(result)


def chart_of_plan(state: State, result: PlanResult, pins: list[PlanResult]) -> None:
    """The chosen chart with the sentence that goes with it."""
    display = state.display
    if display.shown == "split":
        note = " ".join([*gain_lines(result), plan_mfu_words(result)])
    elif display.shown == "size":
        note = (
            "Where training tokens exceed the unique text available, text is read more than once:"
            f" {epochs_words(result)} by {int(result.years[-1])}."
        )
    else:
        note = f"{limits_note(state.scenario)} {time_words(result)}".rstrip()
    layout.chart(
        state,
        plan_figure(state, result, pins),
        key=f"plan-{display.shown}",
        alt=result.answer,
        name=file_stem("plan", display.shown),
    )
    st.caption(escape_markdown(note))


def pinned_plans(state: State) -> list[PlanResult]:
    """The forecasts of the pins; one that cannot be made is left out, its reason said."""
    results = []
    for scenario in state.pins:
        with layout.error_boundary():
            results.append(full(plan, scenario, state.context))
    return results


def plan_name(scenario: YearlyPlanInputs) -> str:
    """A pinned plan in a few words."""
    for name in PRESETS:
        if scenario == YearlyPlanInputs.of(preset(name)):
            return preset_name(name)
    return (
        f"{in_dollars(scenario.budget_usd)}, {in_words(scenario.requests_per_day)} requests per"
        f" day, to {scenario.last_year}"
    )


def difference_table(result: PlanResult, pins: list[PlanResult]) -> pd.DataFrame:
    """The current plan and its pins in their last years, with the difference in quality to the
    current one.
    """
    rows = []
    quality = result.bands["score_oom"].median[-1]
    for name, each in [
        ("Current", result),
        *((f"Pin {number}", pin) for number, pin in enumerate(pins, start=1)),
    ]:
        last = int(each.years[-1])
        share = each.range_at("inference_share", last)
        difference = each.bands["score_oom"].median[-1] - quality
        limit = each.first_limit
        rows.append(
            {
                "Plan": name,
                "What": plan_name(each.scenario),
                "Year": str(last),
                "Inference": share.in_brackets("{:.0%}".format),
                "Parameters": in_words(each.bands["params"].median[-1], 2),
                "Tokens": in_words(each.bands["tokens"].median[-1], 2),
                "Quality against this plan": (
                    "–" if name == "Current" else f"{difference:+.2f} OOM".replace("-", "−")
                ),
                "First limit": "money" if limit is None else f"{LIMIT_WORDS[limit[0]]}, {limit[1]}",
            }
        )
    return pd.DataFrame(rows)


def plan_numbers(result: PlanResult, shown: str) -> pd.DataFrame:
    """What the chart in view is made of, in words: one row a year, with ranges. The CSV has all
    of it.
    """
    rows = []
    for at, year in enumerate(result.years):
        row = {"Year": str(int(year))}
        for label, (name, words) in NUMBER_COLUMNS[shown].items():
            low, high = (float(end[at]) for end in result.bands[name].interval(level_in_words()))
            middle, ends = (
                words(float(result.bands[name].median[at])),
                range_in_words(low, high, words),
            )
            row[label] = middle if ends == middle else f"{middle} ({ends})"
        if shown == "limits":
            chances = {
                limit: f"{share:.0%}"
                for limit, share in zip(LIMITS, result.binding[:, at], strict=True)
            }
            row = {
                "Year": row.pop("Year"),
                **{
                    f"Limited by {LIMIT_COLUMNS[limit].lower()}": chances[limit] for limit in LIMITS
                },
                **row,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def memo_numbers(result: PlanResult) -> pd.DataFrame:
    """The plan in dollars, a row a year and one for all years; medians with their ranges."""
    rows, totals = [], dict.fromkeys(MEMO_COLUMNS, 0.0)
    for at, year in enumerate(result.years):
        row = {"Year": str(int(year))}
        for label, (name, words) in MEMO_COLUMNS.items():
            low, high = (float(end[at]) for end in result.bands[name].interval(level_in_words()))
            middle, ends = float(result.bands[name].median[at]), range_in_words(low, high, words)
            totals[label] += middle
            row[label] = words(middle) if ends == words(middle) else f"{words(middle)} ({ends})"
        likely = int(np.argmax(result.binding[:, at]))
        chance = f"{result.binding[likely, at]:.0%}"
        rows.append(row | {"Most likely limit": f"{LIMIT_COLUMNS[LIMITS[likely]]}, {chance}"})
    in_all = {
        label: words(totals[label]) if words is MONEY else ""
        for label, (_, words) in MEMO_COLUMNS.items()
    }
    if len(rows) > 1:
        rows.append({"Year": "Sum of medians", **in_all, "Most likely limit": ""})
    return pd.DataFrame(rows)


MONEY: Callable[[float], str] = partial(in_dollars, digits=2)
MEMO_COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "Budget": ("budget_usd", MONEY),
    "Training": ("training_usd", MONEY),
    "Inference": ("inference_usd", MONEY),
    "Parameters": ("params", partial(in_words, digits=2)),
    "Tokens": ("tokens", partial(in_words, digits=2)),
}
LIMIT_COLUMNS = {"budget": "Money", "text": "Text", "power": "Power", "chips": "Chips"}
NUMBER_COLUMNS: dict[str, dict[str, tuple[str, Callable[[float], str]]]] = {
    "split": {
        "Inference": ("inference_share", "{:.0%}".format),
        "Spent on training": ("training_usd", partial(in_dollars, digits=2)),
        "Spent on inference": ("inference_usd", partial(in_dollars, digits=2)),
        "Cost per answer": ("usd_per_answer", partial(in_dollars, digits=2)),
        "Passes per answer": ("answer_compute", partial(in_words, digits=2)),
    },
    "size": {
        "Parameters": ("params", partial(in_words, digits=2)),
        "Tokens": ("tokens", partial(in_words, digits=2)),
        "Epochs": ("epochs", partial(significant, digits=2)),
        "Training FLOP": ("training_flop", partial(in_words, digits=2)),
        "Loss": ("loss_with_algorithms", partial(significant, digits=3)),
    },
    "limits": {
        "Chips of the run": ("chips", partial(in_words, digits=2)),
        "Power of the run (MW)": ("power_mw", partial(in_words, digits=2)),
        "Days of the run": ("training_days", partial(significant, digits=2)),
        "Budget left over": ("unspent_usd", partial(in_dollars, digits=2)),
    },
}


def epochs_words(result: PlanResult) -> str:
    """Epochs of the last year with their range."""
    epochs = result.range_at("epochs", int(result.years[-1]))
    ends = epochs.range_words(partial(significant, digits=2))
    return f"{significant(epochs.value, 2)} epochs{f', {ends}' if ends else ''}"


def limits_note(scenario: PlanScenario) -> str:
    """What a limit is here."""
    often = (
        "once"
        if scenario.binding_epochs == 1
        else f"{significant(scenario.binding_epochs, 3)} times"
    )
    stock = (
        " Chips are one buyer's share of all there are." if scenario.chips_from == "stock" else ""
    )
    return (
        f"Text is the limit where the best plan reads it more than {often}, chips or power where"
        " the run uses all the compute they allow. If several apply, the limit is the one whose"
        f" relaxation would help most.{stock} Elsewhere money is the limit."
    )


SOURCES = (
    "runs_chinchilla",
    "chip_rental_prices",
    "chip_rental_prices_2026",
    "ml_chips",
    "gpu_prices",
    "ai_chip_stock",
    "ai_models",
    "data_center_timelines",
    "us_consumer_prices",
    "served_models",
    "serving_chips",
)
FORMULAS = (
    (
        r"\max_{N,D,k}\ \log_{10} C_{\mathrm{eq}}(N, D; U) + s\,\log_{10} k",
        "Quality: the equivalent training compute, plus the worth of thinking k times as long.",
    ),
    (
        formula("forecasting.laws.data_limited_quality"),
        "The training compute that would give the same loss with text unlimited.",
    ),
    (
        r"6ND\,c_{\mathrm{train}} + \mathrm{requests}\cdot 2N\,(T_{\mathrm{in}}c_{\mathrm{in}} +"
        r" k\,T_{\mathrm{out}}c_{\mathrm{out}})"
        r" \le \mathrm{budget},\qquad 1 \le k \le 10^{S}",
        (
            "One budget pays for training and for all answers of the year; chips, power and days"
            " limit 6ND."
        ),
    ),
    (
        formula("forecasting.inference.answer_mfu"),
        (
            "Dollars per FLOP of reading and of writing, from the price of a chip-hour, the FP16"
            " peak, the utilisation at full load and the share of full load."
        ),
    ),
    (
        r",\qquad ".join(formulas("forecasting.laws.repeated_data_law:RepeatedDataLaw")),
        (
            "Text that is read again is worth less, and so are parameters with too little text"
            " (Muennighoff et al. 2023)."
        ),
    ),
)


def plan_notes(state: State, result: PlanResult) -> list[str]:
    """Assumptions of this plan, and what is left out."""
    scenario = state.scenario
    notes = [
        plan_mfu_words(result),
        (
            "Serving: a dense model of the plan's size, shaped like published ones, on the replica"
            " of 1, 2, 4 … chips with the highest throughput within the limit on time per token."
            " Thinking is one chain, whose tokens fill memory and cost more the longer it is;"
            " parallel samples would cost less. Size, thinking and utilisation are solved together"
            " for the middle of each year and at four other demands; draws are interpolated. The"
            " choice of size ignores that a smaller model may reach higher utilisation, and chips"
            " of later years serve like today's."
        ),
        (
            f"Each of {scenario.draws:,} draws is one future: prices, text, law, demand, exchange"
            " rate, chips, power and days all drawn, and the best split found for every year to a"
            " millionth of an order of magnitude."
        ),
        (
            f"Law: {result.law.title}. {result.law.source}. For repeated data it uses R* of"
            " Muennighoff et al. 2023, which comes from another fit."
        ),
        (
            "Unique text is that of the page Running out of text, without repetition; the law"
            " accounts for repetition."
        ),
        f"{chip_hour_source(scenario, state.context)}.",
        f"{chips_source(scenario, state.context.data)}.",
        f"{power_source(scenario, state.context.data)}.",
        (
            "Better algorithms multiply whatever is trained, so they raise quality and do not move"
            " the split. Whether they also make answers cheaper is left out."
        ),
        (
            "Compute for a year of the plan is bought in mid-year; the page Cost of compute quotes"
            " 1 January, when the same run costs a little more."
        ),
        ("Left out: staff; bought or synthetic text; models distilled from larger ones."),
    ]
    notes.append(
        f"Failed runs and research add {scenario.training_overhead:.0%} of the cost of the final"
        " run, and are counted as training."
        if scenario.training_overhead
        else "Training is the final run alone; failed runs and research are an input under Money."
    )
    if scenario.dollars == "nominal":
        notes.append(
            "Money is in dollars of the year of spending: prices of compute rise with inflation, by"
            f" {scenario.inflation:.1%} per year after the last complete year of consumer prices."
        )
    if scenario.model_lifetime_years != 1.0:
        notes.append(
            f"A model's training is paid from {significant(scenario.model_lifetime_years, 3)}"
            " years' budgets."
        )
    return notes
