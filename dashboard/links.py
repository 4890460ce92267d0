"""Links: the only place that turns a URL's query into a scenario and back.

    v        version of the page's scenario; a field is written only where it differs from the
             defaults of that version
    d        first 8 hex digits of the sha256 over the tables that the forecast in view reads
    p1…p4    pins for comparing, each a percent-encoded query of the same page, in which `pin_name`
             is what the reader calls it
    s        the id of the shared link that was opened, so that what it kept can be shown beside
             today's numbers

A bad value never raises and is never dropped in silence: it gives one line that names the
parameter, the value and what is used instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl, quote, unquote, urlencode

from pydantic import BaseModel, ValidationError

from dashboard.pages.registry import PAGES
from dashboard.state.display import Display
from dashboard.state.machine import Query
from forecasting.data.dataset import DataSet
from forecasting.data.today import today
from forecasting.errors import InputError, UnknownNameError, shown
from forecasting.fitting.law_choice import CUSTOM, STORED
from forecasting.scenario import Scenario
from forecasting.validation import input_errors

PINS = ("p1", "p2", "p3", "p4")
#: What a pin is called, and how many characters of that are read.
PIN_NAME, MAX_PIN_NAME = "pin_name", 40
#: The shared link that an address came from; see session.
SHARED = "s"
RESERVED = ("v", "d", SHARED, *PINS)
#: Parameters that belong to Streamlit, to an iframe or to whoever passes a link on; they are no
#: inputs and no mistakes.
FOREIGN = ("embed", "embed_options", "part", "utm_source", "utm_medium", "utm_campaign")
MAX_WARNINGS = 5
MAX_PARAMETERS = 200
MAX_CHARACTERS = 8_000

#: Names and values from outside, in order.
Pairs = Sequence[tuple[str, str]]
R = TypeVar("R", bound=BaseModel)
S = TypeVar("S", bound=Scenario)
D = TypeVar("D", bound=Display)


@dataclass(frozen=True)
class Opened(Generic[S, D]):
    """What a link opened: scenario, display, pins, warnings to show, and whether the tables have
    changed since it was made.

    `pin_names` are what the pins are called, "" where the reader has given no name; `refusals` are
    the warnings for whoever uses nothing instead.
    """

    scenario: S
    display: D
    pins: tuple[S, ...] = ()
    pin_names: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    tables_changed: bool = False
    refusals: tuple[str, ...] = ()
    shared_id: str = ""


@dataclass
class _Reading:
    """Warnings gathered while one query is read; `refusals` are the same without what is used
    instead.
    """

    tables: DataSet
    prefix: str = ""
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def warn(self, sentence: str, used: str = "") -> None:
        self.warnings.append(f"{self.prefix}{sentence} {used}".rstrip())
        self.refusals.append(self.prefix + sentence)


def pairs_of(
    scenario: Scenario,
    display: Display | None = None,
    pins: Iterable[Scenario] = (),
    *,
    pin_names: Sequence[str] = (),
    tables: DataSet | None = None,
) -> Query:
    """The query of a link as names and values: version, differences from that version's defaults,
    pins with their names, and with `tables` their fingerprint.
    """
    pairs = [("v", str(scenario.VERSION))]
    if tables is not None:
        page = PAGES[scenario.NAME]
        section = page.section(scenario, display or page.display())
        pairs.append(("d", tables.fingerprint(section.sources)))
    pairs += _differences(scenario, scenario.defaults())
    if display is not None:
        current = scenario.VERSION
        pairs += _differences(display, type(display).defaults(current, current))
    for name, pin, called in zip(PINS, pins, (*pin_names, *[""] * len(PINS)), strict=False):
        named = ((PIN_NAME, called),) if called else ()
        pairs.append((name, text_of((*pairs_of(pin), *named))))
    return tuple(pairs)


def query_of(
    scenario: Scenario,
    display: Display | None = None,
    pins: Iterable[Scenario] = (),
    *,
    tables: DataSet | None = None,
) -> str:
    """The query of a link as text; see `pairs_of`."""
    return text_of(pairs_of(scenario, display, pins, tables=tables))


def text_of(pairs: Pairs) -> str:
    """A query as text, percent-encoded."""
    return urlencode(pairs, quote_via=quote)


def limited(pairs: Pairs) -> tuple[Pairs, tuple[str, ...]]:
    """As much of a query as is read, and a sentence where that is not all of it."""
    text = text_of(pairs)
    if len(text) <= MAX_CHARACTERS:
        return pairs, ()
    sentence = (
        f"The link has {len(text):,} characters; those after the first {MAX_CHARACTERS:,} are"
        " ignored."
    )
    return parse_query(text), (sentence,)


def parse_query(text: str) -> list[tuple[str, str]]:
    """A query string as pairs, in order, at most one more than are read; never raises."""
    parts = text[:MAX_CHARACTERS].lstrip("?").split("&")[: MAX_PARAMETERS + 1]
    try:
        return parse_qsl("&".join(parts), keep_blank_values=True)
    except ValueError:
        return []


def is_private(query: Pairs) -> bool:
    """Whether a query names what somebody shared, or carries the law of somebody's own runs, in its
    pins too: no cache is to keep what it opens.
    """
    return any(
        name == SHARED
        or (name == "law" and text.startswith((STORED, CUSTOM)))
        or (name in PINS and is_private(parse_query(text)))
        for name, text in query
    )


def open_link(
    query: Pairs, scenario_class: type[S], display_class: type[D], tables: DataSet
) -> Opened[S, D]:
    """Read a page's query. Always gives a valid scenario; what could not be used is said in
    `warnings`.
    """
    reading = _Reading(tables)
    values = _last_of_each(query, reading)
    version = _version(values.get("v"), scenario_class, reading)
    parameters = {
        name: text for name, text in values.items() if name not in RESERVED and name not in FOREIGN
    }
    display_parameters = {
        name: parameters.pop(name)
        for name in list(parameters)
        if name in display_class.model_fields
    }
    scenario = _read_scenario(
        parameters,
        version,
        scenario_class,
        reading,
        # Without a version it is no link that anyone was given: it opens as the page does today.
        dict(scenario_class.opening(today())) if "v" not in values else None,
    )
    display_defaults = display_class.defaults(version, scenario_class.VERSION)
    display = _read_record(display_parameters, display_class, display_defaults, reading)
    pins = tuple(
        _read_pin(name, values[name], scenario_class, tables, reading)
        for name in PINS
        if name in values
    )
    pin_names = tuple(_pin_name(values[name]) for name in PINS if name in values)
    made_with = values.get("d")
    return Opened(
        scenario=scenario,
        display=display,
        pins=pins,
        pin_names=pin_names if any(pin_names) else (),
        warnings=tuple(reading.warnings),
        tables_changed=made_with is not None and have_changed(made_with, scenario, display, tables),
        refusals=tuple(reading.refusals),
        shared_id=values.get(SHARED, ""),
    )


def have_changed(made_with: str, scenario: Scenario, display: Display, tables: DataSet) -> bool:
    """Whether the tables are others than those of a link: `made_with` is its fingerprint, over the
    tables of the forecast in view, or over those of the page as links had it before.
    """
    page = PAGES[scenario.NAME]
    known = [tables.fingerprint(page.section(scenario, display).sources)]
    if page.page_wide_tables:
        known.append(tables.fingerprint(page.page_wide_tables))
    return made_with not in known


def warning_lines(warnings: Sequence[str]) -> list[str]:
    """At most five warnings, then a count of the rest."""
    if len(warnings) <= MAX_WARNINGS:
        return list(warnings)
    return [
        *warnings[:MAX_WARNINGS],
        f"… and {len(warnings) - MAX_WARNINGS} more values that could not be used.",
    ]


def _differences(record: BaseModel, defaults: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, value_text(value)) for name, value in record if value != defaults[name]]


def value_text(value: Any) -> str:
    """A field's value as it stands in a link; `_read_value` is its inverse."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, tuple):
        return ",".join(quote(value_text(part), safe="") for part in value)
    return str(value)


