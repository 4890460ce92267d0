"""Sections of the page Train or infer: two axes, serving at scale, the date of parity."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.compute_map import compute_map_chart
from dashboard.charts.human_parity import list_prices_chart, parity_costs_chart, parity_date_chart
from dashboard.charts.serve_at_scale import NAMES, TITLES, serve_chart
from dashboard.pages.inference.serve import fitted_to
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.token_prices import list_prices
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, tables_of, text_of
from tests.examples import draws_a_page

PAGE = "inference"
FIELDS = st.sampled_from(list(InferenceScenario.model_fields))


def inference_page(**query: str) -> AppTest:
    return page_alone(PAGE, {"v": "3", **query} if query else None)


def test_the_page_opens_with_the_map_and_its_answer() -> None:
    test = inference_page()
    assert not test.exception
    assert fc.compute_map(InferenceScenario()).answer in text_of(test)


@pytest.mark.parametrize("trade", ["decomposable", "verified", "go", "hex", "own"])
def test_every_task_answers_from_its_link(trade: str) -> None:
    test = inference_page(trade=trade)
    assert not test.exception
    assert not test.error
    assert fc.compute_map(InferenceScenario(trade=trade)).answer in text_of(test)


def test_go_judges_the_claim_of_a_hundred_thousand_times() -> None:
    assert "100,000 times the compute" in text_of(inference_page(trade="go"))


def test_a_widget_moves_answer_and_address() -> None:
    test = inference_page()
    test.selectbox(key="inference.trade").set_value("hex").run()
    assert test.query_params["trade"] == "hex"
    test.slider(key="inference.board_size").set_value(7).run()
    assert fc.compute_map(InferenceScenario(trade="hex", board_size=7)).answer in text_of(test)


def test_serving_answers_with_its_range_and_numbers() -> None:
    test = inference_page(view="serve", requests_per_day="10000000")
    assert not test.exception
    assert fc.serve_at_scale(InferenceScenario(requests_per_day=1e7)).answer in text_of(test)
    table = tables_of(test)[0]
    assert list(table["Model"]) == [
        "Cheapest for the demand",
        "Chinchilla model of the same quality",
    ]


def test_the_reach_of_the_runs_is_said_of_the_law_that_was_fitted_to_them_alone() -> None:
    refit = fitted_to(fc.serve_at_scale(InferenceScenario()))
    assert (
        "Of the 240 runs behind this law nine in ten have at most 105 tokens per parameter, the"
        " largest 341" in refit
    )
    other = fitted_to(
        fc.serve_at_scale(InferenceScenario(law="custom:1.69,406.4,410.7,0.336,0.283"))
    )
    assert "341" not in other
    assert "not in our tables" in other


def test_the_line_of_serving_passes_through_the_demand_that_is_marked() -> None:
    result = fc.serve_at_scale(InferenceScenario(requests_per_day=1e6))
    for shows in TITLES:
        traces = {
            trace.name: trace
            for trace in checked(serve_chart(result, ChartBuilder(levels=(0.8,)), shows=shows)).data
        }
        line = next(trace for name, trace in traces.items() if name == NAMES[shows])
        marked = traces["your demand"]
        assert np.interp(np.log(marked.x[0]), np.log(line.x), line.y) == pytest.approx(
            marked.y[0], rel=1e-4
        )


def test_no_demand_is_said_to_be_chinchilla_in_both_sections() -> None:
    for view, words in (
        ("serve", "Without demand"),
        ("axes", "all of the budget goes to training"),
    ):
        test = inference_page(view=view, requests_per_day="0")
        assert not test.exception
        assert words in text_of(test)


@pytest.mark.parametrize("shows", ["costs", "date", "prices"])
def test_parity_answers_in_every_view(shows: str) -> None:
    test = inference_page(view="person", parity_shows=shows)
    assert not test.exception
    assert human_parity(InferenceScenario()).answer in text_of(test)


@pytest.mark.parametrize("case", ["post", "leaderboard", "gpt5", "own"])
def test_every_task_of_parity_answers(case: str) -> None:
    test = inference_page(view="person", parity_case=case)
    assert not test.exception
    assert human_parity(InferenceScenario(parity_case=case)).answer in text_of(test)


def test_a_rate_of_zero_is_a_sentence_and_the_controls_stay() -> None:
    test = inference_page(trade="own", own_rate="0")
    assert not test.exception
    assert "at 0 compute at answer time would be worth nothing" in " ".join(
        error.value for error in test.error
    )
    assert test.selectbox(key="inference.trade").value == "own"


def test_a_law_without_a_term_for_data_is_a_sentence_in_serving() -> None:
    test = inference_page(view="serve", law="custom:1.69,406.4,0,0.336,0.283")
    assert not test.exception
    assert "no cheapest model" in " ".join(error.value for error in test.error).replace("\\", "")


def test_bad_values_are_named_and_replaced() -> None:
    test = inference_page(trade="chess", requests_per_day="-5", own_span="abc")
    assert not test.exception
    said = text_of(test)
    for name in ("trade", "requests_per_day", "own_span"):
        assert f"“{name}”" in said


def test_a_pin_is_drawn_and_listed_in_each_section() -> None:
    for view in ("axes", "serve", "person"):
        test = inference_page(
            view=view, p1="v=1&budget_usd=100000000.0&requests_per_day=1000.0&parity_case=post"
        )
        assert not test.exception
        assert len(tables_of(test)[1]) >= 2


@given(
    st.sampled_from(["axes", "serve", "person"]),
    st.dictionaries(FIELDS, st.text(max_size=8)),
)
@draws_a_page
def test_no_link_makes_a_traceback(view: str, values: dict[str, str]) -> None:
    assert not inference_page(**{**values, "view": view}).exception


@pytest.mark.parametrize("trade", ["language", "go", "hex"])
def test_the_map_draws_no_curve_beyond_the_span(trade: str) -> None:
    result = fc.compute_map(InferenceScenario(trade=trade))
    chart = checked(compute_map_chart(result, ChartBuilder(levels=(0.95, 0.8, 0.5), pins=[result])))
    beyond = [
        trace
        for trace in chart.data
        if trace.name and trace.name.startswith("more compute per answer")
    ]
    assert beyond
    for curve in result.curves:
        assert (
            curve.inference
            <= np.interp(curve.training_flop, result.training_flop, result.most) * 1.01
        ).all()


def test_the_map_travels_light() -> None:
    chart = compute_map_chart(fc.compute_map(InferenceScenario()), ChartBuilder(levels=(0.8,)))
    assert len(chart.to_json()) < 200_000


def test_charts_are_made_of_numbers_alone() -> None:
    parity, serve = human_parity(InferenceScenario()), fc.serve_at_scale(InferenceScenario())
    charts = [
        checked(parity_costs_chart(parity, ChartBuilder(levels=(0.95, 0.8), pins=[parity]))),
        checked(
            parity_costs_chart(
                human_parity(InferenceScenario(price_decline="list")), ChartBuilder(log=False)
            )
        ),
        checked(
            parity_costs_chart(
                human_parity(InferenceScenario(parity_case="gpt5")), ChartBuilder(levels=(0.5,))
            )
        ),
        checked(parity_date_chart(parity, ChartBuilder(levels=(0.8,), pins=[parity]))),
        checked(list_prices_chart(list_prices(fc.bundled()), ChartBuilder(levels=(0.8,)))),
        *(
            checked(serve_chart(serve, ChartBuilder(levels=(0.8,), pins=[serve]), shows=shows))
            for shows in TITLES
        ),
    ]
    for chart in charts:
        # Arrays are in base64, which may spell anything but a separator.
        assert not re.search(r"[:,\[]\s*NaN", chart.to_json())
        assert json.loads(chart.to_json())["data"]
