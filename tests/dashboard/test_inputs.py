"""Each section's forecast reads the tables and the inputs that it declares, and no others.

A spy in place of the inputs records which fields are read; reading a table is recorded whichever
data set it is read from. Every forecast is made for its default inputs and for variations of them,
with its answer, table and key figures: all fields at once, then other choices until all that is
declared has been read; in soak every field one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar, Literal, get_args, get_origin

import pandas as pd
import pytest

from dashboard.export.exports import answer_of, lines_of
from dashboard.pages.declaration import Section
from dashboard.pages.registry import PAGES
from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import ForecastingError
from forecasting.scenario import Inputs, quantity
from forecasting.stats.key_figures import key_figures
from tests.examples import SOAK

#: Sections that share a forecast are tested once.
SECTIONS = {
    section.forecast: pytest.param(
        section,
        id=f"{page.name}-{section.name}",
        marks=[pytest.mark.soak] if section.is_slow else [],
    )
    for page in PAGES.values()
    for section in reversed(page.sections)
}
#: What is read does not depend on the number of draws.
FEW_DRAWS = {"draws": 50, "resamples": 100}
#: How a law is fitted changes what is computed, not what is read; each fit takes a second.
HOW_TO_FIT = ("loss_function", "residuals", "resampling", "bootstrap_by", "resample_by")
#: Forecasts that make others, or one many times over, or fit many laws: their inputs are varied
#: only until everything that is declared has been read.
REPEATING = (
    "goal_seek",
    "kaplan_panels",
    "overview",
    "own_runs",
    "set_overview",
    "track_record",
    "what_matters",
)
#: Of a field whose names come from a table, the first few are tried, and the last.
FIRST_NAMES = 3


@dataclass
class Reads:
    """The fields and tables that were read; `stray` are tables of another data set than the one
    given to the forecast.
    """

    fields: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    stray: set[str] = field(default_factory=set)
    is_paused: bool = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Record no field within: to validate and to copy inputs reads them all."""
        before, self.is_paused = self.is_paused, True
        yield
        self.is_paused = before


def spy_of(inputs: Inputs, inputs_type: type[Inputs], reads: Reads) -> Inputs:
    """The same inputs, with fields that record that they are read; to hand on all of them reads
    all.
    """

    class Spy(inputs_type):  # type: ignore[valid-type, misc]
        def __init__(self, **values: Any) -> None:
            with reads.paused():
                super().__init__(**values)

        def __getattribute__(self, name: str) -> Any:
            if not reads.is_paused and name in inputs_type.model_fields:
                reads.fields.add(name)
            return super().__getattribute__(name)

        def __iter__(self) -> Iterator[tuple[str, Any]]:
            if not reads.is_paused:
                reads.fields.update(inputs_type.model_fields)
            return super().__iter__()

        def replaced(self, **changes: Any) -> Inputs:
            with reads.paused():
                return super().replaced(**changes)

    with reads.paused():
        return Spy.model_construct(**dict(inputs))


@dataclass
class Recorder:
    """Makes forecasts from a data set of its own, so that no result is at hand yet."""

    reads: Reads
    data: DataSet

    def make(self, forecast: Callable[..., Any], inputs: Inputs) -> None:
        """Make a forecast and all that an export has of it; an error ends it."""
        with suppress(ForecastingError):
            result = forecast(spy_of(inputs, type(inputs), self.reads), data=self.data)
            answer_of(result)
            lines_of(result)
            assert result.table is not None
            key_figures(result)

    def mismatches(self, inputs_type: type[Inputs]) -> dict[str, set[str]]:
        """How what was read differs from what is declared."""
        found = {
            "fields never read": set(inputs_type.model_fields) - self.reads.fields,
            "tables never read": set(inputs_type.TABLES) - self.reads.tables,
            "tables not declared": self.reads.tables - set(inputs_type.TABLES),
            "tables of another data set": self.reads.stray,
        }
        return {what: names for what, names in found.items() if names}


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder(Reads(), DataSet())
    read, narrow = DataSet.__getitem__, Inputs.of.__func__  # type: ignore[attr-defined]

    def recording(data: DataSet, name: str) -> pd.DataFrame:
        (made.reads.tables if data is made.data else made.reads.stray).add(name)
        return read(data, name)

    def narrowed(cls: type[Inputs], inputs: Inputs) -> Inputs:
        with made.reads.paused():
            return spy_of(narrow(cls, inputs), cls, made.reads)

    monkeypatch.setattr(DataSet, "__getitem__", recording)
    monkeypatch.setattr(Inputs, "of", classmethod(narrowed))
    return made


