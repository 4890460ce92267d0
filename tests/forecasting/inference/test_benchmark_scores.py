from __future__ import annotations

import math

import numpy as np
import pytest

import forecasting as fc
from forecasting.inference.benchmark_scores import benchmark_scores
from forecasting.inference.inference_scenario import BENCHMARKS, InferenceScenario


def scores(**inputs: object) -> fc.BenchmarkScores:
    return benchmark_scores(InferenceScenario(**inputs))


def test_the_frontier_holds_those_whom_no_cheaper_model_equals() -> None:
    result = scores(benchmark="ARC-AGI-1")
    models = [(p.cost, p.score, f) for p, f in zip(result.points, result.frontier, strict=True) if p.kind == "model"]
    for cost, score, on_frontier in models:
        beaten = any(other <= cost and better >= score and (other, better) != (cost, score) for other, better, _ in models)
        assert on_frontier == (not beaten)


def test_people_are_never_on_the_frontier_nor_fitted() -> None:
    result = scores(benchmark="ARC-AGI-1")
    assert {p.name for p in result.people} == {"Human Panel", "Stem Grad", "Avg. Mturker"}
    assert not any(f for p, f in zip(result.points, result.frontier, strict=True) if p.kind != "model")


def test_rows_that_only_the_article_states_are_marked() -> None:
    stated = {point.name: point for point in scores(benchmark="ARC-AGI-1").stated_only}
    assert stated["GPT-3"].score == 0
    assert stated["o1"].score == pytest.approx(0.31)
    assert math.isnan(stated["o1"].cost)
    assert stated["o3"].cost == 1000
    assert stated["average person"].cost == 5
    assert all("article" in point.note for point in stated.values())
    assert not scores(benchmark="ARC-AGI-2").stated_only


def test_the_o3_run_without_a_published_cost_says_so() -> None:
    best = scores(benchmark="ARC-AGI-1").best
    assert best.score == pytest.approx(0.875)
    assert best.cost == pytest.approx(172 * 20)
    assert "not published" in best.note
    assert "the cost was not published" in scores(benchmark="ARC-AGI-1").answer


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_the_fit_is_a_straight_line_in_logits_with_a_range_about_it(benchmark: str) -> None:
    result = scores(benchmark=benchmark)
    median = result.bands.median
    logits = np.log(median / (1 - median))
    slope = np.diff(logits) / np.diff(np.log10(result.bands.years))
    assert slope.min() > 0.5
    assert slope.max() < 2.0
    assert result.at_cost.low < result.at_cost.value < result.at_cost.high
    assert result.bands.values.min() > 0
    assert result.bands.values.max() < 1


def test_a_higher_cost_never_scores_less() -> None:
    values = [scores(benchmark="ARC-AGI-1", usd_per_task=usd).at_cost.value for usd in (0.01, 0.1, 1, 10, 100)]
    assert values == sorted(values)


def test_the_frontier_pays_more_than_the_crowd_worker_for_the_same_score() -> None:
    result = scores(benchmark="ARC-AGI-1")
    needed = result.cost_of_people["Avg. Mturker"]
    assert needed.low < 5 < needed.high * 2
    assert "far beyond what was measured" in scores(benchmark="ARC-AGI-2").answer


def test_o1_mini_counts_each_point_once() -> None:
    result = scores(benchmark="AIME 2024")
    assert int(result.frontier.sum()) == len(result.points) == 11
    assert result.in_tokens


def test_levels_are_read_no_further_than_peoples_rows_allow() -> None:
    assert "“Emerging”" in scores(benchmark="ARC-AGI-2").level_reading
    assert "not AGI" in scores(benchmark="ARC-AGI-1").level_reading
    assert "nothing can be read" in scores(benchmark="AIME 2024").level_reading


def test_a_cost_outside_the_measured_is_said() -> None:
    assert "outside what was measured" in scores(benchmark="ARC-AGI-1", usd_per_task=5000.0).answer
    assert "outside what was measured" not in scores(benchmark="ARC-AGI-1").answer


def test_the_table_has_every_point_with_its_kind() -> None:
    result = scores(benchmark="ARC-AGI-1")
    assert len(result.table) == len(result.points)
    assert all(meaning == "–" or "nan" not in meaning for _, meaning in result.levels)
    assert set(result.table["kind"]) == {"model", "person", "post", "article"}
