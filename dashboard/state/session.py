"""A page opened and closed, run by run: URL ↔ scenario ↔ widgets.

A page calls `open_page` first and `close_page` last. Between them the scenario is complete: it is
built from what the widgets hold at the start of the run, so that the answer can stand above the
controls that change it. Widgets are keyed `<page>.<field>`; Streamlit forgets them on a page
switch, so the page's last state is kept beside them and seeds them again. Which of address, memory
and widgets a run shows is decided in dashboard/state/machine.py.

A link with the coefficients of the session's own law opens as “yours” again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import links
from dashboard.links import D, S
from dashboard.state import own_data
from dashboard.state.machine import Message, Page, Query, Source, arrive, leave, place
from dashboard.state.mistyped import let_mistyped_values_go
from dashboard.state.own_in_pages import with_own_law, with_stored_laws, without_deleted_links
from dashboard.state.page_state import TYPED, PageMemory, PageState, memory_of, remember
from dashboard.state.uninterrupted import leave_callbacks_whole, uninterrupted
from dashboard.state.widget_values import (
    carried_query,
    fill_widgets,
    place_one,
    put,
    with_widgets,
)
from dashboard.store import StoreError, shared_links, shared_runs
from forecasting.data.today import today
from forecasting.scenario import Scenario

MAX_PINS = len(links.PINS)
let_mistyped_values_go()
leave_callbacks_whole()


@uninterrupted
def open_page(scenario_class: type[S], display_class: type[D]) -> PageState[S, D]:
    """The page's state at the start of a run, from the address, the widgets and what the session
    remembers.
    """
    page = scenario_class.NAME
    memory = memory_of(page)
    switched = st.session_state.get("page:last") != page
    st.session_state["page:last"] = page
    message = _message(memory, switched)
    known, decision = arrive(memory.page if memory else Page(), message)
    if memory is None or decision.source is Source.ADDRESS:
        before = st.session_state.to_dict()
        state = _opened(message.query, scenario_class, display_class)
        known = place(known, before, fill_widgets(state), opened=True)
    else:
        for key, value in decision.writes.items():
            st.session_state[key] = value
        state = replace(memory.state, context=own_data.context())
        if decision.source is Source.WIDGETS:
            state = with_widgets(state)
    state = with_stored_laws(without_deleted_links(state))
    remember(PageMemory(state, known))
    return state


@uninterrupted
def close_page(state: PageState[Any, Any]) -> None:
    """Bring the address up to date."""
    memory = memory_of(state.page)
    if memory is None:
        raise RuntimeError("open_page comes first")
    carried = carried_query()
    bare = all(name in ("v", "d") for name, _ in carried)
    query = carried if bare and not state.address else state.address
    page, is_written = leave(memory.page, carried, query)
    # Before it is written: the browser may send its next move with that address at once.
    remember(PageMemory(state, page, is_closed=True))
    if is_written:
        st.query_params.from_dict(dict(query))


def stands(state: PageState[Any, Any]) -> bool:
    """Whether the page stands as that state: the run that showed it last has ended, and no widget
    has been moved since. For callbacks that draw parts of the page, not all of it.
    """
    memory = memory_of(state.page)
    return memory is not None and memory.is_closed and current(state).link == state.link


def current(state: PageState[S, D]) -> PageState[S, D]:
    """The page as its widgets have it now; for callbacks, which are given the state of an earlier
    run.
    """
    memory = memory_of(state.page)
    if memory is None:
        return state
    _, decision = arrive(memory.page, _message(memory, switched=False))
    return with_widgets(memory.state, {**st.session_state.to_dict(), **decision.writes})


def show(
    state: PageState[Any, Any],
    scenario: Scenario | None = None,
    pins: tuple[Scenario, ...] | None = None,
    pin_names: tuple[str, ...] | None = None,
) -> None:
    """Replace the page's scenario or pins, widgets included; for callbacks, which run before the
    page does.
    """
    changed = replace(
        state,
        scenario=scenario or state.scenario,
        pins=state.pins if pins is None else pins,
        pin_names=state.pin_names if pin_names is None else pin_names,
        warnings=(),
        tables_changed=False,
        share=None,
    )
    memory = memory_of(state.page)
    if memory is not None:
        put(memory, changed)


def move(state: PageState[Any, Any], name: str, value: Any) -> None:
    """Move the widget of one field to a value that was typed beside it; for callbacks, which run
    before the page does. All other widgets keep what they hold.
    """
    memory = memory_of(state.page)
    if memory is not None:
        place_one(memory, state.key(name), value)


def pin(state: PageState[Any, Any]) -> None:
    """Add the page's scenario to its pins, once, the oldest making room."""
    state = current(state)
    if state.scenario not in state.pins:
        names = (*_names(state), "")
        show(state, pins=(*state.pins, state.scenario)[-MAX_PINS:], pin_names=names[-MAX_PINS:])


