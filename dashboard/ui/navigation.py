"""The pages and their addresses. A page appears here when it is real."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).parents[1] / "pages"


def pages() -> dict[str, StreamlitPage]:
    """All pages by the name that they have in addresses and in the API; a run's own, since
    Streamlit marks the one that it shows.
    """
    return {name: copy(page) for name, page in _made_once().items()}


@cache
def _made_once() -> dict[str, StreamlitPage]:
    # Each looks for its file, link by link of the path: too slow to be done again at every move of
    # a slider.
    return {
        "overview": st.Page(
            PAGES / "overview" / "page.py",
            title="Overview",
            icon=":material/dashboard:",
            default=True,
        ),
        "cost": st.Page(
            PAGES / "cost" / "page.py",
            title="Cost of compute",
            icon=":material/payments:",
            url_path="cost",
        ),
        "scaling": st.Page(
            PAGES / "scaling" / "page.py",
            title="Scaling laws",
            icon=":material/trending_down:",
            url_path="scaling",
        ),
        "text": st.Page(
            PAGES / "text" / "page.py",
            title="Running out of text",
            icon=":material/menu_book:",
            url_path="text",
        ),
        "inference": st.Page(
            PAGES / "inference" / "page.py",
            title="Train or infer",
            icon=":material/balance:",
            url_path="inference",
        ),
        "plan": st.Page(
            PAGES / "plan" / "page.py", title="Plan", icon=":material/event_note:", url_path="plan"
        ),
        "runs": st.Page(
            PAGES / "runs" / "page.py",
            title="Your runs",
            icon=":material/upload_file:",
            url_path="runs",
        ),
        "track-record": st.Page(
            PAGES / "track_record" / "page.py",
            title="Track record",
            icon=":material/fact_check:",
            url_path="track-record",
        ),
        "data": st.Page(
            PAGES / "data" / "page.py",
            title="Data and methods",
            icon=":material/database:",
            url_path="data",
        ),
    }
