from __future__ import annotations

import re

import pytest

import forecasting as fc
from forecasting.formatting import in_dollars
from forecasting.reporting.compute_cost_notes import (
    explained_ranges,
    range_sources,
    range_width_words,
    what_tells,
)
from forecasting.stats.range_level import range_level


def test_a_wide_range_names_its_largest_source_and_what_is_left_without_it() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-4", year=2031))
    said, largest = range_width_words(explained_ranges(result)[1]), result.drivers[0]
    assert largest.name == "pace of algorithms"
    assert f"Most of it, {largest.share:.0%}, comes from the pace of algorithms: if that" in said
    assert said.endswith("(80%).")
    assert in_dollars(largest.if_known.high, 2).removeprefix("$") in said


def test_the_range_of_the_same_run_is_explained_without_algorithms() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-4", year=2031))
    run, quality = explained_ranges(result)
    assert run.figure.high > 50 * run.figure.low
    assert "pace of algorithms" not in {driver.name for driver in run.drivers}
    assert {driver.name for driver in run.drivers} < {driver.name for driver in quality.drivers}
    assert sum(driver.share for driver in run.drivers) == pytest.approx(1)
    largest = run.drivers[0]
    said = range_width_words(run)
    assert said.startswith("The 80% range for the same run in 2031 spans a factor of ")
    assert f"comes from the {largest.name}: if that were known" in said
    assert largest.if_known.high / largest.if_known.low < 0.3 * run.figure.high / run.figure.low


def test_a_range_of_less_than_a_factor_of_ten_is_not_explained() -> None:
    scenario = fc.CostScenario(model="own", own_year=2026, year=2026, price_trend="gpu")
    result = fc.model_cost(scenario)
    figure = result.with_algorithms_at_year
    assert figure.high < 10 * figure.low
    assert range_width_words(explained_ranges(result)[1]) == ""


def test_the_table_of_sources_has_a_row_for_each_that_counts_and_narrows_downwards() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-4", year=2031, convention="owned"))
    rows = range_sources(explained_ranges(result)[1])
    counted = [driver for driver in result.drivers if driver.share >= 0.005]
    assert len(rows) == len(counted) >= 4
    assert list(rows["Share"]) == [f"{driver.share:.0%}" for driver in counted]
    assert [
        line.split("**")[1].rstrip(":") for line in what_tells(explained_ranges(result)[1])
    ] == list(rows["Source"])
    ooms = [each.if_known_with_larger.high / each.if_known_with_larger.low for each in counted]
    assert ooms == sorted(ooms, reverse=True)


def test_the_ranges_of_the_table_are_at_the_level_that_is_chosen() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-4", year=2031))
    with range_level(0.95):
        assert "95% range if known" in range_sources(explained_ranges(result)[1]).columns
        assert re.search(r"\(95%\)\.$", range_width_words(explained_ranges(result)[1]))


def test_where_nothing_is_in_doubt_there_is_no_source() -> None:
    certain = {"mfu_factor": 1.0, "flop_doubt": False}
    result = fc.model_cost(fc.CostScenario(model="own", own_year=2026, year=2026, **certain))
    assert range_width_words(explained_ranges(result)[1]) == ""
    assert "Training FLOP of the model" not in list(
        range_sources(explained_ranges(result)[1])["Source"]
    )
