"""The leaderboard with its date, the release dates of its models, and the crossing that it has."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest

import forecasting as fc
from forecasting.inference.benchmark_scores import benchmark_scores
from forecasting.inference.human_parity import HumanParity, human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.leaderboard import (
    LISTED_IN_2025,
    Entry,
    best_so_far,
    board_words,
    cheapest_so_far,
    first_to_reach,
    listed,
    machines,
)
from forecasting.reporting.article_claims import judged_claims
from forecasting.reporting.inference_answers import level_reading, parity_evidence
from forecasting.reporting.overview import OverviewScenario, overview
from tests.vintage import shipped

BOARD = "ARC Prize leaderboard of 22 August 2026"


@pytest.fixture(scope="module")
def entries() -> dict[str, Entry]:
    """ARC-AGI-1 of the shipped table by name."""
    return {entry.name: entry for entry in machines("ARC-AGI-1", shipped())}


def parity(case: str = "article") -> HumanParity:
    return human_parity(InferenceScenario(parity_case=case), data=shipped())  # type: ignore[arg-type]


def test_the_leaderboard_is_named_with_the_date_of_its_table(tables: fc.DataSet) -> None:
    assert board_words(shipped()) == BOARD
    assert board_words(tables) == "ARC Prize leaderboard of August 2025"


@pytest.mark.parametrize(
    ("name", "released"),
    [
        ("GPT-5.2 (XHigh)", dt.date(2025, 12, 11)),
        ("Gemini 3.1 Pro (Preview)", dt.date(2026, 2, 19)),
        ("Opus 4.5 (Thinking, 64K)", dt.date(2025, 11, 24)),
        ("GPT-5 Pro", dt.date(2025, 10, 6)),
        ("GPT-5.6 Luna (Max)", dt.date(2026, 7, 9)),
        ("GPT-5.6 Luna 2026-07-30 (Max)", dt.date(2026, 7, 30)),
        ("GPT-5.2 (Refine.)", None),
        ("DeepSeek V4 Flash 0731 (Max)", None),
        ("ARChitects", None),
    ],
)
def test_a_model_is_dated_where_a_table_has_its_name_and_else_not(
    entries: dict[str, Entry], name: str, released: dt.date | None
) -> None:
    assert entries[name].released == released


def test_people_are_no_machines_and_most_models_are_dated(entries: dict[str, Entry]) -> None:
    assert not {"Human Panel", "Stem Grad"} & set(entries)
    dated = [entry for entry in entries.values() if entry.released]
    assert len(dated) > 0.75 * len(entries)
    assert all(each.released <= dt.date(2026, 8, 22) for each in dated if each.released)


def test_rows_that_the_leaderboard_dropped_are_those_of_2025(tables: fc.DataSet) -> None:
    for name, (score, usd) in LISTED_IN_2025.items():
        assert listed(name, tables) == listed(name, shipped()) == Entry(name, score, usd, None)
    with pytest.raises(KeyError):
        listed("GPT-9", shipped())


def test_first_cheapest_and_best_are_told_apart() -> None:
    day = dt.date(2026, 1, 1)
    early = Entry("early", 90.0, 9.0, day)
    cheap = Entry("cheap", 88.0, 0.5, day + dt.timedelta(days=30))
    unknown = Entry("undated", 95.0, 0.1, None)
    unpriced = Entry("unpriced", 99.0, math.nan, day)
    every = (unknown, cheap, unpriced, early)
    assert first_to_reach(88.0, every, 5.0) == (cheap, unknown)
    assert set(first_to_reach(88.0, every)) == set(every)
    assert cheapest_so_far(88.0, every) == (early, cheap)
    assert best_so_far(10.0, every) == (early,)
    assert best_so_far(1.0, every) == (cheap,)


def test_the_crossing_that_was_measured_stands_beside_the_forecast() -> None:
    result = parity()
    found = result.measured
    assert found is not None
    best = {entry.name: (entry.score, entry.usd) for entry in found.best}
    assert best["GPT-5.2 (XHigh)"] == (86.17, 0.96)
    assert best["Gemini 3.1 Pro (Preview)"] == (98.0, pytest.approx(0.5223))
    assert result.lines[0] == (
        "Measured: crossed in February 2026, as Claude Opus 4.6 (120K, Medium) scores 92% for"
        " $0.965, 6 months before the forecast's median and within its range."
    )
    assert "from August 2026 on, likely October 2025 to March 2028 (80%)" in result.answer
    evidence = parity_evidence(result)
    assert evidence.startswith(f"On the {BOARD} the cheapest machine at 88% or more is DeepSeek V4")
    assert "75% was first reached at $5 or less by Gemini 3 Pro" in evidence
    assert "within" not in parity("post").lines[0]
    assert "after its range" in parity("post").lines[0]


def test_sentences_on_scores_are_true_of_the_table_and_carry_its_date() -> None:
    for benchmark in ("ARC-AGI-1", "ARC-AGI-2"):
        result = benchmark_scores(InferenceScenario(benchmark=benchmark), data=shipped())
        assert result.answer.startswith(f"The best score measured on {benchmark} at $5")
        assert f"on the {BOARD}" in level_reading(result)
        best = max(point.score for point in result.points if point.kind == "model")
        assert result.best.score == best
    first = benchmark_scores(InferenceScenario(), data=shipped())
    assert "model to reach the STEM graduates' 98% (for $10) is Gemini 3.1 Pro" in first.lines[0]


def test_claims_on_the_leaderboard_are_judged_on_the_table() -> None:
    claims = {each.claim: each.judgement for each in judged_claims(shipped())}
    second = next(judged for claim, judged in claims.items() if "ARC-AGI-2" in claim)
    assert second.verdict == "holds"
    assert "31% by a model of November 2025 (Gemini 3 Pro)" in second.figure
    assert BOARD in second.figure
    assert claims["GPT-4o solved 5 percent of ARC-AGI"].figure == f"4.5% on the {BOARD}"


def test_the_overview_has_the_month_of_the_crossing_and_the_forecast() -> None:
    figure = next(
        each
        for each in overview(OverviewScenario(), data=shipped()).figures
        if "(ARC-AGI)" in each.label
    )
    assert figure.label.endswith("since")
    assert figure.words == "February 2026"
    assert figure.range_words == (
        f"measured, {BOARD}; forecast from December 2024: 2026, likely 2025–2028 (80%)"
    )


def test_no_sentence_names_a_leaderboard_without_a_year() -> None:
    folder = Path(__file__).parents[3] / "forecasting" / "reporting"
    for path in folder.glob("*.py"):
        assert "leaderboard of late" not in path.read_text(encoding="utf-8")
