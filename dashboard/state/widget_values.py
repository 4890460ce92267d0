"""What the widgets of a page hold, put into its scenario and display and back.

A value that can't be used keeps its place in the widget, and is said; the forecast goes on with the
value before it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.links import D, S
from dashboard.state.machine import Query, acknowledge, place
from dashboard.state.page_state import PageMemory, PageState
from forecasting.errors import InputError, UnknownNameError, shown
from forecasting.parsing import in_exact_words, number_in
from forecasting.stats.distribution import Distribution


def with_widgets(state: PageState[S, D], held: Mapping[str, Any] | None = None) -> PageState[S, D]:
    """The state with what the user has changed since; a value that can't be used keeps its place in
    the widget and is said. `held` is what the widgets hold, by key; None: as Streamlit has it.
    """
    scenario_values, display_values = dict(state.scenario), dict(state.display)
    # Taken out once: each look into Streamlit's state takes a lock, and most fields have no widget.
    held = st.session_state.to_dict() if held is None else held
    warnings: list[str] = []
    for values in (scenario_values, display_values):
        for name, old in values.items():
            if isinstance(old, Distribution):
                values[name] = _range_in_widgets(state, name, old, held, warnings)
                continue
            new = held.get(state.key(name), old)
            values[name] = tuple(new) if isinstance(old, tuple) and isinstance(new, list) else new
    if scenario_values == dict(state.scenario) and display_values == dict(state.display):
        return replace(state, warnings=tuple(warnings)) if warnings else state
    display = type(state.display)(
        **{
            n: v
            for n, v in display_values.items()
            if v is not None or getattr(state.display, n) is None
        }
    )
    for name, value in scenario_values.items():
        kept = getattr(state.scenario, name)
        known = None if value == kept else state.scenario.choices(name, state.context.data)
        if known is not None and value not in known:
            warnings.append(f"{UnknownNameError(name, value, known)} {shown(kept)} is kept.")
            scenario_values[name] = kept
    for _ in range(len(scenario_values)):
        if scenario_values == dict(state.scenario):
            scenario = state.scenario
            break
        try:
            scenario = type(state.scenario)(**scenario_values)
            break
        except InputError as error:
            if error.parameter not in scenario_values or scenario_values[
                error.parameter
            ] == getattr(state.scenario, error.parameter):
                scenario = state.scenario
                warnings.append(str(error))
                break
            kept = getattr(state.scenario, error.parameter)
            warnings.append(f"{error} {shown(kept)} is kept.")
            scenario_values[error.parameter] = kept
    else:
        scenario = state.scenario
    unchanged = scenario == state.scenario and display == state.display
    return replace(
        state,
        scenario=scenario,
        display=display,
        warnings=tuple(warnings)
        or (state.warnings if unchanged or scenario == state.scenario else ()),
        tables_changed=state.tables_changed and scenario == state.scenario,
        share=state.share if scenario == state.scenario else None,
    )


def _range_in_widgets(
    state: PageState[Any, Any],
    name: str,
    old: Distribution,
    held: Mapping[str, Any],
    warnings: list[str],
) -> Distribution:
    """The uncertain input as its widgets have it; what cannot be used is said, stays typed in, and
    the old range is used.
    """
    keys = state.range_keys(name)
    if keys["low"] not in held:
        return old
    typed = {part: held.get(key, getattr(old, part)) for part, key in keys.items()}
    label = type(state.scenario).model_fields[name].description or name
    fixed = typed["shape"] == "fixed"
    ends, problems = [], []
    for part in ("low",) if fixed else ("low", "high"):
        try:
            ends.append(
                number_in(typed[part], part) if isinstance(typed[part], str) else typed[part]
            )
        except InputError as error:
            problems.append(error)
    if problems:
        seen = " and ".join(
            f"`{problem.parameter}` is {shown(problem.value)}" for problem in problems
        )
        remedies = " ".join(dict.fromkeys(problem.remedy for problem in problems))
        warnings.append(f"{label}: {seen}. {remedies} {old.words} is kept.")
        return old
    if fixed:
        return Distribution.fixed(ends[0])
    try:
        # A value that was fixed gets a range again: around itself.
        low, high = (
            (ends[0], ends[1])
            if ends[0] != ends[1] or old.shape != "fixed"
            else (ends[0] / 2, ends[0] * 2)
        )
        return Distribution(low, high, typed["share"], typed["shape"])
    except InputError as error:
        warnings.append(f"{label}: {error} {old.words} is kept.")
        return old


def range_values(value: Distribution) -> dict[str, Any]:
    """What the widgets of an uncertain input hold, by part."""
    return {
        "low": in_exact_words(value.low),
        "high": in_exact_words(value.high),
        "share": value.share,
        "shape": value.shape,
    }


def fill_widgets(state: PageState[Any, Any], unsettled: Container[str] = ()) -> dict[str, Any]:
    """Put the values of a state into the widgets that are there and hold others, or are
    `unsettled`: on their way to other values in the browser. Gives those values by key.
    """
    values: dict[str, Any] = {}
    for record in (state.scenario, state.display):
        for name, value in record:
            if isinstance(value, Distribution):
                parts = range_values(value)
                values |= {key: parts[part] for part, key in state.range_keys(name).items()}
            else:
                values[state.key(name)] = list(value) if isinstance(value, tuple) else value
    held = st.session_state.to_dict()
    written = {
        key: value
        for key, value in values.items()
        if key in held and (held[key] != value or key in unsettled)
    }
    for key, value in written.items():
        st.session_state[key] = value
    return written


def put(memory: PageMemory, state: PageState[Any, Any]) -> None:
    """Show that state from now on, widgets included; for callbacks, which run before the page
    does.
    """
    page = acknowledge(memory.page, carried_query())
    before = st.session_state.to_dict()
    memory.page = place(page, before, fill_widgets(state, page.placed))
    memory.state = state


def place_one(memory: PageMemory, key: str, value: Any) -> None:
    """Put a value into one widget; the next run takes it as the user's move there."""
    before = {key: st.session_state.get(key)}
    st.session_state[key] = value
    memory.page = place(acknowledge(memory.page, carried_query()), before, {key: value})


def carried_query() -> Query:
    """The query of the address that the browser has."""
    params = st.query_params
    return tuple((name, value) for name in params for value in params.get_all(name))
