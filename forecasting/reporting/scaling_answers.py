"""Scaling laws in words: what compute buys, surfaces, panels, architectures, routing."""

from __future__ import annotations

import math

import numpy as np

from forecasting.answers import answer_of
from forecasting.fitting.group_comparison import Crossover
from forecasting.formatting import in_words, significant
from forecasting.scaling.architectures import LEVEL, ArchitectureComparison
from forecasting.scaling.compute_buys import ComputeBuys
from forecasting.scaling.isoflop_surface import Surface
from forecasting.scaling.kaplan_panels import MIN_RUNS, PANEL_WORDS, KaplanPanels, PanelSet
from forecasting.scaling.routed_or_dense import RoutedOrDense
from forecasting.scaling.set_overview import SetOverview
from forecasting.stats.estimate import Estimate


@answer_of.register
def architecture_comparison_answer(result: ArchitectureComparison) -> str:
    """Where the architecture passes, or is passed by, the first two others; what falls fastest,
    and lowest.
    """
    said = [crossing_sentence(crossover) for crossover in result.crossovers[:2]]
    more = len(result.crossovers) - len(said)
    if more:
        said.append(f"{more} more comparison{'s' if more > 1 else ''} in the table.")
    return " ".join(capitalised(sentence) for sentence in (*said, best_model_sentences(result)))


def sizes_sentence(result: ArchitectureComparison) -> str:
    """The sizes of the models compared, in a sentence."""
    known = [one.architecture for one in result.curves if one.architecture.params is not None]
    if not known:
        return f"The data give layers, not parameters: sizes are not matched. {NO_POOLING}"
    words = ", ".join(f"{one.name} {in_words(one.params or 0.0, 3)} parameters" for one in known)
    return f"Sizes: {words}. {NO_POOLING}"


def best_model_sentences(result: ArchitectureComparison) -> str:
    """Which of them has the steepest slope at the chosen number of examples, and which the
    lowest floor.
    """
    steepest = max(result.curves, key=lambda one: one.slope_at.value)
    lowest = min(result.curves, key=lambda one: one.fit.estimate("floor").value)
    said = (
        f"At {in_words(result.at)} {result.unit} {steepest.architecture.label} falls fastest, with"
        " a slope of "
    )
    said += interval_words(steepest.slope_at, 2)
    if result.scenario.curve_form == "M1":
        return f"{said}."
    who = "and" if lowest is steepest else f"{lowest.architecture.label}"
    return (
        f"{said}{'' if lowest is steepest else ';'} {who} has the lowest floor,"
        f" {interval_words(lowest.fit.estimate('floor'), 2)}."
    )


NO_POOLING = "Each curve is one model of one size; fits never pool sizes."


