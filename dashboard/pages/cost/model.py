"""The section Cost of a model: what will model X cost to train in year Y?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.model_cost import model_cost_chart
from dashboard.escaping import escape_markdown
from dashboard.export.downloads import file_stem
from dashboard.forecasts import made_of
from dashboard.pages.cost import CostDisplay
from dashboard.pages.cost.price import METHOD_NAMES, importing_statsmodels
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.contract_controls import CONTRACTS, lost_work_controls
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.compute_cost.compute_cost import FIRST_YEAR, LAST_YEAR, ModelCost, model_cost
from forecasting.compute_cost.compute_price import PRICE_TRENDS
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.trained_models import OWN_MODEL
from forecasting.formatting import in_dollars, in_words, significant
from forecasting.reporting.compute_cost_answers import money_range, when_range
from forecasting.reporting.compute_cost_notes import (
    explained_ranges,
    range_sources,
    range_width_words,
    what_tells,
)
from forecasting.reporting.methods import formula
from forecasting.stats.range_level import level_in_words, range_heading

State = PageState[CostScenario, CostDisplay]

TREND_NAMES = {
    "mixed": "Mixed: all three",
    "gpu": "GPUs per dollar",
    "chips": "ML chips per dollar",
    "rental": "Rental prices",
}
MODEL_TABLES = (
    "ai_models",
    "chip_rental_prices",
    "chip_rental_prices_2026",
    "ml_chips",
    "gpu_prices",
    "us_consumer_prices",
)
USD_PER_FLOP = formula("forecasting.compute_cost.compute_price")
MODEL_FORMULAS = (
    (
        (
            r"\mathrm{cost}(X, Y) = \frac{\mathrm{FLOP}(X)\cdot"
            r" \mathrm{usd\_per\_flop}(Y)}{\mathrm{gain}(Y - \mathrm{date}(X))}"
        ),
        "Cost of model X on 1 January of year Y. Hardware alone leaves the gain out.",
    ),
    (
        USD_PER_FLOP,
        "Rented: on-demand offers, dense tensor FP16 peak of the chip.",
    ),
    (
        r"\mathrm{owned:}\quad \mathrm{price}\cdot\frac{r\ln 10}{8766}\cdot"
        r" s\cdot\Big(1+\frac{i}{1-i}\Big)"
        r" + \mathrm{TDP}\cdot 1.82\cdot 0.75\cdot \mathrm{PUE}\cdot \mathrm{usd\_per\_kWh}",
        (
            "Dollars per chip-hour: amortised chip with servers (s) and interconnect (share i),"
            " plus energy (Cottier et al. 2024)."
        ),
    ),
    (
        r"\mathrm{gain}(t) = 2^{\,12 t / h}",
        (
            "Algorithms halve the compute needed every h months (Ho et al. 2024: 8, 95% interval 5"
            " to 14)."
        ),
    ),
)


def model_figure(state: State, result: ModelCost, pins: Sequence[ModelCost] = ()) -> Figure:
    """What the model costs by year."""
    return model_cost_chart(result, ChartBuilder.of(state.display, pins))


def show_model_cost(state: State) -> None:
    """What will model X cost in year Y?"""
    with importing_statsmodels(state.scenario.price_method):
        result = layout.answered(state, model_cost)
    if result is not None and (wide := wide_ranges(result)):
        # One stands here, of what is furthest from known; the others in the method.
        st.markdown(f":material/straighten: {escape_markdown(wide[-1])}")
    model_cost_controls(state)
    pins = pinned_results(state, model_cost)
    display_bar(state, result)
    pinned(
        state, [f"{pin.model.name}, {pin.scenario.convention}, {pin.scenario.year}" for pin in pins]
    )
    if result is None:
        return
    chart = model_figure(state, result, pins)
    layout.chart(
        state,
        chart,
        key="model-chart",
        alt=result.answer,
        name=file_stem("cost", result.model.name),
    )
    st.caption(
        "Bands are for the market's median price, not for a single offer. Diamonds are published"
        " estimates of the model's cost at its own date: Epoch AI's cloud price is the rented"
        " convention, its amortised cost the owned one. The further a year lies beyond the data,"
        " the fainter the band: past 2040, physical limits (energy per operation, transistor size)"
        " may end the trend before the date shown."
    )
    layout.coverage(state, result.scenario.price_method, "trend")
    if pins:
        layout.table(difference_table(result, pins), alt="Pinned scenarios beside the current one")
    show_range_sources(state, result)
    layout.numbers(
        lambda: model_cost_numbers(result),
        key=state.key("numbers-model"),
        alt=f"Cost by year with {range_heading()}s",
    )
    layout.method(
        MODEL_FORMULAS,
        model_notes(result),
        layout.source_lines(state, MODEL_TABLES),
        key=state.key("method-model"),
    )


def wide_ranges(result: ModelCost) -> list[str]:
    """What the ranges of the answer come from mostly, where they are wide."""
    return [words for words in map(range_width_words, explained_ranges(result)) if words]


def show_range_sources(state: State, result: ModelCost) -> None:
    """What the ranges come from and what would narrow them; open where one is wide."""
    with st.expander(
        "Where the ranges come from, and what would narrow them",
        expanded=bool(wide_ranges(result)),
        key=state.key("range-sources"),
        on_change="rerun",
        icon=":material/straighten:",
    ) as opened:
        if opened.open:
            tables = made_of(range_tables, model_cost, state.scenario, state.context)
            for explained, table in zip(explained_ranges(result), tables, strict=True):
                if len(table):
                    subject = escape_markdown(explained.subject)
                    st.markdown(f"**Cost of {subject}**")
                    layout.worded_table(
                        table,
                        alt=f"Sources of the range of the cost of {explained.subject}, and the"
                        " range if each were known",
                    )
            known = [line for each in explained_ranges(result) for line in what_tells(each)]
            if known:
                tells = "\n".join(f"- {line}" for line in dict.fromkeys(known))
                st.markdown(f"What would narrow them:\n\n{tells}")
            st.caption(escape_markdown(range_note(result)))


def range_tables(result: ModelCost) -> tuple[pa.Table, ...]:
    """The sources of each range of the answer, in words."""
    return tuple(layout.in_words(range_sources(each)) for each in explained_ranges(result))


def model_cost_controls(state: State) -> None:
    """Four controls in sight, the assumptions folded."""
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select(
            "model", words=lambda name: "Your own model (N and D)" if name == OWN_MODEL else name
        )
        controls.slider("year")
        controls.quantity("budget_usd", (0, 11))
        controls.segmented("convention", words=str.capitalize)
    if state.scenario.model == OWN_MODEL:
        with st.container(horizontal=True):
            controls.quantity("params", (6, 15))
            controls.quantity("tokens", (7, 17))
            controls.slider("own_year", low=FIRST_YEAR, high=LAST_YEAR)
    with st.expander(
        "Assumptions: prices, utilisation, algorithms",
        key=state.key("assumptions"),
        on_change="rerun",
    ) as folded:
        if not folded.open:
            return
        left, middle, right = st.columns(3)
        with left:
            controls.select(
                "chip", words=lambda name: "Best widely rented chip" if name == "best" else name
            )
            if state.scenario.convention == "rented":
                controls.select("contract", words=CONTRACTS.__getitem__)
            controls.select("price_trend", words=TREND_NAMES.__getitem__)
            controls.select("price_method", words=METHOD_NAMES.__getitem__)
            controls.number("price_year", step=1, empty="last complete")
            controls.toggle("flop_doubt")
        with middle:
            controls.slider("mfu", low=0.05, high=0.8, step=0.005)
            controls.slider("mfu_factor", low=1.0, high=3.0, step=0.01)
            controls.number("halving_months", step=1)
            controls.number("halving_months_low", step=1)
            controls.number("halving_months_high", step=1)
        with right:
            if state.scenario.convention == "owned":
                controls.number("usd_per_kwh", step=0.01, form="%.3f")
                controls.slider("pue", low=1.0, high=2.0, step=0.01)
                controls.slider("server_overhead", low=1.0, high=3.0, step=0.01)
                controls.slider("interconnect_share", low=0.0, high=0.5, step=0.01)
                controls.slider("depreciation_oom_per_year", low=0.05, high=0.5, step=0.01)
            else:
                st.caption(
                    "Energy, servers and depreciation are inputs of the owned convention; a rental"
                    " price includes them."
                )
        if state.scenario.convention == "rented" and state.scenario.contract == "spot":
            lost_work_controls(controls, state.scenario)


def model_cost_numbers(result: ModelCost) -> pd.DataFrame:
    """Cost by year in words, with their ranges."""
    rows = []
    first = min(math.floor(result.model.date), result.scenario.year)
    for at in np.flatnonzero(result.hardware.x >= first):
        row = {"Year": str(int(result.hardware.x[at]))}
        for name, bands in (
            ("Hardware alone", result.hardware),
            ("With algorithms", result.with_algorithms),
        ):
            low, high = bands.interval(level_in_words())
            row[name] = in_dollars(bands.median[at], 2)
            row[f"{range_heading()}, {name.lower()}"] = (
                f"{in_dollars(low[at], 2)} to {in_dollars(high[at], 2)}"
            )
        rows.append(row)
    return pd.DataFrame(rows)


def difference_table(result: ModelCost, pins: list[ModelCost]) -> pd.DataFrame:
    """The current scenario and its pins, with the ratio to the current one."""
    rows = []
    for name, each in [
        ("Current", result),
        *((f"Pin {number}", pin) for number, pin in enumerate(pins, start=1)),
    ]:
        ratio = each.with_algorithms_at_year.value / result.with_algorithms_at_year.value
        rows.append(
            {
                "Scenario": name,
                "Model": each.model.name,
                "Year": str(each.scenario.year),
                "Convention": each.scenario.convention,
                "Hardware alone": money_range(each.hardware_at_year),
                "With algorithms": money_range(each.with_algorithms_at_year),
                "Against current": f"×{significant(ratio, 2)}",
                "Under budget": when_range(each.with_algorithms_under_budget),
            }
        )
    return pd.DataFrame(rows)


def range_note(result: ModelCost) -> str:
    """How the table of sources is to be read, and what is known of the model's training FLOP."""
    origin = (
        "Shares of the variance of the logarithm of the cost; “known” means held at its median. "
    )
    if not result.scenario.flop_doubt or result.model.flop_factor_90 == 1:
        return (
            f"{origin}{result.model.name}: {in_words(result.model.training_flop)} FLOP, taken as"
            " known."
        )
    return (
        f"{origin}Epoch AI calls the training FLOP of {result.model.name}"
        f" “{result.model.confidence.lower()}”: 90% within a factor of"
        f" {result.model.flop_factor_90:.0f}."
    )


def model_notes(result: ModelCost) -> list[str]:
    """Assumptions of this scenario, and what is left out."""
    chip = result.chip_hour
    gain = result.price_gain_per_year
    trends = len(PRICE_TRENDS[result.scenario.price_trend])
    return [
        *wide_ranges(result),
        (
            f"Price of compute: {chip.chip} at {in_dollars(chip.usd_per_hour)} per hour,"
            f" {chip.basis}; peak {in_words(chip.peak_flop_per_s)} FLOP/s (dense tensor FP16), MFU"
            f" {result.scenario.mfu:g}."
        ),
        (
            f"Prices fall by a factor of {significant(gain.value, 3)} per year (80% range"
            f" {significant(gain.low, 3)} to {significant(gain.high, 3)}), drawn from {trends}"
            f" measured trend{'s' if trends > 1 else ''}; years before the anchor follow the same"
            " trend backwards."
        ),
        "Training FLOP: Epoch AI's estimate with its stated confidence; own models: 6·N·D.",
        (
            "The algorithmic gain was measured on language models from 2012 to 2023, and is assumed"
            " to continue; it may not."
        ),
        (
            "Left out: failed runs, experiments, staff, data, and the price a vendor would ask for"
            " tens of thousands of chips at once."
        ),
    ]
