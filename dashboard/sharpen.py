"""Few draws first: a forecast of many draws shows a rough number at once and sharpens by itself when the visitor pauses.

A page asks for `sharpened(state, function)`, and where the result is rough it says so by `sharpen_soon`. Both keep nothing of a user's own.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import streamlit as st

from dashboard.forecasts import forecast
from dashboard.page_state import PageState
from forecasting.core.errors import ForecastingError
from forecasting.core.scenario import Scenario
from forecasting.core.tables import Tables

R = TypeVar("R")

#: Draws of the first number, and how long a pause is.
FEW_DRAWS = 100
PAUSE_SECONDS = 0.7
MOST_REMEMBERED = 512


class _Sharp:
    """Which forecasts have been made with all their draws, so that they come from the cache at once."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], None] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, key: tuple[Any, ...]) -> bool:
        return key in self._known

    def add(self, key: tuple[Any, ...]) -> None:
        with self._lock:
            self._known[key] = None
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)


_sharp = _Sharp()


@dataclass(frozen=True)
class Sharpened(Generic[R]):
    """A result, and whether it comes from few draws only."""

    result: R
    is_rough: bool


def full(function: Callable[..., R], scenario: Scenario, tables: Tables) -> R:
    """The forecast with all its draws, remembered as such: also where it can't be made, so that the page says why and does not try on."""
    _sharp.add((function, scenario, id(tables)))
    return forecast(function, scenario, tables)


def sharpened(function: Callable[..., R], scenario: Scenario, tables: Tables) -> Sharpened[R]:
    """The forecast with all its draws where it is at hand, else with FEW_DRAWS."""
    draws: int = getattr(scenario, "draws", FEW_DRAWS)
    if draws <= FEW_DRAWS or (function, scenario, id(tables)) in _sharp:
        return Sharpened(full(function, scenario, tables), False)
    return Sharpened(forecast(function, scenario.replaced(draws=FEW_DRAWS), tables), True)


def sharpen_soon(state: PageState[Any, Any], function: Callable[..., Any]) -> None:
    """Say that the numbers are rough; once the visitor pauses, compute them in full and show the page again."""
    begun = state.key("sharpen")
    st.session_state[begun] = False

    @st.fragment(run_every=PAUSE_SECONDS)
    def wait() -> None:
        draws = getattr(state.scenario, "draws", FEW_DRAWS)
        st.caption(f":material/hourglass_top: From {FEW_DRAWS} draws; sharpening to {draws:,} …")
        # The first pass belongs to the page's own run; the next one comes when nothing has moved for a while.
        if st.session_state.get(begun):
            with contextlib.suppress(ForecastingError):
                full(function, state.scenario, state.tables)
            st.rerun(scope="app")
        st.session_state[begun] = True

    wait()
