"""Serves same_figure.py as app.py serves the dashboard."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from dashboard.server import lifespan, middleware

app = st.App(Path(__file__).with_name("same_figure.py"), lifespan=lifespan, middleware=middleware)
