"""The terms that pages use without explaining them, each with its meaning: shown by the dashboard
where a term first stands, and by the documentation as its glossary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Term:
    """A term, what it means in a sentence or two, further `spellings` it has in texts, and what it
    means something else `before`.

    Terms in small letters may begin with a capital and end with an s.
    """

    name: str
    meaning: str
    spellings: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the term as a word in a text."""
        words = "|".join(_written(each) for each in (self.name, *self.spellings))
        other = "".join(f"(?! {each})" for each in self.before)
        return re.compile(rf"(?<![\w@-])(?:{words})(?![\w@-]){other}")


def _written(spelling: str) -> str:
    escaped = re.escape(spelling)
    if not spelling[0].islower():
        return escaped
    return f"[{spelling[0].upper()}{spelling[0]}]{re.escape(spelling[1:])}s?"


#: In alphabetical order.
TERMS = (
    Term(
        "bootstrap",
        "A fit repeated on resampled data; the spread of the refits is the range of the result.",
        ("resample",),
    ),
    Term(
        "calibrated",
        "Of a method: its bands are widened by its own past errors, so that 80% bands should"
        " contain about 80% of outcomes. The page Track record counts how many they contained.",
    ),
    Term(
        "compute-optimal",
        "The division of training compute between parameters and tokens that gives the lowest loss:"
        " about 20 tokens per parameter by Hoffmann et al. 2022.",
    ),
    Term(
        "CRPS",
        "Continuous ranked probability score: how far a whole forecast lies from the outcome, in"
        " the unit of the quantity. Lower is better; for a single number it is the absolute error.",
    ),
    Term(
        "Elo",
        "A rating of players: 400 points more win about ten times as often as they lose.",
    ),
    Term(
        "epoch",
        "One pass over the training text; beyond the first, text is repeated.",
        before=("AI",),
    ),
    Term(
        "exchange rate",
        "How much training compute ten times more compute per answer is worth, in orders of"
        " magnitude of each.",
    ),
    Term(
        "FLOP",
        "Floating-point operation, a multiplication or an addition: the unit of compute. Training"
        " takes about 6 per parameter and token, answering 2.",
    ),
    Term(
        "Huber",
        "A loss function for fits: squared for small residuals, linear beyond δ, so that single bad"
        " runs have less influence.",
    ),
    Term("inference", "Running a trained model to get answers, as opposed to training it."),
    Term(
        "KV cache",
        "The keys and values of earlier tokens that a model keeps while it writes, so as not to"
        " compute them again; together with the weights it fills a chip's memory.",
        ("cache of keys and values",),
    ),
    Term(
        "loss",
        "How badly a model predicts text it has not seen, in nats per token; lower is better.",
        before=("of value", "function"),
    ),
    Term(
        "MFU",
        "Model FLOP utilisation: the share of a chip's peak that the model's own arithmetic"
        " reaches, about 0.4 in training and far less in writing answers.",
        ("Model FLOP utilisation",),
    ),
    Term("nat", "The unit of loss, with natural logarithms: 1 nat is 1.44 bits."),
    Term(
        "OOM",
        "Order of magnitude: a factor of ten. 0.3 OOM is a factor of 2, 2 OOM one of 100.",
        ("order of magnitude", "orders of magnitude"),
    ),
    Term("parameter", "A number in a model that training sets; their count, N, is its size."),
    Term(
        "pass@k",
        "The share of problems that at least one of k tries solves.",
    ),
    Term(
        "PUE",
        "Power usage effectiveness: what a data centre draws for each watt of its computers.",
        ("power usage effectiveness",),
    ),
    Term(
        "range",
        "The middle share of a forecast: 80% unless another is chosen, so that one outcome in ten"
        " is expected below it and one above. It is the quantiles of many random draws, or refits.",
        ("80% range",),
    ),
    Term(
        "replica",
        "One copy of a model on the chips that it is spread over; more demand takes more replicas.",
    ),
    Term(
        "roofline",
        "An upper bound on speed, set by the slower of reading memory and multiplying.",
    ),
    Term(
        "scaling law",
        "A formula, fitted to training runs, for how loss falls with parameters, tokens or"
        " compute.",
    ),
    Term("TDP", "Thermal design power: the watts that a chip is built to draw at full load."),
    Term(
        "token",
        "The unit of text that a language model reads and writes, on average about three quarters"
        " of an English word.",
    ),
    Term(
        "TPOT",
        "Time per output token: the time that a model takes for each output token after the first;"
        " the mean unless a percentile is named.",
        ("time per output token",),
    ),
    Term(
        "TTFT",
        "Time to first token: the time from a request's arrival to the first token of its answer,"
        " for waiting and reading the prompt.",
        ("time to first token",),
    ),
    Term(
        "utilisation at the peak",
        "The share of full load at which chips that answer requests run in the busiest hour.",
    ),
)


def terms_in(*texts: str) -> tuple[Term, ...]:
    """The terms that stand in any of the texts."""
    return tuple(term for term in TERMS if any(term.pattern.search(text) for text in texts))


def explained(*texts: str) -> str:
    """The terms of the texts with their meanings, a paragraph of Markdown each; empty for none."""
    return "\n\n".join(f"**{term.name}**: {term.meaning}" for term in terms_in(*texts))
