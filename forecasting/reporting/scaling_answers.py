"""Scaling laws in words: what compute buys, surfaces, panels, architectures, routing."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from forecasting.answers import answer_of, lines_of
from forecasting.fitting.group_comparison import Crossover
from forecasting.formatting import (
    counted,
    in_flop,
    in_percent,
    in_words,
    likely,
    range_in_words,
    significant,
)
from forecasting.scaling.architectures import ArchitectureComparison
from forecasting.scaling.compute_buys import ComputeBuys
from forecasting.scaling.isoflop_surface import Surface
from forecasting.scaling.kaplan_panels import MIN_RUNS, PANEL_WORDS, KaplanPanels, PanelSet
from forecasting.scaling.routed_or_dense import RoutedOrDense
from forecasting.scaling.set_overview import SetOverview
from forecasting.stats.estimate import Estimate
from forecasting.stats.range_level import level_in_words


@answer_of.register
def architecture_comparison_answer(result: ArchitectureComparison) -> str:
    """Where the architecture passes, or is passed by, the first other."""
    return capitalised(crossing_sentence(result.crossovers[0]))


@lines_of.register
def architecture_comparison_lines(result: ArchitectureComparison) -> tuple[str, ...]:
    """The second comparison; what falls fastest, and lowest."""
    second = [capitalised(crossing_sentence(each)) for each in result.crossovers[1:2]]
    return (*second, *best_model_sentences(result))


def sizes_sentence(result: ArchitectureComparison) -> str:
    """The sizes of the models compared, in a sentence."""
    known = [one.architecture for one in result.curves if one.architecture.params is not None]
    if not known:
        return f"The data give layers, not parameters: sizes are not matched. {NO_POOLING}"
    words = ", ".join(f"{one.name} {in_words(one.params or 0.0, 3)} parameters" for one in known)
    return f"Sizes: {words}. {NO_POOLING}"


def best_model_sentences(result: ArchitectureComparison) -> tuple[str, ...]:
    """Which of them has the steepest slope at the chosen number of examples, and which the
    lowest floor.
    """
    steepest = max(result.curves, key=lambda one: one.slope_at.value)
    fastest = (
        f"At {in_words(result.at, 2)} {result.unit} {steepest.architecture.label} falls fastest:"
        f" its slope is {interval_words(steepest.slope_at, 2)}."
    )
    if result.scenario.curve_form == "M1":
        return (fastest,)
    lowest = min(result.curves, key=lambda one: one.fit.estimate("floor").value)
    return (
        fastest,
        (
            f"{lowest.architecture.label} has the lowest floor:"
            f" {interval_words(lowest.fit.estimate('floor'), 2)}."
        ),
    )


NO_POOLING = "Each curve is one model of one size; fits never pool sizes."


def capitalised(sentence: str) -> str:
    """The sentence with its first letter raised, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def crossing_sentence(crossing: Crossover) -> str:
    """The crossover in plain words; where there is none, who stays ahead."""
    if crossing.verdict == "none":
        return f"{crossing.worse} stays ahead of {crossing.better}, in the data and far beyond it."
    return crossing.answer


def interval_words(figure: Estimate, digits: int = 3) -> str:
    """A figure with its range: 0.29, likely 0.25–0.35 (80%)."""
    return figure.with_range(partial(significant, digits=digits))


GENERATION = 100.0


@answer_of.register
def compute_buys_answer(result: ComputeBuys) -> str:
    """The least loss that the compute buys, with its range."""
    return (
        f"Spent optimally, {in_flop(result.scenario.training_flop)} FLOP reach a loss of"
        f" {result.words(result.loss, 'nats per token', 3)}."
    )


@lines_of.register
def compute_buys_lines(result: ComputeBuys) -> tuple[str, ...]:
    """The model and its data; how far the compute lies from the runs behind the law."""
    ratio = result.tokens_per_param
    if not result.law.has_range:
        reach = f"The law “{result.law.title}” comes without ranges."
    elif result.beyond_oom > 0.05:
        reach = (
            "The largest run behind the law used"
            f" {significant(10.0**result.beyond_oom, 2)} times less compute."
        )
    else:
        reach = ""
    return (
        f"The best model has {result.words(result.params, 'parameters')}.",
        (
            f"It is trained on {result.words(result.tokens, 'tokens')}: about"
            f" {in_words(ratio.value, 2)} for each parameter."
        ),
        reach,
    )


def generation_sentence(result: ComputeBuys) -> str:
    """What a hundredfold compute does to parameters and tokens, and what a hundredfold of both
    takes.
    """
    share = result.law.law.params_exponent
    return (
        f"With 100 times the compute, the best model has {significant(GENERATION**share, 2)} times"
        f" the parameters and {significant(GENERATION ** (1 - share), 2)} times the data; 100 times"
        " both takes 10,000 times the compute."
    )


def target_words(result: Surface) -> str:
    """The target in words."""
    params, tokens = result.target
    if result.scenario.predict == "compute":
        return f"{in_flop(result.scenario.target_flop)} FLOP spent optimally"
    if math.isinf(tokens):
        return f"{in_words(params)} parameters with unlimited data"
    if math.isinf(params):
        return f"{in_words(tokens)} tokens with a model of unlimited size"
    return f"{in_words(params)} parameters on {in_words(tokens)} tokens"


@answer_of.register
def surface_answer(result: Surface) -> str:
    """The predicted loss at the target, with its range."""
    return (
        f"With {target_words(result)}, the law of these {len(result.fit.runs)} runs predicts a loss"
        f" of {result.curve.with_range('{:.2f}'.format, 'nats per token')}."
    )


