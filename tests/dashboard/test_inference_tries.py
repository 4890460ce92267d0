"""The sections Many tries and Scores beside people's of the page Train or infer, without a
browser.
"""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import forecasting as fc
from dashboard.charts.benchmark_scores import benchmark_scores_chart
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.coverage import coverage_chart
from dashboard.charts.selection import selection_chart
from dashboard.charts.sizes import size_chart, swe_bench_chart
from dashboard.charts.step_search import step_search_chart
from dashboard.pages.inference.choice import selection_numbers
from dashboard.pages.inference.scores import score_notes, score_numbers
from forecasting.inference.benchmark_scores import BENCHMARKS
from forecasting.inference.coverage import other_curves
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.reporting.inference_answers import level_reading
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, text_of

PAGE = "inference"
PARTS = {
    "coverage": fc.coverage,
    "selection": fc.best_of_many,
    "steps": fc.step_comparison,
    "sizes": fc.size_comparison,
    "swe_bench": fc.swe_bench_case,
}


def tries_page(**query: str) -> AppTest:
    return page_alone(PAGE, {"v": "3", "view": "tries"} | query)


def scores_page(**query: str) -> AppTest:
    return page_alone(PAGE, {"v": "3", "view": "person", "person_part": "scores"} | query)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_many_tries_answers_with_its_default_scenario(part: str) -> None:
    test = tries_page(tries_part=part)
    assert not test.exception
    assert not test.error
    assert PARTS[part](InferenceScenario()).answer in text_of(test)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_the_scores_of_every_benchmark_are_answered_with_what_levels_can_be_read(
    benchmark: str,
) -> None:
    test = scores_page(benchmark=benchmark)
    assert not test.exception
    result = fc.benchmark_scores(InferenceScenario(benchmark=benchmark))
    assert result.answer in text_of(test)
    assert level_reading(result) in text_of(test)


def test_scores_are_set_beside_what_was_measured_and_the_notes_give_both_prices() -> None:
    result = fc.benchmark_scores(InferenceScenario())
    rows = score_numbers(result).set_index("Who")
    assert rows.loc["average crowd worker", "Cheapest model measured at least as good"] == "none"
    assert rows.loc["o3, low efficiency", "Cost per task"] == "$3,440, 2024 price"
    notes = " ".join(score_notes(result))
    assert "$3,440 at the price of December 2024, $34,400 at that of the leaderboard" in notes
    assert "also gives 0% for GPT-3, and 5% for GPT-4o" in notes
    assert "19 points too high" in notes
    assert "only the source article" not in notes
    chart = checked(benchmark_scores_chart(result, ChartBuilder()))
    curves = {trace.name: trace for trace in chart.data}
    assert curves["best score measured at this cost or less"].y[-1] == result.steps[-1].score
    assert "smoothed trend" in curves


def test_the_training_axis_of_o1_is_said_to_have_no_public_figures() -> None:
    assert "figures are not public" in text_of(scores_page(benchmark="AIME 2024"))


def test_moving_a_widget_changes_answer_and_address() -> None:
    test = tries_page(tries_part="selection")
    test.slider(key="inference.false_positive").set_value(0.2).run()
    assert fc.best_of_many(InferenceScenario(false_positive=0.2)).answer in text_of(test)
    assert test.query_params["false_positive"] == "0.2"


def test_a_verifier_worse_than_chance_shows_its_ceiling() -> None:
    test = tries_page(tries_part="selection", true_positive="0.1", false_positive="0.6")
    assert not test.error
    assert "worse than chance" in text_of(test)


def test_where_own_tries_end_the_perfect_checker_has_no_figure_and_no_line() -> None:
    result = fc.best_of_many(
        InferenceScenario(sampled_model="own"),
        data=fc.Context(
            fc.bundled(), counts=fc.ProblemCounts("own", np.full(2, 50.0), np.array([5.0, 20.0]))
        ),
    )
    assert "NaN" not in selection_chart(result, ChartBuilder()).to_json()
    rows = selection_numbers([result]).set_index("Method of choosing")
    assert rows.loc["Perfect checker"].iloc[3] == "–" != rows.loc["Yes-or-no verifier"].iloc[3]


