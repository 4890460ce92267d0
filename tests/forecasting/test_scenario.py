from __future__ import annotations

import json
from pathlib import Path

import pytest

import forecasting as fc
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.scenario import Scenario

SCENARIOS = tuple(page.scenario for page in PAGES.values())
#: What each version's defaults were when it was released. Add a file for a new version; never
#: change an old one.
RELEASED = Path(__file__).parent / "released_defaults"


@pytest.mark.parametrize("scenario_class", SCENARIOS)
def test_a_scenario_constructs_with_no_arguments_and_has_a_version_and_a_seed(
    scenario_class: type[Scenario],
) -> None:
    assert scenario_class().seed == 0
    assert scenario_class.VERSION >= 1


@pytest.mark.parametrize("scenario_class", SCENARIOS)
def test_the_defaults_of_every_released_version_are_unchanged(
    scenario_class: type[Scenario],
) -> None:
    for version in range(1, scenario_class.VERSION + 1):
        path = RELEASED / f"{scenario_class.NAME}.v{version}.json"
        assert path.exists(), f"no {path.name}: run python -m tests.tools.release_defaults"
        released = json.loads(path.read_text())
        defaults = json.loads(json.dumps(scenario_class.defaults(version), default=str))
        # A later version may have more fields; those that this one had stay as they were.
        assert {name: defaults.get(name) for name in released} == released, (
            "A default changed without a new VERSION: links made before would change their numbers."
        )


@pytest.mark.parametrize("scenario_class", SCENARIOS)
def test_every_field_states_its_label_and_unit(scenario_class: type[Scenario]) -> None:
    for name, info in scenario_class.model_fields.items():
        assert info.description, name
        assert isinstance(info.json_schema_extra, dict), name
        assert info.json_schema_extra["unit"], name


def test_a_wrong_value_says_which_input_what_was_seen_and_what_would_be_right() -> None:
    with pytest.raises(fc.ForecastingError, match=r"`year` is 1999\. Use 2010 or more\."):
        CostScenario(year=1999)


def test_an_unknown_input_is_refused() -> None:
    with pytest.raises(fc.ForecastingError, match="no such input"):
        CostScenario(colour="red")


def test_a_changed_copy_is_validated_again() -> None:
    with pytest.raises(fc.InputError, match="budget_usd"):
        CostScenario().replaced(budget_usd=-1)


def test_a_choice_that_is_none_names_all_of_them_in_the_quotes_of_every_message() -> None:
    with pytest.raises(fc.InputError, match=r"“nonsense”\. Use one of “[a-z_]+”.* or “[a-z_]+”"):
        fc.TextScenario(demand="nonsense")  # type: ignore[arg-type]
