"""Forecasts for pages: computed once per scenario, then shared by all sessions.

Results are frozen, so they are shared and not copied. Results of a user's own data are kept with that session's tables alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from forecasting.scenario import Scenario
from forecasting.tables import Tables, bundled

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")

#: A result holds about 100 KiB.
MOST_RESULTS = 512


def forecast(function: Callable[..., R], scenario: S, tables: Tables) -> R:
    """The result of `function(scenario, data=tables)`; an error is raised anew each time."""
    if tables.plain is not bundled() or _reads_own(scenario, tables):
        return tables.kept((function, scenario), lambda: function(scenario, data=tables))
    return _computed(function, scenario)  # type: ignore[return-value]


def _reads_own(scenario: Scenario, tables: Tables) -> bool:
    """Whether the forecast may read what is the user's own beside the tables."""
    return (
        tables.prices is not None
        or (bool(tables.laws) and hasattr(scenario, "law"))
        or (tables.runs is not None and scenario.PAGE == "runs")
        or (tables.counts is not None and scenario.PAGE == "inference")
    )


@lru_cache(maxsize=MOST_RESULTS)
def _computed(function: Callable[..., object], scenario: Scenario) -> object:
    return function(scenario, data=bundled())
