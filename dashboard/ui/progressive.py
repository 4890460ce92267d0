"""Progressive forecasts: a number from few draws or resamples at once, the one from all of them
when the reader pauses.

A section draws each part that depends on the forecast with `Progressive.answered` and
`Progressive.rest`. Every part is a fragment: when the full result is there, only the parts are
drawn again. Controls stay as they are in the browser, mounted or not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.export import exports
from dashboard.forecasts import forecast
from dashboard.state.page_state import PageState
from dashboard.state.session import stands
from dashboard.ui.layout import answer, error_boundary
from forecasting.context import DataOrContext, context_of
from forecasting.errors import ForecastingError
from forecasting.scenario import Inputs, inputs_class
from forecasting.stats.range_level import range_level

R = TypeVar("R")
S = TypeVar("S", bound=Inputs)

#: Draws or resamples of the first number, and how long a pause is.
FEW_DRAWS = 100
#: The input that says how many there are in full.
COUNTS = ("draws", "resamples")
PAUSE_MS = 700

_pause_timer = st.components.v2.component(
    "compute_forecast_pause_timer",
    js=Path(__file__).with_name("pause_timer.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Estimated(Generic[R]):
    """A result, and whether it comes from few draws or resamples only."""

    result: R
    is_rough: bool


def full(function: Callable[..., R], scenario: Inputs, data: DataOrContext) -> R:
    """The forecast with all its draws, remembered as such, even where it fails: the page then says
    why and stops.
    """
    context_of(data).results.get(_all_drawn(function, scenario), lambda: True)
    return forecast(function, scenario, data)


def quick(function: Callable[..., R], scenario: Inputs, data: DataOrContext) -> Estimated[R]:
    """The forecast with all its draws where that is in the cache, else with FEW_DRAWS."""
    name, count = counted(function, scenario)
    if count <= FEW_DRAWS or _all_drawn(function, scenario) in context_of(data).results:
        return Estimated(full(function, scenario, data), False)
    return Estimated(forecast(function, _with_few(name, scenario), data), True)


def counted(function: Callable[..., Any], scenario: Inputs) -> tuple[str, int]:
    """What the ranges of a forecast come from, "draws" or "resamples", and how many there are; ""
    and 0 where no input says.
    """
    fields = inputs_class(function).model_fields
    name = next((name for name in COUNTS if name in fields), "")
    return name, getattr(scenario, name) if name else 0


def alongside(scenario: S, result: Any) -> S:
    """The scenario with as many draws and resamples as a result shown comes from, for another
    forecast that is drawn beside it.
    """
    counts = {name: getattr(result.scenario, name, None) for name in COUNTS}
    given = {name: count for name, count in counts.items() if count is not None}
    return scenario.replaced(**given)


@lru_cache(maxsize=64)  # each part of a page asks for it
def _with_few(name: str, scenario: Inputs) -> Inputs:
    return scenario.replaced(**{name: FEW_DRAWS})


def _all_drawn(function: Callable[..., Any], scenario: Inputs) -> tuple[Hashable, ...]:
    """The key under which a cache holds that this forecast was made with all its draws."""
    return "all draws", function, inputs_class(function).of(scenario)


@dataclass
class Progressive(Generic[R]):
    """One page's progressive forecast and the parts of the page that show it."""

    state: PageState[Any, Any]
    function: Callable[..., R]
    _keys: list[str] = field(default_factory=list)

    def estimate(self) -> Estimated[R]:
        """The best result at hand; raises ForecastingError where there is none."""
        return quick(self.function, self.state.scenario, self.state.context)

    def part(self, name: str, draw: Callable[[Estimated[R]], None]) -> None:
        """Draw one part of the page now, and again by itself once the full result is there."""
        key = f"{self.state.page}-{name}"
        self._keys.append(key)

        @st.fragment(key=key)
        def drawn() -> None:
            # Errors are caught here: one that left the fragment would count as a failure of the
            # app.
            with error_boundary(), range_level(self.state.level):
                draw(self.estimate())

        drawn()

    def answered(self) -> Estimated[R] | None:
        """Draw the answer with its lines as the first part; None, and a sentence, where there is
        none.
        """
        with error_boundary():
            made = self.estimate()
            self.part(
                "answer",
                lambda made: answer(exports.answer_of(made.result), *exports.lines_of(made.result)),
            )
            return made
        return None

    def rest(self, draw: Callable[[R], None]) -> None:
        """Draw the last part: what the result shows, below a line that says so while it is rough.
        It holds no control of the page, which would act on the part alone.
        """

        def drawn(made: Estimated[R]) -> None:
            if made.is_rough:
                self._say_that_it_is_rough()
            draw(made.result)

        self.part("numbers", drawn)
        with contextlib.suppress(ForecastingError):
            if self.estimate().is_rough:
                self._wait_for_pause()

    def _say_that_it_is_rough(self) -> None:
        name, count = counted(self.function, self.state.scenario)
        words = f"From {FEW_DRAWS} {name}; computing all {count:,} …"
        with st.container(key="rough"):
            st.caption(f":material/hourglass_top: {escape_markdown(words)}")

    def _wait_for_pause(self) -> None:
        """Compute the numbers in full once the reader pauses, and draw the parts again. The timer
        is none of them: a session that began anew on another worker knows no parts yet, and answers
        what the timer tells with the whole page. So does one whose page has been moved since, or
        is being drawn: its parts alone would show what was there before.
        """
        scenario, context = self.state.scenario, self.state.context

        def refine() -> None:
            if not stands(self.state):
                return
            with contextlib.suppress(ForecastingError):
                full(self.function, scenario, context)
            st.rerun(self._keys)

        _pause_timer(
            key=self.state.key("pause"),
            data={"state": self.state.link, "milliseconds": PAUSE_MS},
            on_paused_change=refine,
        )
