"""What every section of every page says first: one short sentence, then up to three lines, a fact
each, in plain words; with the defaults, and with inputs moved.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.export import exports
from dashboard.forecasts import forecast
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from dashboard.ui.layout import MAX_LINES
from forecasting.context import context_of
from forecasting.errors import ForecastingError
from forecasting.scenario import Inputs
from forecasting.stats.bands import LEVELS
from forecasting.stats.distribution import Distribution
from forecasting.stats.range_level import range_level
from tests.dashboard.harness import SECTIONS
from tests.dashboard.scenarios import scenarios_of
from tests.dashboard.section_figures import state_of
from tests.examples import examples

MAX_WORDS = 30
#: What no sentence may hold, and why.
UNWANTED = {
    r"\^": "a caret",
    r"\d e[+-]?\d|\de[+-]\d": "a number in computer notation",
    r"(?<![\d.,–])1 (times|years|months|days|weeks|epochs|tries|chips|points|tokens|requests|runs|"
    r"steps|parameters|problems|forecasts)\b": "a plural after one",
    r"\b(\w+) \1\b": "a word twice",
    r"[×%] ?[×%]|\$\$|\(80%\) \(80%\)": "a unit twice",
    r"\(\d+% (range|interval)|\d+% range \$?\d": "a range in the old form",
    r"\b(nan|inf|None|undetermined)\b": "no number",
    r",,|\.\.|,\.| ,|  |\( |\{|\}": "broken punctuation",
    r"[a-z]_[a-z]": "a name from the code",
}


def answered(section: Section, scenario: Inputs, level: float = 0.8) -> tuple[str, tuple[str, ...]]:
    """The answer and the lines of a section."""
    result = forecast(section.forecast, scenario, context_of(None))
    with range_level(level):
        return exports.answer_of(result), exports.lines_of(result)


def check(sentence: str, lines: tuple[str, ...]) -> None:
    assert len(sentence.split()) <= MAX_WORDS, f"{len(sentence.split())} words: {sentence}"
    assert len(lines) <= MAX_LINES, lines
    for text in (sentence, *lines):
        assert re.search(r"[.?!]$", text), f"no full stop: {text}"
        assert text == text.strip(), text
        for unwanted, why in UNWANTED.items():
            found = re.search(unwanted, text)
            assert found is None, f"{why}, “{found.group() if found else ''}”: {text}"
    assert not re.search(r"[.?!] [A-Z]", sentence), f"more than one sentence: {sentence}"


@pytest.mark.parametrize(("page", "section"), SECTIONS)
def test_a_section_answers_in_one_short_sentence_and_up_to_three_lines(
    page: Page, section: Section
) -> None:
    for level in LEVELS:
        check(*answered(section, state_of(page, section).scenario, level))


#: Inputs moved by hand, where a sentence has forms of its own, and the sections that say them.
MOVED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("cost", "model", {"model": "GPT-3", "year": 2020, "budget_usd": 1.0}),
    ("cost", "model", {"budget_usd": 1e-9}),
    ("cost", "price", {"series": "gpu"}),
    ("cost", "price", {"series": "chips", "number_format": "tensor_fp16"}),
    ("cost", "claim", {"claim_usd": 1000.0, "convention": "owned"}),
    ("cost", "claim", {"claim_usd": 5e-324}),
    ("cost", "claim", {"claim_usd": 1e9}),
    ("scaling", "compute", {"law": "custom:1.7,400.0,410.0,0.34,0.28", "training_flop": 1e20}),
    (
        "text",
        "date",
        {"demand": "history", "overtraining": Distribution.fixed(3.0), "horizon_year": 2030},
    ),
    ("text", "corpus", {"corpus_tokens": 1e15, "corpus_flop": 1e20}),
    ("inference", "axes", {"trade": "go"}),
    ("inference", "axes", {"trade": "hex"}),
    ("inference", "axes", {"trade": "own", "requests_per_day": 0.0}),
    ("inference", "demand", {"requests_per_day": 1.0}),
    ("inference", "serve", {"requests_per_day": 0.0}),
    ("inference", "serve", {"batch_share": 0.0, "quality_params": 9.9545e14}),
    ("inference", "coverage", {"target_coverage": 0.999}),
    ("inference", "selection", {"true_positive": 0.05, "false_positive": 0.8}),
    ("inference", "steps", {"step_right": 5e-324}),
    ("inference", "steps", {"steps": 1, "target_accuracy": 0.999}),
    (
        "supply",
        "own",
        {
            "owned_chips": 1,
            "interconnect_share": 0.28125,
            "bought_chip": "AMD Instinct MI300A",
            "capital_usd": 1.0,
            "utilisation": 0.875,
        },
    ),
    ("plan", "plan", {"requests_per_day": 0.0}),
    ("plan", "plan", {"first_year": 2030, "last_year": 2030}),
    ("plan", "plan", {"budget_usd": 4e7, "last_year": 2029, "budget_for": "all_years"}),
    ("plan", "plan", {"dollars": "nominal", "training_overhead": 0.5, "last_year": 2040}),
    ("plan", "goal", {"goal": "loss", "goal_loss": 1.5}),
    ("plan", "cluster", {"cluster_chips": 1.0, "cluster_flop": 1e22}),
    ("data", "tables", {"table_name": "vision_learning_curves"}),
)


@pytest.mark.parametrize(("page", "section", "moved"), MOVED)
def test_a_moved_scenario_answers_as_shortly(
    page: str, section: str, moved: dict[str, Any]
) -> None:
    record = PAGES[page].scenario
    few = {"draws": 100} if "draws" in record.model_fields else {}
    found = next(each for each in PAGES[page].sections if each.name == section)
    check(*answered(found, record(**few | moved)))


@pytest.mark.soak
@pytest.mark.parametrize("name", PAGES)
@given(data=st.data())
@examples(quick=2, soak=60)
def test_any_scenario_answers_as_shortly(name: str, data: st.DataObject) -> None:
    page = PAGES[name]
    scenario = data.draw(scenarios_of(page.scenario))
    for section in page.sections:
        if section.is_slow:
            continue
        try:
            said = answered(section, scenario)
        except ForecastingError:
            continue
        check(*said)
