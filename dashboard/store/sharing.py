"""*Share*: saves what a page shows, and a law of own runs with it, behind a short link; and the
routes that open and delete it.
"""

from __future__ import annotations

import asyncio
import gzip
import html
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote

import pandas as pd
import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard import links
from dashboard.export import exports
from dashboard.export.exports import PageExport
from dashboard.pages.registry import PAGES
from dashboard.server.clients import LOOPBACK, client_of
from dashboard.server.request_parts import TooLargeError, body_of, root_of
from dashboard.state import own_data
from dashboard.state.page_state import PageState
from dashboard.store import (
    DamagedError,
    NotFoundError,
    Saved,
    Share,
    Stored,
    StoreError,
    shared_links,
    shared_runs,
)
from forecasting import __version__
from forecasting.scenario import Scenario

#: The parts of a share with what the page showed, and with what it was made that no link keeps.
RESULT, MADE_WITH = "result", "made with"
#: Of whatever somebody shared: no cache keeps it, no search engine lists it.
KEPT_NOWHERE = {"cache-control": "no-store", "x-robots-tag": "noindex"}
MAX_FORM_BYTES = 4_096
#: Calls of the store for its routes at a time.
AT_A_TIME = 8

T = TypeVar("T")
_threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="shared-links")


def model_version(scenario: Scenario) -> str:
    """What has to stay the same for a scenario to give the same numbers from the same data: its
    version and the engine's.
    """
    return f"{scenario.NAME}.{scenario.VERSION}/{__version__}"


def save(state: PageState[Any, Any], shown: PageExport, saved: Saved) -> None:
    """Store what the page shows as the link `saved`, once however often it is tried; raises
    StoreError with a sentence.
    """
    held = own_data.own()
    parts = {RESULT: gzip.compress(exports.json_of(shown), 6, mtime=0)}
    if state.uses_own_law and held.law is not None and held.behind_law is not None:
        parts |= shared_runs.packed(held.law, held.behind_law)
    elif keeps_runs(state) and held.runs is not None:
        parts |= shared_runs.packed_table(held.runs)
    if keeps_runs(state) and held.runs is not None:
        parts |= shared_runs.packed_reading(held.runs)
    if made_with := own_in(state):
        parts[MADE_WITH] = json.dumps(made_with, ensure_ascii=False).encode("utf-8")
    share = Share(
        page=state.page,
        query=links.text_of(state.shared_query(saved.id)),
        answer=shown.answer,
        data_version=shown.data_version,
        model_version=model_version(state.scenario),
        parts=parts,
    )
    shared_links().save(share, clients(), saved)


def keeps_runs(state: PageState[Any, Any]) -> bool:
    """Whether a share of this page keeps own runs: the page Your runs shows them, law in use or
    not.
    """
    return state.page == "runs" and own_data.own().runs is not None


def clients() -> list[str]:
    """Who saves, for the limit by the hour: this session, and its client however many sessions that
    opens. The server has put the client's address in the place of a proxy's that it believes.
    """
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    found = [f"session {context.session_id}"] if context else []
    # Streamlit does not tell the address of this machine itself.
    return [*found, f"address {client_of(st.context.ip_address or LOOPBACK)}"]


def own_in(state: PageState[Any, Any]) -> list[str]:
    """What of the session's own the section in view reads and no link keeps, in words."""
    held, sources = own_data.own(), state.section.sources
    catalogue = state.context.data.catalogue
    found = [
        f"a table in place of “{catalogue[name].title}”" for name in held.frames if name in sources
    ]
    if held.prices is not None and {"chip_rental_prices", own_data.TOKEN_PRICES} & set(sources):
        found.append("prices")
    if held.counts is not None and state.page == "inference":
        found.append("counts of repeated sampling")
    return found


def left_behind(share: Stored) -> str:
    """What the link was made with and does not keep, in a sentence; empty where it keeps all."""
    try:
        named = [str(each) for each in json.loads(share.parts.get(MADE_WITH, b"[]"))]
    except (ValueError, TypeError):
        return ""
    if not named:
        return ""
    return (
        f"Whoever shared this link had own data behind it: {', '.join(named)}. A link does not keep"
        " them: the numbers below are from this server's tables, so that they may be of another"
        " model, chip or price."
    )