def _read_value(record_class: type[BaseModel], name: str, text: str) -> Any:
    """What a field is made from: the text, divided where the field is a tuple."""
    annotation = record_class.model_fields[name].annotation
    if text == "" and type(None) in get_args(annotation):
        return None
    if get_origin(annotation) is tuple:
        return tuple(unquote(part) for part in text.split(",")) if text else ()
    return text


def _read_record(
    parameters: Mapping[str, str],
    record_class: type[R],
    defaults: Mapping[str, Any],
    reading: _Reading,
) -> R:
    """The record of a query's parameters, validated as a whole. Each value that cannot be used
    gives a line, and its default takes its place.
    """
    fields = record_class.model_fields
    given = {
        name: _read_value(record_class, name, text)
        for name, text in parameters.items()
        if name in fields
    }
    record, problems = _validated(record_class, {**defaults, **given}, reading.tables)
    remedies = {name: error.remedy for name, error in problems if name in given}
    for name, text in parameters.items():
        if name not in fields:
            reading.warn(
                f"This page has no input “{_short(name)}” (value {shown(text)}).", "It is ignored."
            )
        elif name in remedies:
            reading.warn(*_instead(name, text, remedies[name], defaults[name]))
            del given[name]
    if remedies:
        record, problems = _validated(record_class, {**defaults, **given}, reading.tables)
    # Fields that are right one by one can still contradict each other: the one that the error names
    # goes back to its default.
    while record is None:
        error = problems[0][1]
        name, remedy, value = error.parameter, error.remedy, error.value
        if name not in given:
            # It contradicts a default: the one value without which nothing is contradicted goes.
            clash = _clashing(record_class, defaults, given, reading.tables)
            if clash is None:
                reading.warn(
                    "The inputs of this link contradict each other; the defaults are used instead."
                )
                return record_class(**defaults)
            remedy = f"It contradicts “{name}”, which is {shown(value)}."
            name, value = clash, given[clash]
        reading.warn(*_instead(name, value, remedy, defaults[name]))
        del given[name]
        record, problems = _validated(record_class, {**defaults, **given}, reading.tables)
    return record


