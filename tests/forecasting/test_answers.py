from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.answers import Answered, answer_of, lines_of
from forecasting.formatting import in_dollars
from forecasting.stats.range_level import range_level

LAW = fc.ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
DEMAND = fc.Demand(requests_per_day=1e6, days=365, tokens_in=1000, tokens_out=500)


def test_a_result_says_its_answer_and_what_is_to_be_said_beside_it() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-3"))
    assert result.answer == answer_of(result)
    assert result.lines == lines_of(result)
    assert len(result.lines) == 3
    assert result.full_answer == " ".join((result.answer, *result.lines))


def test_a_result_whose_type_registers_no_lines_has_none() -> None:
    result = fc.best_split(LAW, budget_usd=1e9, unique_tokens=3e12, demand=DEMAND)
    assert result.lines == ()
    assert result.full_answer == result.answer


def test_ranges_are_written_at_the_level_chosen() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-3"))
    usual = result.answer
    with range_level(0.95):
        wide = result.answer
    assert "(80%)" in usual
    assert "(95%)" in wide
    assert result.answer == usual
    level = (result.hardware_at_year.quantiles[0], result.hardware_at_year.quantiles[-1])
    assert in_dollars(level[1], 2) in wide


def test_a_result_whose_type_has_no_sentences_is_refused_by_name() -> None:
    class Wordless(Answered):
        __module__ = "forecasting.scaling.nowhere"

    with pytest.raises(TypeError, match="Wordless has no answer"):
        _ = Wordless().answer
