"""The age of tables: from which day it counts, and from which on newer data are overdue."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import forecasting as fc
from forecasting.data.age import (
    DAYS_ALLOWED,
    data_as_of,
    stale_tables,
    table_ages,
)
from forecasting.data.catalogue import CATALOGUE_FILE, RHYTHMS, last_day, read_catalogue
from forecasting.data.dataset import DataSet, bundled
from forecasting.data.today import TODAY_VARIABLE
from forecasting.errors import TableError
from tests.vintage import VINTAGE_FOLDER

NAMES = ["ai_models", "ml_chips", "chip_unit_costs", "gpu_prices"]


def dated(folder: Path, **entries: tuple[str, str]) -> DataSet:
    """The tables with other dates and rhythms in their catalogue, by name."""
    package = json.loads((VINTAGE_FOLDER / CATALOGUE_FILE).read_bytes())
    package["resources"] = [
        resource | dict(zip(("date", "rhythm"), entries[resource["name"]], strict=True))
        for resource in package["resources"]
        if resource["name"] in entries
    ]
    (folder / CATALOGUE_FILE).write_text(json.dumps(package))
    return DataSet(folder)


@pytest.mark.parametrize(
    ("date", "last"),
    [
        ("2026", dt.date(2026, 12, 31)),
        ("2026-02", dt.date(2026, 2, 28)),
        ("2024-02", dt.date(2024, 2, 29)),
        ("2026-12", dt.date(2026, 12, 31)),
        ("2026-08-22", dt.date(2026, 8, 22)),
    ],
)
def test_a_date_of_a_month_or_year_means_its_last_day(date: str, last: dt.date) -> None:
    assert last_day(date) == last


@pytest.mark.parametrize("wrong", ["", "soon", "2026-13", "2026-02-30"])
def test_what_is_no_date_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"“{wrong}” is not a year, month or day"):
        last_day(wrong)


def test_a_catalogue_with_such_a_date_is_refused(tmp_path: Path) -> None:
    dated(tmp_path, ai_models=("in spring", "monthly"))
    with pytest.raises(TableError, match="“in spring” is not a year, month or day"):
        read_catalogue(tmp_path / CATALOGUE_FILE)


def test_every_rhythm_but_none_has_an_age_at_which_it_is_overdue() -> None:
    assert set(DAYS_ALLOWED) == set(RHYTHMS) - {"none"}


@pytest.mark.parametrize(("rhythm", "days"), DAYS_ALLOWED.items())
def test_a_table_is_overdue_from_the_day_after_its_rhythm_allows(
    rhythm: str, days: int, tmp_path: Path
) -> None:
    data = dated(tmp_path, ai_models=("2026-03", rhythm))
    edge = dt.date(2026, 3, 31) + dt.timedelta(days)
    assert not stale_tables(on=edge, data=data)
    (late,) = stale_tables(on=edge + dt.timedelta(1), data=data)
    assert (late.table, late.days, late.rhythm) == ("ai_models", days + 1, rhythm)


def test_the_figures_of_a_publication_are_never_overdue(tmp_path: Path) -> None:
    data = dated(tmp_path, gpu_prices=("1857", "none"))
    assert not stale_tables(on=dt.date(2999, 1, 1), data=data)


def test_a_table_of_a_month_that_is_not_over_has_no_age_yet(tmp_path: Path) -> None:
    data = dated(tmp_path, ai_models=("2026-03", "weekly"))
    assert table_ages(data, on=dt.date(2026, 3, 2))[0].days == 0


def test_the_oldest_table_comes_first(tmp_path: Path) -> None:
    data = dated(
        tmp_path,
        ai_models=("2025", "monthly"),
        ml_chips=("2025-11", "quarterly"),
        chip_unit_costs=("2025-12-30", "quarterly"),
    )
    on = dt.date(2030, 1, 1)
    order = ["ml_chips", "chip_unit_costs", "ai_models"]
    assert [age.table for age in stale_tables(on=on, data=data)] == order
    assert [age.table for age in table_ages(data, order[1:], on=on)] == order[1:]


def test_data_go_to_the_newest_date_whatever_its_precision(tmp_path: Path) -> None:
    data = dated(
        tmp_path,
        ai_models=("2026", "monthly"),
        ml_chips=("2026-11", "quarterly"),
        chip_unit_costs=("2026-12-30", "quarterly"),
    )
    assert data_as_of(data, data.names) == "2026"
    assert data_as_of(data, ["ml_chips", "chip_unit_costs"]) == "2026-12-30"
    assert data_as_of(data, []) is None


def test_a_table_replaced_by_a_users_own_has_no_age(tables: DataSet) -> None:
    own = tables.replaced(ai_models=tables["ai_models"].iloc[:-1])
    on = dt.date(2030, 1, 1)
    assert "ai_models" in {age.table for age in stale_tables(on=on, data=tables)}
    assert "ai_models" not in {age.table for age in stale_tables(on=on, data=own)}
    assert data_as_of(own, ["ai_models"]) is None
    same = tables.replaced(ai_models=tables["ai_models"])
    assert data_as_of(same, ["ai_models"]) == "2026-02"


def test_without_a_day_the_age_is_that_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {age.table for age in stale_tables(on=dt.date(2026, 11, 29))}
    monkeypatch.setenv(TODAY_VARIABLE, "2026-11-29")
    found = fc.stale_tables()
    assert {age.table for age in found} == expected
    assert {"us_consumer_prices", "chip_rental_prices_2026"} <= expected
    assert all(age.title == bundled().catalogue[age.table].title for age in found)
