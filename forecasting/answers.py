"""Answers: what a result says, in sentences. A result holds numbers; its sentences are written in
`reporting`.

Those of a result of `forecasting.<package>` are in `forecasting.reporting.<package>_answers`, which
registers a function for each type of result:

    @answer_of.register
    def model_cost_answer(result: ModelCost) -> str: ...

and, for the lines below the answer, one with `lines_of`. Neither is remembered: ranges are written
at the level that is chosen (see stats.range_level), and what is past depends on the day.

What is to be said beside an answer (a warning of a fit, a note on a rate) is a small record of the
figures in it; its sentence is in `forecasting.reporting.<package>_notes`, registered likewise with
`sentence_of`.

The modules are imported when a result of their package is first asked for words, so that a result
has its words in a notebook that imports nothing else, and a forecast alone loads no sentences.
"""

from __future__ import annotations

import importlib
from functools import singledispatch


class Answered:
    """A result that answers its question in words."""

    @property
    def answer(self) -> str:
        """The answer in one short sentence, with its range."""
        _load_words(type(self), "answers")
        return answer_of(self)

    @property
    def lines(self) -> tuple[str, ...]:
        """Up to three lines below the answer, one fact each."""
        _load_words(type(self), "answers")
        return tuple(line for line in lines_of(self) if line)

    @property
    def full_answer(self) -> str:
        """The answer and its lines."""
        return " ".join((self.answer, *self.lines))


class Noted:
    """A record of figures that has a sentence of its own, to stand beside an answer."""

    @property
    def sentence(self) -> str:
        """What the figures say, and what to do about it."""
        _load_words(type(self), "notes")
        return sentence_of(self)


@singledispatch
def answer_of(result: object) -> str:
    """The answer of a result in a sentence of at most 30 words; raises TypeError where its type has
    none.
    """
    raise TypeError(f"{type(result).__name__} has no answer: register one with answer_of.")


@singledispatch
def lines_of(result: object) -> tuple[str, ...]:
    """What stands below the answer, a fact a line; empty ones are left out. None where the type
    of the result registers none.
    """
    del result
    return ()


@singledispatch
def sentence_of(note: object) -> str:
    """The sentence of a note; raises TypeError where its type has none."""
    raise TypeError(f"{type(note).__name__} has no sentence: register one with sentence_of.")


def _load_words(kind: type, words: str) -> None:
    """Import the module that registers the answers or notes of this type of result."""
    package = kind.__module__.split(".")[1]
    importlib.import_module(f"forecasting.reporting.{package}_{words}")
