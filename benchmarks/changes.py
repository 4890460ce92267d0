"""How long a change of one input takes: every forecast of a section at its defaults first, as a
page opens, then with each of its inputs moved alone, in seconds of one processor.

python -m benchmarks changes; `changes:scaling` for the sections of one page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Literal, get_args, get_origin

from dashboard.forecasts import forecast
from dashboard.pages.declaration import Section
from dashboard.pages.registry import PAGES
from forecasting.context import context_of
from forecasting.data.dataset import bundled
from forecasting.errors import ForecastingError
from forecasting.scenario import Inputs
from forecasting.stats.distribution import Distribution

#: What takes longer is listed input by input (s).
LISTED_S = 0.3
#: Of a field whose names come from a table, so many are tried.
NAMES = 3


def run(name: str | None = None) -> None:
    print(
        "forecast of each section, CPU seconds: at its defaults; the slowest with one input moved;"
        f" below it every move above {LISTED_S} s"
    )
    for page in [PAGES[name]] if name else PAGES.values():
        timed: set[Callable[..., Any]] = set()
        for section in page.sections:
            if section.forecast not in timed:
                timed.add(section.forecast)
                of_section(page.name, section)


def of_section(page: str, section: Section) -> None:
    """Time one section's forecast, and say so."""
    inputs_type = section.inputs
    opened = seconds(section, inputs_type())
    for warm in section.warm:
        warm(context_of(bundled()))
    moved = {move: seconds(section, inputs) for move, inputs in moves(inputs_type)}
    slowest = max(moved.values(), default=0.0)
    print(f"{page:13s} {section.name:13s} {opened:6.2f} s {slowest:6.2f} s", flush=True)
    for move, took in sorted(moved.items(), key=lambda each: -each[1]):
        if took > LISTED_S:
            print(f"{'':28s} {took:6.2f} s  {move}", flush=True)


def seconds(section: Section, inputs: Inputs) -> float:
    """CPU seconds until the forecast is there; one that can't be made counts as well."""
    started = time.process_time()
    with suppress(ForecastingError):
        forecast(section.forecast, inputs, bundled())
    return time.process_time() - started


def moves(inputs_type: type[Inputs]) -> Iterator[tuple[str, Inputs]]:
    """The inputs with one of them moved, and in words which."""
    for name in inputs_type.model_fields:
        for value in others(inputs_type, name):
            with suppress(ForecastingError):  # beyond its bounds, or against another input
                yield f"{name} = {value}", inputs_type().replaced(**{name: value})


def others(inputs_type: type[Inputs], name: str) -> list[Any]:
    """What else a field may be: its other choices, or a number or range near its default."""
    field = inputs_type.model_fields[name]
    default = field.get_default()
    names = inputs_type.choices(name, bundled())
    if names is not None:
        return [each for each in names if each != default][:NAMES]
    if get_origin(field.annotation) is Literal:
        return [each for each in get_args(field.annotation) if each != default]
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, int):
        return [default + 1]
    if isinstance(default, float):
        return [default * 1.1, default * 0.9][: 1 if default else 0]
    if isinstance(default, Distribution):
        return [default.model_copy(update={"high": default.high * 1.1})]
    return []
