"""Today's date: of the clock, or as the environment sets it."""

from __future__ import annotations

import datetime as dt

import pytest

from forecasting.data.today import TODAY_VARIABLE, today
from forecasting.errors import InputError


def test_the_environment_sets_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY_VARIABLE, "2024-02-29")
    assert today() == dt.date(2024, 2, 29)


@pytest.mark.parametrize("unset", [None, ""])
def test_without_it_the_day_is_that_of_the_clock(
    unset: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if unset is None:
        monkeypatch.delenv(TODAY_VARIABLE)
    else:
        monkeypatch.setenv(TODAY_VARIABLE, unset)
    before = dt.datetime.now(dt.UTC).date()
    assert before <= today() <= dt.datetime.now(dt.UTC).date()


@pytest.mark.parametrize("wrong", ["yesterday", "2026-02-30", "28.02.2026"])
def test_what_is_no_day_is_refused_with_the_variable_and_its_form(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TODAY_VARIABLE, wrong)
    with pytest.raises(InputError, match=rf"{TODAY_VARIABLE}.*{wrong}.*2026-01-31"):
        today()
