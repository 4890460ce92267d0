"""Forecasts for pages: computed once per scenario, then shared by all sessions.

Results are frozen, so they are shared and not copied. Results of a user's own data never come here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from forecasting.scenario import Scenario
from forecasting.tables import Tables

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")

#: A result holds about 100 KiB.
MOST_RESULTS = 512


def forecast(function: Callable[..., R], scenario: S, tables: Tables) -> R:
    """The result of `function(scenario, data=tables)`; an error is raised anew each time."""
    return _computed(function, scenario, tables)  # type: ignore[return-value]


@lru_cache(maxsize=MOST_RESULTS)
def _computed(function: Callable[..., object], scenario: Scenario, tables: Tables) -> object:
    return function(scenario, data=tables)
