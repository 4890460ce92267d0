"""The dashboard's frame: page settings and navigation. Streamlit runs it before each page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.export.exports import PRODUCT
from dashboard.pages.run import TITLE
from dashboard.ui.layout import hide_unembedded_parts
from dashboard.ui.navigation import pages

ICON = Path(__file__).with_name("icon.png")


def show() -> None:
    """The frame, and in it the page that the address names."""
    # The page says its own title below; until then the tab keeps the one that it has.
    title = st.session_state.get(TITLE, PRODUCT)
    st.set_page_config(page_title=title, page_icon=str(ICON), layout="wide")
    hide_unembedded_parts()
    st.navigation(list(pages().values()), position="top").run()
