"""Serves the bare app named in the environment (BARE_APP, a file beside this one) as app.py serves
the dashboard.
"""

import os
import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from dashboard.server.app import lifespan, middleware

app = st.App(
    Path(__file__).with_name(os.environ["BARE_APP"]), lifespan=lifespan, middleware=middleware
)
