"""The state of a page within a session: URL ↔ scenario ↔ widgets.

A page calls `open_page` first and `close_page` last. Between them the scenario is complete: it is built from what the widgets hold at the
start of the run, so that the answer can stand above the controls that change it. Widgets are keyed `<page>.<field>`; Streamlit forgets
them on a page switch, so the page's last state is kept beside them and seeds them again.

A law of own runs is named “yours” inside the session alone: links carry its coefficients (custom:…), and a link with the coefficients of
the session's own law opens as “yours” again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

import streamlit as st

from dashboard import links, own_data, shared_runs
from dashboard.display import Display
from dashboard.store import Stored, StoreError, shared_links
from forecasting.core.distribution import Distribution
from forecasting.core.errors import InputError
from forecasting.core.scenario import Scenario
from forecasting.core.tables import Tables, bundled
from forecasting.core.written_numbers import number_in
from forecasting.fits.law_choice import STORED, YOURS, LawInUse, custom_name

S = TypeVar("S", bound=Scenario)
D = TypeVar("D", bound=Display)

MOST_PINS = len(links.PINS)
#: A rerun sent by the browser before it has seen our last change of the address still carries the old query; within this time an old
#: query is such a straggler, later it is the user going back.
STRAGGLER_SECONDS = 1.5
REMEMBERED_QUERIES = 100
#: What the widgets of an uncertain input hold.
RANGE_PARTS = ("low", "high", "share", "shape")


@dataclass(frozen=True)
class PageState(Generic[S, D]):
    """What a page shows: its scenario, its display, its pins, and the sentences about its link.

    `share` is what the shared link kept that was opened, as long as its scenario is the one on the page.
    """

    scenario: S
    display: D
    pins: tuple[S, ...] = ()
    warnings: tuple[str, ...] = ()
    tables_changed: bool = False
    tables: Tables = field(default_factory=bundled)
    share: Stored | None = None

    @property
    def page(self) -> str:
        """The page's address, which is also the prefix of its widgets' keys."""
        return self.scenario.PAGE

    def key(self, name: str) -> str:
        """The widget key of a field."""
        return f"{self.page}.{name}"

    def range_keys(self, name: str) -> dict[str, str]:
        """The widget keys of an uncertain input, by part."""
        return {part: f"{self.key(name)}:{part}" for part in RANGE_PARTS}

    def link(self) -> str:
        """The query of a link to this state; a law of own runs is written as its coefficients."""
        return self._link

    @cached_property
    def _link(self) -> str:
        scenario, *pins = (_portable(each, self.tables) for each in (self.scenario, *self.pins))
        return links.query_of(scenario, self.display, pins, tables=self.tables)

    def shared_link(self, share_id: str) -> str:
        """The query that a shared link keeps: a law of own runs goes by the name under which the link keeps it."""
        scenario, *pins = (_stored(each, share_id) for each in (self.scenario, *self.pins))
        return links.query_of(scenario, self.display, pins, tables=self.tables)

    @property
    def uses_own_law(self) -> bool:
        """Whether the scenario or a pin uses the law of own runs."""
        return any(getattr(each, "law", None) == YOURS for each in (self.scenario, *self.pins))

    @property
    def is_default(self) -> bool:
        """Whether a bare address shows the same."""
        return not self.pins and self.scenario == type(self.scenario)() and self.display == type(self.display)()


@dataclass
class _Memory:
    """What a session remembers of a page: its last state and the queries it has shown."""

    state: PageState[Any, Any]
    query: str
    written_at: float
    seen: list[str]


def open_page(scenario_class: type[S], display_class: type[D]) -> PageState[S, D]:
    """The page's state at the start of a run, from the address, the widgets and what the session remembers."""
    page = scenario_class.PAGE
    memory: _Memory | None = st.session_state.get(f"{page}:memory")
    query = _query()
    switched = st.session_state.get("page:last") != page
    st.session_state["page:last"] = page
    if memory is None:
        return _opened(query, scenario_class, display_class, [])
    memory.state = replace(memory.state, tables=own_data.tables())
    state: PageState[S, D] = memory.state if switched else _with_widgets(memory.state)
    if query != memory.query and _is_a_link(query, memory, switched, state):
        return _opened(query, scenario_class, display_class, memory.seen)
    return _with_stored_laws(state)


def close_page(state: PageState[Any, Any]) -> None:
    """Remember the state and bring the address up to date."""
    memory: _Memory | None = st.session_state.get(f"{state.page}:memory")
    seen = memory.seen if memory else []
    current = _query()
    wanted = "" if state.is_default else state.link()
    if state.share is not None:
        wanted = f"{state.shared_link(state.share.id)}&{links.SHARED}={state.share.id}"
    bare = all(name in ("v", "d") for name, _ in links.parse_query(current))
    written_at = memory.written_at if memory else 0.0
    if current != wanted and not (wanted == "" and bare):
        st.query_params.from_dict(dict(links.parse_query(wanted)))
        written_at = time.monotonic()
    else:
        wanted = current
    st.session_state[f"{state.page}:memory"] = _Memory(state, wanted, written_at, _remembered(seen, current, wanted))


