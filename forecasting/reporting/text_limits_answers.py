"""When text runs out, in words: the date, what moves it, one corpus, the wall."""

from __future__ import annotations

from functools import partial

import numpy as np

from forecasting.answers import answer_of, answers_of
from forecasting.formatting import in_words, significant
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
    """What the corpus feeds and how often to read it, in plain words."""
    s = result.scenario
    feeds = (
        f"Read once, {in_words(s.corpus_tokens)} tokens feed a compute-optimal run of up to"
        f" {in_words(result.once_flop.value, 2)} FLOP ({in_words(result.once_params.value, 2)}"
        f" parameters{_range_words(result)}). "
    )
    again = (
        f"Up to {result.worthwhile_epochs} epochs each teach at least {s.corpus_worth:.0%} of"
        " what fresh text would. "
        if result.worthwhile_epochs > 1
        else f"No second epoch teaches {s.corpus_worth:.0%} of what fresh text would. "
    )
    if result.run_epochs <= 1.0:
        run = f"A run of {in_words(s.corpus_flop)} FLOP needs only {result.run_epochs:.0%} of it."
    elif s.corpus_flop > result.enough_flop:
        run = (
            f"A run of {in_words(s.corpus_flop)} FLOP has more compute than this corpus can"
            f" use: beyond about {in_words(result.enough_flop, 1)} FLOP hardly anything is"
            f" gained, and the loss stays above {result.floor:.3f}, against"
            f" {result.run_loss_unlimited:.3f} with text unlimited."
        )
    else:
        run = (
            f"A run of {in_words(s.corpus_flop)} FLOP does best with"
            f" {in_words(result.run_params, 2)} parameters and {significant(result.run_epochs, 2)}"
            f" epochs: loss {result.run_loss:.3f}, against {result.run_loss_unlimited:.3f} with"
            f" text unlimited and {result.floor:.3f} at best on this corpus."
        )
    return feeds + again + run


def _range_words(result: TextCorpus) -> str:
    if not result.law.has_range:
        return ""
    return f", {result.once_params.range_words(partial(in_words, digits=2))}"


DEMAND_WORDS = {
    "mixture": "demand follows past growth or the compute forecast",
    "history": "datasets grow as they have",
    "compute": "runs are compute-optimal on the compute forecast",
}


@answer_of.register
def text_exhaustion_answer(result: TextExhaustion) -> str:
    """The answer in one sentence, with its range and the share that never gets there."""
    later, horizon = result.later_share, result.scenario.horizon_year
    share = "less than 1%" if later < 0.01 else "more than 99%" if later > 0.99 else f"{later:.0%}"
    rest = (
        f"all draws get there by {horizon}"
        if later == 0.0
        else f"{share} of draws get there after {horizon} or never"
    )
    return (
        "The largest training run will want all public human text worth training"
        f" on{_with_what(result)} {result.when}, if"
        f" {DEMAND_WORDS[result.scenario.demand]}{_over_trained(result)}; {rest}."
    )


@answers_of.register
def text_exhaustion_answers(result: TextExhaustion) -> tuple[str, ...]:
    """The date, and where the demand of a preset starts."""
    start = _start_of_demand(result)
    return (result.answer, start) if start else (result.answer,)


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
    shift = 10.0**s.compute_shift_oom.median
    parts = {
        "history": (
            f"the largest training sets disclosed, {in_words(s.anchor_tokens.low)} to"
            f" {in_words(s.anchor_tokens.high)} tokens"
        ),
        "compute": (
            "the compute forecast of Besiroglu et al. 2022, raised"
            f" {significant(shift, 1)}-fold to the largest known runs (5 × 10²⁶ FLOP in 2025, 10²⁷"
            " in 2026)"
        ),
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
    return f", with {' and '.join(added)} added," if added else ""


def _over_trained(result: TextExhaustion) -> str:
    """Over-training and which of its two meanings it has, in words."""
    factor = result.scenario.overtraining.median
    if result.scenario.overtraining == Distribution.fixed(1.0):
        return ""
    if result.scenario.overtraining_means == "times_demand":
        return f" times {significant(factor, 2)} by over-training"
    return (
        f" and models are over-trained ×{significant(factor, 2)} at fixed compute"
        f" (×{significant(factor**0.5, 2)} the text)"
    )


@answer_of.register
def text_sensitivity_answer(result: TextSensitivity) -> str:
    """The factors that move the date most, in one sentence."""
    if not result.swings:
        return "No factor is uncertain in this scenario: every range is a fixed value."
    named = [
        f"{swing.label[:1].lower()}{swing.label[1:]}, {_moves(swing)}"
        for swing in result.swings[:3]
    ]
    listed = "; ".join(named)
    return (
        "What moves the median date most, between the 10th and 90th percentile of a factor:"
        f" {listed}."
    )


def _moves(swing: Swing) -> str:
    if np.isinf(swing.years):
        return "to beyond the horizon"
    return f"{significant(swing.years, 2)} years"


@answer_of.register
def text_wall_answer(result: TextWall) -> str:
    """The compute at the wall and what lies beyond it, in one sentence."""
    return (
        f"A compute-optimal run needs all unique public text of {result.year:.0f},"
        f" {_words(result.unique_tokens)} tokens, at {_words(result.training_flop)} FLOP. From"
        f" there compute alone can still lower the loss by {_nats(result.gain_repeated)} nats per"
        f" token with the text repeated and by {_nats(result.gain_once)} read once, of the"
        f" {_nats(result.gain_unlimited)} that more text would allow."
    )


def _words(figure: Range) -> str:
    return figure.with_range(partial(in_words, digits=2))


def _nats(figure: Range) -> str:
    return f"{significant(figure.value, 2)}"
