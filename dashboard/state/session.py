"""A page opened and closed, run by run: URL ↔ scenario ↔ widgets.

A page calls `open_page` first and `close_page` last. Between them the scenario is complete: it is
built from what the widgets hold at the start of the run, so that the answer can stand above the
controls that change it. Widgets are keyed `<page>.<field>`; Streamlit forgets them on a page
switch, so the page's last state is kept beside them and seeds them again.

A link with the coefficients of the session's own law opens as “yours” again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import links
from dashboard.state import own_data
from dashboard.state.own_in_pages import with_own_law, with_stored_laws
from dashboard.state.page_state import D, PageMemory, PageState, S, memory_of, remember
from dashboard.state.widget_values import fill_widgets, with_widgets
from dashboard.store import StoreError, shared_links, shared_runs
from forecasting.scenario import Scenario

MAX_PINS = len(links.PINS)
#: A rerun sent by the browser before it has seen our last change of the address still carries the
#: old query; within this time an old query is such a straggler, later it is the user going back.
STRAGGLER_SECONDS = 1.5
REMEMBERED_QUERIES = 100


def open_page(scenario_class: type[S], display_class: type[D]) -> PageState[S, D]:
    """The page's state at the start of a run, from the address, the widgets and what the session
    remembers.
    """
    page = scenario_class.PAGE
    memory = memory_of(page)
    query = _query()
    switched = st.session_state.get("page:last") != page
    st.session_state["page:last"] = page
    if memory is None:
        return _opened(query, scenario_class, display_class, [])
    memory.state = replace(memory.state, tables=own_data.tables())
    state: PageState[S, D] = memory.state if switched else with_widgets(memory.state)
    if query != memory.query and _is_a_link(query, memory, switched, state):
        return _opened(query, scenario_class, display_class, memory.seen)
    return with_stored_laws(state)


def close_page(state: PageState[Any, Any]) -> None:
    """Remember the state and bring the address up to date."""
    memory = memory_of(state.page)
    seen = memory.seen if memory else []
    current = _query()
    wanted = "" if state.is_default else state.link
    if state.share is not None:
        wanted = f"{state.shared_link(state.share.id)}&{links.SHARED}={state.share.id}"
    bare = all(name in ("v", "d") for name, _ in links.parse_query(current))
    written_at = memory.written_at if memory else 0.0
    if current != wanted and not (wanted == "" and bare):
        st.query_params.from_dict(dict(links.parse_query(wanted)))
        written_at = time.monotonic()
    else:
        wanted = current
    remember(PageMemory(state, wanted, written_at, _seen(seen, current, wanted)))


def current(state: PageState[S, D]) -> PageState[S, D]:
    """The page as its widgets have it now; for callbacks, which are given the state of an earlier
    run.
    """
    memory = memory_of(state.page)
    return with_widgets(memory.state) if memory is not None else state


def show(
    state: PageState[Any, Any],
    scenario: Scenario | None = None,
    pins: tuple[Scenario, ...] | None = None,
) -> None:
    """Replace the page's scenario or pins, widgets included; for callbacks, which run before the
    page does.
    """
    changed = replace(
        state,
        scenario=scenario or state.scenario,
        pins=state.pins if pins is None else pins,
        warnings=(),
        tables_changed=False,
        share=None,
    )
    fill_widgets(changed)
    memory = memory_of(state.page)
    if memory is not None:
        memory.state = changed


def pin(state: PageState[Any, Any]) -> None:
    """Add the page's scenario to its pins, once, the oldest making room."""
    if state.scenario not in state.pins:
        show(state, pins=(*state.pins, state.scenario)[-MAX_PINS:])


def unpin(state: PageState[Any, Any], number: int) -> None:
    """Take away one pin."""
    show(state, pins=tuple(p for i, p in enumerate(state.pins) if i != number))


def reset(state: PageState[Any, Any]) -> None:
    """Back to the defaults; pins and the section in view stay."""
    kept = {"view": state.display.view} if "view" in type(state.display).model_fields else {}
    show(
        replace(state, display=type(state.display)(**kept)),
        scenario=with_own_law(type(state.scenario)()),
    )


def _query() -> str:
    pairs = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return links.urlencode(pairs, quote_via=links.quote)


def _is_a_link(query: str, memory: PageMemory, switched: bool, state: PageState[Any, Any]) -> bool:
    if switched:
        return query != ""
    if query not in memory.seen:
        return True
    widgets_moved = state.scenario != memory.state.scenario or state.display != memory.state.display
    straggler = widgets_moved or time.monotonic() - memory.written_at < STRAGGLER_SECONDS
    return not straggler


def _opened(
    query: str, scenario_class: type[S], display_class: type[D], seen: list[str]
) -> PageState[S, D]:
    tables = own_data.tables()
    pairs = links.parse_query(query)
    opened = links.open_link(pairs, scenario_class, display_class, tables.data)
    state: PageState[S, D] = PageState(
        with_own_law(opened.scenario, chosen=any(name == "law" for name, _ in pairs)),  # type: ignore[arg-type]
        opened.display,  # type: ignore[arg-type]
        tuple(with_own_law(pin, chosen=True) for pin in opened.pins),  # type: ignore[arg-type]
        opened.warnings,
        opened.tables_changed,
        tables,
    )
    if len(query) > links.MAX_CHARACTERS:
        said = (
            f"The link has {len(query):,} characters; those after the first"
            f" {links.MAX_CHARACTERS:,} are left out."
        )
        state = replace(state, warnings=(*state.warnings, said))
    if opened.shared_id:
        state = _with_share(state, opened.shared_id)
    state = with_stored_laws(state)
    fill_widgets(state)
    remember(PageMemory(state, query, 0.0, _seen(seen, query)))
    return state


def _with_share(state: PageState[S, D], share_id: str) -> PageState[S, D]:
    """What the link kept, if this address is still the state that it was saved for."""
    try:
        share = shared_links().open(share_id)
    except StoreError as error:
        return replace(state, warnings=(*state.warnings, str(error)))
    kept = links.open_link(
        links.parse_query(share.query), type(state.scenario), type(state.display), state.tables.data
    )
    if share.page != state.page or kept.scenario != state.scenario:
        return state
    if share.page == "runs" and (runs := shared_runs.unpacked_table(share.parts)) is not None:
        own_data.change(runs=runs)
    return replace(state, share=share, tables_changed=False, tables=own_data.tables())


def _seen(before: list[str], *queries: str) -> list[str]:
    new = [query for query in dict.fromkeys(queries) if query not in before]
    return [*before, *new][-REMEMBERED_QUERIES:]
