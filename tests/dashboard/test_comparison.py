"""Pinned scenarios beside the one in view: names, differences, links."""

from __future__ import annotations

from dashboard.links import MAX_PIN_NAME, open_link, pairs_of, parse_query, text_of
from dashboard.pages.cost import CostDisplay
from dashboard.ui.comparison import THIS, differences
from forecasting.compute_cost.compute_cost import ModelCostInputs
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import bundled
from tests.dashboard.harness import page_alone
from tests.dashboard.harness import text_of as words_of

NOW = CostScenario(model="GPT-3")
PINS = (NOW.replaced(year=2033), NOW.replaced(budget_usd=4e7), NOW, NOW.replaced(year=2028))
NAMES = ("Our bid", "", "The board's 50% & more", "")


def test_the_inputs_that_differ_come_with_their_units_and_the_others_are_counted() -> None:
    frame, same = differences(ModelCostInputs, NOW, PINS, ["a", "b", "c", "d"])
    assert list(frame.columns) == ["Differs in", THIS, "1. a", "2. b", "3. c", "4. d"]
    rows = frame.set_index("Differs in")
    assert rows.loc["Budget", "2. b"] == "$40 million"
    assert [rows.loc["Year of training", name] for name in ("1. a", "3. c", "4. d")] == [
        "2033", str(NOW.year), "2028",
    ]  # fmt: skip
    assert len(frame) + same == len(ModelCostInputs.model_fields)


def test_equal_pins_differ_in_nothing() -> None:
    frame, _ = differences(ModelCostInputs, NOW, [NOW], ["a"])
    assert frame.empty


def test_a_link_keeps_four_pins_and_their_names() -> None:
    text = text_of(pairs_of(NOW, CostDisplay(), PINS, pin_names=NAMES))
    link = open_link(parse_query(text), CostScenario, CostDisplay, bundled())
    assert link.warnings == ()
    assert (link.pins, link.pin_names) == (PINS, NAMES)


def test_a_name_from_a_link_is_one_short_line() -> None:
    pairs = pairs_of(NOW, None, PINS[:1], pin_names=("a \n  b" + "c" * 99,))
    (name,) = open_link(pairs, CostScenario, CostDisplay, bundled()).pin_names
    assert name == ("a b" + "c" * 99)[:MAX_PIN_NAME]


def test_a_link_of_two_scenarios_opens_as_a_comparison() -> None:
    query = dict(pairs_of(NOW, None, PINS[:1], pin_names=("Our *bid*",)))
    test = page_alone("cost", query)
    assert not test.exception
    (table,) = [each.value for each in test.table if "Differs in" in each.value.columns]
    assert list(table["Differs in"]) == ["Year of training"]
    assert test.button(key="cost.unpin0").label.replace("\\", "") == "Pin 1: Our *bid*"


def test_a_pin_is_renamed_and_the_address_says_so() -> None:
    test = page_alone("cost", dict(pairs_of(NOW, None, PINS[:1])))
    test.text_input(key="cost.pin-name-0:1:").set_value("Our bid").run()
    assert "pin_name=Our%20bid" in test.query_params["p1"]
    assert "Our bid" in test.button(key="cost.unpin0").label
    test.button(key="cost.unpin0").click().run()
    assert "p1" not in test.query_params
    assert "Differs in" not in words_of(test)
