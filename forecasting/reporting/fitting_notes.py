"""Warnings of fits in words, why an IsoFLOP budget has no lowest point, and what is to be known of
a law in use.
"""

from __future__ import annotations

import math

from forecasting.answers import sentence_of
from forecasting.fitting.fit_warnings import FEW_RUNS
from forecasting.fitting.isoflop import (
    FewModelSizes,
    OutsideSizes,
    Refusal,
    VagueLowestPoint,
)
from forecasting.fitting.law_choice import Doubts, OwnLawNote, PointLawNote, WrittenNote
from forecasting.fitting.warning_kinds import (
    AtBound,
    Curvature,
    CutBeforeDecay,
    Extrapolation,
    FewerResamples,
    FewRuns,
    FewSizes,
    Kind,
    LargeResiduals,
    LossesRise,
    OneRatio,
    Outliers,
    OwnFlop,
    ParamsCounted,
    ResamplesFailed,
    StartsDisagree,
    Undetermined,
    WideExponent,
)
from forecasting.formatting import in_words, significant

#: What a warning means for whoever computes with the law elsewhere, the gravest first; the others
#: do not doubt what the law predicts.
IN_SHORT: dict[Kind, str] = {
    "at_bound": "Its fit lies at the edge of what is allowed: do not extrapolate it.",
    "not_identified": "Its runs do not pin down both exponents: do not take it far beyond them.",
    "starts_disagree": "Its runs allow several laws: do not take it far beyond them.",
    "resamples_failed": "Its ranges are too rough to rely on.",
    "curvature": (
        "Its residuals bend: far beyond its runs it will err by more than its range says."
    ),
    "large_residuals": "Its runs scatter widely about it: they may be of several kinds.",
    "few_runs": f"It is based on fewer than {FEW_RUNS} runs: its ranges are not reliable.",
    "cut_before_decay": "Some of its runs may have been stopped early: check them.",
}
_VALUES = {"params": "model sizes", "tokens": "amounts of tokens"}
_EXPONENTS = {"params": "alpha", "tokens": "beta"}
_QUANTITIES = {"params": "parameters", "tokens": "tokens"}


@sentence_of.register
def few_runs_sentence(note: FewRuns) -> str:
    """Intervals from few runs are not reliable."""
    return (
        f"Only {note.runs} runs for {note.coefficients} coefficients: intervals from fewer than"
        f" {note.needed} runs are not reliable. Add runs."
    )


@sentence_of.register
def few_sizes_sentence(note: FewSizes) -> str:
    """Few different sizes do not identify an exponent."""
    word = _VALUES[note.quantity]
    return (
        f"The runs have {note.distinct} different {word} ({in_words(note.smallest)} to"
        f" {in_words(note.largest)}): {_EXPONENTS[note.quantity]} is not identified by fewer than"
        f" {note.needed}. Add runs of other {word}."
    )


@sentence_of.register
def wide_exponent_sentence(note: WideExponent) -> str:
    """The runs do not pin down an exponent."""
    return (
        f"The runs do not pin down {_EXPONENTS[note.quantity]}: its 90% interval is"
        f" {significant(note.low, 2)} to {significant(note.high, 2)}, from {_VALUES[note.quantity]}"
        f" that span {note.span_oom:.1f} orders of magnitude. Add runs over a wider span."
    )


@sentence_of.register
def one_ratio_sentence(note: OneRatio) -> str:
    """Runs of one ratio cannot tell the exponents apart."""
    return (
        f"Nearly all runs have {significant(note.ratio_low, 2)} to"
        f" {significant(note.ratio_high, 2)} tokens per parameter: at a single ratio, alpha and"
        " beta can't be distinguished. Add runs with more and with fewer tokens per parameter."
    )


@sentence_of.register
def at_bound_sentence(note: AtBound) -> str:
    """Which coefficients lie at the edge, and what that means of each."""
    why = {
        "E": "no irreducible loss shows in these runs",
        "A": "the loss does not depend on parameters here",
        "B": "the loss does not depend on tokens here",
    }
    parts = "; ".join(
        f"{name} = {'0' if name == 'E' else in_words(value)},"
        f" {why.get(name, 'no exponent in the allowed range fits better')}"
        for name, value in note.coefficients
    )
    return f"The best fit lies at the edge of what is allowed: {parts}. Do not extrapolate it."


