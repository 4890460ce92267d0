"""Serves plain_chart.py as app.py serves the dashboard."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from dashboard.server import lifespan, middleware

app = st.App(Path(__file__).with_name("plain_chart.py"), lifespan=lifespan, middleware=middleware)
