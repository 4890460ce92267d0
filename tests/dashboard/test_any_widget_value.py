"""A browser, or whoever speaks for one, may send anything as the value of any widget: the page says
what it cannot use, and goes on.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from dashboard.pages.declaration import Page, Section
from tests.dashboard.harness import SECTION_OF_EACH_PAGE, page_alone
from tests.examples import SOAK

TEXTS = ("", "x", "-1", "nan", "1e999", "<b>", "\x00", "9" * 400, "yours", "s:x", "custom:1")
NUMBERS = (float("nan"), float("inf"), -1e308, 1e308, 0.0, -1.0, 2.5)
INTEGERS = (0, -1, 2**62, 10**6)


def _text(state: WidgetState, chance: random.Random) -> None:
    state.string_value = chance.choice(TEXTS)


def _number(state: WidgetState, chance: random.Random) -> None:
    state.double_value = chance.choice(NUMBERS)


def _integer(state: WidgetState, chance: random.Random) -> None:
    state.int_value = chance.choice(INTEGERS)


def _bool(state: WidgetState, chance: random.Random) -> None:
    state.bool_value = chance.random() < 0.5


def _numbers(state: WidgetState, chance: random.Random) -> None:
    state.double_array_value.data.extend(chance.choices(NUMBERS, k=chance.randrange(4)))


def _integers(state: WidgetState, chance: random.Random) -> None:
    state.int_array_value.data.extend(chance.choices(INTEGERS, k=chance.randrange(4)))


def _texts(state: WidgetState, chance: random.Random) -> None:
    state.string_array_value.data.extend(chance.choices(TEXTS, k=chance.randrange(4)))


def _json(state: WidgetState, chance: random.Random) -> None:
    state.json_value = chance.choice(("", "{}", "null", "[1", '{"value": []}', "7"))


KINDS: tuple[Callable[[WidgetState, random.Random], None], ...] = (
    *(_text, _number, _integer, _bool, _numbers, _integers, _texts, _json),
)


def changed(states: WidgetStates, seed: int, *, same_kind: bool) -> WidgetStates:
    """The widgets with other values: of the kind that each has, or of any."""
    chance = random.Random(seed)
    made = WidgetStates()
    for state in states.widgets:
        new = made.widgets.add(id=state.id)
        if chance.random() < 0.5:
            new.CopyFrom(state)
        elif same_kind:
            name = state.WhichOneof("value")
            kinds = [kind for kind in KINDS if _sets(kind) == name]
            (kinds or [_text])[0](new, chance)
        else:
            chance.choice(KINDS)(new, chance)
    return made


def _sets(kind: Callable[[WidgetState, random.Random], None]) -> str | None:
    state = WidgetState()
    kind(state, random.Random(0))
    return state.WhichOneof("value")


def query_of(page: Page, section: Section) -> dict[str, str]:
    query = {"v": str(page.scenario.VERSION), **page.query(section)}
    return query | {name: "100" for name in ("draws",) if name in page.scenario.model_fields}


def after(test: AppTest, states: WidgetStates) -> AppTest:
    """The page once a browser has sent that."""
    run: Any = test._run
    got: AppTest = run(states)
    return got


@pytest.mark.parametrize(("page", "section"), SECTION_OF_EACH_PAGE)
def test_a_page_takes_any_value_of_any_widget(page: Page, section: Section) -> None:
    test = page_alone(page.name, query_of(page, section))
    states = test._tree.get_widget_states()
    for seed in range(2 if SOAK else 1):
        for same_kind in (True, False):
            got = after(test, changed(states, seed, same_kind=same_kind))
            said = [f"{each.message}\n{each.stack_trace[-4:]}" for each in got.exception]
            assert not said, (seed, same_kind, said[0])
