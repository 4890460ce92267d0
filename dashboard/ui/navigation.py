"""The pages as Streamlit knows them, each at its address."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cache

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES


def pages() -> dict[str, StreamlitPage]:
    """All pages by the name that they have in addresses and in the API; a run's own, since
    Streamlit marks the one that it shows.
    """
    return {name: copy(page) for name, page in _made_once().items()}


@cache
def _made_once() -> dict[str, StreamlitPage]:
    # Streamlit checks title, icon and address of each: once is enough.
    return {
        name: st.Page(
            script_of(page),
            title=page.menu_title,
            icon=page.icon,
            url_path=page.path,
            default=page.path == "",
        )
        for name, page in PAGES.items()
    }


def script_of(page: Page) -> Callable[[], None]:
    """What Streamlit runs to show a page."""

    def script() -> None:
        # Every page links to others, so what runs a page imports this module.
        from dashboard.pages.run import run

        run(page)

    return script
