"""Train or infer, serve: chips and cost of a demand beside the list prices of tokens, throughput
against latency, and the cost by chip.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.chip_comparison import chip_comparison_chart
from dashboard.charts.figure import Figure
from dashboard.charts.served_demand import TITLES, served_demand_chart
from dashboard.charts.service_frontier import service_frontier_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.inference import InferenceDisplay
from dashboard.pages.inference.own_measurement import show_own_measurement
from dashboard.pages.inference.serving_numbers import (
    buy_or_serve_numbers,
    chip_numbers,
    measured_numbers,
    replica_numbers,
)
from dashboard.state.page_state import PageState
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.reporting.serving_notes import (
    bought_words,
    measured_note,
    rent_words,
    service_limits,
)
from forecasting.serving.bought_tokens import CHEAPEST
from forecasting.serving.chip_comparison import ChipComparison, chip_comparison
from forecasting.serving.served_demand import ServedDemand, served_demand
from forecasting.serving.service_frontier import ServiceFrontier, service_frontier
from forecasting.serving.service_inputs import Service

State = PageState[InferenceScenario, InferenceDisplay]

TERMS = {
    "on_demand": "On demand",
    "spot": "Spot",
    "marketplace": "Marketplace",
    "one_year": "One year (2025)",
    "three_year": "Three years (2025)",
    "own_price": "Own price",
}


def demand_figure(state: State, result: ServedDemand, pins: Sequence[ServedDemand] = ()) -> Figure:
    """What the display chooses, by the demand served."""
    builder = ChartBuilder.of(state.display, pins)
    return served_demand_chart(result, builder, shows=state.display.demand_shows)


def show_demand(state: State) -> None:
    """Chips, cost and break-even of a demand."""
    result = layout.answered(state, served_demand)
    _main_controls(state)
    _assumptions(state)
    pins = pinned_results(state, served_demand)
    display_bar(state, result)
    pinned(state, [_service_words(pin.service) for pin in pins])
    if result is None:
        return
    layout.chart(
        state,
        demand_figure(state, result, pins),
        key="served-demand-chart",
        alt=result.answer,
        name="serve",
    )
    st.caption(escape_markdown(demand_note(result)))
    _limits(result.service)
    layout.numbers(
        lambda: buy_or_serve_numbers(result, state.context.data),
        key=state.key("numbers-demand"),
        alt=(
            "The bill for this demand at list prices, and the volume above which serving is cheaper"
        ),
        note=(
            "The cheapest model of each maker from the last year, and the chosen one; nominal USD."
        ),
        title="Buying tokens against serving yourself",
        is_open=True,
    )
    layout.numbers(
        lambda: replica_numbers([result, *pins]),
        key=state.key("numbers-replica"),
        alt="The replica that is best within the limits",
    )
    _method(state, demand_notes(result))


def frontier_figure(
    state: State, result: ServiceFrontier, pins: Sequence[ServiceFrontier] = ()
) -> Figure:
    """Throughput against the time of a token."""
    return service_frontier_chart(result, ChartBuilder.of(state.display, pins))


def show_frontier(state: State) -> None:
    """Throughput against the time of a token, with what was measured."""
    result = layout.answered(state, service_frontier)
    _main_controls(state, has_demand=False)
    _assumptions(state, has_demand=False)
    pins = pinned_results(state, service_frontier)
    display_bar(state, result)
    pinned(state, [_service_words(pin.service) for pin in pins])
    if result is None:
        return
    layout.chart(
        state,
        frontier_figure(state, result, pins),
        key="service-frontier-chart",
        alt=result.answer,
        name="throughput-and-latency",
    )
    st.caption(escape_markdown(frontier_note(result)))
    _limits(result.service)
    if result.measured:
        layout.numbers(
            lambda: measured_numbers(result),
            key=state.key("numbers-measured-serving"),
            alt="What was measured on this chip",
            title="What was measured",
        )
    _method(state, COMMON_NOTES)


def chips_figure(
    state: State, result: ChipComparison, _pins: Sequence[ChipComparison] = ()
) -> Figure:
    """What a million tokens cost on each chip."""
    return chip_comparison_chart(result, ChartBuilder.of(state.display))


def show_chips(state: State) -> None:
    """What a million tokens cost on each chip."""
    result = layout.answered(state, chip_comparison)
    _main_controls(state)
    _assumptions(state)
    display_bar(state, result, can_pin=False, has_bands=False)
    if result is None:
        return
    layout.chart(
        state,
        chips_figure(state, result),
        key="chip-comparison-chart",
        alt=result.answer,
        name="cost-by-chip",
    )
    st.caption(escape_markdown(chips_note(result)))
    layout.numbers(
        lambda: chip_numbers(result),
        key=state.key("numbers-chips"),
        alt="Chips and cost of this demand by chip",
        is_open=True,
    )
    _method(state, COMMON_NOTES)


def _main_controls(state: State, *, has_demand: bool = True) -> None:
    """What is served, and to which demand, in sight."""
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("served_model")
        controls.select("serving_chip")
        controls.segmented("serving_precision", words=str.upper)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if has_demand:
            controls.quantity("requests_per_day", (2, 11))
        controls.quantity("tokens_in", (0, 6))
        controls.quantity("tokens_out", (0, 6))
        if not has_demand:
            controls.number("tpot_limit_ms", step=5)
    if has_demand:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            controls.number("tpot_limit_ms", step=5)
            controls.select("rent_terms", words=TERMS.__getitem__)
            controls.select(
                "bought_model",
                words=lambda name: "Cheapest of the last year" if name == CHEAPEST else name,
            )
            if state.display.serving_part == "demand":
                controls.segmented("demand_shows", words=TITLES.__getitem__)


def _assumptions(state: State, *, has_demand: bool = True) -> None:
    """The rest of the inputs, folded."""
    controls = Controls(state)
    with st.expander(
        "Assumptions: latency, cache and batches, utilisation, replicas",
        key=state.key(f"serving-assumptions-{state.display.serving_part}"),
        on_change="rerun",
    ) as folded:
        if folded.open:
            left, middle, right = st.columns(3)
            with left:
                controls.number("tpot_p99_limit_ms", step=5)
                controls.number("ttft_limit_ms", step=50)
                controls.number("max_chips_per_replica", step=1)
            with middle:
                controls.slider("cached_share", step=0.01)
                controls.number("length_variation", step=0.1)
                if has_demand:
                    controls.slider("batch_share", step=0.05)
            with right:
                if has_demand:
                    controls.number("peak_factor", step=0.1)
                    controls.range("peak_utilisation")
                    controls.number("spare_replicas", step=1)
                    controls.number("usd_per_chip_hour", step=0.1, empty="the market's")
    show_own_measurement(state)


def _limits(service: Service) -> None:
    """Where the model of serving fails for what was chosen."""
    notes = service_limits(service)
    st.markdown(
        "**How far to trust this**\n\n" + "\n".join(f"- {escape_markdown(note)}" for note in notes)
    )


def _method(state: State, notes: list[str]) -> None:
    part = state.display.serving_part
    layout.method(
        SERVING_FORMULAS,
        notes,
        lambda: layout.source_lines(state, state.section.sources),
        key=state.key(f"method-serving-{part}"),
    )


def _service_words(service: Service) -> str:
    served = service.served
    return f"{served.model.name} on {served.chip.name}, {served.precision.upper()}"


def demand_note(result: ServedDemand) -> str:
    """What the lines are, and where the prices come from."""
    bought = ""
    if result.bought is not None:
        unit = (
            "the chips that the bill for bought tokens would rent"
            if result.bought_usd_per_month
            else "the bill for bought tokens"
        )
        bought = f" Dashed: {unit}, {bought_words(result.bought)}; quality is not compared."
    return (
        f"Steps are whole replicas of {result.replica.chips}, the size with the fewest chips for"
        " your demand, spares included. Bands show how far measured throughput lies from the model,"
        f" and the range of utilisation. Chips: {rent_words(result.rent)}{bought}"
    )


def frontier_note(result: ServiceFrontier) -> str:
    """What the line and the points are."""
    return (
        "The line is a replica from one request in flight to as many as fit; bands show how far"
        f" measured throughput lies from the model. {measured_note(result)}"
    )


def chips_note(result: ChipComparison) -> str:
    """What the bars are, and which chips are left out."""
    left_out = ""
    if result.left_out:
        names = ", ".join(result.left_out)
        left_out = f" Left out: {names}. " + " ".join(dict.fromkeys(result.left_out.values()))
    return (
        "The monthly bill divided by the tokens written, with its range; idle hours and spares"
        " are included. Replicas have the size that takes the fewest chips for your"
        f" demand.{left_out}"
    )


SERVING_FORMULAS = (
    (
        r"t_d = \max\Big\{\frac{b_w N_\mathrm{read} + B\kappa C}{g W\eta_b},\ \frac{B\,(2N_a/F +"
        r" 4LwC/F_{16})}{g\,\eta_c}\Big\} + 2L\Big(h + \frac{4Bd\,(g-1)}{gV}\Big)"
        r" + L\,t_L + B\,t_B",
        (
            "A step of B requests on g chips: reading weights and KV cache, or multiplying,"
            " whichever takes longer; then communication between chips, and overhead per layer and"
            " request (Pope et al. 2022, Erdil 2025)."
        ),
    ),
    (
        r"t_p = \frac{2N_a I/F + 2LwI^2/F_{16}}{g\,\eta_c} + 2L\,\frac{4Id\,(g-1)}{gV},\qquad"
        r" X = \frac{1}{O\,t_d/B + t_p},\qquad \mathrm{TPOT} = \frac{B}{XO}",
        "Time to read a prompt, requests per second of a replica, and mean time per output token.",
    ),
    (
        r"g\,\big(\lceil R\,k\rceil + s\big),\qquad k = \frac{1}{u}\max\Big\{"
        r"\frac{\mathrm{peak}\,(1-b)}{X},\ \frac{1-b}{X} + \frac{b}{X_b}\Big\}",
        (
            "Chips of R requests: the peak of those that cannot wait, or the daily mean including"
            " batch requests; u is the utilisation at the peak, s the number of spare replicas."
        ),
    ),
    (
        r"R^* = \frac{c\,(m+s)}{q},\qquad m = \Big\lceil\frac{s+1}{q/(k c) - 1}\Big\rceil",
        (
            "Break-even: c dollars per replica and month, q dollars per month for one bought"
            " request per day. Above R*, serving costs less at any demand; where q/k ≤ c it never"
            " does."
        ),
    ),
)
COMMON_NOTES = [
    (
        "Efficiencies by chip generation are fitted to 485 measured throughputs (MLPerf Inference"
        " v4.1–v6.1, TensorRT-LLM, LLM-Inference-Bench). 80% of measurements lie within ×/÷ 1.6 of"
        " the model for a chip of a known generation, ×/÷ 3 for another."
    ),
    (
        "TPOT is the mean time per output token, TTFT the mean time to the first one, both at full"
        " load. A limit on the 99th percentile is met by a mean of 0.85 of it."
    ),
    (
        "Assumed: 90% of memory for weights and cache, 2,048 requests in flight, 28 µs per layer"
        " and 10 µs per request in each step, 8 µs before an all-reduce. Link speeds of chips are"
        " from memory, not from a source."
    ),
]


def demand_notes(result: ServedDemand) -> list[str]:
    """Assumptions of the bill and of the break-even."""
    batch = "" if result.bought is None or result.bought.listed.prices.has_batch else " not"
    bought = (
        []
        if result.bought is None
        else [
            f"Bought requests that may wait are{batch} billed at the batch price:"
            f" {result.bought.listed.provider} {'offers none' if batch else 'halves its prices'} by"
            " our table. In a batch the rebate for cached input is not taken as well."
        ]
    )
    return [
        *COMMON_NOTES,
        (
            "Requests that may wait are answered when there is spare capacity, in batches without a"
            " latency limit; chips are paid for at all hours."
        ),
        *bought,
        (
            "Left out: the engineers, networks and storage of your own service; discounts and"
            " minimum spends of an API; and surcharges for long prompts."
        ),
    ]
