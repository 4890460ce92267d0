"""Controls of uncertain inputs and of the law, on a page of their own."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from forecasting.fitting.law_choice import LawName, law_field
from forecasting.scenario import Scenario, quantity
from forecasting.stats.distribution import Distribution
from tests.dashboard.harness import text_of


class ControlsScenario(Scenario):
    """An uncertain input and a law."""

    NAME: ClassVar[str] = "controls"
    law: LawName = law_field()
    pages: Distribution = quantity(
        Distribution(75e9, 1e12, 0.95),
        unit="pages",
        label="Web pages",
        why="Villalobos et al. 2024",
    )


def inputs_alone(scenario: ControlsScenario, *, data: Any = None) -> ControlsScenario:
    """No forecast: the inputs themselves."""
    del data
    return scenario


PAGE = Page(
    title="Controls",
    question="What do the controls hold?",
    icon=":material/tune:",
    scenario=ControlsScenario,
    sections=(Section("controls", "Controls", inputs_alone, "tests.dashboard.test_controls:page"),),
)


@pytest.fixture(autouse=True)
def page_of_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of these tests among the pages."""
    monkeypatch.setitem(PAGES, PAGE.name, PAGE)


def page() -> None:
    # AppTest runs the source of this function alone.
    import streamlit as st

    from dashboard.state import session
    from dashboard.state.display import Display
    from dashboard.ui import layout
    from dashboard.ui.controls import Controls
    from tests.dashboard.test_controls import ControlsScenario

    state = session.open_page(ControlsScenario, Display)
    layout.notices(state)
    Controls(state).range("pages")
    Controls(state).law()
    st.markdown(f"pages {state.scenario.pages.words}; law {state.scenario.law}")
    session.close_page(state)


def opened(**query: str) -> AppTest:
    test = AppTest.from_function(page, default_timeout=300)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def test_a_range_is_shown_in_words() -> None:
    test = opened()
    assert test.text_input(key="controls.pages:low").value == "75 billion"
    assert "pages 75 billion to 1 trillion (95%); law refit" in text_of(test)


def test_a_range_typed_in_words_is_used_and_stands_in_the_address() -> None:
    test = opened()
    test.text_input(key="controls.pages:high").set_value("2T").run()
    assert "pages 75 billion to 2 trillion (95%)" in text_of(test)
    assert test.query_params["pages"] in (
        "75000000000.0~2000000000000.0~0.95~lognormal",
        ["75000000000.0~2000000000000.0~0.95~lognormal"],
    )


def test_a_range_of_a_link_fills_its_widgets() -> None:
    test = opened(v="1", pages="10~20~0.8~normal")
    assert not test.exception
    assert test.text_input(key="controls.pages:low").value == "10"
    assert test.selectbox(key="controls.pages:share").value == 0.8
    assert "pages 10 to 20 (80%)" in text_of(test)


def test_low_above_high_is_said_and_what_was_typed_stays() -> None:
    test = opened()
    test.text_input(key="controls.pages:low").set_value("5 trillion").run()
    assert "Web pages: `low` is 5 trillion. Use a low end no higher than the high end" in text_of(
        test
    )
    assert test.text_input(key="controls.pages:low").value == "5 trillion"
    assert "pages 75 billion to 1 trillion" in text_of(test)


def test_what_is_no_number_is_said_and_stays() -> None:
    test = opened()
    test.text_input(key="controls.pages:low").set_value("lots").run()
    assert "“lots”" in text_of(test)
    assert "75 billion to 1 trillion (95%) is kept" in text_of(test)
    assert test.text_input(key="controls.pages:low").value == "lots"


def test_two_ends_that_are_no_numbers_are_both_named() -> None:
    test = opened()
    test.text_input(key="controls.pages:low").set_value("few")
    test.text_input(key="controls.pages:high").set_value("many").run()
    said = (
        "Web pages: `low` is “few” and `high` is “many”. Write a number, such as 75e9, 75 billion,"
        " 1.4T or 20%. 75 billion to 1 trillion"
    )
    assert said in text_of(test)


def test_a_range_of_a_link_that_cannot_be_is_said() -> None:
    test = opened(v="1", pages="5~2~0.9~lognormal")
    assert "“pages” is “5~2~0.9~lognormal”" in text_of(test)
    assert not test.exception


def test_a_fixed_value_is_one_number_and_can_become_a_range_again() -> None:
    test = opened(v="1", pages="4")
    assert [box.label for box in test.text_input] == ["Web pages"]
    test.segmented_control(key="controls.pages:shape").set_value("lognormal").run()
    assert "pages 2 to 8" in text_of(test)


def test_own_coefficients_of_a_link_are_among_the_laws() -> None:
    test = opened(v="1", law="custom:1.69,406.4,410.7,0.336,0.283")
    assert test.selectbox(key="controls.law").value == "custom:1.69,406.4,410.7,0.336,0.283"
    assert not test.exception


def test_an_unknown_law_is_said_and_the_default_used() -> None:
    test = opened(v="1", law="moore")
    assert "“law” is “moore”" in text_of(test)
    assert "law refit" in text_of(test)
