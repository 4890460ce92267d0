"""What a page declares of itself: its name, question, inputs and display, and its sections, each
with its forecast and the function that draws it.

A page's folder holds one declaration, `PAGE`, in its `__init__.py`. Navigation, API, warm-up, the
list of methods, embedding and the tests of all pages follow from it. Nothing here imports the code
that draws a page: it is named, and imported when the page is first shown.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.state.display import Display
from forecasting.context import Context
from forecasting.scenario import Inputs, Scenario, inputs_class

if TYPE_CHECKING:
    import pandas as pd

    from dashboard.charts.figure import Figure

#: A pure function of inputs and data: `forecast(inputs, *, data=None)`.
Forecast = Callable[..., Any]
#: Draws a section for a page's state.
Show = Callable[[Any], None]


def _no_words(_scenario: Any) -> str:
    return ""


@dataclass(frozen=True)
class Group:
    """An entry of the section control that holds several sections; the display's `field` names the
    one in view.
    """

    name: str
    label: str
    field: str


@dataclass(frozen=True)
class Section:
    """One section of a page: one forecast, and how it is drawn.

    Parameters
    ----------
    name, label : str
        Its name in links, and in words.
    forecast : Forecast
        What computes its result; the export and the API give that result.
    show : str
        The function that draws it, as “module:function”.
    figure : str
        The function of that module that makes its chart of a state, a result and those of the pins;
        none where it has no chart.
    numbers : str
        The function of that module that makes the table in words of a result; without one documents
        hold the result's own table.
    numbers_of_pins : bool
        Whether that function takes a list, the result and after it those of the pins.
    notes : str
        What of that module says what is assumed and left out: sentences, or a function of a result.
    sensitivity : Forecast or None
        What computes which inputs move the result, where that is known.
    group : Group or None
        The entry of the section control that it shares with others.
    view : str
        Its entry in the section control, where that is another section's too.
    when : Mapping[str, str]
        Further fields of scenario or display that bring it in view, with their values.
    exported_as : str or None
        Its name in exports and in the API, where that is not `name`.
    without_law : Callable[[Scenario], str]
        What it shows in place of a law in use everywhere, where there is more to say than that it
        needs none.
    methods : tuple[str, ...]
        The documented objects of the engine that compute it, as “module” or “module:name”.
    warm : tuple[Callable[[Context], object], ...]
        Computes what its first visitor would wait for besides the forecast.
    report : Callable[[PageExport], str] or None
        Makes its report in Markdown, where it has one of its own.
    is_slow : bool
        Whether its forecast takes seconds: it is warmed after all others.
    """

    name: str
    label: str
    forecast: Forecast = field(repr=False)
    show: str
    figure: str = ""
    numbers: str = ""
    numbers_of_pins: bool = False
    notes: str = ""
    sensitivity: Forecast | None = field(default=None, repr=False)
    group: Group | None = None
    view: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    exported_as: str | None = None
    without_law: Callable[[Any], str] = field(default=_no_words, repr=False)
    methods: tuple[str, ...] = ()
    warm: tuple[Callable[[Context], object], ...] = field(default=(), repr=False)
    report: Callable[[Any], str] | None = field(default=None, repr=False)
    is_slow: bool = False

    @property
    def inputs(self) -> type[Inputs]:
        """The record of inputs that its forecast reads."""
        return inputs_class(self.forecast)

    @property
    def sources(self) -> tuple[str, ...]:
        """The tables that its forecast reads."""
        return self.inputs.TABLES

    def in_place_of_law(self, scenario: Scenario) -> str:
        """What it shows in place of a law in use everywhere; no words where it uses that law, or
        the page knows of none.
        """
        words = self.without_law(scenario)
        uses_law = "law" in self.inputs.model_fields or not hasattr(scenario, "law")
        return words or ("" if uses_law else "this section needs no scaling law")

    @property
    def export_name(self) -> str:
        """The name that exports and the API have for it."""
        return self.name if self.exported_as is None else self.exported_as

    @property
    def entry(self) -> str:
        """The entry of the section control under which it stands."""
        return self.group.name if self.group else self.view or self.name

    @property
    def entry_label(self) -> str:
        """The words of that entry."""
        return self.group.label if self.group else self.label

    def draw(self, state: Any) -> None:
        """Draw the section for a page's state."""
        self.load()(state)

    def load(self) -> Show:
        """The function that draws it, imported."""
        module, _, function = self.show.partition(":")
        found: Show = getattr(importlib.import_module(module), function)
        return found

    def figure_of(self, state: Any, result: Any, pins: Sequence[Any] = ()) -> Figure | None:
        """Its chart for a page's state, with the results of the forecast and of its pins; None
        where it has no chart, or nothing to draw.
        """
        if not self.figure:
            return None
        made: Figure | None = self._named(self.figure)(state, result, pins)
        return made

    def numbers_of(self, result: Any, pins: Sequence[Any] = ()) -> pd.DataFrame | None:
        """The table in words of a result, with its pins where it compares them; None where the
        section names none.
        """
        if not self.numbers:
            return None
        given = [result, *pins] if self.numbers_of_pins else result
        made: pd.DataFrame = self._named(self.numbers)(given)
        return made

    def notes_of(self, result: Any) -> Sequence[str]:
        """What is assumed and left out, a sentence or two each."""
        found = self._named(self.notes) if self.notes else ()
        notes: Sequence[str] = found(result) if callable(found) else found
        return notes

    def _named(self, name: str) -> Any:
        """What the module that draws it has under a name."""
        return getattr(importlib.import_module(self.show.partition(":")[0]), name)


@dataclass(frozen=True)
class Page:
    """One page. `name` is its address and API name; `menu` its name in the navigation, where that
    is not its title.

    Sections are looked through in their order: one that asks for more fields (`when`) stands before
    the one that is shown otherwise. `draws_control`: the sections draw the section control
    themselves, below what they share. `page_wide_tables`: the tables over which its links took
    their fingerprint while all sections shared one; such links are still in use.
    """

    title: str
    question: str
    icon: str
    scenario: type[Scenario]
    sections: tuple[Section, ...] = field(repr=False)
    display: type[Display] = Display
    menu: str = ""
    page_wide_tables: tuple[str, ...] = field(default=(), repr=False)
    draws_control: bool = False

    @property
    def name(self) -> str:
        """The page's address and API name."""
        return self.scenario.NAME

    @property
    def path(self) -> str:
        """The page's path below the address of the dashboard; the Overview stands at its root."""
        return "" if self.name == "overview" else self.name

    @property
    def menu_title(self) -> str:
        """The page's name in the navigation."""
        return self.menu or self.title

    @property
    def has_control(self) -> bool:
        """Whether the reader chooses among sections."""
        return "view" in self.display.model_fields

    @property
    def entries(self) -> dict[str, str]:
        """The entries of the section control, each with its words; those of the last section under
        an entry, which is the one shown otherwise.
        """
        return {section.entry: section.entry_label for section in self.sections}

    def parts(self, group: Group) -> dict[str, str]:
        """The sections of a group, each with its words."""
        return {section.name: section.label for section in self.sections if section.group is group}

    def query(self, section: Section) -> dict[str, str]:
        """The fields of scenario and display that bring a section in view."""
        if not self.has_control:
            return {}
        group = {section.group.field: section.name} if section.group else {}
        return {"view": section.entry, **group, **section.when}

    def section(self, scenario: Any, display: Any) -> Section:
        """The section that a state shows."""
        return next(
            section
            for section in self.sections
            if all(
                getattr(display if hasattr(display, name) else scenario, name) == value
                for name, value in self.query(section).items()
            )
        )