def test_own_counts_are_pasted_used_and_forgotten() -> None:
    test = tries_page()
    test.session_state["inference.own-counts"] = True
    test.run()
    test.text_area(key="inference.counts-text").set_value("a, 50, 5\nb, 50, 0\nc, 50, 20").run()
    test.button(key="inference.use-counts").click().run()
    assert not test.exception
    assert "one try solves 17% of the problems" in text_of(test)
    assert test.selectbox(key="inference.sampled_model").value == "own"
    test.button(key="inference.forget-counts").click().run()
    assert fc.coverage(InferenceScenario()).answer in text_of(test)


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("a, 50, 51", "Row 1: 51 correct of 50 samples"),
        ("a, 50", "Row 1 has 2 cells where 3 are needed"),
        ("a, many, 3", "Row 1: samples is “many”"),
        ("", "It is empty"),
        ("<b>a</b>, 5, x", "Row 1: correct is “x”"),
    ],
)
def test_own_counts_that_cannot_be_used_are_said_and_stay_in_the_box(
    pasted: str, said: str
) -> None:
    test = tries_page()
    test.session_state["inference.own-counts"] = True
    test.run()
    test.text_area(key="inference.counts-text").set_value(pasted).run()
    test.button(key="inference.use-counts").click().run()
    assert not test.exception
    assert said in text_of(test)
    assert test.text_area(key="inference.counts-text").value == pasted
    assert fc.coverage(InferenceScenario()).answer in text_of(test)


def test_own_counts_without_a_right_try_leave_a_sentence_and_the_way_back() -> None:
    test = tries_page()
    test.session_state["inference.own-counts"] = True
    test.run()
    test.text_area(key="inference.counts-text").set_value("a, 50, 0\nb, 50, 0").run()
    test.button(key="inference.use-counts").click().run()
    assert "None of the 2 problems was solved" in text_of(test)
    test.selectbox(key="inference.sampled_model").set_value("Pythia 1B").run()
    assert not test.error


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"sampled_model": "own"}, "No counts of your own are in this session"),
        ({"sampled_model": "GPT-9"}, "GPT-9"),
        ({"target_coverage": "1"}, "target_coverage"),
        ({"target_coverage": "-1"}, "target_coverage"),
        ({"usd_per_try": "0"}, "usd_per_try"),
        ({"tries_seen": "3"}, "tries_seen"),
        ({"tries_part": "sizes", "small_model": "Pythia 12B"}, "smaller than the large one"),
        ({"tries_part": "selection", "true_positive": "2"}, "true_positive"),
        ({"tries_part": "steps", "steps": "1e9"}, "steps"),
        ({"tries_part": "steps", "target_accuracy": "0.999"}, "No search reaches 99.9%"),
        (
            {"tries_part": "swe_bench", "budget_usd_per_task": "0.001"},
            "does not pay for a single try",
        ),
        ({"tries_part": "nonsense"}, "tries_part"),
    ],
)
def test_bad_input_is_said_in_a_sentence_and_the_page_stays(
    query: dict[str, str], said: str
) -> None:
    test = tries_page(**query)
    assert not test.exception
    assert said in text_of(test)
    assert test.selectbox or test.slider or test.select_slider


def test_every_chart_is_drawn_and_no_word_on_it_has_an_exponent() -> None:
    scenario, levels = InferenceScenario(), (0.95, 0.8, 0.5)
    charts = [
        checked(
            coverage_chart(
                fc.coverage(scenario), ChartBuilder(levels=levels), other_curves(scenario)
            )
        ),
        checked(selection_chart(fc.best_of_many(scenario), ChartBuilder())),
        checked(step_search_chart(fc.step_comparison(scenario), ChartBuilder())),
        checked(step_search_chart(fc.step_comparison(scenario), ChartBuilder(log=False))),
        checked(size_chart(fc.size_comparison(scenario))),
        checked(swe_bench_chart(fc.swe_bench_case(scenario))),
        *(
            checked(
                benchmark_scores_chart(
                    fc.benchmark_scores(scenario.replaced(benchmark=name)),
                    ChartBuilder(levels=levels),
                )
            )
            for name in BENCHMARKS
        ),
    ]
    for chart in charts:
        assert len(chart.data) > 2
        words = [annotation.text for annotation in chart.layout.annotations]
        words += [*chart.layout.xaxis.ticktext, *chart.layout.yaxis.ticktext]
        words += [text for trace in chart.data for text in trace.text or ()]
        assert not any("e+" in word or "nan" in word or "inf" in word for word in words)


@pytest.mark.parametrize("part", ["coverage", "selection"])
def test_a_pin_stays_beside_what_follows(part: str) -> None:
    test = tries_page(tries_part=part)
    test.button(key="inference.pin").click().run()
    test.selectbox(key="inference.sampled_model").set_value("Pythia 1B").run()
    assert not test.exception
    assert "p1" in test.query_params
    assert any("Pin 1" in button.label for button in test.button)
    test.button(key="inference.unpin0").click().run()
    assert "p1" not in test.query_params
