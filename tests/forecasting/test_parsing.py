"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.parsing import in_exact_words, number_in


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("75e9", 75e9), ("75 billion", 75e9), ("7B", 7e9), ("1.4T", 1.4e12), ("20%", 0.2),
        ("$1,000", 1000.0), ("3e21", 3e21),
        ("5.76 × 10²³", 5.76e23), ("5.76x10^23", 5.76e23), ("2 × 10⁻⁵", 2e-5), ("−3", -3.0),
        (" 1 000 000 ", 1e6), (".5", 0.5),
        ("12k", 12e3), ("10²⁴", 1e24), ("−10⁻⁵", -1e-5), ("$10⁻⁵", 1e-5),
        ("1_000", 1000.0), ("-1.5E3", -1500.0), ("100 million", 1e8), ("4Mn", 4e6),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_meant(text: str, value: float) -> None:
    assert number_in(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many",
        "1e999",
        "nan",
        "inf",
        "7 apples",
        "1.2.3",
        "5 ×",
        "--4",
        "0x10",
        "1,5",
        "1,50,000",
    ],
)
def test_what_is_no_number_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError) as caught:
        number_in(text, "pages")
    assert caught.value.parameter == "pages"


@given(st.floats(1e-6, 1e30))
def test_words_give_the_value_back(value: float) -> None:
    assert number_in(in_exact_words(value)) == value


def test_round_values_stay_short() -> None:
    assert in_exact_words(75e9) == "75 billion"
    assert in_exact_words(0.1) == "0.1"
