"""What a page shows at one moment, as a record: scenario, display, pins, and how its link is
written; and what a session remembers of it.

A law of own runs is named “yours” inside the session alone: links carry its coefficients
(custom:…), a shared link the name that it keeps the law under (s:…).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Generic

import streamlit as st
from pydantic import BaseModel

from dashboard import links
from dashboard.links import D, S
from dashboard.pages.declaration import Section
from dashboard.pages.registry import PAGES
from dashboard.state.machine import Page, Query
from dashboard.store import Stored
from forecasting.context import Context, context_of
from forecasting.data.today import today
from forecasting.fitting.law_choice import STORED, YOURS, custom_name
from forecasting.scenario import Scenario
from forecasting.stats.range_level import level_of_bands

#: What the widgets of an uncertain input hold.
RANGE_PARTS = ("low", "high", "share", "shape")
#: What parts the key of a typed quantity from its text.
TYPED = ":typed:"


@dataclass(frozen=True)
class PageState(Generic[S, D]):
    """What a page shows: its scenario, its display, its pins, and the sentences about its link.

    `share` is what the shared link kept that was opened, as long as its scenario is the one on the
    page.
    """

    scenario: S
    display: D
    pins: tuple[S, ...] = ()
    warnings: tuple[str, ...] = ()
    tables_changed: bool = False
    context: Context = field(default_factory=context_of)
    share: Stored | None = None
    pin_names: tuple[str, ...] = ()

    def pin_name(self, number: int) -> str:
        """What the reader calls a pin; no text where nothing."""
        return self.pin_names[number] if number < len(self.pin_names) else ""

    @property
    def page(self) -> str:
        """The page's address, which is also the prefix of its widgets' keys."""
        return self.scenario.NAME

    @cached_property
    def section(self) -> Section:
        """The section of the page that is in view."""
        return PAGES[self.page].section(self.scenario, self.display)

    def key(self, name: str) -> str:
        """The widget key of a field."""
        return f"{self.page}.{name}"

    def range_keys(self, name: str) -> dict[str, str]:
        """The widget keys of an uncertain input, by part."""
        return {part: f"{self.key(name)}:{part}" for part in RANGE_PARTS}

    def typed_key(self, name: str, text: str) -> str:
        """The widget key of the field in which a quantity is typed, while it is written `text`."""
        return f"{self.key(name)}{TYPED}{text}"

    @cached_property
    def query(self) -> Query:
        """The query of a link to this state; a law of own runs is written as its coefficients."""
        scenario, *pins = (portable(each, self.context) for each in (self.scenario, *self.pins))
        return links.pairs_of(
            scenario, self.display, pins, pin_names=self.pin_names, tables=self.context.data
        )

    @cached_property
    def link(self) -> str:
        """That query as text."""
        return links.text_of(self.query)

    def shared_query(self, share_id: str) -> Query:
        """The query that a shared link keeps: a law of own runs goes by the name under which the
        link keeps it.
        """
        scenario, *pins = (_stored(each, share_id) for each in (self.scenario, *self.pins))
        return links.pairs_of(
            scenario, self.display, pins, pin_names=self.pin_names, tables=self.context.data
        )

    @property
    def address(self) -> Query:
        """The query that the address of the page shows."""
        if self.share is not None:
            return (*self.shared_query(self.share.id), (links.SHARED, self.share.id))
        return () if self.is_default else self.query

    @property
    def level(self) -> float:
        """The level of the ranges in words: that of the bands chosen for the chart."""
        return level_of_bands(self.display.levels)

    @property
    def uses_own_law(self) -> bool:
        """Whether the scenario or a pin uses the law of own runs."""
        return any(getattr(each, "law", None) == YOURS for each in (self.scenario, *self.pins))

    @property
    def is_default(self) -> bool:
        """Whether a bare address shows the same."""
        return (
            not self.pins
            and self.scenario == type(self.scenario).opening(today())
            and self.display == _default(type(self.display))
        )


@cache
def _default(record_class: type[BaseModel]) -> BaseModel:
    return record_class()


@dataclass
class PageMemory:
    """What a session remembers of a page: its last state, what is known of its browser, and whether
    the run that showed that state has ended.
    """

    state: PageState[Any, Any]
    page: Page
    is_closed: bool = False


def memory_of(page: str) -> PageMemory | None:
    """What this session remembers of the page at that address; None before its first run."""
    return st.session_state.get(f"{page}:memory")


def remember(memory: PageMemory) -> None:
    """Keep this in place of what the session remembers of its page."""
    st.session_state[f"{memory.state.page}:memory"] = memory


def memories() -> list[PageMemory]:
    """What this session remembers, page by page."""
    return [
        value
        for key, value in st.session_state.items()
        if str(key).endswith(":memory") and isinstance(value, PageMemory)
    ]


def portable(scenario: Scenario, context: Context) -> Scenario:
    """The scenario as others can open it: the coefficients in place of the name of a law that only
    this session holds.
    """
    law = context.laws.get(YOURS)
    if law is None or getattr(scenario, "law", None) != YOURS:
        return scenario
    return scenario.replaced(law=custom_name(law.law))


def _stored(scenario: Scenario, share_id: str) -> Scenario:
    return (
        scenario.replaced(law=f"{STORED}{share_id}")
        if getattr(scenario, "law", None) == YOURS
        else scenario
    )
