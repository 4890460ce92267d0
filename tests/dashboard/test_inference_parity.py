"""What the leaderboard measured stands on the chart and in the table of a parity forecast."""

from __future__ import annotations

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.human_parity import parity_costs_chart
from dashboard.pages.inference import InferenceDisplay
from dashboard.pages.inference.parity import measured_numbers
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from tests.dashboard.figures import checked
from tests.vintage import shipped


def test_steps_that_were_measured_are_drawn_with_the_forecast(tables: fc.DataSet) -> None:
    builder = ChartBuilder.of(InferenceDisplay())
    result = human_parity(InferenceScenario(), data=shipped())
    drawn = {trace.name: trace for trace in checked(parity_costs_chart(result, builder)).data}
    costs = [entry.usd for entry in result.measured.steps]  # type: ignore[union-attr]
    assert list(drawn["measured"].y) == costs
    assert costs == sorted(costs, reverse=True)
    old = human_parity(InferenceScenario(), data=tables)
    assert "measured" not in {
        trace.name for trace in checked(parity_costs_chart(old, builder)).data
    }


def test_the_table_of_what_was_measured_has_each_record_with_its_month() -> None:
    measured = human_parity(InferenceScenario(), data=shipped()).measured
    assert measured is not None
    rows = measured_numbers(measured).set_index("Model")
    assert list(rows.loc["GPT-5.2 (XHigh)"]) == ["December 2025", "86.17%", "$0.96"]
    assert rows.loc["Gemini 3.1 Pro (Preview)", "Model out in"] == "February 2026"
