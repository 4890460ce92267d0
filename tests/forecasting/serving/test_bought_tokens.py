from __future__ import annotations

import math

import pytest

import forecasting as fc
from forecasting.serving.bought_tokens import (
    CHEAPEST,
    bought_model,
    cheapest_by_maker,
    listed_models,
    params_named,
    substitutes,
)
from forecasting.serving.served_demand import ServedDemandScenario
from tests.vintage import shipped

ASKED = ServedDemandScenario()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("qwen3-235b-a22b", 235e9),
        ("qwen2-5-72b-instruct", 72e9),
        ("open-mixtral-8x7b", 56e9),
        ("command-r7b-12-2024", 7e9),
        ("ministral-3b-latest", 3e9),
        ("gemini-1.5-flash-8b", 8e9),
        ("gpt-4.1-mini", math.nan),
        ("mistral-small-2603", math.nan),
        ("grok-4-0709beta", math.nan),
    ],
)
def test_a_size_is_read_from_a_name(name: str, params: float) -> None:
    assert params_named(name) == pytest.approx(params, nan_ok=True)


def test_the_cheapest_is_new_and_not_named_as_much_smaller() -> None:
    newest = max(each.first_seen for each in listed_models(shipped()))
    found = substitutes(ASKED, shipped())
    assert len(found) > 20
    for each in found:
        assert each.listed.released >= newest - 1.0
        assert not each.listed.params_named < 35e9
    cheapest = bought_model(ASKED, ASKED, shipped())
    assert cheapest is not None
    assert cheapest.usd_per_request == min(each.usd_per_request for each in found)
    # To a small model small ones are substitutes, too.
    assert len(substitutes(ASKED.replaced(served_model="Llama-3-8B"), shipped())) > len(found)


def test_each_maker_comes_with_its_cheapest() -> None:
    models = cheapest_by_maker(ASKED, shipped())
    assert len({each.listed.provider for each in models}) == len(models) > 8
    costs = [each.usd_per_request for each in models]
    assert costs == sorted(costs)


def test_a_named_model_has_its_price_and_an_unknown_one_is_refused() -> None:
    inputs = ASKED.replaced(bought_model="claude-opus-5")
    found = bought_model(inputs, inputs, shipped())
    assert found is not None
    assert found.usd_per_request == pytest.approx((1000 * 5.0 + 500 * 25.0) / 1e6)
    unknown = ASKED.replaced(bought_model="claude-opus-55")
    with pytest.raises(fc.UnknownNameError, match="claude-opus-5"):
        bought_model(unknown, unknown, shipped())


def test_the_names_begin_with_the_cheapest() -> None:
    names = ServedDemandScenario.choices("bought_model", shipped())
    assert names is not None
    assert names[0] == CHEAPEST
    assert "gpt-6-luna" in names