def unpin(state: PageState[Any, Any], number: int) -> None:
    """Take away one pin."""
    state = current(state)
    pins, names = (
        tuple(each for i, each in enumerate(every) if i != number)
        for every in (state.pins, _names(state))
    )
    show(state, pins=pins, pin_names=names)


def rename_pin(state: PageState[Any, Any], number: int, name: str) -> None:
    """Call a pin by another name; an empty one takes its own away."""
    state = current(state)
    names = list(_names(state))
    names[number] = " ".join(name.split())[: links.MAX_PIN_NAME]
    show(state, pin_names=tuple(names))


def _names(state: PageState[Any, Any]) -> tuple[str, ...]:
    """A name for each pin, empty where the reader has given none."""
    return tuple(state.pin_name(number) for number in range(len(state.pins)))


def reset(state: PageState[Any, Any]) -> None:
    """Back to the defaults; pins and the section in view stay. What was typed and could not be
    used goes.
    """
    kept = {"view": state.display.view} if "view" in type(state.display).model_fields else {}
    show(
        replace(state, display=type(state.display)(**kept)),
        scenario=with_own_law(type(state.scenario).opening(today())),
    )
    for key in st.session_state.to_dict():
        field, is_typed, text = str(key).partition(TYPED)
        if is_typed and field.startswith(f"{state.page}."):
            st.session_state[key] = text


def _message(memory: PageMemory | None, switched: bool) -> Message:
    context = get_script_run_ctx()
    return Message(
        carried_query(),
        # Looked at only where a value may be an echo: each look takes a lock.
        st.session_state.to_dict() if memory and memory.page.placed else {},
        switched=switched,
        navigated=context is not None and context.is_history_navigation,
    )


def _opened(query: Query, scenario_class: type[S], display_class: type[D]) -> PageState[S, D]:
    context = own_data.context()
    pairs, left_out = links.limited(query)
    opened = links.open_link(pairs, scenario_class, display_class, context.data)
    state: PageState[S, D] = PageState(
        with_own_law(opened.scenario, chosen=any(name == "law" for name, _ in pairs)),
        opened.display,
        tuple(with_own_law(pin, chosen=True) for pin in opened.pins),
        (*opened.warnings, *left_out),
        opened.tables_changed,
        context,
        pin_names=opened.pin_names,
    )
    if opened.shared_id:
        state = _with_share(state, opened.shared_id)
    return state


def _with_share(state: PageState[S, D], share_id: str) -> PageState[S, D]:
    """What the link kept, if this address is still the state that it was saved for."""
    try:
        share = shared_links().open(share_id)
    except StoreError as error:
        return replace(state, warnings=(*state.warnings, str(error)))
    kept = links.open_link(
        links.parse_query(share.query),
        type(state.scenario),
        type(state.display),
        state.context.data,
    )
    if share.page != state.page or kept.scenario != state.scenario:
        return state
    if share.page == "runs" and (runs := shared_runs.unpacked_table(share.parts)) is not None:
        own_data.change(runs=runs)
        own_data.remember_mapping(runs.header, runs.given.as_dict)
    return replace(state, share=share, tables_changed=False, context=own_data.context())
