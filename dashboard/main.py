"""The dashboard's frame: page settings and navigation."""

from __future__ import annotations

import streamlit as st

from dashboard.navigation import pages

st.set_page_config(page_title="Compute Forecast", page_icon=":material/monitoring:", layout="wide")
st.navigation(list(pages().values()), position="top").run()
