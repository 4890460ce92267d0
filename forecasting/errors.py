"""The errors that the engine raises.

ForecastingError             every error raised on purpose; str() is a sentence for the user
├── InputError               one input is wrong: names the parameter, the value seen and what would
                             be right
│   └── UnknownNameError     a name that is in no list; suggests the nearest ones
├── NotEnoughDataError       too few usable rows for what was asked
│   └── NotEnoughYearsError  points of too few years
├── BeyondNumbersError       inputs that lead to numbers which cannot be computed
├── TookTooLongError         work that was stopped, its time being over
├── TableError               a table does not match its schema; names file, column, row and value
└── FolderInUseError         another process is replacing the tables of a folder
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import Any

from forecasting.formatting import in_words

#: How many names an error gives as the nearest.
NEAREST = 3


class ForecastingError(Exception):
    """An error whose text is a sentence that a user can act on."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by its arguments, which are others than those of a subclass: errors come back from
        # the processes and machines in which they were raised.
        return _restored, (type(self), self.args), self.__dict__


class InputError(ForecastingError, ValueError):
    """One input is wrong. A ValueError, so that pydantic names the field in which it was raised.

    `parameter` is the input's name, `value` what was seen, `remedy` a sentence that says what would
    be right.
    """

    def __init__(self, parameter: str, value: object, remedy: str) -> None:
        self.parameter = parameter
        self.value = value
        self.remedy = remedy
        super().__init__(f"`{parameter}` is {shown(value)}. {remedy}")


class UnknownNameError(InputError):
    """A name that is in no list of known names; `known` holds that list."""

    def __init__(self, parameter: str, value: object, known: Iterable[str]) -> None:
        self.known = tuple(known)
        nearest = _nearest(str(value)[:200], self.known) or self.known[:5]
        more = "" if len(self.known) <= len(nearest) else f" ({len(self.known)} names are known)"
        super().__init__(parameter, value, f"Use a known name, such as {', '.join(nearest)}{more}.")


def _nearest(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """At most three names: those that begin with it, as “GPT-6” does “GPT-6 Astra”, then those
    spelt alike.
    """
    begun = [each for each in known if name and each.casefold().startswith(name.casefold())]
    alike = difflib.get_close_matches(name, known, n=NEAREST, cutoff=0.4)
    return tuple(dict.fromkeys([*begun[:NEAREST], *alike]))[:NEAREST]


class NotEnoughDataError(ForecastingError):
    """Too few usable rows. `found` rows were left where `needed` are required."""

    def __init__(self, found: int, needed: int, remedy: str) -> None:
        self.found = found
        self.needed = needed
        self.remedy = remedy
        left = {0: "No point is", 1: "Only 1 point is"}.get(found, f"Only {found} points are")
        least = f"{needed} is" if needed == 1 else f"{needed} are"
        super().__init__(f"{left} left and at least {least} needed. {remedy}")


class NotEnoughYearsError(NotEnoughDataError):
    """Points of too few years: `found` years have some where `needed` are required."""

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(
            found,
            needed,
            f"{found} {'year' if found == 1 else 'years'} with points are known, {needed} are"
            " needed: take more years or another method.",
        )
        # Of points, of which there may be many, nothing is to be said.
        self.args = (self.remedy,)


class TableError(ForecastingError):
    """A table does not match its schema. `table` names it, `problems` lists one sentence a
    problem.
    """

    def __init__(self, table: str, problems: Iterable[str]) -> None:
        self.table = table
        self.problems = tuple(problems)
        super().__init__(f"The table {table} can't be used: " + " ".join(self.problems[:5]))


class BeyondNumbersError(ForecastingError):
    """Inputs, each allowed, that together lead to numbers which cannot be computed."""

    def __init__(self) -> None:
        super().__init__(
            "These inputs together lead to numbers that are too large, too small or undetermined to"
            " compute with. Move the most unusual one closer to its default."
        )


class TookTooLongError(ForecastingError):
    """Work that was stopped once it had taken as long as it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"This took longer than {seconds:g} seconds and was stopped. Ask for fewer draws or"
            " resamples, or try again when fewer others ask."
        )


class FolderInUseError(ForecastingError):
    """Another process, `holder`, is replacing the tables of this folder."""

    def __init__(self, folder: str, holder: str) -> None:
        self.folder = folder
        self.holder = holder
        super().__init__(
            f"Another refresh of {folder} is running ({holder or 'by another process'}). This one"
            " changed nothing; wait until the other has finished."
        )


def _restored(kind: type[ForecastingError], said: tuple[Any, ...]) -> ForecastingError:
    return kind.__new__(kind, *said)


def shown(value: object, limit: int = 60) -> str:
    """The value as it is quoted in a message: text in quotes, ranges and large numbers in words,
    shortened to `limit` characters.
    """
    if value is None:
        return "none"
    text = f"“{value}”" if isinstance(value, str) else str(getattr(value, "words", value))
    if isinstance(value, float) and math.isfinite(value) and abs(value) >= 1e6:
        text = in_words(value, 6)
    return (
        text
        if len(text) <= limit
        else text[: limit - 1] + "…" + ("”" if isinstance(value, str) else "")
    )
