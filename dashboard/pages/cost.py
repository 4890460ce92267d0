"""Cost of compute: what does a FLOP cost over time, and what will model X cost to train in year Y?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import layout, session
from dashboard.charts.gpt2_claim import gpt2_claim_chart
from dashboard.charts.model_cost import model_cost_chart
from dashboard.charts.price_trend import price_trend_chart
from dashboard.controls import Controls
from dashboard.display import CostDisplay
from dashboard.display_bar import display_bar, pinned
from dashboard.downloads import file_stem
from dashboard.forecasts import forecast
from dashboard.page_state import PageState
from dashboard.pins import pinned_results
from forecasting.core.units import in_dollars, in_words, significant
from forecasting.cost.compute_cost import ModelCost, model_cost, money_range, when_range
from forecasting.cost.compute_price import PRICE_TRENDS
from forecasting.cost.cost_scenario import FIRST_YEAR, LAST_YEAR, CostScenario
from forecasting.cost.gpt2_claim import START_LABELS, Gpt2Claim, gpt2_claim
from forecasting.cost.price_series import COMMITMENT_LABELS, FORMAT_LABELS, SERIES_KINDS, Published
from forecasting.cost.price_trend import PriceTrend, price_trend
from forecasting.cost.trained_models import OWN_MODEL

VIEWS = {"model": "Cost of a model", "price": "Price of compute", "claim": "GPT-2 for $30?"}
METHOD_NAMES = {
    "calibrated": "Calibrated by past errors",
    "ols": "Least squares",
    "robust": "Robust (Huber)",
    "frontier": "Frontier (best tenth)",
    "record": "Record-setters",
}
TREND_NAMES = {"mixed": "Mixed: all three", "gpu": "GPUs per dollar", "chips": "ML chips per dollar", "rental": "Rental prices"}


def show_model_cost(state: PageState[CostScenario, CostDisplay]) -> None:
    """What will model X cost in year Y?"""
    result: ModelCost | None = None
    with layout.said_not_raised():
        result = forecast(model_cost, state.scenario, state.tables)
        layout.answer(result.answer, result.budget_answer)
    model_cost_controls(state)
    pins = pinned_results(state, model_cost)
    display_bar(
        state,
        table=result.table if result else None,
        title=result.answer if result else "",
        stem=file_stem("cost", state.scenario.model, str(state.scenario.year)),
    )
    pinned(state, [f"{pin.model.name}, {pin.scenario.convention}, {pin.scenario.year}" for pin in pins])
    if result is None:
        return
    chart = model_cost_chart(result, levels=state.display.levels, log=state.display.log, pins=pins)
    layout.chart(state, chart, key="model-chart", alt=result.answer, name=file_stem("cost", result.model.name))
    st.caption(
        "Bands are for the market's median price, not for a single offer. Diamonds are published estimates of the model's cost at its own "
        "date. The further a year lies beyond the data, the fainter the band: past 2040 limits of physics (energy per operation, size of "
        "transistors) may end the trend before the date shown."
    )
    layout.coverage(state, result.scenario.price_method, "trend")
    if pins:
        layout.table(difference_table(result, pins), alt="Pinned scenarios beside the current one")
    st.caption(layout.prose(range_note(result)))
    layout.numbers(lambda: model_cost_numbers(result), key=state.key("numbers-model"), alt="Cost by year with 80% ranges")
    layout.method(MODEL_FORMULAS, model_notes(result), layout.source_lines(state, MODEL_TABLES), key=state.key("method-model"))


def model_cost_controls(state: PageState[CostScenario, CostDisplay]) -> None:
    """Four controls in sight, the assumptions folded."""
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("model", words=lambda name: "Your own model (N and D)" if name == OWN_MODEL else name)
        controls.slider("year")
        controls.log_slider("budget_usd", (0, 11), words=in_dollars)
        controls.segmented("convention", words=str.capitalize)
    if state.scenario.model == OWN_MODEL:
        with st.container(horizontal=True):
            controls.log_slider("params", (6, 15), words=in_words)
            controls.log_slider("tokens", (7, 17), words=in_words)
            controls.slider("own_year", low=FIRST_YEAR, high=LAST_YEAR)
    with st.expander("Assumptions: prices, utilisation, algorithms", key=state.key("assumptions"), on_change="rerun") as folded:
        if not folded.open:
            return
        left, middle, right = st.columns(3)
        with left:
            controls.select("chip", words=lambda name: "Best widely rented chip" if name == "best" else name)
            controls.select("price_trend", words=TREND_NAMES.__getitem__)
            controls.segmented("price_method", words={"calibrated": "Calibrated", "ols": "Least squares"}.__getitem__)
            controls.slider("price_year")
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
                st.caption("Energy, servers and depreciation are inputs of the owned convention; a rental price includes them.")


def show_price_trend(state: PageState[CostScenario, CostDisplay]) -> None:
    """Price-performance over time."""
    result: PriceTrend | None = None
    with layout.said_not_raised():
        result = forecast(price_trend, state.scenario, state.tables)
        layout.answer(result.answer)
    price_trend_controls(state)
    pins = pinned_results(state, price_trend)
    display_bar(
        state,
        table=result.table if result else None,
        title=result.answer if result else "",
        stem=file_stem("price", result.points.label if result else ""),
    )
    pinned(state, [f"{pin.points.label}, {METHOD_NAMES[pin.scenario.method]}" for pin in pins])
    if result is None:
        return
    chart = price_trend_chart(
        result,
        levels=state.display.levels,
        log=state.display.log,
        new_observation=state.display.interval == "observation",
        pins=[pin for pin in pins if pin.points.unit == result.points.unit],
    )
    layout.chart(state, chart, key="price-chart", alt=result.answer, name=file_stem(result.points.label))
    st.caption(layout.prose(price_trend_note(result, state.display.interval)))
    layout.coverage(state, result.scenario.method, state.display.interval)
    layout.numbers(
        lambda: trend_numbers([result, *pins]), key=state.key("numbers-price"), alt="Growth and doubling time with 95% ranges", is_open=True
    )
    layout.method(TREND_FORMULAS, trend_notes(result), layout.source_lines(state, result.points.tables), key=state.key("method-price"))


def price_trend_controls(state: PageState[CostScenario, CostDisplay]) -> None:
    """Series, what narrows it, estimator, window and horizon."""
    controls, kind = Controls(state), SERIES_KINDS[state.scenario.series]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("series", words=lambda key: SERIES_KINDS[key].title)
        if kind.by_format:
            controls.select("number_format", words=FORMAT_LABELS.__getitem__)
        if kind.by_offer:
            controls.select("rental_chip", words=lambda name: "Any chip" if name == "any" else name)
            controls.segmented("commitment", words=COMMITMENT_LABELS.__getitem__)
        controls.slider("until_year")
    with st.expander("Estimator and window", key=state.key("estimator"), on_change="rerun") as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.segmented("method", words=METHOD_NAMES.__getitem__)
                controls.segmented("interval", words={"trend": "the trend line", "observation": "a new point"}.__getitem__)
                controls.number("from_year", step=1)
                controls.number("to_year", step=1)
                controls.slider("price_year")


def show_claim(state: PageState[CostScenario, CostDisplay]) -> None:
    """The claim “GPT-2 for $30 by any student”."""
    result = forecast(gpt2_claim, state.scenario, state.tables)
    layout.answer(result.answer)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("claim_start", words=START_LABELS.__getitem__)
        controls.log_slider("claim_usd", (0, 4), words=in_dollars)
        controls.segmented("convention", words=str.capitalize)
    with st.expander("The claim's arithmetic", key=state.key("arithmetic"), on_change="rerun") as folded:
        if folded.open:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                controls.slider("claim_years", low=1.0, high=10.0, step=0.5)
                controls.slider("claim_hardware_gain", low=1.0, high=3.0, step=0.05)
                controls.slider("claim_algorithm_gain", low=1.0, high=6.0, step=0.1)
    display_bar(state, table=result.table, title=result.answer, stem="gpt2-claim", can_pin=False)
    chart = gpt2_claim_chart(result, levels=state.display.levels, log=state.display.log)
    layout.chart(state, chart, key="claim-chart", alt=result.answer, name="gpt2-claim")
    st.caption(layout.prose(claim_note(result)))
    layout.numbers(
        lambda: claim_numbers(result),
        key=state.key("numbers-claim"),
        alt="Measured reproductions of GPT-2 and what they cost",
        is_open=True,
    )
    layout.method(CLAIM_FORMULAS, CLAIM_NOTES, layout.source_lines(state, CLAIM_TABLES), key=state.key("method-claim"))


def model_cost_numbers(result: ModelCost) -> pd.DataFrame:
    """Cost by year in words, with 80% ranges."""
    rows = []
    first = min(math.floor(result.model.date), result.scenario.year)
    for at in np.flatnonzero(result.hardware.years >= first):
        row = {"Year": str(int(result.hardware.years[at]))}
        for name, bands in (("Hardware alone", result.hardware), ("With algorithms", result.with_algorithms)):
            low, high = bands.interval(0.8)
            row[name] = in_dollars(bands.median[at], 2)
            row[f"80% range, {name.lower()}"] = f"{in_dollars(low[at], 2)} to {in_dollars(high[at], 2)}"
        rows.append(row)
    return pd.DataFrame(rows)


def difference_table(result: ModelCost, pins: list[ModelCost]) -> pd.DataFrame:
    """The current scenario and its pins, with the ratio to the current one."""
    rows = []
    for name, each in [("Current", result), *((f"Pin {number}", pin) for number, pin in enumerate(pins, start=1))]:
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


def trend_numbers(results: list[PriceTrend]) -> pd.DataFrame:
    """Growth and doubling time of each series with 95% ranges, beside what was published."""
    rows = []
    for result in results:
        growth = result.trend.growth_per_year
        low, high = growth.interval(0.95)
        value, soon, late = result.doubling
        ahead = result.trend.growth_ahead_per_year
        slow, fast = ahead.interval(0.8)
        published = result.points.published
        rows.append(
            {
                "Series": result.points.label,
                "Estimator": METHOD_NAMES[result.scenario.method],
                "Points": len(result.points.dates),
                "Growth a year": f"×{growth.value:.3f} (95% ×{low:.3f} to ×{high:.3f})",
                "Doubles every" if result.points.rises else "Halves every": f"{value:.2f} years (95% {soon:.2f} to {late:.2f})",
                "Expected from here on, a year": f"×{ahead.value:.3f} (80% ×{slow:.3f} to ×{fast:.3f})",
                "Published": published_words(published),
            }
        )
    return pd.DataFrame(rows)


def published_words(published: Published | None) -> str:
    """A published doubling time with its interval and source."""
    return f"{published.doubling_time_years} ({published.low} to {published.high}), {published.source}" if published else "–"


def claim_numbers(result: Gpt2Claim) -> pd.DataFrame:
    """The measured runs with their cost in words."""
    table = result.table
    return pd.DataFrame(
        {
            "Run": table["run"],
            "Reproduces": table["reproduces"],
            "Date": table["date"],
            "Cost": [in_dollars(usd) for usd in table["cost_usd"]],
            "Claim's line that day": [in_dollars(usd) for usd in table["claim_line_usd"]],
            "Hardware": table["hardware"],
            "Source": table["source"],
        }
    )


def range_note(result: ModelCost) -> str:
    """Where the range comes from, and what it would be if the model's training FLOP were known."""
    shares = ", ".join(f"{driver.name} {driver.share:.0%}" for driver in result.drivers if driver.share >= 0.005)
    origin = f"Where the range with algorithms comes from (shares of its variance): {shares}. "
    if not result.scenario.flop_doubt or result.model.flop_factor_90 == 1:
        return f"{origin}{result.model.name}: {in_words(result.model.training_flop)} FLOP, taken as known."
    return (
        f"{origin}Epoch AI calls the training FLOP of {result.model.name} “{result.model.confidence.lower()}”: 90% within a factor of "
        f"{result.model.flop_factor_90:.0f}. Were it known, the cost with algorithms would be "
        f"{money_range(result.with_algorithms_known_flop)}."
    )


