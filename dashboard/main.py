"""The dashboard's frame: page settings and navigation. Streamlit runs it before each page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.ui import style
from dashboard.ui.layout import hide_unembedded_parts
from dashboard.ui.navigation import pages
from dashboard.ui.own_html import OwnHtml

HERE = Path(__file__).parent
ICON = HERE / "icon.png"
#: Scripts that pages add once they live; documents allow them by their hashes.
LIVE_SCRIPTS = tuple(
    (HERE / "ui" / name).read_text(encoding="utf-8")
    for name in ("keep_focus.js", "keep_scroll.js", "one_entry_per_arrival.js", "within_reach.js")
)
SCRIPTS = OwnHtml.of("".join(f"<script>{script}</script>" for script in LIVE_SCRIPTS))
STYLES = OwnHtml.of(style.ALL)


def show() -> None:
    """The frame, and in it the page that the address names."""
    st.set_page_config(page_title="Compute Forecast", page_icon=str(ICON), layout="wide")
    st.html(STYLES)
    st.html(SCRIPTS, unsafe_allow_javascript=True)
    hide_unembedded_parts()
    st.navigation(list(pages().values()), position="top").run()
