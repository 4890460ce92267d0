"""The presets of a page, in Streamlit's own test harness, and which reports of a browser count."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.ui.presets import PresetWidget
from forecasting.text_limits.text_scenario import TextScenario
from tests.dashboard.harness import page_alone, presets_of

#: Two presets of each page that has any.
PAGES = {
    "text": ("article", "optimist"),
    "plan": ("startup", "university"),
}


def opened(page: str, **query: str) -> AppTest:
    return page_alone(page, {"v": "1"} | query)


def change_an_input(test: AppTest, page: str) -> None:
    if page == "text":
        test.segmented_control(key="text.demand").set_value("compute").run()
    else:
        test.select_slider(key="plan.requests_per_day").set_value(1e10).run()


@pytest.mark.parametrize("page", PAGES)
def test_a_preset_is_marked_until_an_input_differs_and_can_be_chosen_again(page: str) -> None:
    one, other = PAGES[page]
    test = opened(page)
    for name in (one, other, one):
        presets_of(test).set_value(name).run()
        assert presets_of(test).value == name
    change_an_input(test, page)
    assert presets_of(test).value is None
    presets_of(test).set_value(one).run()
    assert presets_of(test).value == one
    assert not test.exception


@pytest.mark.parametrize("page", PAGES)
def test_the_mark_is_also_the_default_that_a_browser_shows(page: str) -> None:
    test = opened(page)
    presets_of(test).set_value(PAGES[page][0]).run()
    proto = presets_of(test).proto
    assert list(proto.default) == [presets_of(test).indices[0]]


def test_a_preset_of_the_text_page_leaves_the_horizon_as_it_is_now() -> None:
    test = opened("text")
    test.slider(key="text.horizon_year").set_value(2065)
    presets_of(test).set_value("optimist").run()
    assert test.slider(key="text.horizon_year").value == 2065 != TextScenario().horizon_year


def test_the_mark_that_a_widget_was_given_is_no_choice() -> None:
    first = PresetWidget("epoch_2024")
    second = first.marking(None)
    assert second.number == first.number + 1
    assert not second.takes(first, "epoch_2024")


def test_a_click_on_a_widget_that_has_just_been_replaced_counts_once() -> None:
    first = PresetWidget("epoch_2024")
    second = first.marking(None)
    assert second.takes(first, "article")
    third = second.after(first, "article").marking("article")
    assert not third.takes(first, "article")


def test_each_of_several_clicks_on_one_widget_counts() -> None:
    widget = first = PresetWidget("epoch_2024")
    for name in ("article", "optimist", "article", "epoch_2024"):
        assert widget.takes(first, name)
        widget = widget.after(first, name).marking(name)
        assert not widget.takes(first, name)


def test_a_choice_older_than_the_latest_one_is_ignored() -> None:
    first = PresetWidget("epoch_2024")
    second = first.marking(None)
    third = second.after(second, "optimist")
    assert not third.takes(first, "article")


def test_a_widget_is_replaced_after_each_choice_even_if_the_mark_stays() -> None:
    first = PresetWidget(None)
    second = first.after(first, "startup").marking(None)
    assert second.takes(second, "university")
