"""Fits in words: checks on runs left out, comparisons, the next run to make."""

from __future__ import annotations

import math

import numpy as np

from forecasting.answers import answer_of
from forecasting.fitting.group_comparison import Crossover
from forecasting.fitting.held_out import HeldOutCheck, HeldOutCurveCheck
from forecasting.fitting.next_run import NextRun
from forecasting.fitting.repeated_data_fit import RepeatedDataFit
from forecasting.formatting import in_words, likely
from forecasting.stats.range_level import level_in_words


@answer_of.register
def crossover_answer(result: Crossover) -> str:
    """The crossover in plain words."""
    if result.verdict == "none":
        return (
            f"{result.better} does not pass {result.worse} within eight orders of magnitude beyond"
            f" the data ({result.quantity})."
        )
    level = level_in_words()
    ends = likely(
        *result.interval(level),
        level,
        lambda end: f"{in_words(end, 2)} {result.quantity}" if math.isfinite(end) else "never",
    )
    at = f"{in_words(result.value, 2)} {result.quantity}"
    ends = f", {ends}" if ends else ""
    if result.verdict == "inside":
        return f"{result.better} passes {result.worse} at about {at}{ends}."
    if result.verdict == "outside":
        return f"{result.better} would pass {result.worse} at about {at}{ends}, beyond the data."
    return f"{result.better} and {result.worse}: no reliable crossover."


@answer_of.register
def held_out_check_answer(result: HeldOutCheck) -> str:
    """The check as a sentence."""
    side = "too high" if result.bias > 0 else "too low"
    return (
        f"Fitted without the {len(result.hidden)} largest runs, the law misses their losses by a"
        f" median of {100 * result.median_error:.2f}% (on average {100 * abs(result.bias):.2f}%"
        f" {side}), {result.reach_oom:.1f} orders of magnitude of compute beyond the runs it saw."
    )


@answer_of.register
def held_out_curve_check_answer(result: HeldOutCurveCheck) -> str:
    """The check as a sentence."""
    side = "too high" if float(np.mean(result.errors)) > 0 else "too low"
    points = f"{len(result.losses)} points" if len(result.losses) > 1 else "one point"
    return (
        f"Fitted without the {points} of its upper half, the curve misses them by"
        f" {100 * result.miss:.1f}% (root mean square), on average"
        f" {100 * abs(float(np.mean(result.errors))):.1f}% {side}."
    )


@answer_of.register
def next_run_answer(result: NextRun) -> str:
    """The advice as a sentence."""
    size, amount = (
        f"{in_words(result.params, 2)} parameters",
        f"{in_words(result.tokens, 2)} tokens",
    )
    flop = f"{in_words(result.training_flop, 2)} FLOP"
    if result.tells_little:
        most = float(result.grid_shrinkage.max())
        share = f"about {100 * most:.0f}%" if most >= 0.01 else "less than 1%"
        return (
            "No single run within this compute says much about the target: even the most"
            f" informative would narrow the interval of its loss by {share}. If you do one, train"
            f" {size} on {amount} ({flop}); to learn more takes a larger run, or many."
        )
    return (
        f"Train {size} on {amount} next ({flop}): it should narrow the interval of the target's"
        f" loss by about {100 * result.shrinkage:.0f}%."
    )


@answer_of.register
def repeated_data_fit_answer(result: RepeatedDataFit) -> str:
    """What the refit changes, as a sentence."""
    side = "below" if result.bias_before < 0 else "above"
    epochs = result.runs.tokens / np.minimum(result.unique_tokens, result.runs.tokens)
    return (
        f"In the median, the published coefficients predict these {len(result.runs)} losses"
        f" {100 * abs(math.expm1(result.bias_before)):.1f}% {side} the measured ones, so E, A and B"
        " are refitted here (exponents and R* as published). The refitted law misses a run by a"
        f" median of {100 * result.median_error:.1f}%; runs of hundreds of epochs (up to"
        f" {epochs.max():,.0f}) end above it, since the form has no loss that rises with"
        " repetition."
    )