def few_of(inputs_type: type[Inputs]) -> dict[str, int]:
    """The fields that set how many draws are made, at few."""
    return {name: few for name, few in FEW_DRAWS.items() if name in inputs_type.model_fields}


def other_choices(inputs_type: type[Inputs]) -> dict[str, list[Any]]:
    """What each field may be other than its default; of a field that takes any number, nothing."""
    found: dict[str, list[Any]] = {}
    for name, info in inputs_type.model_fields.items():
        choices: tuple[Any, ...] = ()
        if name in HOW_TO_FIT:
            continue
        if name == "law":
            choices = ("chinchilla",)
        elif (names := inputs_type.choices(name, bundled())) is not None:
            choices = (*names[: FIRST_NAMES + 1], names[-1])
        elif get_origin(info.annotation) is Literal:
            choices = get_args(info.annotation)
        elif info.annotation is bool:
            choices = (False, True)
        found[name] = [choice for choice in choices if choice != info.get_default()]
    return found


def variations(inputs_type: type[Inputs]) -> Iterator[Inputs]:
    """The default inputs, then each field's other choices, one field at a time."""
    few = few_of(inputs_type)
    yield inputs_type(**few)
    for name, choices in other_choices(inputs_type).items():
        for choice in choices:
            yield inputs_type(**few, **{name: choice})


def variations_at_once(inputs_type: type[Inputs]) -> Iterator[Inputs]:
    """All fields at their first other choice, then at their second, and so on."""
    others = {name: choices for name, choices in other_choices(inputs_type).items() if choices}
    for at in range(max(map(len, others.values()), default=0)):
        with suppress(ForecastingError):
            yield inputs_type(
                **few_of(inputs_type),
                **{name: choices[at % len(choices)] for name, choices in others.items()},
            )


#: A seed for which no result comes with the product, which would be read in place of the tables.
NOT_SHIPPED = 20_261


@pytest.mark.parametrize("section", SECTIONS.values())
def test_a_forecast_reads_the_tables_and_fields_that_it_declares_and_no_others(
    section: Section, request: pytest.FixtureRequest
) -> None:
    one_by_one = list(variations(section.inputs))
    at_once = list(variations_at_once(section.inputs))
    recorder: Recorder = request.getfixturevalue("recorder")  # after the choices have been read
    if section.is_slow:  # it reads the same whatever its inputs: seconds are saved
        seeded = {"seed": NOT_SHIPPED} if "seed" in section.inputs.model_fields else {}
        every, needed = [section.inputs(**few_of(section.inputs), **seeded)], 1
    elif SOAK:
        every, needed = one_by_one, len(one_by_one)
    else:
        every = [one_by_one[0], *at_once, *one_by_one[1:]]
        needed = 1 if section.forecast.__name__ in REPEATING else 2
    for made, inputs in enumerate(every):
        if made >= needed and not recorder.mismatches(section.inputs):
            break
        recorder.make(section.forecast, inputs)
    assert not recorder.mismatches(section.inputs)


class ToyInputs(Inputs):
    """Inputs of which one field and one table are read, and one of each is not."""

    TABLES: ClassVar[tuple[str, ...]] = ("gpu_prices", "ml_chips")

    chosen: int = quantity(1, unit="1", label="Read")
    ignored: int = quantity(1, unit="1", label="Not read")


def test_the_spy_tells_what_is_declared_wrongly(recorder: Recorder) -> None:
    def forecast(inputs: ToyInputs, *, data: DataSet) -> SimpleNamespace:
        bundled()["us_consumer_prices"]
        data["ai_models"]
        # A copy reads nothing by itself.
        inputs = ToyInputs.of(inputs.replaced(chosen=2))
        return SimpleNamespace(table=data["gpu_prices"].head(inputs.chosen), answer="", lines=())

    recorder.make(forecast, ToyInputs())
    assert recorder.mismatches(ToyInputs) == {
        "fields never read": {"ignored"},
        "tables never read": {"ml_chips"},
        "tables not declared": {"ai_models"},
        "tables of another data set": {"us_consumer_prices"},
    }
