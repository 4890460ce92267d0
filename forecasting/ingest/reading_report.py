"""What a reading tells of itself: what each column was taken for, which rows were taken away and
why, which other readings are open, and the question where a file does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forecasting.errors import InputError


@dataclass(frozen=True)
class Answer:
    """One way to read on: `words` name it, `change` holds the fields of the mapping that say so."""

    words: str
    change: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Choice:
    """What was assumed where a file leaves it open: `sentence` says it, `answers` are the other
    readings.
    """

    sentence: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class ColumnReading:
    """A column as read: its `role`, its name (“”: no column gives it), its `unit` and `why`;
    `is_assumed` where neither name, cells nor the user tell the unit. `sample` has three cells.
    """

    role: str
    column: str
    unit: str
    why: str
    is_assumed: bool
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowStep:
    """Rows that a step of the reading took away, and why."""

    rows: int
    why: str


class ReadingQuestionError(InputError):
    """The file can be read in several ways and does not tell which. `roles` are the columns in
    question, `answers` the ways, likelier ones first: give the `change` of one in the mapping.
    """

    def __init__(
        self, roles: Sequence[str], value: object, question: str, answers: Sequence[Answer]
    ) -> None:
        self.roles = tuple(roles)
        self.answers = tuple(answers)
        super().__init__(self.roles[0], value, question)


def with_change(mapping: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a mapping with those of an answer in their place; units and sizes of other
    columns stay.
    """
    changed = dict(mapping)
    for name, value in change.items():
        before = changed.get(name)
        is_part = isinstance(value, Mapping) and isinstance(before, Mapping)
        changed[name] = {**before, **value} if is_part and before is not None else value
    return changed