def _clashing(
    record_class: type[R], defaults: Mapping[str, Any], given: Mapping[str, Any], tables: DataSet
) -> str | None:
    """The first of the given values without which the record is valid; None where there is none."""
    return next(
        (
            name
            for name in given
            if _validated(record_class, {**defaults, **given, name: defaults[name]}, tables)[0]
            is not None
        ),
        None,
    )


def _validated(
    record_class: type[R], values: Mapping[str, Any], tables: DataSet
) -> tuple[R | None, list[tuple[str, InputError]]]:
    """The record with these values; or None, and its problems by field, “” for what several fields
    say together.
    """
    record = record_class.__new__(record_class)
    problems: list[tuple[str, InputError]] = []
    try:
        # Not by the class, whose own constructor raises the first problem only.
        BaseModel.__init__(record, **values)
    except ValidationError as error:
        problems = input_errors(error)
    if issubclass(record_class, Scenario):
        refused = {name for name, _ in problems}
        for name, value in values.items():
            known = None if name in refused else record_class.choices(name, tables)
            if known is not None and value not in known:
                problems.append((name, UnknownNameError(name, value, known)))
    return (None if problems else record), problems


def _read_scenario(
    parameters: Mapping[str, str],
    version: int,
    scenario_class: type[S],
    reading: _Reading,
    defaults: Mapping[str, Any] | None = None,
) -> S:
    raw: dict[str, Any] = dict(parameters)
    for older in range(version, scenario_class.VERSION):
        if older in scenario_class.MIGRATIONS:
            raw = scenario_class.MIGRATIONS[older](raw)
    return _read_record(raw, scenario_class, defaults or scenario_class.defaults(version), reading)


def _read_pin(name: str, text: str, scenario_class: type[S], tables: DataSet, outer: _Reading) -> S:
    reading = _Reading(tables, prefix=f"In pin {name}: ")
    values = _last_of_each(parse_query(text), reading)
    version = _version(values.get("v"), scenario_class, reading)
    scenario = _read_scenario(
        {k: t for k, t in values.items() if k not in (*RESERVED, PIN_NAME)},
        version,
        scenario_class,
        reading,
    )
    outer.warnings += reading.warnings
    outer.refusals += reading.refusals
    return scenario


def _pin_name(text: str) -> str:
    """What a pin is called: one line of it, its spaces single."""
    named = dict(parse_query(text)).get(PIN_NAME, "")
    return " ".join(named.split())[:MAX_PIN_NAME]


def _last_of_each(query: Pairs, reading: _Reading) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, text in query[:MAX_PARAMETERS]:
        if name in values and values[name] != text:
            reading.warn(
                f"“{_short(name)}” is given more than once.",
                f"The last value, {shown(text)}, is used.",
            )
        values[name] = text
    if len(query) > MAX_PARAMETERS:
        reading.warn(
            f"The link has more than {MAX_PARAMETERS} parameters.",
            f"Those after the first {MAX_PARAMETERS} are ignored.",
        )
    return values


def _version(text: str | None, scenario_class: type[Scenario], reading: _Reading) -> int:
    current = scenario_class.VERSION
    if text is None:
        return current
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= current:
        return int(text)
    if text.isascii() and text.isdigit() and int(text[:9]) > current:
        reading.warn(
            f"“v” is {shown(text)}: this link was made by a newer version; it is read as version"
            f" {current} as well as possible."
        )
    else:
        reading.warn(
            f"“v” is {shown(text)}, which is not a version; version {current} is used instead."
        )
    return current


def _instead(name: str, value: Any, remedy: str, instead: Any) -> tuple[str, str]:
    return f"“{_short(name)}” is {shown(value)}. {remedy}", f"{shown(instead)} is used instead."


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"
