from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.formatting import in_dollars, in_percent, in_words, in_years, range_in_words
from forecasting.units import date_of_year, decimal_years


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (672, "$672"),
        (39.6, "$39.60"),
        (4348, "$4,350"),
        (2_116_866, "$2.12 million"),
        (999_999, "$1 million"),
        (0.0072, "$0.0072"),
        (1e-9, "under $0.0001"),
        (4.2e10, "$42 billion"),
        (0, "$0"),
    ],
)
def test_money_reads_as_people_write_it(usd: float, words: str) -> None:
    assert in_dollars(usd) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(5.76e23, "5.76 × 10²³"), (1.3117e12, "1.31 trillion"), (9.996e23, "10²⁴"), (12, "12")],
)
def test_counts_read_in_words_or_as_powers_of_ten(value: float, words: str) -> None:
    assert in_words(value) == words


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_no_amount_is_printed_in_e_notation(value: float) -> None:
    assert "e+" not in in_dollars(value)
    assert "e-" not in in_words(value)


@pytest.mark.parametrize(
    ("years", "words"),
    [(2.49, "2.5 years"), (0.667, "8 months"), (0.01, "3.7 days"), (13.26, "13.3 years")],
)
def test_spans_read_in_the_unit_that_suits(years: float, words: str) -> None:
    assert in_years(years) == words


@given(st.dates(dt.date(1800, 1, 1), dt.date(2200, 12, 31)))
def test_dates_survive_decimal_years(day: dt.date) -> None:
    assert (
        abs(
            (
                date_of_year(float(decimal_years(np.array([day], dtype="datetime64[D]"))[0])) - day
            ).days
        )
        <= 1
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0232, "2.32%"),
        (0.875, "87.5%"),
        (0.5, "50%"),
        (0.995, "99.5%"),
        (0.99999, "99.999%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (1e-9, "under 0.001%"),
    ],
)
def test_a_share_is_said_as_percent_and_less_than_all_never_reads_as_all(
    share: float, words: str
) -> None:
    assert in_percent(share) == words


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0.5, "$0.50"), (5.2, "$5.20"), (0.0072, "$0.0072"), (0.036, "$0.036"), (17.0, "$17")],
)
def test_dimes_are_written_as_cents(usd: float, words: str) -> None:
    assert in_dollars(usd, 2) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(5e-324, "4.94 × 10⁻³²⁴"), (9.999e-5, "10⁻⁴"), (1.7976931348623157e308, "1.8 × 10³⁰⁸")],
)
def test_the_smallest_and_the_largest_numbers_have_words(value: float, words: str) -> None:
    assert in_words(value) == words


def test_a_range_says_a_unit_that_both_ends_share_once() -> None:
    def words(value: float) -> str:
        return in_words(value, 2)

    assert range_in_words(6e10, 1.9e11, words) == "60–190 billion"
    assert range_in_words(9e11, 1.2e12, words) == "900 billion to 1.2 trillion"
    assert range_in_words(3.6e19, 4.2e19, words) == "3.6–4.2 × 10¹⁹"
    assert range_in_words(2026, 2026, str) == "2026"
    assert range_in_words(1, 5, words) == "1–5"
