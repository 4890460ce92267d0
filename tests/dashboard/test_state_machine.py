"""Each transition of the state of a page by name; and any interleaving of moves with late messages,
with a model of a browser.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.state.machine import (
    MAX_ADDRESSES,
    Decision,
    Event,
    Message,
    Page,
    Phase,
    Query,
    Source,
    acknowledge,
    arrive,
    leave,
    place,
)

BARE: Query = ()
ONE: Query = (("v", "1"), ("year", "2031"))
TWO: Query = (("v", "1"), ("year", "2032"))
OTHER: Query = (("v", "1"), ("model", "GPT-3"))


def opened(query: Query = BARE) -> Page:
    """A page that was opened at that address and is in step."""
    page, _ = arrive(Page(), Message(query, switched=True))
    return leave(page, query, query)[0]


def moved_to(page: Page, carried: Query, query: Query) -> Page:
    """The page after a move that changed the address."""
    page, decision = arrive(page, Message(carried))
    assert decision.source is Source.WIDGETS
    return leave(page, carried, query)[0]


def answered(page: Page, held: dict[str, int], query: Query) -> Page:
    """The page after the run of a callback on the bare address."""
    return leave(arrive(page, Message(BARE, held))[0], BARE, query)[0]


def decided(page: Page, message: Message) -> tuple[Phase, Event, Source]:
    _, decision = arrive(page, message)
    return decision.phase, decision.event, decision.source


def test_a_bare_address_opens_an_unopened_page() -> None:
    assert decided(Page(), Message(BARE, switched=True)) == (
        Phase.UNOPENED,
        Event.LINK,
        Source.ADDRESS,
    )


def test_a_link_opens_an_unopened_page() -> None:
    assert decided(Page(), Message(ONE, switched=True))[2] is Source.ADDRESS


def test_a_new_session_after_a_restart_of_the_server_opens_the_address_whatever_widgets_hold() -> (
    None
):
    # The browser reconnects with its address and all its widgets; the new session knows neither.
    message = Message(TWO, {"cost.year": 2031}, switched=True)
    assert decided(Page(), message) == (Phase.UNOPENED, Event.LINK, Source.ADDRESS)


def test_a_widget_moved_in_step_counts() -> None:
    assert decided(opened(ONE), Message(ONE)) == (Phase.IN_STEP, Event.MOVE, Source.WIDGETS)


def test_a_reconnection_to_the_same_session_changes_nothing() -> None:
    page, decision = arrive(opened(ONE), Message(ONE, {"cost.year": 2031}))
    assert decision == Decision(Phase.IN_STEP, Event.MOVE, Source.WIDGETS)
    assert leave(page, ONE, ONE) == (opened(ONE), False)


def test_a_widget_moved_on_an_old_address_counts_and_the_address_does_not() -> None:
    page = moved_to(opened(BARE), BARE, ONE)
    assert decided(page, Message(BARE)) == (Phase.BEHIND, Event.LATE_MOVE, Source.WIDGETS)


def test_an_address_is_late_however_long_ago_it_was_written() -> None:
    page = opened(BARE)
    for year in range(2030, 2030 + MAX_ADDRESSES - 2):
        page = moved_to(page, BARE, (("year", str(year)),))
    assert decided(page, Message(BARE))[1] is Event.LATE_MOVE


def test_the_addresses_that_are_remembered_are_bounded() -> None:
    page = opened(BARE)
    for year in range(3 * MAX_ADDRESSES):
        page, _ = leave(page, BARE, (("year", str(year)),))
    assert len(page.addresses) == MAX_ADDRESSES


def test_an_address_sent_back_brings_the_page_in_step() -> None:
    page = moved_to(opened(BARE), BARE, ONE)
    page, decision = arrive(page, Message(ONE))
    assert (decision.phase, decision.source) == (Phase.IN_STEP, Source.WIDGETS)
    assert page.acknowledged == page.addresses[-1].number


def test_an_unknown_address_is_a_link_in_whatever_phase() -> None:
    in_step = opened(ONE)
    behind = moved_to(in_step, ONE, TWO)
    assert decided(in_step, Message(OTHER))[1:] == (Event.LINK, Source.ADDRESS)
    assert decided(behind, Message(OTHER))[1:] == (Event.LINK, Source.ADDRESS)


def test_a_link_that_arrives_together_with_moved_widgets_wins() -> None:
    page, decision = arrive(opened(ONE), Message(OTHER, {"cost.year": 2040}))
    assert decision.source is Source.ADDRESS
    assert decision.writes == {}
    assert page.placed == {}


def test_a_link_whose_run_was_interrupted_is_not_opened_again_over_the_next_move() -> None:
    page, _ = arrive(opened(ONE), Message(OTHER))
    assert decided(page, Message(OTHER)) == (Phase.IN_STEP, Event.MOVE, Source.WIDGETS)


@pytest.mark.parametrize("address", [BARE, ONE])
def test_going_back_opens_the_address_although_it_is_known(address: Query) -> None:
    page = moved_to(opened(address), address, TWO)
    page, _ = arrive(page, Message(TWO))
    expected = (Phase.BEHIND, Event.HISTORY, Source.ADDRESS)
    assert decided(page, Message(address, navigated=True)) == expected


def test_going_forward_opens_the_address_again() -> None:
    page = moved_to(opened(ONE), ONE, TWO)
    page, _ = arrive(page, Message(ONE, navigated=True))
    page, decision = arrive(leave(page, ONE, ONE)[0], Message(TWO, navigated=True))
    assert decision.source is Source.ADDRESS
    assert leave(page, TWO, TWO)[0].addresses[-1].query == TWO


def test_after_going_back_any_move_counts_at_once() -> None:
    page, _ = arrive(moved_to(opened(ONE), ONE, TWO), Message(TWO))
    page = place(page, {"cost.year": 2030}, {"cost.year": 2033})
    page, _ = arrive(page, Message(ONE, navigated=True))
    _, decision = arrive(leave(page, ONE, ONE)[0], Message(ONE, {"cost.year": 2030}))
    assert (decision.phase, decision.writes) == (Phase.IN_STEP, {})


def test_the_move_that_going_back_undid_can_be_made_again() -> None:
    page = moved_to(opened(ONE), ONE, TWO)
    page, _ = arrive(page, Message(ONE, navigated=True))
    page = place(page, {"cost.year": 2032}, {"cost.year": 2031}, opened=True)
    page, _ = leave(page, ONE, ONE)
    page, decision = arrive(page, Message(ONE, {"cost.year": 2032}))
    assert (decision.event, decision.writes) == (Event.MOVE, {})
    page, _ = leave(page, ONE, TWO)
    # Nor is a fast move set back under the hand.
    _, decision = arrive(page, Message(ONE, {"cost.year": 2033}))
    assert (decision.event, decision.writes) == (Event.LATE_MOVE, {})


def test_going_back_to_another_page_opens_the_address_even_a_bare_one() -> None:
    page = moved_to(opened(BARE), BARE, ONE)
    message = Message(BARE, switched=True, navigated=True)
    assert decided(page, message) == (Phase.AWAY, Event.HISTORY, Source.ADDRESS)


def test_a_page_switch_shows_the_page_as_it_was_left_and_its_address_is_written_again() -> None:
    page, decision = arrive(opened(ONE), Message(BARE, switched=True))
    assert (decision.phase, decision.event, decision.source) == (
        Phase.AWAY,
        Event.SWITCH,
        Source.MEMORY,
    )
    page, is_written = leave(page, BARE, ONE)
    assert is_written
    assert decided(page, Message(BARE)) == (Phase.BEHIND, Event.LATE_MOVE, Source.WIDGETS)
    assert decided(page, Message(ONE)) == (Phase.IN_STEP, Event.MOVE, Source.WIDGETS)


def test_a_page_switch_with_a_link_opens_the_link() -> None:
    expected = (Phase.AWAY, Event.LINK, Source.ADDRESS)
    assert decided(opened(ONE), Message(OTHER, switched=True)) == expected


def test_a_page_switch_to_a_link_that_the_page_has_shown_opens_it() -> None:
    page = moved_to(opened(ONE), ONE, TWO)
    assert decided(page, Message(ONE, switched=True))[2] is Source.ADDRESS


def test_the_address_of_a_shared_link_is_opened_and_its_rewriting_is_no_link() -> None:
    shared: Query = (*ONE, ("s", "abc"))
    page, decision = arrive(opened(BARE), Message(shared))
    assert decision.source is Source.ADDRESS
    page, _ = leave(page, shared, shared)
    assert decided(page, Message(shared))[2] is Source.WIDGETS
    page, _ = leave(page, shared, TWO)  # a move leaves the shared state
    assert decided(page, Message(shared))[1] is Event.LATE_MOVE


def test_the_value_from_before_a_callback_is_an_echo_and_is_set_back() -> None:
    page = place(opened(BARE), {"plan.budget": 9}, {"plan.budget": 5})
    page = answered(page, {"plan.budget": 5}, ONE)
    page, decision = arrive(page, Message(BARE, {"plan.budget": 9}))
    assert decision.writes == {"plan.budget": 5}


def test_the_same_value_is_a_move_once_the_browser_has_drawn_the_new_one() -> None:
    page = place(opened(BARE), {"plan.budget": 9}, {"plan.budget": 5})
    page = answered(page, {"plan.budget": 5}, ONE)
    page, decision = arrive(page, Message(ONE, {"plan.budget": 9}))
    assert decision.writes == {}
    assert page.placed == {}


def test_another_value_is_a_move_even_before_the_new_one_is_drawn_and_is_put_back() -> None:
    page = place(opened(BARE), {"plan.budget": 9}, {"plan.budget": 5})
    page = answered(page, {"plan.budget": 5}, ONE)
    _, decision = arrive(page, Message(BARE, {"plan.budget": 7}))
    assert decision.writes == {"plan.budget": 7}


def test_what_no_callback_has_touched_is_never_written() -> None:
    page = place(opened(BARE), {"plan.budget": 9}, {"plan.budget": 5})
    page = answered(page, {"plan.budget": 5}, ONE)
    _, decision = arrive(page, Message(BARE, {"plan.budget": 9, "plan.year": 2031}))
    assert "plan.year" not in decision.writes


def test_an_address_that_returns_to_an_earlier_one_is_drawn_only_in_its_order() -> None:
    # year 2031, then reset before the browser has processed the first answer.
    page = moved_to(opened(BARE), BARE, ONE)
    page = place(page, {"cost.year": 2031}, {"cost.year": 2030})
    page = answered(page, {"cost.year": 2030}, BARE)
    page, decision = arrive(page, Message(BARE, {"cost.year": 2031}))
    assert decision.writes == {"cost.year": 2030}


def test_an_address_on_its_way_is_written_again_even_if_the_browser_carries_the_wanted_one() -> (
    None
):
    page = moved_to(opened(BARE), BARE, ONE)
    page, _ = arrive(page, Message(BARE))
    assert leave(page, BARE, BARE)[1]
    assert not leave(opened(BARE), BARE, BARE)[1]


def test_an_address_on_its_way_is_replaced_after_going_back() -> None:
    page = moved_to(opened(ONE), ONE, TWO)
    page, _ = arrive(page, Message(ONE, navigated=True))
    assert leave(page, ONE, ONE)[1]


def test_a_value_of_an_interrupted_run_is_put_into_its_widget_again() -> None:
    page = place(opened(BARE), {"plan.budget": 9}, {"plan.budget": 5})
    page, _ = arrive(page, Message(BARE, {"plan.budget": 5}))
    _, decision = arrive(page, Message(BARE, {"plan.budget": 5}))
    assert decision.writes == {"plan.budget": 5}


# A browser and a server that exchange messages with any delay.

FIELDS = ("a", "b")
PRESETS = ({"a": 1, "b": 1}, {"a": 2, "b": 0}, {"a": 0, "b": 0})


def query_for(values: dict[str, int]) -> Query:
    """The address of a scenario: what differs from zero."""
    return tuple((name, str(value)) for name, value in values.items() if value)


def scenario_of(query: Query) -> dict[str, int]:
    return dict.fromkeys(FIELDS, 0) | {name: int(value) for name, value in query}


class Exchange:
    """A browser that draws each answer late, and a server as session.py connects it."""

    def __init__(self, query: Query) -> None:
        self.history, self.at = [query], 0
        self.drawn: dict[str, int] = {}
        self.to_server: deque[tuple[Query, dict[str, int], int | None, bool]] = deque()
        self.to_browser: deque[tuple[dict[str, int], Query | None]] = deque()
        self.page, self.scenario, self.last_query = Page(), {}, query
        self.send()

    @property
    def address(self) -> Query:
        return self.history[self.at]

    # What the user does.
    def send(self, preset: int | None = None, navigated: bool = False) -> None:
        self.to_server.append((self.address, dict(self.drawn), preset, navigated))

    def move(self, name: str, value: int) -> None:
        if self.drawn and self.drawn[name] != value:
            self.drawn[name] = value
            self.send()

    def preset(self, number: int) -> None:
        if self.drawn:
            self.send(preset=number)

    def go(self, steps: int) -> None:
        """Back or forward, by someone who waits for the page: see docs/state.md for one who does
        not.
        """
        self.finish()
        if 0 <= self.at + steps < len(self.history):
            self.at += steps
            self.send(navigated=True)
            self.finish()

    # What the network and the server do.
    def draw(self) -> None:
        if self.to_browser:
            writes, query = self.to_browser.popleft()
            self.drawn |= writes
            if query is not None and query != self.address:
                self.history = [*self.history[: self.at + 1], query]
                self.at += 1

    def serve(self, interrupted: bool = False) -> None:
        if not self.to_server:
            return
        query, sent, preset, navigated = self.to_server.popleft()
        interrupted = interrupted and bool(self.to_server)
        held: dict[str, Any] = dict(sent) or dict(self.scenario)
        writes: dict[str, int] = {}
        if preset is not None:
            self.page = acknowledge(self.page, query)
            after = {
                name: value
                for name, value in PRESETS[preset].items()
                if held[name] != value or name in self.page.placed
            }
            self.page = place(self.page, held, after)
            held |= after
            writes |= after
        first = not self.page.addresses
        self.page, decision = arrive(
            self.page, Message(query, held, switched=first, navigated=navigated)
        )
        if decision.source is Source.ADDRESS:
            self.scenario = writes = scenario_of(query)
            self.page = place(self.page, held, self.scenario, opened=True)
        else:
            writes |= decision.writes
            self.scenario = held | decision.writes
        if interrupted:
            return
        wanted = query_for(self.scenario)
        self.page, written = leave(self.page, query, wanted)
        self.to_browser.append((writes, wanted if written else None))

    def finish(self) -> None:
        while self.to_server or self.to_browser:
            self.serve()
            self.draw()


STEPS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(FIELDS), st.integers(0, 3)),
    st.tuples(st.just("preset"), st.integers(0, len(PRESETS) - 1)),
    st.tuples(st.just("go"), st.sampled_from([-1, 1])),
    st.tuples(st.just("draw")),
    st.tuples(st.just("draw")),
    st.tuples(st.just("serve"), st.booleans()),
    st.tuples(st.just("serve"), st.booleans()),
)


@given(st.sampled_from([(), (("a", "3"),)]), st.lists(STEPS, max_size=40))
@settings(max_examples=500)
def test_any_interleaving_of_moves_and_late_messages_ends_with_all_equal(
    query: Query, steps: list[Any]
) -> None:
    exchange = Exchange(query)
    for name, *arguments in steps:
        getattr(exchange, name)(*arguments)
    exchange.finish()
    assert exchange.drawn == exchange.scenario
    assert scenario_of(exchange.address) == exchange.scenario


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.integers(0, 3)), min_size=1), st.data())
def test_the_last_move_of_each_widget_stays_however_late_the_browser(
    moves: list[tuple[str, int]], data: st.DataObject
) -> None:
    exchange = Exchange(())
    exchange.finish()
    for name, value in moves:
        exchange.move(name, value)
        for each in data.draw(st.lists(st.sampled_from(["draw", "serve"]), max_size=3)):
            getattr(exchange, each)()
    exchange.finish()
    assert exchange.scenario == dict.fromkeys(FIELDS, 0) | dict(moves)


@given(st.integers(0, 2), st.sampled_from(FIELDS), st.lists(st.sampled_from(["draw", "serve"])))
def test_a_move_just_after_a_preset_keeps_the_rest_of_the_preset(
    number: int, name: str, between: list[str]
) -> None:
    exchange = Exchange((("a", "3"),))
    exchange.finish()
    exchange.preset(number)
    for each in between:
        getattr(exchange, each)()
    exchange.move(name, 9)
    exchange.finish()
    assert exchange.scenario == PRESETS[number] | {name: 9}
