"""Answers: what a result says, in sentences. A result holds numbers; its sentences are written in
`reporting`.

Those of a result of `forecasting.<package>` are in `forecasting.reporting.<package>_answers`, which
registers a function for each type of result:

    @answer_of.register
    def model_cost_answer(result: ModelCost) -> str: ...

The module is imported when a result of its package is first asked for an answer, so that a result
has its words in a notebook that imports nothing else, and a forecast alone loads no sentences.
"""

from __future__ import annotations

import importlib
from functools import cached_property, singledispatch


class Answered:
    """A result that answers its question in words."""

    @cached_property
    def answer(self) -> str:
        """The answer in a sentence or two, with its ranges."""
        _load_sentences(type(self))
        return answer_of(self)

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """The sentences to begin with: the answer, and what is to be said beside it."""
        _load_sentences(type(self))
        return answers_of(self)


@singledispatch
def answer_of(result: object) -> str:
    """The answer of a result in a sentence or two; raises TypeError where its type has none."""
    raise TypeError(f"{type(result).__name__} has no answer: register one with answer_of.")


@singledispatch
def answers_of(result: object) -> tuple[str, ...]:
    """The sentences to begin with; the answer alone where its type registers no others."""
    return (answer_of(result),)


def _load_sentences(kind: type) -> None:
    """Import the module that registers the sentences of this type of result."""
    package = kind.__module__.split(".")[1]
    importlib.import_module(f"forecasting.reporting.{package}_answers")
