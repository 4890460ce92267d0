"""Each page in Streamlit's own test harness, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_trend import price_trend
from forecasting.data.dataset import bundled
from forecasting.reporting.article_claims import judged_claims
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.trends.state_space import STATE_SPACE_METHODS
from tests.dashboard.harness import opened, page_alone, text_of

COST = "cost"


def cost_page(query: dict[str, str] | None = None) -> AppTest:
    return page_alone(COST, query)


def test_the_overview_shows_its_answer_the_laws_and_what_is_measured_against_it() -> None:
    test = opened()
    assert not test.exception
    result, shown = overview(OverviewScenario()), text_of(test)
    assert result.answer in shown
    assert result.caveat in shown
    for law in result.laws:
        for said in (law.name, law.about, law.words, law.range_words, law.data_to):
            assert said in shown


def test_a_link_opens_the_claims_that_were_too_strong() -> None:
    folded, opened_by_link = opened(), opened({"claims": "strong"})
    claims = judged_claims(bundled())
    strong = [each.claim for each in claims if each.judgement.verdict == "too strong"]
    others = [each.claim for each in claims if each.judgement.verdict != "too strong"]
    assert strong
    assert not any(claim in text_of(folded) for claim in strong)
    assert all(claim in text_of(opened_by_link) for claim in strong)
    assert not any(claim in text_of(opened_by_link) for claim in others)


def test_the_cost_page_answers_with_its_default_scenario() -> None:
    test = cost_page()
    assert not test.exception
    assert model_cost(CostScenario()).answer in text_of(test)


def test_a_link_opens_its_scenario_and_fills_the_widgets() -> None:
    test = cost_page(
        {
            "v": str(CostScenario.VERSION),
            "model": "GPT-3",
            "year": "2031",
            "convention": "owned",
            "budget_usd": "12345",
        }
    )
    scenario = CostScenario(model="GPT-3", year=2031, convention="owned", budget_usd=12345)
    assert model_cost(scenario).answer in text_of(test)
    assert test.selectbox(key="cost.model").value == "GPT-3"
    assert test.slider(key="cost.year").value == 2031
    assert test.select_slider(key="cost.budget_usd").value == 12345


def test_moving_a_widget_changes_answer_and_address() -> None:
    test = cost_page()
    test.slider(key="cost.year").set_value(2035).run()
    assert model_cost(CostScenario(year=2035)).answer in text_of(test)
    assert test.query_params["year"] == "2035"
    assert "v" in test.query_params


def test_reset_brings_the_defaults_back() -> None:
    test = cost_page({"v": "2", "model": "GPT-3", "year": "2031"})
    test.button(key="cost.reset").click().run()
    assert test.slider(key="cost.year").value == CostScenario().year
    assert model_cost(CostScenario()).answer in text_of(test)


def test_a_pin_stays_and_is_compared_with_what_follows() -> None:
    test = cost_page({"v": "2", "model": "GPT-3"})
    test.button(key="cost.pin").click().run()
    test.selectbox(key="cost.model").set_value("GPT-2").run()
    assert "p1" in test.query_params
    assert any("Pin 1" in button.label for button in test.button)
    test.button(key="cost.unpin0").click().run()
    assert "p1" not in test.query_params


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            {
                "view": "price",
                "from_year": "2020",
                "to_year": "2020",
                "series": "chips",
                "number_format": "fp8",
            },
            "No point is left and at least 5 are needed",
        ),
        ({"view": "price", "series": "gpu", "from_year": "2021"}, "points"),
        ({"view": "price", "from_year": "2044"}, "Widen the years"),
        ({"model": "own", "params": "0"}, "params"),
        ({"model": "Nobody's model"}, "Nobody's model"),
        ({"chip": "Google TPU v4", "convention": "owned"}, "launch price"),
        ({"budget_usd": "0"}, "budget_usd"),
        ({"budget_usd": "-3"}, "budget_usd"),
        ({"year": "2150"}, "2150"),
    ],
)
def test_bad_input_is_said_in_a_sentence_and_the_page_stays(
    query: dict[str, str], said: str
) -> None:
    test = cost_page({"v": "2"} | query)
    assert not test.exception
    assert said in text_of(test)
    assert test.selectbox or test.slider


def test_too_few_points_can_be_mended_on_the_same_page() -> None:
    test = cost_page({"v": "2", "view": "price", "from_year": "2044"})
    assert test.error
    (
        test.button(key="cost.reset").click().run()
        if any(b.key == "cost.reset" for b in test.button)
        else None
    )
    test.selectbox(key="cost.series").set_value("long_run").run()
    assert not test.exception


def test_html_in_a_link_is_shown_as_text() -> None:
    test = cost_page({"model": "<img src=x onerror=alert(1)>"})
    assert "\\<img" in test.warning[0].value


def test_the_second_opinion_on_a_price_is_made_when_it_is_opened() -> None:
    test = cost_page({"v": "2", "view": "price", "series": "gpu"})
    assert "Ljung–Box" not in text_of(test)
    test.session_state["cost.second-opinion"] = True
    test.run()
    assert not test.exception
    assert "neighbouring residuals are correlated" in text_of(test)


@pytest.mark.parametrize("method", STATE_SPACE_METHODS)
def test_a_price_can_be_projected_by_the_trends_of_statsmodels(method: str) -> None:
    test = cost_page({"v": "3", "view": "price", "series": "gpu", "method": method})
    assert not test.exception
    assert price_trend(CostScenario(series="gpu", method=method)).answer in text_of(test)
    assert test.query_params["method"] == method
    assert "The page Track record shows how often" in text_of(test)
    test.session_state["cost.method-price"] = True
    test.run()
    assert "the Kalman filter" in text_of(test)


def test_the_cost_of_a_model_can_follow_prices_by_the_trends_of_statsmodels() -> None:
    test = cost_page({"v": "3", "price_method": "local_linear_trend"})
    assert not test.exception
    assert model_cost(CostScenario(price_method="local_linear_trend")).answer in text_of(test)


def test_a_window_of_few_years_is_said_with_the_years_that_it_has() -> None:
    test = cost_page(
        {"v": "3", "view": "price", "series": "gpu", "from_year": "2018", "method": "ets"}
    )
    assert not test.exception
    assert "4 years with points are known, 5 are needed" in text_of(test)
    assert "points are left" not in text_of(test)