@lines_of.register
def surface_lines(result: Surface) -> tuple[str, ...]:
    """The same for a single run, and the exponent of the optimal size."""
    level = level_in_words()
    run = likely(*result.run.interval(level), level, "{:.2f}".format)
    exponent = likely(*result.interval("params_exponent", level), level, "{:.2f}".format)
    value = result.fit.estimate("params_exponent").value
    return (
        f"A single new run: {run}." if run else "",
        (
            "The best model size grows as compute to the power"
            f" {value:.2f}{f', {exponent}' if exponent else ''}."
        ),
    )


def surface_formula(result: Surface) -> str:
    """The law with its numbers, as LaTeX."""
    law = result.fit.law
    A, B = (f"{value:,.0f}".replace(",", r"\,") for value in (law.A, law.B))
    return (
        rf"L(N, D) = {law.E:.3f} + \frac{{{A}}}{{N^{{{law.alpha:.3f}}}}} +"
        rf" \frac{{{B}}}{{D^{{{law.beta:.3f}}}}}"
    )


#: The vocabulary of GPT-2's tokenizer, which Kaplan et al. used: guessing at random costs its
#: logarithm.
VOCABULARY = 50_257


@answer_of.register
def kaplan_panels_answer(result: KaplanPanels) -> str:
    """The refitted slope of the panel in view beside Kaplan's."""
    panel = result.scenario.panel
    kaplan = minus(result.kaplan_slope(panel))
    fitted = [one for one in result.shown if one.slope]
    if not fitted:
        return f"No slope against {PANEL_WORDS[panel]} can be fitted; Kaplan's line has {kaplan}."
    return (
        f"Loss falls with {PANEL_WORDS[panel]} to the power {_slope_on(fitted[0])}; Kaplan's line"
        f" has {kaplan}."
    )


def _slope_on(one: PanelSet) -> str:
    assert one.slope is not None
    return f"{slope_words(one.slope)}, on {int(one.used.sum())} runs ({one.title})"


@lines_of.register
def kaplan_panels_lines(result: KaplanPanels) -> tuple[str, ...]:
    """The other sets, and what may be compared."""
    fitted = [one for one in result.shown if one.slope]
    return (
        *(f"{one.title}: {slope_words(one.slope)}." for one in fitted[1:2] if one.slope),
        *(_refusal(one) for one in result.shown if one.slope is None),
        (
            "Tokenizer, text and loss measured differ between sets: compare slopes, not levels."
            if fitted
            else ""
        ),
    )[:3]


def joint_answer(result: KaplanPanels) -> str:
    """Why a large model on next to no data does not work, in a sentence."""
    s = result.scenario
    guess = math.log(VOCABULARY)
    limited = result.joint_loss > 1.5 * result.line_loss
    note = " The data are the limit: more parameters do not help." if limited else ""
    return (
        f"{in_words(s.joint_params)} parameters on {in_words(s.joint_tokens)} tokens: the line"
        " for parameters alone promises a loss of "
        f"{result.line_loss:.2f} nats per token, the joint law says {result.joint_loss:.1f};"
        f" guessing at random costs ln {VOCABULARY:,} = "
        f"{guess:.1f}.{note}"
    )


def slope_words(slope: Estimate) -> str:
    """A slope with its range, steep end last."""
    level = level_in_words()
    low, high = slope.interval(level)
    ends = likely(high, low, level, minus)
    return f"{minus(slope.value)}{f', {ends}' if ends else ''}"


def minus(value: float) -> str:
    """A slope to three decimals, with a true minus sign."""
    return f"{value:.3f}".replace("-", "−")


@answer_of.register
def routed_or_dense_answer(result: RoutedOrDense) -> str:
    """Up to which size routing is known to help."""
    better = np.concatenate([one.gains for one in result.routers]) > 0.0
    share = (
        "every routed model that was run"
        if better.all()
        else f"{better.mean():.0%} of the routed models that were run"
    )
    return (
        f"Routing to experts lowers the loss of {share}, up to {in_words(result.largest_run, 2)}"
        " parameters if dense."
    )


@lines_of.register
def routed_or_dense_lines(result: RoutedOrDense) -> tuple[str, ...]:
    """The size at which it stops to help by the law, and how far that is from any run."""
    sizes = [one.crossover.value for one in result.routers]
    first = min(result.routers, key=lambda one: one.crossover.value)
    beyond = min(sizes) / result.largest_run
    where = range_in_words(min(sizes), max(sizes), partial(in_words, digits=1))
    return (
        f"By the law, it stops helping at {where} dense parameters, depending on the router.",
        f"Soonest: {first.router}, at {first.crossover_words}.",
        (
            f"That is at least {significant(beyond, 1)} times beyond the largest run: an"
            " extrapolation, good to a factor of ten at best."
            if beyond > 1.0
            else ""
        ),
    )


@answer_of.register
def set_overview_answer(result: SetOverview) -> str:
    """How well the laws predict what they did not see."""
    known = [row.miss for row in result.rows if math.isfinite(row.miss)]
    misses = range_in_words(min(known), max(known), partial(in_percent, digits=2))
    return (
        "Laws fitted to the smaller runs of a published set miss the loss of the held-out larger"
        f" ones by {misses}."
    )


@lines_of.register
def set_overview_lines(result: SetOverview) -> tuple[str, ...]:
    """How many sets and points."""
    points = sum(row.points for row in result.rows)
    return (f"{counted(len(result.rows), 'published set')} with {points:,} points in all.",)


def _refusal(one: PanelSet) -> str:
    """Why no line is fitted to a set."""
    other = "data" if one.panel == "params" else "model size"
    return (
        f"{one.title}: only {int(one.used.sum())} of {one.x.size} runs are not limited by {other};"
        f" {MIN_RUNS} of three sizes are needed."
    )
