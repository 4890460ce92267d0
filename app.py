"""The server: `streamlit run app.py`, or any ASGI server on `app:app`.

Streamlit executes this file in two ways. As a server it finds `app` below. As a page script
(AppTest, or a Streamlit that knows no App objects, or as the script of `app` itself) a script run
context exists, and the file shows the dashboard.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

ROOT = Path(__file__).parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if get_script_run_ctx(suppress_warning=True) is not None:
    from dashboard.main import show

    show()
else:
    # What imports make stays: looking through it for garbage again and again, and once more before
    # the first answer, would take a sixth of the start. The warm-up does it, once.
    gc.disable()
    try:
        from dashboard.server.app import lifespan, middleware, routes, show_unexpected
    finally:
        gc.freeze()
        gc.enable()

    # The script is this file, not dashboard/main.py: Streamlit takes a folder `pages` beside the
    # script for pages of its own making.
    app = st.App(
        Path(__file__),
        lifespan=lifespan,
        routes=routes,
        middleware=middleware,
        on_script_error=show_unexpected,
    )
