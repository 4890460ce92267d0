"""The dashboard's frame: page settings and navigation. Streamlit runs it before each page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.ui.layout import hide_unembedded_parts
from dashboard.ui.navigation import pages

ICON = Path(__file__).with_name("icon.png")


def show() -> None:
    """The frame, and in it the page that the address names."""
    st.set_page_config(page_title="Compute Forecast", page_icon=str(ICON), layout="wide")
    hide_unembedded_parts()
    st.navigation(list(pages().values()), position="top").run()
