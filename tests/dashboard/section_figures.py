"""The default chart of every section that has one; those that take seconds are left to soak."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from dashboard.charts.figure import Figure
from dashboard.forecasts import forecast
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from dashboard.state.page_state import PageState

CHARTED = [
    pytest.param(
        page,
        section,
        id=f"{page.name}-{section.name}",
        marks=[pytest.mark.soak] if section.is_slow else [],
    )
    for page in PAGES.values()
    for section in page.sections
    if section.figure
]


def state_of(page: Page, section: Section) -> PageState:
    """The page as a link to the section alone shows it."""
    query, fields = page.query(section), page.display.model_fields
    scenario = page.scenario(**{name: value for name, value in query.items() if name not in fields})
    return PageState(
        scenario, page.display(**{name: value for name, value in query.items() if name in fields})
    )


def figure_of(page: Page, section: Section) -> Figure:
    """Its chart; each has one with the defaults."""
    return _figure(page.name, section.name)


def hovered(figure: Figure) -> Iterator[tuple[str, str]]:
    """The name of each trace with what it says on hover: at its first, middle and last point."""
    for trace in figure.data:
        texts = trace.get("text")
        if trace.get("hoverinfo") == "skip" or texts is None:
            continue
        said = [texts] if isinstance(texts, str) else [text for text in texts if text]
        for text in {said[at] for at in (0, len(said) // 2, -1)} if said else ():
            yield str(trace.get("name") or ""), str(text)


@cache
def _figure(page: str, name: str) -> Figure:
    section = next(each for each in PAGES[page].sections if each.name == name)
    state = state_of(PAGES[page], section)
    figure = section.figure_of(state, forecast(section.forecast, state.scenario, state.context))
    assert figure is not None
    return figure