def price_trend_note(result: PriceTrend, interval: str) -> str:
    """What the band is for, the price base, the break, and the sentence on physical limits."""
    what = "a new point of the series" if interval == "observation" else "the trend line, not for single points"
    found = result.growth_break
    change = (
        f"The growth rate changes about {found.date:.0f} (p = {found.p_value:.2g})."
        if found.found and found.date is not None
        else f"No change of the growth rate can be made out (p = {found.p_value:.2g})."
    )
    far = ""
    if result.years_beyond_data > result.observed_years:
        far = " The projection goes further beyond the data than the data reach back: limits of physics may end the trend before."
    return f"Bands are for {what}. Money: {result.points.price_base}. {change}{far}"


def claim_note(result: Gpt2Claim) -> str:
    """What each line is."""
    return (
        f"Dotted: the claim's own arithmetic, which gives {in_dollars(result.claimed_by_arithmetic_usd)} after "
        f"{significant(result.scenario.claim_years, 2)} years. Green: the line through the original run and the latest run of the same "
        "grade; two points carry no interval. Blue: our forecast for GPT-2's training FLOP with algorithms, in dollars of the price year "
        "chosen; it runs below what was measured, because the average pace of algorithms does not carry over whole to a model this small. "
        "GPT-2 124M is a different, smaller target and is on no line."
    )