def show(state: PageState[Any, Any], scenario: Scenario | None = None, pins: tuple[Scenario, ...] | None = None) -> None:
    """Replace the page's scenario or pins, widgets included; for callbacks, which run before the page does."""
    changed = replace(
        state,
        scenario=scenario or state.scenario,
        pins=state.pins if pins is None else pins,
        warnings=(),
        tables_changed=False,
        share=None,
    )
    _fill_widgets(changed)
    memory: _Memory = st.session_state[f"{state.page}:memory"]
    memory.state = changed


def pin(state: PageState[Any, Any]) -> None:
    """Add the page's scenario to its pins, once, the oldest making room."""
    if state.scenario not in state.pins:
        show(state, pins=(*state.pins, state.scenario)[-MOST_PINS:])


def unpin(state: PageState[Any, Any], number: int) -> None:
    """Take away one pin."""
    show(state, pins=tuple(p for i, p in enumerate(state.pins) if i != number))


def reset(state: PageState[Any, Any]) -> None:
    """Back to the defaults; pins and the section in view stay."""
    kept = {"view": state.display.view} if "view" in type(state.display).model_fields else {}
    show(replace(state, display=type(state.display)(**kept)), scenario=_with_own_law(type(state.scenario)()))


def use_own_law(law: LawInUse, runs: own_data.SharedRuns) -> None:
    """Make the law of own runs the law of all pages, in this session, until `drop_own_law`; for callbacks."""
    before = dict(own_data.own().laws_before)
    for memory in _memories():
        scenario = memory.state.scenario
        if getattr(scenario, "law", YOURS) != YOURS:
            before[scenario.PAGE] = scenario.law
            memory.state = replace(memory.state, scenario=scenario.replaced(law=YOURS))
    own_data.change(law=law, behind_law=runs, laws_before=before)


def drop_own_law() -> None:
    """Every page back to the law that it had; pins keep the coefficients. For callbacks."""
    held = own_data.own()
    for memory in _memories():
        state = memory.state
        scenario = state.scenario
        if getattr(scenario, "law", None) == YOURS:
            law = held.laws_before.get(scenario.PAGE, scenario.defaults()["law"])
            scenario = scenario.replaced(law=law)
        memory.state = replace(state, scenario=scenario, pins=tuple(_portable(pin, state.tables) for pin in state.pins))
        _fill_widgets(memory.state)
    own_data.change(law=None, behind_law=None, laws_before={})


def take_new_tables() -> None:
    """Let go of the tables that pages not in view still hold, once own data has been removed; for callbacks."""
    for memory in _memories():
        memory.state = replace(memory.state, tables=own_data.tables())


def _memories() -> list[_Memory]:
    return [value for key, value in st.session_state.items() if str(key).endswith(":memory") and isinstance(value, _Memory)]


def _portable(scenario: Scenario, tables: Tables) -> Scenario:
    """The scenario as others can open it: the coefficients in place of the name of a law that only this session holds."""
    law = tables.laws.get(YOURS)
    if law is None or getattr(scenario, "law", None) != YOURS:
        return scenario
    return scenario.replaced(law=custom_name(law.law))


def _stored(scenario: Scenario, share_id: str) -> Scenario:
    return scenario.replaced(law=f"{STORED}{share_id}") if getattr(scenario, "law", None) == YOURS else scenario


def _with_stored_laws(state: PageState[S, D]) -> PageState[S, D]:
    """The state with tables that hold the stored laws it names; one that is gone is said."""
    try:
        found = shared_runs.missing_laws(state.tables, (state.scenario, *state.pins))
    except StoreError as error:
        return replace(state, warnings=(*state.warnings, str(error)))
    if not found:
        return state
    held = own_data.change(stored={**own_data.own().stored, **found})
    return replace(state, tables=held.tables)


def _with_own_law(scenario: Scenario, chosen: bool = False) -> Scenario:
    """The scenario with the own law in use, where it names no other (`chosen`) or names it by its coefficients."""
    law = own_data.own().law
    if law is None or not hasattr(scenario, "law"):
        return scenario
    return scenario.replaced(law=YOURS) if not chosen or scenario.law == custom_name(law.law) else scenario


def _query() -> str:
    pairs = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return links.urlencode(pairs, quote_via=links.quote)


def _is_a_link(query: str, memory: _Memory, switched: bool, state: PageState[Any, Any]) -> bool:
    if switched:
        return query != ""
    if query not in memory.seen:
        return True
    widgets_moved = state.scenario != memory.state.scenario or state.display != memory.state.display
    straggler = widgets_moved or time.monotonic() - memory.written_at < STRAGGLER_SECONDS
    return not straggler


