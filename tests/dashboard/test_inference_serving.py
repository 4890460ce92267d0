"""The section Serve of the page Train or infer, without a browser."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.chip_comparison import chip_comparison_chart
from dashboard.charts.served_demand import Staircase, served_demand_chart
from dashboard.charts.service_frontier import service_frontier_chart
from dashboard.pages.inference.serving_numbers import buy_or_serve_numbers, measured_numbers
from forecasting.formatting import in_words
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.serving.chip_comparison import chip_comparison
from forecasting.serving.served_demand import REQUESTS, served_demand
from forecasting.serving.service_frontier import service_frontier
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, text_of, words_on
from tests.vintage import shipped

BUILDER = ChartBuilder(levels=(0.95, 0.8))
#: An API dear enough for a break-even at any speed that is likely.
DEAR = InferenceScenario(bought_model="claude-opus-5")


def serving_page(**query: str) -> AppTest:
    return page_alone("inference", {"v": "3", "view": "serving"} | query)


def test_the_answer_stands_with_its_facts_and_where_the_model_fails() -> None:
    test = serving_page(served_model="GPT-OSS-120B", serving_precision="fp4")
    assert not test.exception
    scenario = InferenceScenario(served_model="GPT-OSS-120B", serving_precision="fp4")
    said = text_of(test)
    for sentence in (served_demand(scenario).answer, *served_demand(scenario).lines):
        assert sentence in said
    assert "uses 4% of its parameters" in said
    assert "no FP4 units" in said


@pytest.mark.parametrize("part", ["demand", "frontier", "chips"])
def test_what_cannot_be_served_is_a_sentence_and_the_inputs_stay(part: str) -> None:
    test = serving_page(serving_part=part, tpot_limit_ms="2", rent_terms="on_demand")
    assert not test.exception
    if part != "chips" or test.error:
        assert "Allow at least that" in test.error[0].value
    assert test.number_input(key="inference.tpot_limit_ms").value == 2.0


def test_a_measurement_typed_in_calibrates_the_answer_and_is_in_the_link() -> None:
    test = serving_page(measured_tokens_per_s="400", measured_concurrency="64")
    assert "by your measurement" in text_of(test)
    assert "Calibrated with your measurement" in text_of(test)
    assert test.query_params["measured_tokens_per_s"] == "400"


def test_a_file_of_a_load_generator_fills_the_fields_when_it_is_used() -> None:
    test = serving_page()
    test.session_state["inference.serving-measurement-demand"] = True
    test.run()
    content = b"chips,tokens_in,tokens_out,concurrency,tokens_per_s\n4,1000,300,128,2900\n"
    test.file_uploader[0].upload("bench.csv", content, "text/csv").run()
    test.button(key="inference.use-benchmark").click().run()
    assert not test.exception
    assert test.number_input(key="inference.measured_tokens_per_s").value == 725.0
    assert test.number_input(key="inference.measured_chips").value == 4
    assert "by your measurement" in text_of(test)


def test_a_file_that_is_no_measurement_is_a_sentence() -> None:
    test = serving_page()
    test.session_state["inference.serving-measurement-demand"] = True
    test.run()
    test.file_uploader[0].upload("notes.json", b'{"a": 1}', "application/json").run()
    assert not test.exception
    assert len(test.error) == 1


def test_the_section_of_before_keeps_its_name_in_links() -> None:
    test = page_alone("inference", {"v": "3", "view": "serve"})
    assert not test.exception
    assert "cheapest from a model of" in text_of(test)


@pytest.mark.parametrize("shows", ["chips", "usd"])
def test_the_staircase_is_drawn_with_the_demand_and_the_break_even(shows: str) -> None:
    result = served_demand(DEAR)
    pins = [served_demand(DEAR.replaced(serving_precision="fp16"))]
    chart = checked(
        served_demand_chart(result, ChartBuilder(levels=(0.8,), pins=pins), shows=shows)
    )
    met = result.break_even_requests_per_day
    assert met is not None
    assert f"serving is cheaper from {in_words(met.value, 2)}" in words_on(chart)
    names = [trace.name for trace in chart.data]
    assert {"served", "bought: claude-opus-5", "80% band", "pin 1", "your demand"} <= set(names)


def test_the_corners_of_the_staircase_are_where_a_replica_is_added() -> None:
    result = served_demand(DEAR)
    stairs = Staircase.of(result, "chips", 0.5)
    for requests in np.geomspace(1e3, 1e7, 40):
        chips = np.median(result.fleet.chips(float(requests), DEAR.spare_replicas))
        assert stairs.at(float(requests))[1] == pytest.approx(chips, rel=0.03)
    assert stairs.requests[-1] == REQUESTS[-1]


def test_a_demand_that_some_chips_cannot_meet_is_drawn_without_that_end() -> None:
    result = served_demand(InferenceScenario(serving_chip="NVIDIA L40S"))
    assert result.chips.high == float("inf")
    assert "NaN" not in served_demand_chart(result, BUILDER, shows="chips").to_json()


def test_the_frontier_is_drawn_with_its_limit_and_what_was_measured() -> None:
    result = service_frontier(InferenceScenario(), data=shipped())
    chart = checked(service_frontier_chart(result, BUILDER))
    points = [trace for trace in chart.data if (trace.name or "").startswith("measured")]
    assert sum(len(trace.x) for trace in points) == len(result.measured)
    assert any("not an MLPerf result" in text for trace in points for text in trace.text)
    assert "limit: 50 ms" in words_on(chart)
    assert len(measured_numbers(result)) == len(result.measured)


def test_each_chip_is_drawn_with_its_range_and_the_list_price() -> None:
    result = chip_comparison(InferenceScenario(), data=shipped())
    chart = checked(chip_comparison_chart(result, BUILDER))
    assert len(chart.data) == len(result.demands)
    own = next(trace for trace in chart.data if trace.name == "H100 SXM")
    assert own.marker.symbol == "diamond"
    assert "bought: " in words_on(chart)


def test_the_table_sets_each_makers_cheapest_beside_the_service() -> None:
    result = served_demand(DEAR, data=shipped())
    table = buy_or_serve_numbers(result, shipped())
    assert table["Model"].iloc[0] == "Served: Llama-3.3-70B"
    assert table["Model"].iloc[1].startswith("claude-opus-5 (Anthropic")
    assert not table.map(lambda cell: "nan" in cell or "inf" in cell).any(axis=None)
