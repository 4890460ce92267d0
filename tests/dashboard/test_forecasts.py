"""What cannot be computed is a sentence, on pages and by URL."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.forecasts import forecast, made_of
from dashboard.links import open_link, parse_query
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.compute_cost import ModelCost, model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import BeyondNumbersError, InputError
from forecasting.fitting.law_choice import checked_law_name
from forecasting.stats.range_level import level_in_words, range_level
from tests.dashboard.harness import page_alone, text_of


@pytest.mark.parametrize(
    "error", [OverflowError, ZeroDivisionError, np.linalg.LinAlgError, ValueError]
)
def test_arithmetic_that_cannot_be_done_becomes_a_sentence(error: type[Exception]) -> None:
    def impossible(scenario: CostScenario, *, data: DataSet | None = None) -> None:
        raise error("no")

    with pytest.raises(BeyondNumbersError, match="closer to its default"):
        forecast(impossible, CostScenario(seed=7), bundled())


def test_what_is_made_of_a_forecast_is_made_once_for_each_level_of_ranges() -> None:
    calls: list[float] = []

    def made(result: ModelCost) -> str:
        calls.append(level_in_words())
        return result.answer

    def said() -> str:
        return made_of(made, model_cost, CostScenario(seed=7), bundled())

    assert said() == said() == model_cost(CostScenario(seed=7)).answer
    with range_level(0.95):
        assert "(95%)" in said()
        said()
    assert calls == [0.8, 0.95]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow on the way is what is tested
@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("text", {"page_growth": "1e20"}),
        ("text", {"view": "wall", "page_growth": "30"}),
        ("text", {"view": "drivers", "compute_shift_oom": "1e-300~1e300~0.9~lognormal"}),
        ("plan", {"budget_growth": "1e-300~1e300~0.9~lognormal", "shown": "limits"}),
        ("inference", {"view": "serve", "law": "custom:1.7,400,410,2,2"}),
    ],
)
def test_extreme_inputs_never_end_in_an_exception(page: str, query: dict[str, str]) -> None:
    test = page_alone(page, {"v": "1", **query})
    assert not test.exception
    assert "nan" not in text_of(test).lower().replace("finance", "")


@pytest.mark.parametrize(
    "name", ["custom:1,1e-300,1e300,0.3,0.3", "custom:1.7,400,410,1e9,1e9", "custom:1e308,1,1,1,1"]
)
def test_own_coefficients_beyond_any_fit_are_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match=r"use .* to .*"):
        checked_law_name(name)


def test_more_parameters_than_are_read_are_said() -> None:
    parts = PAGES["cost"]
    opened = open_link(
        parse_query("year=2040&" + "a=b&" * 250), parts.scenario, parts.display, bundled()
    )
    assert opened.scenario.year == 2040
    assert any("more than 200 parameters" in warning for warning in opened.warnings)
