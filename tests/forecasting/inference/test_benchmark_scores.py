from __future__ import annotations

import math

import numpy as np
import pytest

import forecasting as fc
from forecasting.inference.benchmark_scores import BENCHMARKS, benchmark_scores
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.reporting.inference_answers import level_reading


def scores(**inputs: object) -> fc.BenchmarkScores:
    return benchmark_scores(InferenceScenario(**inputs))


def test_the_frontier_holds_those_whom_no_cheaper_model_equals() -> None:
    result = scores(benchmark="ARC-AGI-1")
    models = [
        (p.cost, p.score, f)
        for p, f in zip(result.points, result.frontier, strict=True)
        if p.kind == "model"
    ]
    for cost, score, on_frontier in models:
        beaten = any(
            other <= cost and better >= score and (other, better) != (cost, score)
            for other, better, _ in models
        )
        assert on_frontier == (not beaten)


def test_people_are_never_on_the_frontier_nor_fitted() -> None:
    result = scores(benchmark="ARC-AGI-1")
    assert {p.name for p in result.people} == {"Human Panel", "Stem Grad", "Avg. Mturker"}
    assert not any(
        f for p, f in zip(result.points, result.frontier, strict=True) if p.kind != "model"
    )


def test_rows_of_the_article_are_marked_as_its_own() -> None:
    stated = {point.name: point for point in scores(benchmark="ARC-AGI-1").stated_only}
    assert stated["GPT-3"].score == 0
    assert stated["o1"].score == pytest.approx(0.31)
    assert math.isnan(stated["o1"].cost)
    assert stated["o3"].cost == 1000
    assert stated["average person"].cost == 5
    assert all("article" in point.note for point in stated.values())
    assert "the ARC Prize post of December 2024 has it too" in stated["GPT-3"].note
    assert not any("only" in point.note for point in stated.values())
    assert not scores(benchmark="ARC-AGI-2").stated_only


def test_the_o3_run_without_a_published_cost_says_so() -> None:
    best = scores(benchmark="ARC-AGI-1").best
    assert best.score == pytest.approx(0.875)
    assert best.cost == pytest.approx(172 * 20)
    assert "not published" in best.note
    assert "the cost was not published" in scores(benchmark="ARC-AGI-1").full_answer


def test_a_cost_at_the_prices_of_december_says_so_and_the_note_has_it_at_those_listed_since() -> (
    None
):
    result = scores(benchmark="ARC-AGI-1")
    assert "$3,440 per task by its compute at the prices of December 2024" in result.full_answer
    assert "172 × the other run's $20" in result.best.note
    assert "$34,400 at the $200 listed since" in result.best.note


def test_the_answer_leads_with_what_was_measured_and_says_how_far_the_trend_misses() -> None:
    result = scores(benchmark="ARC-AGI-1", usd_per_task=5.0)
    assert result.answer == (
        "The best score measured on ARC-AGI-1 at $5 or less per task is 66.7%, by Grok 4 (Thinking)"
        " for $1.01."
    )
    assert result.lines[0].startswith("No model on the leaderboard reaches")
    assert "A smoothed trend gives 76% at $5, likely 65–92% (80%)" in result.lines[2]
    assert (
        "at $200 it says 94.7% where 75.7% was measured, 19 points too high and outside its range"
        in result.full_answer
    )
    assert "within a point of the dearest measured one" in scores(benchmark="ARC-AGI-2").full_answer
    assert scores(benchmark="AIME 2024").answer.startswith(
        "The best score measured on AIME 2024 at 50,000 tokens or fewer per task is 67.5%, by vote"
    )


def test_below_the_cheapest_nothing_was_measured() -> None:
    result = scores(benchmark="ARC-AGI-1", usd_per_task=0.001)
    assert result.best_within_cost is None
    assert result.answer == "Nothing was measured on ARC-AGI-1 at $0.001 or less per task."


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_the_steps_rise_and_no_model_lies_above_them(benchmark: str) -> None:
    result = scores(benchmark=benchmark)
    cost, score = (
        np.array([getattr(point, name) for point in result.steps]) for name in ("cost", "score")
    )
    assert (np.diff(cost) > 0).all()
    assert (np.diff(score) > 0).all()
    for point in result.points:
        if point.kind == "model" and point.cost >= cost[0]:
            assert point.score <= score[np.searchsorted(cost, point.cost, side="right") - 1]
    if benchmark != "AIME 2024":
        on_frontier = {
            point.name for point, kept in zip(result.points, result.frontier, strict=True) if kept
        }
        assert {point.name for point in result.steps} == on_frontier


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_the_fit_is_a_straight_line_in_logits_with_a_range_about_it(benchmark: str) -> None:
    result = scores(benchmark=benchmark)
    median = result.bands.median
    logits = np.log(median / (1 - median))
    slope = np.diff(logits) / np.diff(np.log10(result.bands.x))
    assert slope.min() > 0.5
    assert slope.max() < 2.0
    assert result.at_cost.low < result.at_cost.value < result.at_cost.high
    assert result.bands.values.min() > 0
    assert result.bands.values.max() < 1


def test_a_higher_cost_never_scores_less() -> None:
    values = [
        scores(benchmark="ARC-AGI-1", usd_per_task=usd).at_cost.value
        for usd in (0.01, 0.1, 1, 10, 100)
    ]
    assert values == sorted(values)


def test_no_model_measured_matches_the_crowd_worker_though_the_trend_does() -> None:
    result = scores(benchmark="ARC-AGI-1")
    needed = result.cost_of_people["Avg. Mturker"]
    assert needed.low < 5 < needed.high * 2
    assert result.measured_at(0.77) is None
    assert result.measured_at(0.6) is not None
    assert result.measured_at(0.6).name == "o3 (High)"  # type: ignore[union-attr]


def test_o1_mini_counts_each_point_once() -> None:
    result = scores(benchmark="AIME 2024")
    assert int(result.frontier.sum()) == len(result.points) == 11
    assert result.in_tokens


def test_levels_are_read_no_further_than_peoples_rows_allow() -> None:
    assert "“Emerging”" in level_reading(scores(benchmark="ARC-AGI-2"))
    assert "shows AGI" in level_reading(scores(benchmark="ARC-AGI-1"))
    assert "levels can't be assigned" in level_reading(scores(benchmark="AIME 2024"))


def test_a_cost_outside_the_measured_is_said() -> None:
    assert (
        "outside what was measured"
        in scores(benchmark="ARC-AGI-1", usd_per_task=5000.0).full_answer
    )
    assert "outside what was measured" not in scores(benchmark="ARC-AGI-1").full_answer


def test_the_table_has_every_point_with_its_kind() -> None:
    result = scores(benchmark="ARC-AGI-1")
    assert len(result.table) == len(result.points)
    assert all(meaning == "–" or "nan" not in meaning for _, meaning in result.levels)
    assert set(result.table["kind"]) == {"model", "person", "post", "article"}