MODEL_TABLES = ("ai_models", "chip_rental_prices", "ml_chips", "gpu_prices", "us_consumer_prices")
CLAIM_TABLES = ("gpt2_reproductions", "article_claims")
MODEL_FORMULAS = (
    (
        r"\mathrm{cost}(X, Y) = \frac{\mathrm{FLOP}(X)\cdot \mathrm{usd\_per\_flop}(Y)}{\mathrm{gain}(Y - \mathrm{date}(X))}",
        "Cost of model X on 1 January of year Y. Hardware alone leaves the gain out.",
    ),
    (
        r"\mathrm{rented:}\quad \mathrm{usd\_per\_flop} = \frac{\mathrm{usd\ per\ chip\ hour}}{3600\cdot \mathrm{peak}\cdot \mathrm{MFU}}",
        "On-demand offers, dense tensor FP16 peak of the chip.",
    ),
    (
        r"\mathrm{owned:}\quad \mathrm{price}\cdot\frac{r\ln 10}{8766}\cdot s\cdot\Big(1+\frac{i}{1-i}\Big)"
        r" + \mathrm{TDP}\cdot 1.82\cdot 0.75\cdot \mathrm{PUE}\cdot \mathrm{usd\_per\_kWh}",
        "Dollars per chip-hour: amortised chip with servers (s) and interconnect (share i), plus energy (Cottier et al. 2024).",
    ),
    (r"\mathrm{gain}(t) = 2^{\,12 t / h}", "Algorithms halve the compute needed every h months (Ho et al. 2024: 8, 95% interval 5 to 14)."),
)
TREND_FORMULAS = (
    (r"\log_{10} y(t) = a + b\,t + e", "Exponential trend; growth per year is 10 to the power b, doubling time log10(2)/b years."),
)
CLAIM_FORMULAS = (
    (
        r"\mathrm{start}\cdot(\mathrm{hardware}\cdot\mathrm{algorithms})^{-\mathrm{years}}",
        "The claim's arithmetic: $43,000 · (1.45 · 3)⁻⁵ = $27.6.",
    ),
)
CLAIM_NOTES = (
    "All costs are nominal US dollars, as their sources give them.",
    "Starting from Epoch AI's amortised $4,348 instead of the rented $43,000 is a factor of ten: the conventions are never mixed here.",
    "The verdict compares with the nearest run of GPT-2's own size or grade before the claim's date, 17 January 2025.",
    "Left out: the cost of failed attempts, of people's time, and of the data.",
)


