from __future__ import annotations

import pytest

from forecasting.reporting.glossary import TERMS, explained, terms_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What does a FLOP cost?", ["FLOP"]),
        ("Tokens a parameter", ["parameter", "token"]),
        ("two orders of magnitude", ["OOM"]),
        ("usd_per_FLOP, FLOP/s", ["FLOP"]),
        ("as of Epoch AI; 3 epochs", ["epoch"]),
        ("as of Epoch AI, the loss of value", []),
        ("tokenizer, glossary, stranger", []),
    ],
)
def test_terms_are_found_as_words(text: str, names: list[str]) -> None:
    assert [term.name for term in terms_in(text)] == names


def test_terms_stand_in_alphabetical_order_and_once() -> None:
    names = [term.name.lower() for term in TERMS]
    assert names == sorted(set(names))


def test_meanings_are_sentences() -> None:
    for term in TERMS:
        assert term.meaning.endswith(".")
        assert term.meaning[0].isupper()


def test_an_explanation_has_a_paragraph_for_each_term_and_none_for_other_words() -> None:
    assert explained("MFU", "PUE").count("\n\n") == 1
    assert explained("MFU").startswith("**MFU**: Model FLOP utilisation")
    assert explained("a word") == ""
