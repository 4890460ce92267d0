"""Forecasts for pages: computed once per scenario, then shared by all sessions.

Results are frozen, so they are shared and not copied. Results of a user's own data are kept with that session's tables alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from forecasting.core.scenario import Scenario
from forecasting.core.tables import Tables

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")


def forecast(function: Callable[..., R], scenario: S, tables: Tables) -> R:
    """The result of `function(scenario, data=tables)`; an error is raised anew each time."""
    where = tables if _reads_own(scenario, tables) else tables.plain
    return where.kept((function, scenario), lambda: function(scenario, data=where))


def _reads_own(scenario: Scenario, tables: Tables) -> bool:
    """Whether the forecast may read what is the user's own beside the tables."""
    return (
        tables.prices is not None
        or (bool(tables.laws) and hasattr(scenario, "law"))
        or (tables.runs is not None and scenario.PAGE == "runs")
        or (tables.counts is not None and scenario.PAGE == "inference")
    )