def then(share: Stored) -> tuple[str, pd.DataFrame]:
    """The answer and the table that a shared link kept."""
    try:
        kept = json.loads(gzip.decompress(share.parts[RESULT]))
        return share.answer, pd.DataFrame(kept["rows"], columns=kept["columns"])
    except (KeyError, ValueError, OSError, EOFError):
        raise StoreError(
            "The stored result of this link can no longer be read; the numbers below are today's."
        ) from None


def has_changed(state: PageState[Any, Any]) -> list[str]:
    """What has changed since the shared link was made: “the tables”, “the model”."""
    if state.share is None:
        return []
    changed = []
    data = state.context.data
    # The reader may have gone on to another section, whose forecast reads other tables.
    saved = links.open_link(
        links.parse_query(state.share.query), type(state.scenario), type(state.display), data
    )
    if links.have_changed(state.share.data_version, saved.scenario, saved.display, data):
        changed.append("the tables")
    if state.share.model_version != model_version(state.scenario):
        changed.append("the model")
    return changed


async def in_store(work: Callable[..., T], *arguments: object) -> T:
    """What a call of the store returns, from a thread that nothing else waits for."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, partial(work, *arguments))


async def open_shared(request: Request) -> Response:
    """`/s/<id>`: on to the page, in the state that was saved."""
    try:
        share = await in_store(shared_links().open, request.path_params["id"])
    except DamagedError as error:
        return _page(request, "Shared link", str(error), _plain_link(request, error), status=500)
    except StoreError as error:
        return _page(request, "Shared link", str(error), status=status_of(error))
    if share.page not in PAGES:
        return _page(
            request,
            "Shared link",
            "This link was made by a newer version, for a page that this one does not have.",
            status=404,
        )
    query = f"{share.query}&{links.SHARED}={quote(share.id)}"
    address = f"{root_of(request)}/{PAGES[share.page].path}?{query}"
    return RedirectResponse(address, status_code=302, headers=KEPT_NOWHERE)


def _plain_link(request: Request, error: DamagedError) -> str:
    """A link to the page with the inputs of a damaged link, where these are whole."""
    share = error.share
    if share is None or share.page not in PAGES:
        return ""
    address = html.escape(f"{root_of(request)}/{PAGES[share.page].path}?{share.query}", quote=True)
    return f'<p>Its inputs are whole: <a href="{address}">open the page with them</a>.</p>'


async def ask_to_delete(request: Request) -> Response:
    """`/s/<id>/delete?token=…`: asks first, since programs that preview links open them too."""
    token = html.escape(request.query_params.get("token", "")[:200], quote=True)
    form = (
        f'<form method="post"><input type="hidden" name="token" value="{token}"><button>Delete this'
        " link</button></form>"
    )
    return _page(
        request,
        "Delete this shared link?",
        "Nobody will be able to open it any more; other links stay as they are.",
        form,
    )


async def delete_shared(request: Request) -> Response:
    """The same by POST: deletes."""
    try:
        form = parse_qs((await body_of(request, MAX_FORM_BYTES)).decode("latin-1"))
    except TooLargeError:
        return _page(
            request,
            "Not deleted",
            f"Forms of at most {MAX_FORM_BYTES:,} bytes are accepted; send the token alone.",
            status=413,
        )
    token = form.get("token", [request.query_params.get("token", "")])[-1]
    try:
        await in_store(shared_links().delete, request.path_params["id"], token)
    except StoreError as error:
        return _page(request, "Not deleted", str(error), status=status_of(error))
    return _page(request, "Deleted", "The link and everything stored only for it are gone.")


def status_of(error: StoreError) -> int:
    """404 where there is no such link, 503 where the store cannot say."""
    return 404 if isinstance(error, NotFoundError) else 503


def share_routes() -> list[BaseRoute]:
    """The routes of shared links."""
    return [
        Route("/s/{id}", open_shared, methods=["GET"]),
        Route("/s/{id}/delete", ask_to_delete, methods=["GET"]),
        Route("/s/{id}/delete", delete_shared, methods=["POST"]),
    ]


def _page(
    request: Request, title: str, sentence: str, more: str = "", status: int = 200
) -> HTMLResponse:
    style = (
        "body{font-family:system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0"
        " 1rem;line-height:1.5}button{font-size:1rem}"
    )
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width"><meta name="robots"'
        f' content="noindex"><title>{html.escape(title)}</title><style>{style}</style>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(sentence)}</p>{more}<p><a"
        f' href="{html.escape(root_of(request))}/">Compute Forecast</a></p></html>'
    )
    return HTMLResponse(body, status_code=status, headers=KEPT_NOWHERE)
