"""What pydantic refuses, as an InputError that says what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from forecasting.errors import InputError
from forecasting.formatting import in_words


def input_error(error: ValidationError) -> InputError:
    """The first problem of a pydantic error as an InputError that says what would be right."""
    return _input_error(error.errors(include_url=False)[0])


def input_errors(error: ValidationError) -> list[tuple[str, InputError]]:
    """All problems of a pydantic error, each with the field that it was found in; “” for what
    several fields say together.
    """
    found = error.errors(include_url=False)
    return [(str(each["loc"][0]) if each["loc"] else "", _input_error(each)) for each in found]


def _input_error(details: ErrorDetails) -> InputError:
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause
    parameter = ".".join(str(part) for part in details["loc"]) or "scenario"
    what = _remedy(details["type"], details.get("ctx", {}), details["msg"])
    return InputError(parameter, details.get("input"), what)


def _remedy(kind: str, context: Mapping[str, Any], message: str) -> str:
    """What would be right, from the kind of a pydantic error and its context."""
    if kind == "greater_than_equal":
        return f"Use {_bound(context['ge'])} or more."
    if kind == "greater_than":
        return f"Use more than {_bound(context['gt'])}."
    if kind == "less_than_equal":
        return f"Use {_bound(context['le'])} or less."
    if kind == "less_than":
        return f"Use less than {_bound(context['lt'])}."
    if kind == "literal_error":
        return re.sub(r"'([^']*)'", r"“\1”", f"Use one of {context['expected']}.")
    if kind.startswith(("int", "float", "finite")):
        return "Use a whole number." if kind.startswith("int") else "Use a number."
    if kind.startswith("bool"):
        return "Use 1 for yes or 0 for no."
    if kind == "extra_forbidden":
        return "There is no such input."
    return message[:1].upper() + message[1:] + "."


def _bound(value: float) -> str:
    """A bound in words; what may be a year stays as it is written."""
    return (
        str(value) if isinstance(value, int) and abs(value) < 10_000 else in_words(float(value), 6)
    )
