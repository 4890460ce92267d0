"""Serving in words: chips, cost and latency of a demand."""

from __future__ import annotations

import math

from forecasting.answers import answer_of
from forecasting.formatting import in_dollars, in_words
from forecasting.serving.hardware import EFFICIENCIES
from forecasting.serving.serve import Serving

#: Below this share of parameters that a token uses, measured models were half as fast.
VERY_SPARSE = 0.05


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
            "Models as sparse were measured at half the speed that this model of serving gives."
        )
    if math.isinf(result.chips.high):
        sentences.append("Where software reaches less, no batch keeps to the time of a token.")
    if served.chip.generation not in EFFICIENCIES:
        sentences.append("No chip of this generation has been measured.")
    return " ".join(sentences)


def _chips_in_words(chips: float) -> str:
    return "no number" if math.isinf(chips) else in_words(chips)


def _in_dollars(usd: float) -> str:
    return "no price" if math.isinf(usd) else in_dollars(usd)


def in_milliseconds(seconds: float) -> str:
    """A latency in words: 50 ms, 1.2 s."""
    return f"{in_words(1000 * seconds, 2)} ms" if seconds < 1.0 else f"{in_words(seconds, 2)} s"