def model_notes(result: ModelCost) -> list[str]:
    """Assumptions of this scenario, and what is left out."""
    chip = result.chip_hour
    gain = result.price_gain_per_year
    trends = len(PRICE_TRENDS[result.scenario.price_trend])
    return [
        f"Price of compute: {chip.chip} at {in_dollars(chip.usd_per_hour)} an hour, {chip.basis}; peak "
        f"{in_words(chip.peak_flop_per_s)} FLOP/s (dense tensor FP16), MFU {result.scenario.mfu:g}.",
        f"Prices fall by a factor of {significant(gain.value, 3)} a year (80% range {significant(gain.low, 3)} to "
        f"{significant(gain.high, 3)}), drawn from {trends} measured trend{'s' if trends > 1 else ''}; years before the anchor follow "
        "the same trend backwards.",
        "Training FLOP: Epoch AI's estimate with its stated confidence; own models: 6·N·D.",
        "The algorithmic gain was measured on language models from 2012 to 2023, and assumed to go on; it may not.",
        "Left out: failed runs, experiments, staff, data, and what a vendor would charge for tens of thousands of chips at once.",
    ]


def trend_notes(result: PriceTrend) -> list[str]:
    """How this series was fitted."""
    left_out = f" Left out: {result.points.left_out}." if result.points.left_out else ""
    return [
        f"{METHOD_NAMES[result.scenario.method]} on {len(result.points.dates)} {result.points.points_are}.{left_out}",
        "Growth and doubling time are those of the points: a line through them, intervals from resampling whole years, since points of one "
        "year are not independent; they are wider than textbook ones.",
        *(CALIBRATED_NOTES if result.trend.method == "calibrated" else ()),
        "A change of growth is tested with a p-value that allows for serial dependence; “none” is an answer.",
        "Number formats are never mixed: mixing moves the trend between 22% and 68% a year.",
    ]


CALIBRATED_NOTES = (
    "The projection is not that line drawn on: its slope may drift, and its bands are widened by how far earlier forecasts of the same "
    "series were off. The page Track record shows how that has done.",
)
SECTIONS = {"model": show_model_cost, "price": show_price_trend, "claim": show_claim}

page = session.open_page(CostScenario, CostDisplay)
layout.question("Cost of compute", "What does a FLOP cost over time, and what will a given model cost to train in year Y?")
layout.notices(page)
Controls(page).segmented("view", words=lambda view: VIEWS[view].replace("$", "\\$"), hidden_label=True)
with layout.said_not_raised():
    SECTIONS[page.display.view](page)
session.close_page(page)
