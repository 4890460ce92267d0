from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.gpt2_claim import gpt2_claim_chart
from dashboard.charts.model_cost import model_cost_chart
from dashboard.charts.price_trend import price_trend_chart
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_trend import price_trend
from tests.dashboard.figures import checked
from tests.dashboard.harness import words_on


def test_every_point_of_a_series_is_drawn_with_its_name() -> None:
    result = price_trend(CostScenario(series="gpu"))
    chart = checked(price_trend_chart(result, ChartBuilder(levels=(0.8,)), new_observation=True))
    points = next(trace for trace in chart.data if trace.mode == "markers")
    assert len(points.x) == 413
    assert all(
        str(name) in text for name, text in zip(result.points.names, points.text, strict=True)
    )


def test_the_projection_says_how_far_it_goes_beyond_the_data() -> None:
    result = price_trend(CostScenario(series="gpu", until_year=2035))
    chart = checked(price_trend_chart(result, ChartBuilder(levels=(0.8,)), new_observation=False))
    assert "projection" in words_on(chart)
    assert "years beyond the data" in words_on(chart)


def test_a_band_past_once_the_observed_span_is_fainter() -> None:
    result = price_trend(CostScenario(series="gpu", until_year=2045))
    chart = checked(price_trend_chart(result, ChartBuilder(levels=(0.8,)), new_observation=False))
    fills = [trace.fillcolor for trace in chart.data if trace.fill == "toself"]
    assert len(set(fills)) == 2


@pytest.mark.parametrize("log", [True, False])
def test_money_is_never_printed_in_e_notation(log: bool) -> None:
    chart = checked(
        model_cost_chart(
            model_cost(CostScenario(model="GPT-4")), ChartBuilder(levels=(0.8, 0.95), log=log)
        )
    )
    texts = [
        *chart.layout.yaxis.ticktext,
        words_on(chart),
        *(t for trace in chart.data if trace.text is not None for t in trace.text),
    ]
    assert not any("e+" in str(text) or "e-" in str(text) for text in texts)


def test_pins_are_told_apart_by_dash_as_well_as_colour() -> None:
    pins = [model_cost(CostScenario(model=name)) for name in ("GPT-2", "GPT-3")]
    chart = checked(model_cost_chart(model_cost(CostScenario()), ChartBuilder(pins=pins)))
    dashes = {trace.line.dash for trace in chart.data if (trace.name or "").startswith("pin")}
    assert len(dashes) == 2


def test_reproductions_of_different_targets_have_different_markers_and_are_not_joined() -> None:
    result = gpt2_claim(CostScenario())
    chart = checked(gpt2_claim_chart(result, ChartBuilder(levels=(0.8,))))
    markers = [trace for trace in chart.data if trace.mode == "markers"]
    assert len({trace.marker.symbol for trace in markers}) == len(markers)
    small = next(run for run in result.runs if run.target == "124M")
    for line in (trace for trace in chart.data if trace.mode == "lines" and len(trace.x) == 2):
        assert small.date not in list(line.x)


@given(st.floats(-20, 20), st.floats(0.05, 30))
def test_ticks_of_a_log_axis_are_few_and_inside(start: float, decades: float) -> None:
    low, high = 10.0**start, 10.0 ** (start + decades)
    ticks = style.decade_ticks(low, high)
    assert len(ticks) <= 10
    assert all(low * 0.999 <= t <= high * 1.001 for t in ticks)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e12))
def test_ticks_of_a_linear_axis_are_few_and_inside(low: float, span: float) -> None:
    ticks = style.linear_ticks(low, low + span)
    assert len(ticks) <= 12
    assert np.all(np.diff(ticks) > 0)