@sentence_of.register
def undetermined_sentence(note: Undetermined) -> str:
    """Why the runs determine no law, and what to do."""
    flat = [_QUANTITIES[name] for name in note.flat]
    steep = [_QUANTITIES[name] for name in note.steep]
    seen = [f"the loss does not fall with {' or with '.join(flat)}"] if flat else []
    if steep:
        seen.append(
            f"the loss falls with {' and with '.join(steep)} more steeply than any law of this kind"
        )
    words = " and ".join([*flat, *steep])
    return (
        f"These runs do not determine a law: {', and '.join(seen)} as a power law would. Check that"
        " the loss column holds a loss (an accuracy rises), and add runs over a wider span of"
        f" {words}."
    )


@sentence_of.register
def starts_disagree_sentence(note: StartsDisagree) -> str:
    """Few starts end at the best fit."""
    seen = f"{note.agreeing} of {note.tried} starts"
    return f"Only {seen} end at the best fit: the runs allow several laws. Compare the draws."


@sentence_of.register
def resamples_failed_sentence(note: ResamplesFailed) -> str:
    """Resamples without a clear best fit."""
    return (
        f"{100 * (note.failed / note.resamples):.0f}% of the resamples have no clear best fit: the"
        " intervals are too rough to rely on. Add runs."
    )


@sentence_of.register
def fewer_resamples_sentence(note: FewerResamples) -> str:
    """Fewer resamples than asked for, to save time."""
    drawn = (
        f"only {note.resamples:,} were drawn: the ends of intervals are less precise"
        if note.resamples
        else "none was drawn: there are no intervals"
    )
    return (
        f"{note.asked:,} resamples of {note.runs:,} runs would take longer than this fit may, so"
        f" {drawn}. Fewer runs, or a fit in a notebook, give more precise ones."
    )


@sentence_of.register
def cut_before_decay_sentence(note: CutBeforeDecay) -> str:
    """Short runs far above the law."""
    runs = "run ends" if note.suspected == 1 else "runs end"
    return (
        f"{note.suspected} short {runs} more than {100 * note.limit:.0f}% above the law (the worst"
        f" {100 * math.expm1(note.worst_excess):.0f}%: {in_words(note.params)} parameters,"
        f" {in_words(note.tokens)} tokens, loss {significant(note.loss)}), which happens when runs"
        " stop before their learning rate has decayed, or when the law does not describe them."
        " Check them, or leave them out."
    )


@sentence_of.register
def outliers_sentence(note: Outliers) -> str:
    """Single runs far off the law."""
    count = len(note.rows)
    side = "above" if note.worst_excess > 0 else "below"
    worst = f"{100 * abs(math.expm1(note.worst_excess)):.0f}% {side}"
    return (
        f"{count} run{' lies' if count == 1 else 's lie'} more than {100 * note.limit:.0f}% off the"
        f" law ({'' if count == 1 else 'the worst '}{worst}: {in_words(note.params)} parameters,"
        f" {in_words(note.tokens)} tokens, loss {significant(note.loss)}). Check"
        f" {'it, or leave it out' if count == 1 else 'them, or leave them out'}."
    )


@sentence_of.register
def curvature_sentence(note: Curvature) -> str:
    """Residuals that bend."""
    probability = "under 0.001" if note.chance < 0.001 else f"of {significant(note.chance, 1)}"
    return (
        "The residuals bend: squares of ln params and ln tokens explain"
        f" {100 * note.share_explained:.0f}% of them (by chance with a probability {probability},"
        f" were the law right), about {100 * note.typical_bend:.2f}% of the loss. Far extrapolation"
        " will err by more than the interval says."
    )


@sentence_of.register
def extrapolation_sentence(note: Extrapolation) -> str:
    """How far the prediction lies from the runs, in what is farthest."""
    distances = {
        "parameters": note.params_oom,
        "tokens": note.tokens_oom,
        "training compute": note.training_flop_oom,
    }
    word, distance = max(distances.items(), key=lambda item: item[1])
    far = f"{distance:.1f} orders of magnitude" if math.isfinite(distance) else "infinitely far"
    return (
        f"The prediction lies {far} of {word} outside the runs; the interval assumes that the law"
        " holds all the way, which no run here has tested."
    )


@sentence_of.register
def large_residuals_sentence(note: LargeResiduals) -> str:
    """Runs that lie far about their law, pooled groups among them."""
    seen = (
        f"The runs scatter by {100 * note.spread:.0f}% about the law (root mean square of ln loss);"
        f" runs of one kind scatter by at most {100 * note.limit:.0f}%."
    )
    if note.groups:
        return (
            f"{seen} They have {note.groups} groups, and runs within a group differ by only"
            f" {100 * note.within:.1f}%: the groups differ from each other. Fit one group at a"
            " time."
        )
    return (
        f"{seen} Are they of one model family, tokenizer and test set, and are all losses final?"
        " Fit different kinds of runs separately."
    )


