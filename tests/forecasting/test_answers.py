from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.answers import Answered, answer_of, answers_of


def test_a_result_says_its_answer_and_what_is_to_be_said_beside_it() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-3"))
    assert result.answer == answer_of(result)
    assert result.answers == answers_of(result)
    assert result.answers[0] == result.answer
    assert len(result.answers) == 2


def test_a_result_with_one_sentence_begins_with_that_alone() -> None:
    result = fc.price_trend(fc.CostScenario(series="gpu"))
    assert result.answers == (result.answer,)


def test_a_result_whose_type_has_no_sentences_is_refused_by_name() -> None:
    class Wordless(Answered):
        __module__ = "forecasting.scaling.nowhere"

    with pytest.raises(TypeError, match="Wordless has no answer"):
        _ = Wordless().answer
