"""When text runs out, in words: the date, what moves it, one corpus, the wall."""

from __future__ import annotations

from functools import partial

import numpy as np

from forecasting.answers import answer_of, lines_of
from forecasting.formatting import (
    counted,
    in_flop,
    in_words,
    range_in_words,
    significant,
)
from forecasting.stats.bands import Range
from forecasting.stats.distribution import Distribution
from forecasting.text_limits.text_corpus import TextCorpus
from forecasting.text_limits.text_exhaustion import TextExhaustion, TextExhaustionInputs
from forecasting.text_limits.text_published_dates import THE_PAPER
from forecasting.text_limits.text_scenario import DEMAND_OF_2024, preset_of
from forecasting.text_limits.text_sensitivity import Swing, TextSensitivity
from forecasting.text_limits.text_wall import TextWall


@answer_of.register
def text_corpus_answer(result: TextCorpus) -> str:
    """The largest run that the corpus feeds, read once."""
    params = partial(in_words, digits=2)
    size = (
        result.once_params.with_range(params, "parameters")
        if result.law.has_range
        else f"{params(result.once_params.value)} parameters"
    )
    return (
        f"Read once, {in_words(result.scenario.corpus_tokens, 2)} tokens feed a compute-optimal"
        f" model of up to {size}."
    )


@lines_of.register
def text_corpus_lines(result: TextCorpus) -> tuple[str, ...]:
    """Compute of that run; how often to read the corpus; the run asked about."""
    s, epochs = result.scenario, result.worthwhile_epochs
    flop = in_flop(s.corpus_flop)
    if result.run_epochs <= 1.0:
        run = f"A run of {flop} FLOP needs only {result.run_epochs:.0%} of it."
    elif s.corpus_flop > result.enough_flop:
        run = (
            f"A run of {flop} FLOP has more compute than this corpus can use: beyond about"
            f" {in_flop(result.enough_flop, 1)} FLOP almost nothing is gained."
        )
    else:
        run = (
            f"A run of {flop} FLOP does best with {in_words(result.run_params, 2)} parameters and"
            f" {counted(float(f'{result.run_epochs:.2g}'), 'epoch')}: loss {result.run_loss:.2f},"
            f" against {result.run_loss_unlimited:.2f} with unlimited text."
        )
    return (
        f"That run takes {in_flop(result.once_flop.value, 2)} FLOP.",
        (
            f"Each of up to {epochs} epochs teaches at least {s.corpus_worth:.0%} of what fresh"
            " text would."
            if epochs > 1
            else f"A second epoch teaches less than {s.corpus_worth:.0%} of what fresh text would."
        ),
        run,
    )


DEMAND_WORDS = {
    "mixture": "past growth of datasets or the forecast of training compute, both equally likely",
    "history": "past growth of datasets",
    "compute": "compute-optimal runs on the forecast of training compute",
}


@answer_of.register
def text_exhaustion_answer(result: TextExhaustion) -> str:
    """The date with its range."""
    return f"The largest training run needs all public human text {result.when}."


@lines_of.register
def text_exhaustion_lines(result: TextExhaustion) -> tuple[str, ...]:
    """The share of futures that never gets there; what drives demand; where it starts."""
    later, horizon = result.later_share, result.scenario.horizon_year
    share = "less than 1%" if later < 0.01 else "more than 99%" if later > 0.99 else f"{later:.0%}"
    rest = (
        f"Every simulated future gets there by {horizon}"
        if later == 0.0
        else f"{share[:1].upper()}{share[1:]} of simulated futures do not get there by {horizon}"
    )
    return (
        f"{rest}{_with_what(result)}.",
        f"Demand: {DEMAND_WORDS[result.scenario.demand]}{_over_trained(result)}.",
        _start_of_demand(result),
    )


def _start_of_demand(result: TextExhaustion) -> str:
    """What the demand of the defaults starts from; of Epoch AI's inputs, what they published."""
    s = result.scenario
    if preset_of(s) == "epoch_2024":
        return (
            "These are the inputs of Epoch AI in June 2024, who published"
            f" {THE_PAPER.words}; the date above is our run of them."
        )
    defaults = TextExhaustionInputs.defaults()
    if any(getattr(s, name) != defaults[name] for name in DEMAND_OF_2024):
        return ""
    sets = range_in_words(s.anchor_tokens.low, s.anchor_tokens.high, in_words)
    parts = {
        "history": f"the largest disclosed training sets, {sets} tokens",
        "compute": "the largest known runs, 10²⁷ FLOP in 2026",
    }
    known = [words for name, words in parts.items() if s.demand in ("mixture", name)]
    return f"Demand starts from what is known in 2026: {', and '.join(known)}."


def _with_what(result: TextExhaustion) -> str:
    """What the user has added to public text, in words."""
    names = {
        "multimodal": "images, audio and video",
        "private": "private text",
        "synthetic": "synthetic text",
    }
    added = [words for name, words in names.items() if getattr(result.scenario, name).high > 0.0]
    return f", with {' and '.join(added)} added" if added else ""


def _over_trained(result: TextExhaustion) -> str:
    """Over-training and which of its two meanings it has, in words."""
    factor = result.scenario.overtraining.median
    if result.scenario.overtraining == Distribution.fixed(1.0):
        return ""
    if result.scenario.overtraining_means == "times_demand":
        return f", times {significant(factor, 2)} for over-training"
    text = factor**0.5
    if abs(text - 1.0) < 0.05:
        return "; over-training hardly changes the text that a run needs"
    return (
        f"; models are trained on {significant(factor, 2)} times the compute-optimal tokens per"
        f" parameter, on {significant(text, 2)} times the text"
    )


@answer_of.register
def text_sensitivity_answer(result: TextSensitivity) -> str:
    """The factor that moves the date most."""
    if not result.swings:
        return "No factor is uncertain in this scenario: every range is a fixed value."
    first = result.swings[0]
    return (
        f"What moves the median date most is {_lower(first.label)}: {_moves(first)}, between its"
        " 10th and 90th percentiles."
    )


@lines_of.register
def text_sensitivity_lines(result: TextSensitivity) -> tuple[str, ...]:
    """The factors after it."""
    places = ("Second", "Third")
    return tuple(
        f"{place}: {_lower(swing.label)}, {_moves(swing)}."
        for place, swing in zip(places, result.swings[1:3], strict=False)
    )


def _lower(label: str) -> str:
    return f"{label[:1].lower()}{label[1:]}"


def _moves(swing: Swing) -> str:
    if np.isinf(swing.years):
        return "to beyond the horizon"
    return f"by {counted(float(f'{swing.years:.2g}'), 'year')}"


@answer_of.register
def text_wall_answer(result: TextWall) -> str:
    """The text there is, and the compute that reads all of it once."""
    flop = result.training_flop.with_range(partial(in_flop, digits=2), "FLOP")
    return (
        f"A compute-optimal run needs all unique public text of {result.year:.0f} from {flop} on."
    )


@lines_of.register
def text_wall_lines(result: TextWall) -> tuple[str, ...]:
    """How much text that is, and what more compute still gains."""
    return (
        (f"That is {result.unique_tokens.with_range(partial(in_words, digits=2), 'tokens')}."),
        (
            "Beyond it, more compute lowers the loss by at most"
            f" {_nats(result.gain_repeated)} nats per token with text repeated, and by"
            f" {_nats(result.gain_once)} read once."
        ),
        f"With more text it could fall by {_nats(result.gain_unlimited)}.",
    )


def _nats(figure: Range) -> str:
    return significant(figure.value, 2)
