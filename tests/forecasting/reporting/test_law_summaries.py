"""The three laws and the plan in brief say what their own pages say."""

from __future__ import annotations

import math

import pytest

from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_trend import price_trend
from forecasting.context import context_of, law_in_use
from forecasting.data.dataset import DataSet
from forecasting.formatting import significant
from forecasting.planning.plan import plan
from forecasting.reporting.law_summaries import LawSummary, likely
from forecasting.reporting.overview import Overview, OverviewScenario, overview
from forecasting.stats.bands import Range


@pytest.fixture(scope="module")
def result() -> Overview:
    return overview(OverviewScenario())


@pytest.fixture(scope="module")
def laws(result: Overview) -> tuple[LawSummary, ...]:
    return result.laws


def test_compute_gets_cheaper_as_on_the_cost_page(laws: tuple[LawSummary, ...]) -> None:
    trend = price_trend(laws[0].scenario)  # type: ignore[arg-type]
    assert laws[0].words.startswith(f"{trend.doubling[0]:.1f}"[:3])
    assert laws[0].observed_until == trend.points.dates[-1]


def test_ten_times_the_training_takes_off_what_the_exponent_says(
    laws: tuple[LawSummary, ...], tables: DataSet
) -> None:
    law = law_in_use("refit", context_of(tables)).law
    assert laws[1].words == f"{1 - 10**-law.gamma:.0%}"


def test_the_plan_runs_short_of_what_its_page_says(laws: tuple[LawSummary, ...]) -> None:
    first = plan(laws[3].scenario).first_limit  # type: ignore[arg-type]
    assert first is not None
    assert str(first[1]) in laws[3].words


def test_each_says_how_far_its_data_go_and_has_a_range(laws: tuple[LawSummary, ...]) -> None:
    for summary in laws:
        assert summary.data_to.startswith("data to ")
        assert "(80%)" in summary.range_words


def test_the_gap_between_measured_runs_and_the_forecast_is_said(result: Overview) -> None:
    claim = gpt2_claim(CostScenario())
    assert claim.ratio_to_forecast > 2
    assert f" {significant(claim.ratio_to_forecast, 2)} times" in result.caveat


def test_a_range_without_an_end_is_said_in_words() -> None:
    assert likely(Range(3, 2, 4, "years"), "{:.0f} years".format) == "likely 2–4 years (80%)"
    assert likely(Range(3, 2, math.inf, "year"), "{:.0f}".format) == "likely 2 or later (80%)"
