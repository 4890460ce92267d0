"""What stands below a chart: sent once the browser shows the chart, so that nothing further down
holds that up.

A browser draws the parts of a page in no order of ours: on a phone, tables and methods below the
chart keep the controls above it from being used for half a second. So the first run of a session
waits below its chart until the chart's script tells, at an address made for it, that the page is
live. No other run waits, nor one for a client that is no browser. A page without a chart marks
where its first part ends.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import metrics
from dashboard.ui.chart_element import base_path

ADDRESS = "/live/"
#: For a browser whose word does not come, and how often it is looked for the reader's next move.
MAX_WAIT_S, LOOK_S = 3.0, 0.02
_HAS_WAITED = "rest-of-page:has-waited"
_expected: dict[str, threading.Event] = {}
_end = st.components.v2.component(
    "compute_forecast_first_part",
    html='<div class="first-part-ends"></div>',
    js=Path(__file__).with_name("first_part.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def first_part_ends() -> None:
    """Let the rest of a page without a chart wait, too, until what is above is live."""
    with below_when_live() as tell_live:
        _end(key="first-part-ends", data={"tellLive": tell_live})


@contextmanager
def below_when_live() -> Iterator[str]:
    """Draw a chart inside, with the address at which its script tells that the page is live, or ""
    where nothing waits for that.
    """
    if _HAS_WAITED in st.session_state or not _is_browser():
        yield ""
        return
    st.session_state[_HAS_WAITED] = True
    token = secrets.token_urlsafe(12)
    is_live = _expected[token] = threading.Event()
    try:
        yield f"{base_path()}{ADDRESS}{token}"
        with metrics.idle():
            _wait(is_live)
    finally:
        del _expected[token]


def _wait(is_live: threading.Event) -> None:
    ends = time.monotonic() + MAX_WAIT_S
    while not is_live.wait(LOOK_S) and time.monotonic() < ends:
        # Streamlit ends the run here where the reader has made a move.
        _ = _HAS_WAITED in st.session_state


def _is_browser() -> bool:
    return "Mozilla/" in st.context.headers.get("User-Agent", "")


async def _tell(request: Request) -> Response:
    """A page is live."""
    expected = _expected.get(request.path_params["token"])
    if expected is not None:
        expected.set()
    return Response(status_code=204)


def rest_of_page_routes() -> list[Route]:
    """The route at which browsers tell that a page is live."""
    return [Route(ADDRESS + "{token}", _tell, methods=["POST"])]
