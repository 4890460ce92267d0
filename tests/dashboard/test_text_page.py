"""The page Running out of text in Streamlit's own test harness."""

from __future__ import annotations

import math

import pytest
from streamlit.testing.v1 import AppTest

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.limited_text import limited_text_chart
from dashboard.charts.text_chance import text_chance_chart
from dashboard.charts.text_drivers import NAME_LETTERS, text_drivers_chart
from dashboard.charts.text_exhaustion import text_exhaustion_chart
from forecasting.text_limits.text_corpus import text_corpus
from forecasting.text_limits.text_scenario import PRESETS, TextScenario, preset
from forecasting.text_limits.text_wall import text_wall
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, presets_of, text_of, words_on

PAGE = "text"
NEVER = TextScenario(
    demand="history", growth_from="own", growth_oom_per_year=fc.Distribution.fixed(0.02)
)


def text_page(query: dict[str, str] | None = None) -> AppTest:
    return page_alone(PAGE, query)


def test_the_page_answers_with_its_default_scenario_and_defines_text() -> None:
    test = text_page()
    assert not test.exception
    said = text_of(test)
    assert fc.text_exhaustion(TextScenario()).answer in said
    assert "What counts as text" in said
    assert "private text" in said


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_fills_every_factor_and_is_marked(name: str) -> None:
    test = text_page({"v": "1", "horizon_year": "2070"})
    presets_of(test).set_value(name).run()
    assert not test.exception
    assert fc.text_exhaustion(preset(name, TextScenario(horizon_year=2070))).answer in text_of(test)
    assert presets_of(test).value == name
    test.segmented_control(key="text.demand").set_value("compute").run()
    assert presets_of(test).value is None


def test_a_range_from_a_link_is_used_and_stays_in_the_address() -> None:
    test = text_page({"v": "2", "demand": "history", "quality": "0.02~0.05~0.9~uniform"})
    scenario = TextScenario(demand="history", quality=fc.Distribution(0.02, 0.05, 0.9, "uniform"))
    assert fc.text_exhaustion(scenario).answer in text_of(test)
    assert test.query_params["quality"] == "0.02~0.05~0.9~uniform"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"pages": "1e12~75e9~0.95~lognormal"}, "no higher than the high end"),
        ({"pages": "75e9~1e12~1.5~lognormal"}, "less than 1"),
        ({"anchor_tokens": "-3e12"}, "from 1 to"),
        ({"quality": "0.5~1.5~0.9~uniform"}, "A share is at most 100%"),
        ({"horizon_year": "2500"}, "2500"),
        ({"growth_first_year": "2024"}, "No point is left"),
        ({"growth_first_year": "2020", "growth_last_year": "2015"}, "growth_last_year"),
        ({"view": "wall", "law": "custom:1.8,400,0,0.35,0.36"}, "text never runs out"),
        ({"view": "corpus", "corpus_tokens": "-5"}, "corpus_tokens"),
        ({"view": "corpus", "law": "nobody"}, "nobody"),
        ({"pages": "many"}, "low~high~share~shape"),
    ],
)
def test_bad_input_is_said_in_a_sentence_and_the_page_stays(
    query: dict[str, str], said: str
) -> None:
    test = text_page({"v": "1"} | query)
    assert not test.exception
    assert said in text_of(test)
    assert test.slider or test.select_slider


def test_growth_that_never_meets_the_stock_is_said_and_not_plotted_as_a_date() -> None:
    test = text_page(
        {"v": "1", "demand": "history", "growth_from": "own", "growth_oom_per_year": "0.02"}
    )
    assert not test.exception
    assert "not before 2050" in text_of(test)


def test_a_pin_is_compared_with_what_follows() -> None:
    test = text_page()
    test.button(key="text.pin").click().run()
    test.segmented_control(key="text.demand").set_value("history").run()
    assert "p1" in test.query_params
    assert any("Known in 2026" in button.label for button in test.button)
    assert not test.exception


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize(
    "scenario",
    [
        TextScenario(),
        preset("optimist"),
        preset("pessimist"),
        NEVER,
        TextScenario(horizon_year=2030),
    ],
)
def test_the_chart_marks_the_crossing_or_says_that_there_is_none(
    scenario: TextScenario, log: bool
) -> None:
    result = fc.text_exhaustion(scenario)
    words = words_on(
        checked(
            text_exhaustion_chart(result, ChartBuilder(levels=(0.8, 0.5), log=log, pins=[result]))
        )
    )
    if scenario is NEVER:
        assert "not before 2050" in words
    else:
        assert f"used up in {math.floor(result.median_year)}" in words
    assert "projection" in words
    assert "e+" not in words


def test_every_training_set_above_the_axis_is_drawn_with_its_name() -> None:
    result = fc.text_exhaustion(TextScenario(growth_from="ai_models"))
    chart = checked(text_exhaustion_chart(result, ChartBuilder()))
    texts = [text for trace in chart.data if trace.mode == "markers" for text in trace.text]
    assert any("Qwen3-235B-A22B" in text and "36 trillion" in text for text in texts)


def test_the_chance_chart_holds_the_published_date_and_both_demands() -> None:
    result = fc.text_exhaustion(TextScenario())
    words = words_on(checked(text_chance_chart(result, ChartBuilder(pins=[result]))))
    for part in (
        "published: 2028",
        "past growth alone",
        "compute forecast alone",
        "even odds",
        "pin 1",
    ):
        assert part in words


@pytest.mark.parametrize("scenario", [TextScenario(), NEVER, preset("optimist")])
def test_the_tornado_names_every_factor_with_its_ends(scenario: TextScenario) -> None:
    result = fc.text_sensitivity(scenario)
    figure = checked(text_drivers_chart(result))
    words = words_on(figure).replace("<br>", " ")
    names = [each.text.split("<br>") for each in figure.layout.annotations if each.font.size == 13]
    assert len(names) == len(result.swings)
    assert max(len(line) for lines in names for line in lines) <= NAME_LETTERS
    for swing in result.swings:
        assert swing.label in words
        assert swing.low_words in words


def test_the_limited_text_chart_marks_the_wall_and_names_its_curves() -> None:
    wall, corpus = text_wall(TextScenario()), text_corpus(TextScenario())
    first = checked(
        limited_text_chart(
            wall.curves,
            ChartBuilder(levels=(0.8,)),
            wall.law.law.E,
            bands=wall.repeated,
            marks=[(wall.curves.wall_flop, "all text needed")],
        )
    )
    second = checked(limited_text_chart(corpus.curves, ChartBuilder(log=False), corpus.law.law.E))
    for part in ("read once", "repeated", "text unlimited"):
        assert part in words_on(first)
        assert part in words_on(second)
    assert "all text needed" in words_on(first)
