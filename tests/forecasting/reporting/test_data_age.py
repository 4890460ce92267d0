"""How recent the data are, in words."""

from __future__ import annotations

import datetime as dt

import pytest

from forecasting.data.dataset import bundled
from forecasting.reporting.data_age import age_words, month_of, recency

RENTALS = "“Rental offers for AI chips, 2026” (monthly) ends in February 2026, 9 months ago"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "0 days"),
        (1, "1 day"),
        (44, "44 days"),
        (63, "2 months"),
        (99, "3 months"),
        (700, "23 months"),
        (730, "2 years"),
        (1500, "4 years"),
    ],
)
def test_an_age_is_in_whole_days_months_or_years(days: int, words: str) -> None:
    assert age_words(days) == words


def test_a_date_is_its_month_or_where_no_more_is_known_its_year() -> None:
    assert [month_of(date) for date in ("2019", "2026-02", "2026-08-22")] == [
        "2019",
        "February 2026",
        "August 2026",
    ]


def test_tables_that_are_not_overdue_give_their_newest_month() -> None:
    names = ["chip_rental_prices_2026", "ai_models"]
    assert recency(bundled(), names, dt.date(2026, 3, 1)) == "Data to February 2026."


def test_a_table_that_is_overdue_is_named_with_its_end_and_age() -> None:
    names = ["chip_rental_prices_2026", "gpu_prices"]
    said = recency(bundled(), names, dt.date(2026, 11, 29))
    assert said == f"Data to February 2026. {RENTALS}."


def test_of_many_the_oldest_are_named_and_the_others_counted() -> None:
    said = recency(bundled(), bundled().names, dt.date(2027, 12, 31))
    assert said.startswith("Data to October 2026. “US consumer prices” (monthly) ends in January")
    assert said.count("ends in") == 2
    assert said.endswith("; 11 more tables are older than expected.")


def test_where_no_table_is_read_there_are_no_words() -> None:
    assert recency(bundled(), [], dt.date(2027, 12, 31)) == ""
