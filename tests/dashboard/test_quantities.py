"""Quantities over many decades: the slider and the field over it, on every page that has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.ui.quantities import log_steps, quantity_in, quantity_text
from forecasting.errors import InputError
from tests.dashboard.harness import page_alone, text_of


def field(test: AppTest, label: str) -> Any:
    """The field over the slider of that label."""
    return next(box for box in test.text_input if box.label == f"{label}, typed")


@given(st.floats(1e-6, 1e30), st.sampled_from(["USD", "FLOP", "tokens"]))
def test_the_text_of_a_field_gives_its_value_back(value: float, unit: str) -> None:
    assert quantity_in(quantity_text(value, unit), unit, "it") == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("40M", "USD", 40e6),
        ("$1.3e7", "USD", 13e6),
        ("13.3 million", "USD", 13.3e6),
        ("1,000,000 USD", "USD", 1e6),
        ("0.6T", "tokens", 600e9),
        ("600B Tokens", "tokens", 600e9),
        ("5.76 × 10²³ FLOP", "FLOP", 5.76e23),
    ],
)
def test_a_quantity_is_read_with_its_unit_or_without(text: str, unit: str, value: float) -> None:
    assert quantity_in(text, unit, "it") == value


def test_another_unit_is_refused() -> None:
    with pytest.raises(InputError, match="Write a number"):
        quantity_in("600B tokens", "parameters", "it")


@pytest.mark.parametrize("decades", [(-6, 0), (-5, 2), (0, 11), (23, 36)])
def test_no_two_steps_of_a_slider_share_a_text(decades: tuple[int, int]) -> None:
    steps = log_steps(decades)
    assert list(steps) == sorted(steps)
    assert len({quantity_text(step, "USD") for step in steps}) == len(steps)


BUDGET = "Budget (USD)"
COMPUTE = "Training compute (FLOP)"


@pytest.mark.parametrize(
    ("page", "view", "label", "text", "name", "value", "shown"),
    [
        ("plan", "plan", BUDGET, "40M", "budget_usd", 40e6, "$40 million"),
        ("cost", "model", "Budget (USD)", "$1.33e7", "budget_usd", 13.3e6, "$13.3 million"),
        ("scaling", "compute", COMPUTE, "4e24", "training_flop", 4e24, "4 × 10²⁴"),
        ("text", "corpus", "My corpus (tokens)", "0.6T", "corpus_tokens", 6e11, "600 billion"),
        ("inference", "axes", "Requests per day", "12,345", "requests_per_day", 12345, "12,345"),
    ],
)
def test_a_typed_quantity_is_kept_to_the_last_digit(
    page: str, view: str, label: str, text: str, name: str, value: float, shown: str
) -> None:
    test = page_alone(page, {"view": view})
    field(test, label).set_value(text).run()
    assert not test.exception
    assert test.select_slider(key=f"{page}.{name}").value == value
    assert float(test.query_params[name]) == value
    assert field(test, label).value == shown


def test_what_can_not_be_used_is_said_and_stays_through_moves_of_others() -> None:
    test = page_alone("cost")
    field(test, "Budget (USD)").set_value("a lot").run()
    test.slider(key="cost.year").set_value(2031).run()
    assert field(test, "Budget (USD)").value == "a lot"
    assert "Budget (USD): “a lot”. Write a number, such as 75e9" in text_of(test)
    assert test.select_slider(key="cost.budget_usd").value == 1e6
    assert "budget_usd" not in test.query_params or float(test.query_params["budget_usd"]) == 1e6


def test_a_reset_clears_what_could_not_be_used() -> None:
    test = page_alone("cost")
    field(test, "Budget (USD)").set_value("a lot").run()
    next(button for button in test.button if button.label == "Reset").click().run()
    assert field(test, "Budget (USD)").value == "$1 million"
    assert "a lot" not in text_of(test)


def test_typing_keeps_what_stands_in_other_fields() -> None:
    test = page_alone("plan")
    test.segmented_control(key="plan.group").set_value("Budget").run()
    test.text_input(key="plan.budget_growth:low").set_value("much").run()
    field(test, BUDGET).set_value("40M").run()
    assert test.text_input(key="plan.budget_growth:low").value == "much"
    assert "“much”" in text_of(test)
    assert test.select_slider(key="plan.budget_usd").value == 40e6


def test_a_link_to_a_value_close_to_a_step_is_not_taken_for_the_step() -> None:
    test = page_alone("cost", {"v": "1", "budget_usd": "1000400"})
    test.slider(key="cost.year").set_value(2031).run()
    assert test.select_slider(key="cost.budget_usd").value == 1000400
    assert field(test, "Budget (USD)").value == "$1.0004 million"