def capitalised(sentence: str) -> str:
    """The sentence with its first letter raised, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def crossing_sentence(crossing: Crossover) -> str:
    """The crossover in plain words; where there is none, who stays ahead."""
    if crossing.verdict == "none":
        return (
            f"{crossing.worse} stays ahead of {crossing.better}: the curves do not cross in the"
            " data, nor within eight orders of magnitude beyond it."
        )
    return crossing.answer


def interval_words(figure: Estimate, digits: int = 3) -> str:
    """A figure with its 90% interval: 0.29 (90% 0.25 to 0.35)."""
    low, high = figure.interval(LEVEL)
    return (
        f"{significant(figure.value, digits)} (90% {significant(low, digits)} to"
        f" {significant(high, digits)})"
    )


GENERATION = 100.0


@answer_of.register
def compute_buys_answer(result: ComputeBuys) -> str:
    """What the compute buys, in a sentence with ranges."""
    flop = in_words(result.scenario.training_flop)
    said = (
        f"{flop} FLOP buy, at best, a loss of {result.words(result.loss, 3)} nats per token:"
        f" {result.words(result.params)} parameters trained on"
        f" {result.words(result.tokens)} tokens,"
        f" {result.words(result.tokens_per_param)} tokens for each parameter."
    )
    if not result.law.has_range:
        said += (
            f" The law “{result.law.title}” comes without draws, so these numbers have no range."
        )
    if result.beyond_oom > 0.05:
        said += (
            f" The largest run behind it is {significant(result.beyond_oom, 2)} orders of"
            " magnitude smaller."
        )
    return said


def generation_sentence(result: ComputeBuys) -> str:
    """What a hundredfold compute does to parameters and tokens, and what a hundredfold of both
    takes.
    """
    share = result.law.law.params_exponent
    return (
        f"A hundredfold compute grows the best model ×{significant(GENERATION**share, 2)} and"
        f" its data ×{significant(GENERATION ** (1 - share), 2)}; a hundredfold of both takes"
        " ×10,000 compute. “100 times of everything” and “100 times the compute” differ."
    )


def target_words(result: Surface) -> str:
    """The target in words."""
    params, tokens = result.target
    if result.scenario.predict == "compute":
        return f"{in_words(result.scenario.target_flop)} FLOP spent at best"
    if math.isinf(tokens):
        return f"{in_words(params)} parameters with unlimited data"
    if math.isinf(params):
        return f"{in_words(tokens)} tokens with a model of unlimited size"
    return f"{in_words(params)} parameters on {in_words(tokens)} tokens"


@answer_of.register
def surface_answer(result: Surface) -> str:
    """The exponent of the optimal size and the predicted loss, with their intervals."""
    (low, high), (least, most) = (each.interval(LEVEL) for each in (result.curve, result.run))
    return (
        f"By these {len(result.fit.runs)} runs the best model grows as compute to the power"
        f" {result.words('params_exponent')}. For {target_words(result)} the law predicts a loss of"
        f" {result.curve.value:.2f} nats per token: 90% interval {low:.2f} to {high:.2f} for the"
        f" law, {least:.2f} to {most:.2f} for a new run."
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
    """The refitted slopes of the panel in view beside Kaplan's."""
    panel = result.scenario.panel
    fitted = [
        f"{slope_words(one.slope)} on {int(one.used.sum())} runs ({one.title})"
        for one in result.shown
        if one.slope
    ]
    refused = " ".join(_refusal(one) for one in result.shown if one.slope is None)
    kaplan = minus(result.kaplan_slope(panel))
    if not fitted:
        return (
            f"No slope against {PANEL_WORDS[panel]} can be fitted; Kaplan's line has {kaplan}."
            f" {refused}"
        )
    return (
        f"Loss falls with {PANEL_WORDS[panel]} to the power {'; '.join(fitted)}. Kaplan's line"
        f" has {kaplan}. Tokenizer, text and loss measured differ: slopes may be compared,"
        f" levels may not. {refused}"
    ).strip()


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
    """A slope with its 90% interval, steep end last."""
    low, high = slope.interval(LEVEL)
    return f"{minus(slope.value)} (90% {minus(high)} to {minus(low)})"


def minus(value: float) -> str:
    """A slope to three decimals, with a true minus sign."""
    return f"{value:.3f}".replace("-", "−")


@answer_of.register
def routed_or_dense_answer(result: RoutedOrDense) -> str:
    """Up to which size routing helps, by router."""
    said = "; ".join(f"{one.router} {one.crossover_words}" for one in result.routers)
    beyond = min(math.log10(one.crossover.value / result.largest_run) for one in result.routers)
    better = np.concatenate([one.gains for one in result.routers]) > 0.0
    share = (
        "every routed model that was run"
        if better.all()
        else f"{better.mean():.0%} of the routed models that were run"
    )
    return (
        f"Routing to experts lowers the loss of {share}, up to {in_words(result.largest_run, 2)}"
        f" dense parameters. By the law it stops helping at a dense size of about {said}:"
        f" {significant(beyond, 2)} orders of magnitude or more beyond the runs, so an order of"
        " magnitude at best, not an observation."
    )


@answer_of.register
def set_overview_answer(result: SetOverview) -> str:
    """How many sets and points, and how well the laws predict what they did not see."""
    points = sum(row.points for row in result.rows)
    known = [row.miss for row in result.rows if math.isfinite(row.miss)]
    return (
        f"{len(result.rows)} published sets with {points:,} points in all. Fitted to the smaller"
        " runs or earlier points of a set, its law misses the held-out ones by"
        f" {significant(100 * min(known), 2)}% to {significant(100 * max(known), 2)}% of the"
        " loss."
    )


def _refusal(one: PanelSet) -> str:
    """Why no line is fitted to a set."""
    other = "data" if one.panel == "params" else "model size"
    return (
        f"{one.title}: only {int(one.used.sum())} of {one.x.size} runs are not limited by {other},"
        f" and at least {MIN_RUNS} of three sizes are needed (raise the share allowed)."
    )