@sentence_of.register
def losses_rise_sentence(note: LossesRise) -> str:
    """Losses that rise with tokens are last ones, not lowest ones."""
    return (
        f"In {note.rising} of {note.series} series of one model size the loss rises again with more"
        f" tokens (most by {100 * math.expm1(note.worst):.0f}%: {in_words(note.params)} parameters,"
        f" {in_words(note.tokens)} tokens, loss {significant(note.loss)}), as happens with last"
        " losses of runs that repeat their data or diverge. This law only falls: give the lowest"
        " losses, or leave those runs out."
    )


@sentence_of.register
def params_counted_sentence(note: ParamsCounted) -> str:
    """Two counts of parameters, and the exponent by each."""
    what = {
        "non_embedding_params": "without embeddings",
        "training_flop": "as training_flop implies (C/6D)",
    }[note.by]
    return (
        f"Parameters counted {what} are {100 * note.smallest:.0f}% of `params` in the smallest run"
        f" ({in_words(note.smallest_params)}) and {100 * note.largest:.0f}% in the largest"
        f" ({in_words(note.largest_params)}). Counted this way, alpha is"
        f" {significant(note.alpha_other)} instead of {significant(note.alpha)}: state which count"
        " a law uses, and compare only laws with the same count."
    )


@sentence_of.register
def own_flop_sentence(note: OwnFlop) -> str:
    """By what factor the runs' own compute is not 6·N·D."""
    low, high = significant(note.smallest, 2), significant(note.largest, 2)
    factor = low if low == high else f"{low} to {high}"
    which = "The runs'" if note.differing == note.runs else f"For {note.differing} runs the"
    return (
        f"{which} own compute is {factor} times 6·N·D: attention, embeddings, experts or another"
        " unit? Axes, budgets and distances are in the runs' own count, where a run has none in"
        " 6·N·D; the law is fitted to parameters and tokens."
    )


@sentence_of.register
def few_model_sizes_sentence(note: FewModelSizes) -> str:
    """Too few sizes for a curve."""
    return f"Only {note.sizes} model sizes {_at(note)}: at least {note.needed} are needed."


@sentence_of.register
def outside_sizes_sentence(note: OutsideSizes) -> str:
    """The lowest loss is that of the smallest or largest size run."""
    which, more = ("largest", "larger") if note.is_largest else ("smallest", "smaller")
    return (
        f"The lowest loss {_at(note)} is that of the {which} size run,"
        f" {in_words(note.params, 2)} parameters: run {more} ones, to see where it rises again."
    )


@sentence_of.register
def vague_lowest_point_sentence(note: VagueLowestPoint) -> str:
    """A lowest point that the runs do not determine."""
    return (
        f"The lowest loss measured {_at(note)} is at {in_words(note.params, 2)} parameters, but the"
        " losses beyond it rise no more than noise would explain: only"
        f" {100 * note.share_inside:.0f}% of the draws of the lowest point lie inside the sizes"
        " run. Run more sizes there."
    )


def _at(note: Refusal) -> str:
    return f"at {in_words(note.training_flop, 2)} FLOP"


@sentence_of.register
def written_note_sentence(note: WrittenNote) -> str:
    """The text, and whether the law has a range."""
    return note.text if note.has_range else f"{note.text} Published without draws: no range."


@sentence_of.register
def point_law_sentence(_: PointLawNote) -> str:
    """A point law has no range."""
    return (
        "A law without draws: results have no range from it. Ranges and runs are included only by"
        " Share."
    )


@sentence_of.register
def own_law_sentence(note: OwnLawNote) -> str:
    """The law of one's own runs, with its coefficients."""
    law = note.law
    return (
        f"This page uses the law of your {note.runs} runs (data {note.data_hash[:8]}): E ="
        f" {law.E:.4g}, A = {law.A:.4g}, B = {law.B:.4g}, α = {law.alpha:.3g}, β = {law.beta:.3g}."
    )


@sentence_of.register
def doubts_sentence(note: Doubts) -> str:
    """The gravest warning in short; empty where none doubts what the law predicts."""
    return next((sentence for kind, sentence in IN_SHORT.items() if kind in note.kinds), "")
