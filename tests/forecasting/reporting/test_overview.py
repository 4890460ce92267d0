"""The key figures of all pages: the same numbers as on their pages."""

from __future__ import annotations

import math

from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_trend import price_trend
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_scenario import TextScenario
from tests.vintage import shipped


def test_each_figure_is_that_of_the_page_it_leads_to() -> None:
    figures = {figure.label: figure for figure in overview(OverviewScenario()).figures}
    assert (
        figures["GPT-4-class run in 2026"].figure
        == model_cost(CostScenario(model="GPT-4", year=2026)).with_algorithms_at_year
    )
    assert (
        figures["Public text is used up in"].figure.value
        == text_exhaustion(TextScenario()).median_year
    )
    parity = figures["A machine's answer costs less than a person's (ARC-AGI) from"]
    assert parity.figure == human_parity(InferenceScenario()).crossing


def test_every_figure_has_a_range_and_words() -> None:
    for figure in overview(OverviewScenario()).figures:
        assert figure.words
        assert "likely" in figure.range_words or "measured" in figure.range_words
        assert (
            math.isinf(figure.figure.high)
            or figure.figure.low <= figure.figure.value <= figure.figure.high
        )


def test_compute_per_dollar_names_its_series_and_has_the_range_of_the_other_figures() -> None:
    figure = next(
        each
        for each in overview(OverviewScenario()).figures
        if each.label.endswith("doubles every")
    )
    assert figure.label == (
        "Rented compute per dollar, on demand (tensor FP16 at peak), 2018–2025, doubles every"
    )
    assert figure.level == 0.8
    assert figure.range_words.startswith("likely ")
    wide = price_trend(CostScenario()).doubling
    assert wide[1] < figure.figure.low < figure.figure.value < figure.figure.high < wide[2]


def test_the_answer_joins_the_three_laws() -> None:
    answer = overview(OverviewScenario()).full_answer
    for words in (
        "GPT-4's quality costs about",
        "At the start of 2031, if algorithms keep improving",
        "needs all public text in 2028, likely",
        "Ten times more compute per answer improves results as much as",
    ):
        assert words in answer


def test_its_inputs_move_the_cost_and_nothing_else() -> None:
    first, later = (
        overview(OverviewScenario()),
        overview(OverviewScenario(model="GPT-3", years_ahead=8)),
    )
    assert later.cost_words != first.cost_words
    assert later.lines[1:] == first.lines[1:]


def test_today_it_is_that_of_rents_beside_chips_and_says_that_rents_rose() -> None:
    figure = overview(OverviewScenario(), data=shipped()).figures[2]
    assert "2018–2026" in figure.label
    assert "ML chips at launch prices: 3.6 years, likely 2.7–6.5 years (80%)" in figure.range_words
    assert figure.range_words.endswith("but rents rose in August 2026")
    old = overview(OverviewScenario(series="gpu"), data=shipped()).figures[2]
    assert old.label == "GPU performance per dollar (FP32), 2005–2021, doubles every"
    assert old.range_words.endswith("published, launch prices")
