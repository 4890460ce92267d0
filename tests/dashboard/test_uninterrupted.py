"""A move that arrives while a state is being kept: Streamlit ends the run for it at any access to
its session state, and no state may be kept in half.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from dashboard.state.uninterrupted import _no_ends, leave_callbacks_whole, uninterrupted


def keeping_while_a_move_arrives() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

    from dashboard.state.uninterrupted import uninterrupted

    moves = [1]

    def end() -> None:
        if moves:
            moves.pop()
            raise StopException

    @uninterrupted
    def keep() -> None:
        st.session_state["first"] = 1
        st.session_state["second"] = 2

    context = get_script_run_ctx()
    assert context is not None
    object.__setattr__(context.session_state, "_yield_callback", end)
    keep()
    st.session_state["third"] = 3


def test_steps_taken_as_a_whole_are_not_ended_by_a_move_but_what_follows_them_is() -> None:
    test = AppTest.from_function(keeping_while_a_move_arrives, default_timeout=60).run()
    assert (test.session_state["first"], test.session_state["second"]) == (1, 2)
    assert "third" not in test.session_state


def test_a_callback_is_not_ended_by_a_move(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    state = SafeSessionState(SessionState(), lambda: seen.append("looked for moves"))

    def callback(*_: Any, **__: Any) -> None:
        state["kept"] = True
        seen.append("kept")

    monkeypatch.setattr(SessionState, "on_script_will_rerun", callback)
    leave_callbacks_whole()
    state.on_script_will_rerun(None)
    assert seen == ["looked for moves", "kept"]
    assert state["kept"]
    assert seen[2:] == ["looked for moves"]


def test_a_streamlit_that_ends_runs_otherwise_runs_as_it_does() -> None:
    state: Any = SimpleNamespace(kept=1)
    with _no_ends(state):
        assert vars(state) == {"kept": 1}
    assert vars(state) == {"kept": 1}


def page() -> None:
    import streamlit as st

    from dashboard.pages.cost import CostDisplay
    from dashboard.state.session import close_page, open_page
    from forecasting.compute_cost.cost_scenario import CostScenario

    state = open_page(CostScenario, CostDisplay)
    st.slider("Year", 2012, 2060, state.scenario.year, key=state.key("year"))
    close_page(state)


def test_an_address_is_known_as_the_pages_own_before_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = AppTest.from_function(page, default_timeout=60).run()
    known: list[tuple[bool, bool]] = []

    def written(_: Any, query: dict[str, str]) -> None:
        from dashboard.state.page_state import memory_of

        memory = memory_of("cost")
        assert memory is not None
        known.append((dict(memory.page.addresses[-1].query) == query, memory.is_closed))

    monkeypatch.setattr(type(st.query_params), "from_dict", written)
    shown.slider(key="cost.year").set_value(2035).run()
    assert known == [(True, True)]
    assert not shown.exception


def test_without_a_run_a_function_is_called_as_it_is() -> None:
    @uninterrupted
    def doubled(value: int) -> int:
        return 2 * value

    assert doubled(2) == 4
