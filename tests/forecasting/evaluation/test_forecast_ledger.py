"""The ledger of forecasts: what is on record stays, each forecast resolves by the tables alone, and
its score is that of its quantiles.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

import forecasting as fc
from forecasting.data.dataset import BUNDLED_FOLDER, DataSet, bundled
from forecasting.evaluation.forecast_ledger import (
    QUANTILE_COLUMNS,
    TABLE,
    crps_of_quantiles,
    forecast_ledger,
)
from forecasting.evaluation.ledger_entries import (
    COLUMNS,
    appended,
    ledger_rows,
    rows_of,
    updated_ledger,
    write_ledger,
)
from forecasting.evaluation.ledger_measures import reaches
from forecasting.evaluation.ledger_questions import QUESTIONS
from forecasting.stats.bands import QUANTILES
from tests.vintage import VINTAGE_FOLDER, shipped

#: Digests of the file up to so many rows, one a batch that was written down: they never change.
RECORDED = {
    28: "a4a5d8a81e74f86251e8074668626584a1952248f4ef422f803eb76a7cd07a61",
    54: "f010e7eafa9d46b674bd8e92320d7fb019b425b8de577c9fee641dd5dd74ec9e",
    66: "f4997578d38d1057e8e6a00936a8de1f67eeca846a235a33edc80eb7dfdaae8a",
}
MADE_ON = dt.date(2026, 2, 28)
#: Questions whose forecast starts from other defaults today than when those rows were written down.
CHANGED_SINCE = ("largest_run_flop", "largest_text")


def ledger_file(folder: Path = BUNDLED_FOLDER) -> str:
    return (folder / "forecast_ledger.csv").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VINTAGE_FOLDER, tmp_path / "tables"))


@pytest.fixture(scope="module")
def vintage_rows() -> list[dict[str, str]]:
    return ledger_rows(bundled(), MADE_ON, in_retrospect=True)


# What is on record


@pytest.mark.parametrize("rows", RECORDED)
def test_rows_on_record_are_never_changed_or_removed(rows: int) -> None:
    recorded = "".join(ledger_file().splitlines(keepends=True)[: rows + 1])
    assert hashlib.sha256(recorded.encode()).hexdigest() == RECORDED[rows]


def test_the_vintage_holds_the_rows_that_were_made_from_it() -> None:
    assert ledger_file().startswith(ledger_file(VINTAGE_FOLDER))


def test_what_the_vintage_forecast_of_a_rented_gpt4_in_2027_is_among_them() -> None:
    row = next(
        row
        for row in rows_of(ledger_file())
        if row["question"] == "gpt4_rented" and row["resolves_on"] == "2027-01-01"
    )
    assert row["made_in_retrospect"] == "1"
    assert "costs $44.2 million (80% range $6.57 to $295 million)" in row["statement"]
    scenario = fc.CostScenario(model="GPT-4", year=2027, price_year=2024, price_method="calibrated")
    cost = fc.model_cost(scenario)
    assert float(row["q50"]) == pytest.approx(cost.hardware_at_year.value, rel=1e-3)


def test_rows_made_in_retrospect_are_what_the_vintage_forecasts(
    vintage_rows: list[dict[str, str]],
) -> None:
    for on_record, now in zip(rows_of(ledger_file(VINTAGE_FOLDER)), vintage_rows, strict=True):
        if on_record["question"] in CHANGED_SINCE:
            continue
        for name in QUANTILE_COLUMNS:
            assert float(now[name]) == pytest.approx(float(on_record[name]), rel=1e-4)


def test_rows_on_record_are_in_order_positive_and_dated_before_what_they_are_about() -> None:
    for row in rows_of(ledger_file()):
        quantiles = [float(row[name]) for name in QUANTILE_COLUMNS]
        assert quantiles == sorted(quantiles)
        assert quantiles[0] > 0.0
        assert row["made_on"] < row["resolves_on"]
        assert row["question"] in QUESTIONS


# Questions


def test_every_question_is_forecast_for_days_some_months_and_new_years_ahead() -> None:
    for question in QUESTIONS.values():
        days = question.days_after(MADE_ON)
        assert len(days) == 1 + question.new_years
        assert dt.timedelta(days=120) < days[0] - MADE_ON < dt.timedelta(days=190)
        assert days[1:] == (dt.date(2027, 1, 1), dt.date(2028, 1, 1))[: question.new_years]


def test_a_new_year_that_is_near_is_left_to_the_months_ahead() -> None:
    days = QUESTIONS["gpt4_rented"].days_after(dt.date(2026, 11, 29))
    assert days == (dt.date(2027, 5, 15), dt.date(2028, 1, 1), dt.date(2029, 1, 1))


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_is_measured_once_its_table_reaches_the_day_and_not_before(key: str) -> None:
    question, tables = QUESTIONS[key], shipped()
    last = reaches(question.measured_in, tables)
    # Of few chips is the launch price known, of some years of none.
    day = dt.date(2025, 1, 1) if key == "launched_flop_per_s_per_usd" else last
    value = question.measured(day, tables)
    assert value is not None
    assert value > 0.0
    assert question.measured(last + dt.timedelta(days=1), tables) is None


def test_a_table_whose_date_is_a_month_reaches_its_first_day() -> None:
    assert bundled().catalogue["ai_models"].date == "2026-02"
    assert reaches(["ai_models"], bundled()) == dt.date(2026, 2, 1)


def test_an_hour_of_an_h100_is_the_median_of_the_offers_of_that_day() -> None:
    day = dt.date(2026, 8, 15)
    offers = shipped()["chip_rental_prices_2026"]
    offers = offers[
        (offers["chip"] == "NVIDIA H100 SXM5 80GB")
        & (offers["tier"] == "on demand")
        & (offers["vendor"] != "aws")
        & (offers["first_seen"] <= "2026-08-15")
        & (offers["last_seen"] >= "2026-08-15")
    ]
    assert offers["usd_per_chip_hour"].median() == 3.25
    levels = shipped()["us_consumer_prices"].set_index("year")["cpi_u_annual_average_1982_84_100"]
    expected = 3.25 * levels[2024] / levels[min(2026, levels.index.max())]
    assert QUESTIONS["h100_hour"].measured(day, shipped()) == pytest.approx(expected)


# Scores


def test_the_score_of_quantiles_nears_that_of_the_distribution_they_come_from() -> None:
    mean, deviation = 3.0, 0.4
    law, norm = NormalDist(mean, deviation), NormalDist()
    quantiles = 10.0 ** np.array([law.inv_cdf(share) for share in QUANTILES])
    for came in (2.4, 3.0, 3.3):
        z = (came - mean) / deviation
        exact = deviation * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))
        assert crps_of_quantiles(quantiles, 10.0**came) == pytest.approx(exact, abs=0.012)


def test_a_forecast_of_one_value_scores_its_distance_in_factors_of_ten() -> None:
    assert crps_of_quantiles(np.full(7, 100.0), 1.0) == pytest.approx(2.0)


def test_forecasts_are_open_until_measured_and_then_inside_or_outside() -> None:
    days = ["2026-08-15", "2026-08-15", "2030-01-01"]
    medians = [3.0, 300.0, 3.0]
    frame = shipped()[TABLE].head(3).copy()
    frame["question"] = "h100_hour"
    frame["resolves_on"] = days
    frame["made_on"] = ["2026-01-01", "2026-01-02", "2026-01-03"]
    for name, factor in zip(QUANTILE_COLUMNS, (0.4, 0.5, 0.7, 1.0, 1.4, 2.0, 2.5), strict=True):
        frame[name] = [factor * median for median in medians]
    result = forecast_ledger(data=shipped().replaced(forecast_ledger=frame))
    assert [entry.status for entry in result.entries] == ["inside", "outside", "open"]
    assert result.inside == 1
    assert result.worst is result.entries[1]
    assert result.entries[1].crps_oom > 1.5
    assert "2 can be scored by now, 1 of them inside the 80% range" in result.answer
    assert result.lines[0].startswith("1 open; the next is due on ")


def test_a_question_that_is_asked_no_more_stays_on_record_and_open() -> None:
    frame = bundled()[TABLE].head(1).copy()
    frame["question"] = "given_up"
    result = forecast_ledger(data=bundled().replaced(forecast_ledger=frame))
    assert result.entries[0].status == "open"
    assert result.table["statement"].tolist() == frame["statement"].tolist()


def test_the_public_result_has_a_row_a_forecast() -> None:
    result = fc.forecast_ledger()
    assert len(result.table) == len(rows_of(ledger_file(VINTAGE_FOLDER)))
    assert {"statement", "made_on", "status", "measured", "crps_oom", "q2.5", "q97.5"} <= set(
        result.table.columns
    )
    assert set(result.table["status"]) <= {"open", "inside", "outside"}


# Writing


def test_what_is_appended_leaves_what_was_there_as_it_is() -> None:
    before = ledger_file(VINTAGE_FOLDER)
    row = dict.fromkeys(COLUMNS, "1") | {"statement": "with a comma, and “quotes”"}
    after = appended(before, [row])
    assert after.startswith(before)
    assert rows_of(after)[-1] == row
    assert rows_of(appended("", [row])) == [row]


def test_nothing_is_written_down_twice_from_the_same_tables(folder: Path) -> None:
    data = DataSet(folder)
    write_ledger(data, dt.date(2026, 3, 1))
    before = ledger_file(folder)
    assert write_ledger(DataSet(folder), dt.date(2026, 4, 1)) == 0
    assert ledger_file(folder) == before


def test_a_changed_table_brings_the_forecasts_that_read_it(folder: Path) -> None:
    write_ledger(DataSet(folder), dt.date(2026, 3, 1))
    before = ledger_file(folder)
    path = folder / "token_prices_2025_2026.csv"
    path.write_text(path.read_text(encoding="utf-8").rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    data = DataSet(folder)
    after = updated_ledger(data, dt.date(2026, 4, 1))
    assert after.startswith(before)
    added = rows_of(after)[len(rows_of(before)) :]
    assert {row["question"] for row in added} == {"list_price"}
    assert {row["made_in_retrospect"] for row in added} == {"0"}
    assert write_ledger(data, dt.date(2026, 4, 1)) == len(added)
    entry = DataSet(folder).catalogue[TABLE]
    assert entry.rows == len(rows_of(after))
    assert entry.date == "2026-04-01"
    assert entry.sha256 == hashlib.sha256((folder / entry.file).read_bytes()).hexdigest()
    assert len(fc.forecast_ledger(data=DataSet(folder)).entries) == entry.rows


def test_the_command_writes_down_what_the_tables_in_use_forecast(folder: Path) -> None:
    (folder / "forecast_ledger.csv").write_text(
        "".join(ledger_file(folder).splitlines(keepends=True)[:2]), encoding="utf-8"
    )
    package = json.loads((folder / "datapackage.json").read_bytes())
    next(each for each in package["resources"] if each["name"] == TABLE)["rows"] = 1
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    command = [sys.executable, "-m", "forecasting.evaluation.ledger_entries"]
    environment = os.environ | {
        "COMPUTE_FORECAST_TABLES": str(folder),
        "COMPUTE_FORECAST_TODAY": "2026-03-01",
    }
    ran = subprocess.run(
        [*command, "--dry-run"], env=environment, capture_output=True, text=True, check=True
    )
    assert "On 15 September 2026 the cheapest machine answer" in ran.stdout
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rows = rows_of(ledger_file(folder))
    assert f"{len(rows) - 1} forecasts written down" in ran.stdout
    assert {row["made_on"] for row in rows[1:]} == {"2026-03-01"}
