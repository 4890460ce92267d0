"""Serving in words: chips, cost and latency of a demand."""

from __future__ import annotations

import math

from forecasting.answers import answer_of, lines_of
from forecasting.formatting import counted, in_dollars, in_words
from forecasting.reporting.serving_notes import VERY_SPARSE
from forecasting.serving.chip_comparison import ChipComparison
from forecasting.serving.hardware import EFFICIENCIES
from forecasting.serving.phases import ServedOn
from forecasting.serving.serve import Serving
from forecasting.serving.served_demand import ServedDemand
from forecasting.serving.service_frontier import ServiceFrontier
from forecasting.stats.bands import Range


@answer_of.register
def serving_answer(result: Serving) -> str:
    """Chips with their range."""
    served = result.replica.served
    return (
        f"{counted(result.scenario.requests_per_second, 'request')} per second of"
        f" {served.model.name} take {result.chips.with_range(_chips_in_words, _chips_of(served))}."
    )


@lines_of.register
def serving_lines(result: Serving) -> tuple[str, ...]:
    """Cost with its range, latency at full load, and where the model is known to fail."""
    replica, served = result.replica, result.replica.served
    read = math.isfinite(result.ttft_s) and replica.traffic.tokens_read > 0.0
    first = f", the first one {in_milliseconds(result.ttft_s)}" if read else ""
    warning = ""
    if served.model.active_params < VERY_SPARSE * served.model.params:
        warning = "Models as sparse were measured at two thirds of the speed that this model gives."
    elif math.isinf(result.chips.high):
        warning = "Where software reaches less, no batch keeps within the time per token."
    elif served.chip.generation not in EFFICIENCIES:
        warning = "No chip of this generation has been measured."
    cost = result.usd_per_million_tokens_blended.with_range(_in_dollars)
    return (
        f"A million tokens out, with their prompts, cost {cost}.",
        (
            f"A replica of {counted(float(replica.chips), 'chip')} has {in_words(result.batch, 2)}"
            f" requests in flight at full load: a token takes"
            f" {in_milliseconds(result.tpot_s)}{first}."
        ),
        warning,
    )


@answer_of.register
def served_demand_answer(result: ServedDemand) -> str:
    """What the demand costs a month, with its range."""
    served = result.service.served
    calibrated = ", by your measurement" if result.service.calibration is not None else ""
    return (
        f"{_requests(result.scenario.requests_per_day)} of {served.model.name} cost"
        f" {result.usd_per_month.with_range(_in_dollars, 'per month')}{calibrated}."
    )


def _requests(requests_per_day: float) -> str:
    return f"{counted(requests_per_day, 'request')} per day" if requests_per_day else "No requests"


def _chips_of(served: ServedOn) -> str:
    return f"{served.chip.name} at {served.precision.upper()}"


def _latency(result: ServedDemand) -> str:
    if result.scenario.batch_share == 1.0:
        return "all are answered in batches"
    return f"a token takes {in_milliseconds(float(result.replica.tpot_s))}"


@lines_of.register
def served_demand_lines(result: ServedDemand) -> tuple[str, ...]:
    """The chips; what a token costs; buying the tokens instead."""
    served = result.service.served
    read, written = result.usd_per_million_tokens_in, result.usd_per_million_tokens_out
    tokens = f"{_in_dollars(read.value)} in and " if read else ""
    return (
        (
            f"They take {result.chips.with_range(_chips_in_words, _chips_of(served))};"
            f" {_latency(result)}."
        ),
        (
            f"A million tokens cost {tokens}{_in_dollars(written.value)} out, idle hours included."
            if math.isfinite(written.value)
            else ""  # without a request there is no token to pay for
        ),
        _bought_line(result),
    )


def _bought_line(result: ServedDemand) -> str:
    """The bill for bought tokens, and the break-even."""
    if result.bought is None or result.bought_usd_per_month is None:
        return ""
    usd, name = _in_dollars(result.bought_usd_per_month), result.bought.listed.name
    said = f"As many tokens of {name} cost {usd} per month to buy"
    if result.break_even_requests_per_day is None or result.never_share is None:
        return f"{said}."
    met = break_even_words(result.break_even_requests_per_day, result.never_share)
    return f"{said}; {met[:1].lower()}{met[1:]}"


def break_even_words(met: Range, never_share: float) -> str:
    """From which volume on serving is cheaper, in a sentence."""
    if math.isinf(met.low):
        return "At that price, serving is not cheaper at any volume."
    if math.isinf(met.value):
        return (
            f"In {never_share:.0%} of cases serving is not cheaper at any volume; in the best tenth"
            f" it is from {in_words(met.low, 2)} requests per day."
        )
    return f"Serving is cheaper above {met.with_range(volume_words, 'requests per day')}."


def volume_words(requests_per_day: float) -> str:
    """Requests a day in words; without an end where serving is never cheaper."""
    return "never" if math.isinf(requests_per_day) else in_words(requests_per_day, 2)


@answer_of.register
def chip_comparison_answer(result: ChipComparison) -> str:
    """The cheapest chip."""
    best = result.cheapest
    return (
        f"{_requests(result.scenario.requests_per_day)} of"
        f" {best.service.served.model.name} cost least on {best.service.served.chip.name}:"
        f" {best.usd_per_month.with_range(_in_dollars, 'per month')}."
    )


@lines_of.register
def chip_comparison_lines(result: ChipComparison) -> tuple[str, ...]:
    """The chosen chip beside it."""
    best, chosen = result.cheapest, result.chosen
    if chosen is None or chosen is best:
        return ()
    return (
        (
            f"On {chosen.service.served.chip.name} they cost"
            f" {_in_dollars(chosen.usd_per_month.value)} per month."
        ),
    )


@answer_of.register
def service_frontier_answer(result: ServiceFrontier) -> str:
    """Throughput within the limits."""
    served = result.service.served
    speed = result.tokens_per_s_per_chip.with_range(_tokens_in_words, "tokens per second")
    return f"Within these limits of time, each {served.chip.name} writes {speed}."


@lines_of.register
def service_frontier_lines(result: ServiceFrontier) -> tuple[str, ...]:
    """The batch that gives it, and its latency."""
    best = result.best
    return (
        (
            f"That takes {in_words(float(best.batch), 2)} requests at once on"
            f" {counted(float(best.chips), 'chip')}."
        ),
        (
            f"A token then takes {in_milliseconds(float(best.tpot_s))}, the first"
            f" {in_milliseconds(float(best.ttft_s))}."
        ),
    )


def _tokens_in_words(tokens: float) -> str:
    return in_words(tokens, 2) if tokens >= 1.0 else "none"


def _chips_in_words(chips: float) -> str:
    return "no number of" if math.isinf(chips) else in_words(chips, 2)


def _in_dollars(usd: float) -> str:
    return "no price" if math.isinf(usd) else in_dollars(usd, 2)


def in_milliseconds(seconds: float) -> str:
    """A latency in words: 50 ms, 1.2 s."""
    return f"{in_words(1000 * seconds, 2)} ms" if seconds < 1.0 else f"{in_words(seconds, 2)} s"
