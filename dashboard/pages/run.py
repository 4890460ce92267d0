"""Runs a page: its question, its notices, the choice of a section, and the section itself."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.metrics import timed
from dashboard.pages.declaration import Page
from dashboard.state import session
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.page_title import page_title
from forecasting.stats.range_level import range_level

#: Where a session remembers what its tab is called.
TITLE = "tab-title"


def run(page: Page) -> None:
    """Show a page in the state that address, widgets and session give it."""
    with timed("compute_forecast_rerun_seconds", page=page.name):
        _show(page)


def _show(page: Page) -> None:
    state = session.open_page(page.scenario, page.display)
    section = state.section
    st.session_state[TITLE] = page_title(page, state)
    st.set_page_config(page_title=st.session_state[TITLE])
    layout.question(page.title, page.question)
    layout.recency(state)
    layout.notices(state, without_law=section.in_place_of_law(state.scenario))
    if page.has_control and not page.draws_control:
        section_control(page, state)
    if section.group:
        parts = page.parts(section.group)
        Controls(state).segmented(
            section.group.field, list(parts), words=parts.__getitem__, hidden_label=True
        )
    with layout.error_boundary(), range_level(state.level):
        section.draw(state)
    session.close_page(state)


def section_control(page: Page, state: PageState[Any, Any]) -> None:
    """The choice of a section."""
    entries = page.entries
    Controls(state).segmented("view", list(entries), words=entries.__getitem__, hidden_label=True)
