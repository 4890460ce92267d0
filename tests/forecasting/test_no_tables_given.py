"""Every public function that reads tables works with none given: then it reads the bundled ones."""

from __future__ import annotations

import inspect
import typing

import pytest

import forecasting as fc

FUNCTIONS = {
    name: getattr(fc, name) for name in fc.__all__ if inspect.isfunction(getattr(fc, name))
}
PRICES = "date,chip,usd_per_hour\n2024-01-01,NVIDIA H100 SXM5 80GB,3\n2025-01-01,H100,2\n"
#: What functions need beside tables, where their scenario's defaults are not all.
OTHERS = {
    "price_series": lambda: (fc.SeriesChoice("gpu"),),
    "read_own_prices": lambda: (PRICES,),
    "law_in_use": lambda: ("refit",),
}


def reads_tables(function: object) -> bool:
    return "data" in inspect.signature(function).parameters  # type: ignore[arg-type]


READERS = sorted(name for name, function in FUNCTIONS.items() if reads_tables(function))


def test_the_functions_that_read_tables_are_found() -> None:
    assert {"exchange_rates", "elo_claim", "list_prices_today", "model_cost"} <= set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_tables_need_not_be_given(name: str) -> None:
    default = inspect.signature(FUNCTIONS[name]).parameters["data"].default
    assert default is None


def needed(function: object) -> list[inspect.Parameter]:
    """The parameters without a default."""
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [each for each in parameters if each.default is each.empty and each.kind in named]


BARE = sorted(name for name, function in FUNCTIONS.items() if not needed(function))
#: Those that need a scenario and nothing else.
FORECASTS = sorted(
    name
    for name, function in FUNCTIONS.items()
    if [each.name for each in needed(function)] == ["scenario"]
)


def test_the_functions_without_arguments_are_found() -> None:
    assert {"bundled", "exchange_rates", "elo_claim", "stale_tables"} <= set(BARE)
    assert {"model_cost", "plan", "text_exhaustion"} <= set(FORECASTS)


@pytest.mark.parametrize("name", [*BARE, *OTHERS])
def test_without_tables_the_bundled_ones_are_read(name: str) -> None:
    arguments = OTHERS[name]() if name in OTHERS else ()
    assert FUNCTIONS[name](*arguments) is not None


@pytest.mark.soak
@pytest.mark.parametrize("name", FORECASTS)
def test_every_forecast_of_a_scenario_needs_nothing_else(name: str) -> None:
    function = FUNCTIONS[name]
    module = inspect.getmodule(function)
    inputs = typing.get_type_hints(function, vars(module))["scenario"]
    assert function(inputs()) is not None


def test_a_result_of_no_tables_is_that_of_the_bundled_ones() -> None:
    assert fc.exchange_rates() is fc.exchange_rates(fc.bundled())
    assert fc.exchange_rates(data=None) is fc.exchange_rates(data=fc.bundled())
