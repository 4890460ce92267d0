"""The forecasts of pinned scenarios, for comparing them with the one in view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dashboard.forecasts import forecast
from dashboard.state.page_state import PageState
from dashboard.ui import layout

R = TypeVar("R")


def pinned_results(state: PageState[Any, Any], function: Callable[..., R]) -> list[R]:
    """The forecasts of the pins; one that cannot be made is left out, its reason said."""
    results: list[R] = []
    for scenario in state.pins:
        with layout.error_boundary():
            results.append(forecast(function, scenario, state.context))
    return results
