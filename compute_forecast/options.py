"""Options of a command, made from the fields of a page's scenario: the same names, units, bounds
and defaults. Values are checked where the page's own are, in `dashboard.links`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dashboard import links
from forecasting.errors import InputError
from forecasting.formatting import in_words
from forecasting.parsing import number_in
from forecasting.stats.distribution import Distribution, RangeBounds

#: Years are written without a thousands separator.
_PLAIN_BELOW = 10_000
#: How a bound that pydantic keeps under this attribute is written.
_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_BARE_UNITS = ("", "1", "name", "yes/no")


def add_options(
    parser: argparse.ArgumentParser,
    record: type[BaseModel],
    *,
    title: str,
    only: Iterable[str] | None = None,
    without: Iterable[str] = (),
) -> None:
    """Add an option for each field of `record`, or for those named in `only`."""
    group = parser.add_argument_group(title)
    names = list(record.model_fields) if only is None else list(only)
    for name in names:
        if name in without:
            continue
        info = record.model_fields[name]
        group.add_argument(
            f"--{name}",
            metavar=_metavar(info),
            default=argparse.SUPPRESS,
            help=_help(info).replace("%", "%%"),
        )


def given_pairs(arguments: argparse.Namespace, *records: type[BaseModel]) -> list[tuple[str, str]]:
    """The inputs that were given, as the pairs of a page's query."""
    return [
        (name, as_in_a_link(record.model_fields[name], getattr(arguments, name)))
        for record in records
        for name in record.model_fields
        if hasattr(arguments, name)
    ]


def as_in_a_link(info: FieldInfo, text: str) -> str:
    """Numbers may be written as people write them, such as 1.4T or 20%, as in the page's boxes."""
    if not {int, float} & {info.annotation, *get_args(info.annotation)}:
        return text
    try:
        float(text)
        return text
    except ValueError:
        pass
    try:
        return links.value_text(number_in(text))
    except InputError:
        return text  # refused with the page's own sentence


def _metavar(info: FieldInfo) -> str:
    annotation = info.annotation
    if get_origin(annotation) is Literal:
        return "{" + ",".join(str(choice) for choice in get_args(annotation)) + "}"
    if annotation is bool:
        return "{0,1}"
    if annotation is Distribution:
        return "RANGE"
    if {int, float} & {annotation, *get_args(annotation)}:
        return "YEAR" if _extra(info).get("unit") == "year" else "NUMBER"
    return "NAME"


def _help(info: FieldInfo) -> str:
    extra = _extra(info)
    notes = [] if extra.get("unit", "") in _BARE_UNITS else [str(extra["unit"])]
    for bound in info.metadata:
        for attribute, words in _BOUNDS.items():
            if hasattr(bound, attribute):
                notes.append(words.format(_number(getattr(bound, attribute))))
    notes += [each.words for each in info.metadata if isinstance(each, RangeBounds)]
    default = info.get_default()
    notes.append("default: " + (_number(default) if default is not None else "none"))
    why = str(extra.get("why", ""))
    return f"{info.description or ''} ({'; '.join(notes)}). {why}".strip()


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return links.value_text(value)
    if value == int(value) and abs(value) < _PLAIN_BELOW:
        return str(int(value))
    return in_words(float(value), 6)


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