def _opened(query: str, scenario_class: type[S], display_class: type[D], seen: list[str]) -> PageState[S, D]:
    tables = own_data.tables()
    pairs = links.parse_query(query)
    opened = links.open_link(pairs, scenario_class, display_class, tables)
    state: PageState[S, D] = PageState(
        _with_own_law(opened.scenario, chosen=any(name == "law" for name, _ in pairs)),  # type: ignore[arg-type]
        opened.display,  # type: ignore[arg-type]
        tuple(_with_own_law(pin, chosen=True) for pin in opened.pins),  # type: ignore[arg-type]
        opened.warnings,
        opened.tables_changed,
        tables,
    )
    if len(query) > links.MOST_CHARACTERS:
        said = f"The link has {len(query):,} characters; those after the first {links.MOST_CHARACTERS:,} are left out."
        state = replace(state, warnings=(*state.warnings, said))
    if opened.shared_id:
        state = _with_share(state, opened.shared_id)
    state = _with_stored_laws(state)
    _fill_widgets(state)
    st.session_state[f"{state.page}:memory"] = _Memory(state, query, 0.0, _remembered(seen, query))
    return state


def _with_share(state: PageState[S, D], share_id: str) -> PageState[S, D]:
    """What the link kept, if this address is still the state that it was saved for."""
    try:
        share = shared_links().open(share_id)
    except StoreError as error:
        return replace(state, warnings=(*state.warnings, str(error)))
    kept = links.open_link(links.parse_query(share.query), type(state.scenario), type(state.display), state.tables)
    if share.page != state.page or kept.scenario != state.scenario:
        return state
    if share.page == "runs" and (runs := shared_runs.unpacked_table(share.parts)) is not None:
        own_data.change(runs=runs)
    return replace(state, share=share, tables_changed=False, tables=own_data.tables())


def _with_widgets(state: PageState[S, D]) -> PageState[S, D]:
    """The state with what the user has changed since; a value that can't be used keeps its place in the widget and is said."""
    scenario_values, display_values = dict(state.scenario), dict(state.display)
    warnings: list[str] = []
    for values in (scenario_values, display_values):
        for name, old in values.items():
            if isinstance(old, Distribution):
                values[name] = _range_in_widgets(state, name, old, warnings)
                continue
            new = st.session_state.get(state.key(name), old)
            values[name] = tuple(new) if isinstance(old, tuple) and isinstance(new, list) else new
    if scenario_values == dict(state.scenario) and display_values == dict(state.display):
        return replace(state, warnings=tuple(warnings)) if warnings else state
    display = type(state.display)(**{n: v for n, v in display_values.items() if v is not None or getattr(state.display, n) is None})
    for _ in range(len(scenario_values)):
        try:
            scenario = type(state.scenario)(**scenario_values)
            break
        except InputError as error:
            if error.parameter not in scenario_values or scenario_values[error.parameter] == getattr(state.scenario, error.parameter):
                scenario = state.scenario
                warnings.append(str(error))
                break
            kept = getattr(state.scenario, error.parameter)
            warnings.append(f"{error} {kept} is kept.")
            scenario_values[error.parameter] = kept
    else:
        scenario = state.scenario
    unchanged = scenario == state.scenario and display == state.display
    return replace(
        state,
        scenario=scenario,
        display=display,
        warnings=tuple(warnings) or (state.warnings if unchanged or scenario == state.scenario else ()),
        tables_changed=state.tables_changed and scenario == state.scenario,
        share=state.share if scenario == state.scenario else None,
    )


def _range_in_widgets(state: PageState[Any, Any], name: str, old: Distribution, warnings: list[str]) -> Distribution:
    """The uncertain input as its widgets have it; what cannot be used is said, stays typed in, and the old range is used."""
    keys = state.range_keys(name)
    if keys["low"] not in st.session_state:
        return old
    typed = {part: st.session_state.get(key, getattr(old, part)) for part, key in keys.items()}
    label = type(state.scenario).model_fields[name].description or name
    try:
        ends = [number_in(typed[part], part) if isinstance(typed[part], str) else typed[part] for part in ("low", "high")]
        if typed["shape"] == "fixed":
            return Distribution.fixed(ends[0])
        # A value that was fixed gets a range again: around itself.
        low, high = (ends[0], ends[1]) if ends[0] != ends[1] or old.shape != "fixed" else (ends[0] / 2, ends[0] * 2)
        return Distribution(low, high, typed["share"], typed["shape"])
    except InputError as error:
        warnings.append(f"{label}: {error} {old.words} is kept.")
        return old


def _fill_widgets(state: PageState[Any, Any]) -> None:
    for record in (state.scenario, state.display):
        for name, value in record:
            if isinstance(value, Distribution):
                for key in state.range_keys(name).values():
                    st.session_state.pop(key, None)
                continue
            if state.key(name) in st.session_state:
                st.session_state[state.key(name)] = list(value) if isinstance(value, tuple) else value


def _remembered(seen: list[str], *queries: str) -> list[str]:
    new = [query for query in dict.fromkeys(queries) if query not in seen]
    return [*seen, *new][-REMEMBERED_QUERIES:]
