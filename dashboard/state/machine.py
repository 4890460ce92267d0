"""The state of a page, run by run: whether a run shows the link in the address, the page as it was
left, or the moves of its widgets. Pure; dashboard/state/session.py connects it to Streamlit, and
docs/state.md describes it with a diagram.

A browser sends its address and the values of all its widgets with every message, and both may lag:
a message that leaves before the answer to the one before it carries what was there before that
answer. No clock is needed to tell. The addresses written so far are numbered, so that the address
of a message says which of them its browser has processed. A value that the server has put into a
widget counts as drawn once the browser carries an address written with it or after it; until then
the value from before is an echo and no move of the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

#: A query as names and values, in order.
Query = tuple[tuple[str, str], ...]
#: What widgets hold, by their keys.
Values = Mapping[str, Any]

#: Addresses that are remembered: more than a browser can lag behind.
MAX_ADDRESSES = 100


class Phase(Enum):
    """How a message finds a page."""

    UNOPENED = "not shown in this session yet"
    AWAY = "another page was in view"
    IN_STEP = "the browser has the latest address"
    BEHIND = "the latest address is still on its way to the browser"


class Event(Enum):
    """What brought a message about."""

    MOVE = "a widget, on the latest address"
    LATE_MOVE = "a widget, on an address that has been replaced since"
    LINK = "an address that the page has not shown"
    SWITCH = "the navigation between pages, on a bare address"
    HISTORY = "back or forward"


class Source(Enum):
    """What a run shows."""

    ADDRESS = "the link in the address, its values put into the widgets"
    MEMORY = "the page as it was left"
    WIDGETS = "the page as it was, with the user's moves"


@dataclass(frozen=True)
class Address:
    """An address that the page has opened or written, numbered in order."""

    number: int
    query: Query


@dataclass(frozen=True)
class Placed:
    """A value that the server has put into a widget and that the browser may not have drawn.

    `number` is that of the address written with it: a browser that carries it or a later one has
    drawn the value; one that does not may still send one of the `stale` values. `repeated` is the
    number of the latest address when the value was put there again, -1 if it was not: whether that
    has been drawn shows only with the next address. `is_sent` is False until a run that draws it
    has ended.
    """

    number: int
    value: Any
    stale: tuple[Any, ...]
    repeated: int = -1
    is_sent: bool = False

    def is_drawn(self, acknowledged: int) -> bool:
        """Whether a browser that has that address has drawn the value."""
        return self.is_sent and acknowledged >= self.number

    def is_settled(self, acknowledged: int) -> bool:
        """Whether nothing more that was put into the widget is on its way to such a browser."""
        return self.is_drawn(acknowledged) and acknowledged > self.repeated


@dataclass(frozen=True)
class Page:
    """What is remembered of a page: its addresses, the latest one last; the number of the address
    that its browser is known to have; the values that the browser may not have drawn, by key.
    """

    addresses: tuple[Address, ...] = ()
    acknowledged: int = 0
    placed: Mapping[str, Placed] = field(default_factory=dict)

    @property
    def next_number(self) -> int:
        """The number of the next address."""
        return self.addresses[-1].number + 1 if self.addresses else 0

    def number_of(self, query: Query) -> int | None:
        """The number of an address, the earliest one that the browser can have; None if the page
        has never shown it.
        """
        known = [each.number for each in self.addresses if each.query == query]
        return next((n for n in known if n >= self.acknowledged), known[-1] if known else None)


@dataclass(frozen=True)
class Message:
    """What the browser sends: its address and what the widgets hold.

    `switched` says that another page was in view before, `navigated` that the user went back or
    forward.
    """

    query: Query
    held: Values = field(default_factory=dict)
    switched: bool = False
    navigated: bool = False


@dataclass(frozen=True)
class Decision:
    """What a run shows, why, and the values to put into widgets before it does."""

    phase: Phase
    event: Event
    source: Source
    writes: Values = field(default_factory=dict)


def phase_of(page: Page, message: Message) -> Phase:
    """How the message finds the page."""
    if not page.addresses:
        return Phase.UNOPENED
    if message.switched:
        return Phase.AWAY
    in_step = page.number_of(message.query) == page.addresses[-1].number
    return Phase.IN_STEP if in_step else Phase.BEHIND


def event_of(page: Page, message: Message) -> Event:
    """What brought the message about."""
    if message.navigated:
        return Event.HISTORY
    if not page.addresses:
        return Event.LINK
    if message.switched:
        return Event.LINK if message.query else Event.SWITCH
    number = page.number_of(message.query)
    if number is None:
        return Event.LINK
    return Event.MOVE if number == page.addresses[-1].number else Event.LATE_MOVE


def arrive(page: Page, message: Message) -> tuple[Page, Decision]:
    """What to show for a message of the browser, and the page once it has been received."""
    phase, event = phase_of(page, message), event_of(page, message)
    if event in (Event.LINK, Event.HISTORY):
        left = page.next_number - 1
        page = _opened(page, message.query)
        if event is Event.HISTORY:
            # Who goes back leaves the latest address, so the browser has it: what it sends from now
            # on is not from when the address gone back to was written first.
            page = replace(page, acknowledged=max(page.acknowledged, left))
        return page, Decision(phase, event, Source.ADDRESS)
    if event is Event.SWITCH:
        # The browser draws the page's widgets anew.
        return _opened(page, message.query), Decision(phase, event, Source.MEMORY)
    number = page.number_of(message.query)
    assert number is not None
    page = acknowledge(page, message.query)
    latest = page.addresses[-1].number
    placed: dict[str, Placed] = {}
    writes: dict[str, Any] = {}
    for key, each in page.placed.items():
        held = message.held.get(key, each.value)
        drawn = each.is_drawn(number)
        if held == each.value and each.is_sent:
            placed[key] = each
        elif held == each.value or (not drawn and held in each.stale):
            placed[key] = replace(each, repeated=latest, is_sent=False)
            writes[key] = each.value
        else:
            # The user's move; put back in case an earlier write reaches the widget after it.
            stale = (each.value,) if drawn else (*each.stale, each.value)
            placed[key] = Placed(page.next_number, held, stale)
            writes[key] = held
    return replace(page, placed=placed), Decision(phase, event, Source.WIDGETS, writes)


def acknowledge(page: Page, query: Query) -> Page:
    """The page once the browser is known to carry that address."""
    number = page.number_of(query)
    if number is None:
        return page
    placed = {key: each for key, each in page.placed.items() if not each.is_settled(number)}
    return replace(page, acknowledged=max(page.acknowledged, number), placed=placed)


def place(page: Page, before: Values, after: Values, *, opened: bool = False) -> Page:
    """The page once a callback, or a link that was `opened`, has put the values `after` into
    widgets that the browser sent with the values `before`.
    """
    # The browser carries the address of a link before it draws its values.
    number = page.next_number - 1 if opened else page.next_number
    placed = dict(page.placed)
    for key, value in after.items():
        earlier = placed.get(key)
        known = (*earlier.stale, earlier.value) if earlier else ()
        placed[key] = Placed(number, value, (*known, before.get(key)))
    return replace(page, placed=placed)


def leave(page: Page, carried: Query, query: Query) -> tuple[Page, bool]:
    """The page at the end of a run that shows the address `query`, and whether it is to be written.

    It is, unless the browser carries it (`carried`) and no other one is on its way there.
    """
    is_written = _in_flight(page) or query != carried
    page = _with_address(page, query)
    latest = page.addresses[-1].number
    placed = {
        # Where the address stays, what the browser carries cannot show that it has drawn the value.
        key: replace(each, number=latest, repeated=latest, is_sent=True)
        if each.number > latest
        else replace(each, is_sent=True)
        for key, each in page.placed.items()
    }
    return replace(page, placed=placed), is_written


def _with_address(page: Page, query: Query) -> Page:
    if page.addresses and page.addresses[-1].query == query:
        return page
    addresses = (*page.addresses, Address(page.next_number, query))
    return replace(page, addresses=addresses[-MAX_ADDRESSES:])


def _opened(page: Page, query: Query) -> Page:
    """The page once it shows an address that the browser already has. Addresses that are still on
    their way would replace it there, so that it will be written again.
    """
    in_flight = _in_flight(page)
    page = _with_address(replace(page, placed={}), query)
    latest = page.addresses[-1].number
    return replace(page, acknowledged=page.acknowledged if in_flight else latest)


def _in_flight(page: Page) -> bool:
    return bool(page.addresses) and page.acknowledged < page.addresses[-1].number
