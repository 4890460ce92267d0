"""Forecasts for pages: computed once per scenario, then shared by all sessions.

Results are frozen, so they are shared and not copied. Keys are the forecast, the scenario and the fingerprint of its tables; results
of a user's own data never come here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from forecasting.scenario import Scenario
from forecasting.tables import Tables

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")

MOST_RESULTS = 512


def forecast(function: Callable[..., R], scenario: S, tables: Tables) -> R:
    """The result of `function(scenario, data=tables)`."""
    key = f"{function.__module__}.{function.__name__}"
    return _computed(key, scenario, tables.fingerprint(scenario.TABLES), function, tables)  # type: ignore[no-any-return]


@st.cache_resource(max_entries=MOST_RESULTS, show_spinner=False, hash_funcs={Scenario: lambda scenario: scenario.model_dump_json()})
def _computed(key: str, scenario: Scenario, fingerprint: str, _function: Callable[..., object], _tables: Tables) -> object:
    del key, fingerprint
    return _function(scenario, data=_tables)
