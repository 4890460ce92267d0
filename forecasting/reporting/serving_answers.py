"""Serving in words: chips, cost and latency of a demand."""

from __future__ import annotations

import math

from forecasting.answers import answer_of, answers_of
from forecasting.formatting import in_dollars, in_words
from forecasting.reporting.serving_notes import VERY_SPARSE, bought_words
from forecasting.serving.chip_comparison import ChipComparison
from forecasting.serving.hardware import EFFICIENCIES
from forecasting.serving.serve import Serving
from forecasting.serving.served_demand import ServedDemand
from forecasting.serving.service_frontier import ServiceFrontier
from forecasting.stats.bands import Range


@answer_of.register
def serving_answer(result: Serving) -> str:
    """Chips and cost with their ranges, latency at full load, and where the model is known to
    fail.
    """
    scenario, replica = result.scenario, result.replica
    served = replica.served
    read = math.isfinite(result.ttft_s) and replica.traffic.tokens_read > 0.0
    first = f", the first one {in_milliseconds(result.ttft_s)}" if read else ""
    each = "chip" if replica.chips == 1 else "chips"
    sentences = [
        f"{in_words(scenario.requests_per_second)} requests a second of {served.model.name} take"
        f" {result.chips.with_range(_chips_in_words)} {served.chip.name} at"
        f" {served.precision.upper()}, for"
        f" {result.usd_per_million_tokens_blended.with_range(_in_dollars)} a million tokens out"
        " with their prompts.",
        f"A replica of {replica.chips} {each} has {in_words(result.batch, 2)} requests in flight"
        f" at full load: a token takes {in_milliseconds(result.tpot_s)}{first}.",
    ]
    if served.model.active_params < VERY_SPARSE * served.model.params:
        sentences.append(
            "Models as sparse were measured at two thirds of the speed that this model gives."
        )
    if math.isinf(result.chips.high):
        sentences.append("Where software reaches less, no batch keeps to the time of a token.")
    if served.chip.generation not in EFFICIENCIES:
        sentences.append("No chip of this generation has been measured.")
    return " ".join(sentences)


@answer_of.register
def served_demand_answer(result: ServedDemand) -> str:
    """Chips with their range, and the time of a token."""
    served = result.service.served
    return (
        f"{in_words(result.scenario.requests_per_day)} requests a day of {served.model.name} take"
        f" {result.chips.with_range(_chips_in_words)} {served.chip.name} at"
        f" {served.precision.upper()}{_latency(result)}."
    )


def _latency(result: ServedDemand) -> str:
    if result.scenario.batch_share == 1.0:
        return ", all in batches"
    return f", a token in {in_milliseconds(float(result.replica.tpot_s))}"


@answers_of.register
def served_demand_answers(result: ServedDemand) -> tuple[str, ...]:
    """The answer; what it costs; the bill for bought tokens; the break-even."""
    read, written = result.usd_per_million_tokens_in, result.usd_per_million_tokens_out
    tokens = f"{_in_dollars(read.value)} a million tokens in and " if read else ""
    calibrated = ", by your measurement" if result.service.calibration is not None else ""
    a_token = (
        f": {tokens}{_in_dollars(written.value)} a million out, idle hours included"
        if math.isfinite(written.value)
        else ""  # without a request there is no token to pay for
    )
    said = [
        served_demand_answer(result),
        f"They cost {result.usd_per_month.with_range(_in_dollars)} a month{calibrated}{a_token}.",
    ]
    if result.bought is not None and result.bought_usd_per_month is not None:
        said.append(
            f"As many tokens of {bought_words(result.bought)} cost"
            f" {in_dollars(result.bought_usd_per_month)} a month to buy; its quality may differ."
        )
    if result.break_even_requests_per_day is not None and result.never_share is not None:
        said.append(break_even_words(result.break_even_requests_per_day, result.never_share))
    return tuple(said)


def break_even_words(met: Range, never_share: float) -> str:
    """From which volume on serving is cheaper, in a sentence."""
    if math.isinf(met.low):
        return "At that price serving is cheaper at no volume."
    if math.isinf(met.value):
        return (
            f"Serving is cheaper at no volume in {never_share:.0%} of cases; in the best tenth from"
            f" {in_words(met.low, 2)} requests a day."
        )
    return f"Serving is cheaper above {met.with_range(volume_words)} requests a day."


def volume_words(requests_per_day: float) -> str:
    """Requests a day in words; without an end where serving is never cheaper."""
    return "never" if math.isinf(requests_per_day) else in_words(requests_per_day, 2)


@answer_of.register
def chip_comparison_answer(result: ChipComparison) -> str:
    """The cheapest chip, beside the chosen one."""
    best, chosen = result.cheapest, result.chosen
    what = (
        f"{in_words(result.scenario.requests_per_day)} requests a day of"
        f" {best.service.served.model.name} cost least on {best.service.served.chip.name}:"
        f" {best.usd_per_month.with_range(_in_dollars)} a month"
    )
    if chosen is None or chosen is best:
        return f"{what}."
    return (
        f"{what}, against {_in_dollars(chosen.usd_per_month.value)} on"
        f" {chosen.service.served.chip.name}."
    )


@answer_of.register
def service_frontier_answer(result: ServiceFrontier) -> str:
    """Throughput within the limits, and the batch that gives it."""
    best, served = result.best, result.service.served
    each = "chip" if best.chips == 1 else "chips"
    return (
        f"With {in_words(float(best.batch), 2)} requests on {best.chips} {each},"
        f" {served.chip.name} writes"
        f" {result.tokens_per_s_per_chip.with_range(_tokens_in_words)} tokens a second a chip:"
        f" {in_milliseconds(float(best.tpot_s))} a token, the first in"
        f" {in_milliseconds(float(best.ttft_s))}."
    )


def _tokens_in_words(tokens: float) -> str:
    return in_words(tokens, 3) if tokens >= 1.0 else "none"


def _chips_in_words(chips: float) -> str:
    return "no number" if math.isinf(chips) else in_words(chips)


def _in_dollars(usd: float) -> str:
    return "no price" if math.isinf(usd) else in_dollars(usd)


def in_milliseconds(seconds: float) -> str:
    """A latency in words: 50 ms, 1.2 s."""
    return f"{in_words(1000 * seconds, 2)} ms" if seconds < 1.0 else f"{in_words(seconds, 2)} s"
