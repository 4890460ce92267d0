"""What a loss column really holds: nats, bits, perplexity, accuracy or error; told by its name, or
suspected from its numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.formatting import significant
from forecasting.ingest.column_mapping import Measure

#: A model that knows nothing loses ln(vocabulary) nats a token: 12.4 for 250,000 words, the largest
#: in use.
LARGEST_USUAL_LOSS = 12.5
#: No run ends outside these, in whatever unit; far more than any perplexity, which may stand in a
#: column called loss.
SMALLEST_LOSS, LARGEST_LOSS = 1e-9, 1e6
#: Accuracies and errors are per cent where at least this share of them is above 2; single ones
#: above 1 are wrong.
PER_CENT_SHARE = 0.25
#: Scores rise with compute, losses fall: the rank correlation from which a column is suspected to
#: hold scores, and the fewest runs for it.
RISING_CORRELATION, MIN_FOR_RISE = 0.6, 8

MEASURE_WORDS: dict[Measure, str] = {
    "loss": "loss in nats per token",
    "bits": "loss in bits per token",
    "bits_per_byte": "loss in bits per byte",
    "perplexity": "perplexity",
    "ln_loss": "natural logarithm of the loss",
    "log10_loss": "logarithm of the loss to base 10",
    "accuracy": "accuracy",
    "error": "error rate",
}
CONVERSIONS: dict[Measure, str] = {
    "loss": "used as it is",
    "bits": "multiplied by ln 2",
    "bits_per_byte": (
        "multiplied by ln 2, so that the loss is in nats per byte, not per token; its level and E"
        " can't be compared with published laws, its exponents can"
    ),
    "perplexity": "its natural logarithm is the loss",
    "ln_loss": "the loss is its exponential",
    "log10_loss": "the loss is 10 to its power",
    "accuracy": (
        "1 − accuracy takes the place of the loss; such a law's floor and exponents are those of"
        " the error, not of the loss"
    ),
    "error": (
        "the error takes the place of the loss; such a law's floor and exponents are those of the"
        " error, not of the loss"
    ),
}


@dataclass(frozen=True)
class MeasureGuess:
    """A suspicion: the column seems to hold `measure`; `sentence` says why and what is offered."""

    measure: Measure
    sentence: str


def as_loss(values: FloatArray, measure: Measure) -> FloatArray:
    """The values as a loss to fit; what can't be converted becomes NaN. Accuracies and errors may
    be per cent.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if measure == "perplexity":
            return np.where(values > 1.0, np.log(values), np.nan)
        if measure in ("ln_loss", "log10_loss"):
            base = math.e if measure == "ln_loss" else 10.0
            return np.asarray(np.power(base, values), dtype=np.float64)
        if measure in ("bits", "bits_per_byte"):
            return values * math.log(2.0)
        if measure in ("accuracy", "error"):
            share = values / 100.0 if in_per_cent(values) else values
            result = 1.0 - share if measure == "accuracy" else share
            return np.where((result > 0.0) & (result <= 1.0), result, np.nan)
    return values


def in_per_cent(values: FloatArray) -> bool:
    """Whether accuracies or errors are written as 87 rather than 0.87."""
    known = values[np.isfinite(values)]
    return known.size > 0 and float(np.mean(known > 2.0)) >= PER_CENT_SHARE


def right_values(measure: Measure) -> str:
    """What a cell of this measure must hold, as a sentence."""
    return {
        "loss": "Give the loss in nats per token, such as 2.87.",
        "bits": "Give the loss in bits, such as 3.4.",
        "bits_per_byte": "Give the loss in bits per byte, such as 0.9.",
        "ln_loss": "Give the natural logarithm of the loss, such as 1.05.",
        "log10_loss": "Give the logarithm of the loss to base 10, such as 0.46.",
        "perplexity": "Give a perplexity above 1, such as 17.5.",
        "accuracy": "Give an accuracy between 0 and 1, or between 0% and 100%.",
        "error": "Give an error above 0 and up to 1, or up to 100%.",
    }[measure]


def guessed_measure(values: FloatArray, training_flop: FloatArray) -> MeasureGuess | None:
    """What numbers called a loss seem to be instead; None where nothing speaks against a loss in
    nats.
    """
    usable = np.isfinite(values) & np.isfinite(training_flop)
    values, training_flop = values[usable], training_flop[usable]
    if not values.size:
        return None
    middle = float(np.median(values))
    if values.size >= MIN_FOR_RISE and values.min() > 0.0 and values.max() <= 100.0:
        rise = _rank_correlation(values, training_flop)
        if rise > RISING_CORRELATION:
            sentence = (
                f"The numbers rise with compute (rank correlation {rise:.2f}), from"
                f" {significant(float(values.min()))} to {significant(float(values.max()))}, as"
                " accuracies do and losses do not. Read them as accuracy?"
            )
            return MeasureGuess("accuracy", sentence)
    if middle > LARGEST_USUAL_LOSS:
        sentence = (
            f"Half of the numbers are above {significant(middle)}; a loss in nats per token hardly"
            f" exceeds {LARGEST_USUAL_LOSS}. They look like perplexities. Read them as perplexity"
            " (the loss is its natural logarithm)?"
        )
        return MeasureGuess("perplexity", sentence)
    return None


def _rank_correlation(x: FloatArray, y: FloatArray) -> float:
    ranks = [np.unique(values, return_inverse=True)[1].astype(np.float64) for values in (x, y)]
    if any(np.ptp(rank) == 0.0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
