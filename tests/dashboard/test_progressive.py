"""When the parts of a page may be drawn again by themselves, in Streamlit's own test harness."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from dashboard.pages.cost import CostDisplay
    from dashboard.state.session import close_page, open_page, stands
    from forecasting.compute_cost.cost_scenario import CostScenario

    state = open_page(CostScenario, CostDisplay)
    st.slider("Year", 2012, 2060, state.scenario.year, key=state.key("year"))

    def told() -> None:
        st.session_state["stood"] = stands(state)

    st.button("Tell", on_click=told, key="tell")
    if st.session_state.get("is_interrupted"):
        st.stop()
    close_page(state)


@pytest.fixture
def shown() -> AppTest:
    return AppTest.from_function(page, default_timeout=60).run()


def stood(test: AppTest) -> bool:
    test.button(key="tell").click().run()
    assert not test.exception
    return bool(test.session_state["stood"])


def test_a_page_whose_run_has_ended_stands_as_it_was_shown(shown: AppTest) -> None:
    assert stood(shown)


def test_a_page_that_has_been_moved_since_does_not_stand_as_it_was_shown(shown: AppTest) -> None:
    shown.slider(key="cost.year").set_value(2035)
    assert not stood(shown)
    assert stood(shown)


def test_a_page_whose_run_was_interrupted_does_not_stand_as_it_was_shown(shown: AppTest) -> None:
    shown.session_state["is_interrupted"] = True
    shown.slider(key="cost.year").set_value(2035).run()
    assert not stood(shown)
