"""The page Scaling laws in Streamlit's own test harness."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.escaping import escape_markdown
from dashboard.pages.scaling.surface import profile_numbers, surface_notes
from dashboard.ui.progressive import FEW_DRAWS, full
from forecasting.data.dataset import bundled
from forecasting.scaling.architectures import architectures
from forecasting.scaling.isoflop_surface import (
    isoflop_surface,
    next_run_advice,
    second_opinion,
)
from forecasting.scaling.kaplan_panels import kaplan_panels
from forecasting.scaling.scaling_scenario import ScalingScenario
from tests.dashboard.harness import page_alone, text_of


def scaling_page(query: dict[str, str] | None = None) -> AppTest:
    return page_alone("scaling", query)


def test_the_page_opens_on_language_models() -> None:
    test = scaling_page()
    assert not test.exception
    assert "73 billion" in text_of(test)


def test_a_link_made_when_the_page_opened_on_architectures_still_does() -> None:
    test = scaling_page({"v": "1"})
    assert architectures(ScalingScenario()).answer in text_of(test)
    assert test.query_params["view"] == "architectures"


def test_a_link_opens_architectures_by_name() -> None:
    test = scaling_page(
        {
            "v": "1",
            "vision_model": "BiT/50/1",
            "vision_others": "MiX%2FB%2F16",
            "at_examples": "1000000000",
        }
    )
    scenario = ScalingScenario(
        vision_model="BiT/50/1", vision_others=("MiX/B/16",), at_examples=1e9
    )
    assert architectures(scenario).answer in text_of(test)


def test_moving_the_slider_changes_answer_and_address() -> None:
    test = scaling_page({"v": "2", "view": "architectures"})
    test.select_slider(key="scaling.at_examples").set_value(1e9).run()
    assert architectures(ScalingScenario(at_examples=1e9)).answer in text_of(test)
    assert test.query_params["at_examples"] == "1000000000"


@pytest.mark.parametrize("query", [{"task": "translation"}, {"task": "routing"}])
def test_every_section_opens_from_a_link(query: dict[str, str]) -> None:
    test = scaling_page({"v": "1"} | query)
    assert not test.exception
    assert not test.error
    assert test.info


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"vision_others": ""}, "needs two groups"),
        ({"vision_others": "ViT%2FB%2F16"}, "needs two groups"),
        ({"vision_model": "ViT/H/14"}, "ViT/H/14"),
        ({"from_examples": "1e9"}, "No point is left"),
        ({"at_examples": "0"}, "at_examples"),
        ({"task": "routing", "routers": ""}, "Choose at least one"),
    ],
)
def test_bad_input_is_said_in_a_sentence_and_the_page_stays(
    query: dict[str, str], said: str
) -> None:
    test = scaling_page({"v": "1"} | query)
    assert not test.exception
    assert said in text_of(test)
    assert test.button(key="scaling.reset")


@pytest.mark.parametrize("run_set", ["chinchilla", "overtraining", "repeated"])
@pytest.mark.parametrize("predict", ["compute", "run", "params", "tokens"])
def test_every_run_set_predicts_every_target(run_set: str, predict: str) -> None:
    scenario = ScalingScenario(run_set=run_set, predict=predict)  # type: ignore[arg-type]
    whole = full(isoflop_surface, scenario, bundled())
    test = scaling_page({"v": "1", "view": "surface", "run_set": run_set, "predict": predict})
    assert not test.exception
    assert whole.answer in text_of(test)


def test_few_resamples_answer_first_and_the_page_says_so() -> None:
    scenario = ScalingScenario(training_set="c4_original", run_set="overtraining", left_out=7)
    query = {"v": "2", "view": "surface", "training_set": "c4_original", "run_set": "overtraining"}
    test = scaling_page(query | {"left_out": "7"})
    assert not test.exception
    assert isoflop_surface(scenario.replaced(resamples=FEW_DRAWS)).answer in text_of(test)
    assert f"From {FEW_DRAWS} resamples; computing all 2,000" in text_of(test)
    whole = full(isoflop_surface, scenario, bundled())
    test.run()
    assert whole.answer in text_of(test)
    assert "computing all" not in text_of(test)


def test_checks_and_the_next_run_come_with_the_answer_from_few_resamples() -> None:
    scenario = ScalingScenario(left_out=8)
    test = scaling_page({"v": "2", "view": "surface", "left_out": "8"})
    test.session_state["scaling.checks"] = test.session_state["scaling.advice"] = True
    test.run()
    rough, whole = (
        profile_numbers(isoflop_surface(each), second_opinion(each))
        for each in (scenario.replaced(resamples=FEW_DRAWS), scenario)
    )
    assert "computing all 2,000" in text_of(test)
    assert next_run_advice(scenario).answer in text_of(test)
    assert has_table(test, rough)
    full(isoflop_surface, scenario, bundled())
    test.run()
    assert has_table(test, whole)


def has_table(test: AppTest, numbers: pd.DataFrame) -> bool:
    return any(shown.value.equals(numbers.map(escape_markdown)) for shown in test.table)


def test_the_method_of_a_surface_names_the_exponent_of_parabolas() -> None:
    result = isoflop_surface(ScalingScenario())
    assert result.isoflop is not None
    assert result.isoflop.parabola_exponent is not None
    said = f"compute to the power {result.isoflop.parabola_exponent:.2f}"
    assert any(said in note for note in surface_notes(result))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"view": "compute", "training_flop": "0"}, "training_flop"),
        ({"view": "compute", "law": "custom:1,2"}, "five numbers"),
        ({"view": "compute", "law": "nobody"}, "nobody"),
        ({"view": "compute", "law": "s:abcdef"}, "not here"),
        ({"view": "surface", "target_params": "-5", "predict": "params"}, "target_params"),
        ({"view": "surface", "delta": "0"}, "delta"),
    ],
)
def test_bad_values_of_other_views_are_said(query: dict[str, str], said: str) -> None:
    test = scaling_page({"v": "1"} | query)
    assert not test.exception
    assert said in text_of(test)


@pytest.mark.parametrize("panel", ["compute", "params", "tokens"])
def test_every_panel_of_kaplan_opens(panel: str) -> None:
    test = scaling_page({"v": "1", "view": "kaplan", "panel": panel})
    assert not test.exception
    assert kaplan_panels(ScalingScenario(panel=panel)).answer in text_of(test)  # type: ignore[arg-type]


def test_a_custom_law_has_no_range_and_says_so() -> None:
    test = scaling_page({"v": "1", "view": "compute", "law": "custom:1.69,406.4,410.7,0.336,0.283"})
    assert not test.exception
    assert "no range" in text_of(test)


def test_a_pin_is_compared_with_what_follows() -> None:
    test = scaling_page({"v": "1", "view": "compute"})
    test.button(key="scaling.pin").click().run()
    test.select_slider(key="scaling.training_flop").set_value(1e25).run()
    assert not test.exception
    assert any("Pin 1" in button.label for button in test.button)
    assert "p1" in test.query_params
