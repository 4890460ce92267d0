"""compute-forecast refresh: from files, dry, with JSON, and which tables are overdue."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from compute_forecast.main import main
from forecasting.data.change_log import read_changes
from forecasting.data.dataset import BUNDLED_FOLDER, TABLES_VARIABLE, DataSet
from forecasting.data.replacement import WORK_FOLDER
from forecasting.data.today import TODAY_VARIABLE
from tests.forecasting.refreshing import source_bodies
from tests.vintage import VINTAGE_FOLDER, shipped

ROOT = Path(__file__).parents[2]
OFFERS = "chip_rental_prices_2026"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the product's tables, in use on a day of November 2026."""
    place = tmp_path / "tables"
    shutil.copytree(BUNDLED_FOLDER, place, ignore=shutil.ignore_patterns(WORK_FOLDER))
    monkeypatch.setenv(TABLES_VARIABLE, str(place))
    monkeypatch.setenv(TODAY_VARIABLE, "2026-11-29")
    return place


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with offers of a later day."""
    place = tmp_path / "given"
    place.mkdir()
    (place / "latest.json").write_bytes(source_bodies.offers(shipped()[OFFERS], "2026-11-20"))
    return place


def test_a_dry_run_says_what_would_change_and_a_run_changes_it(
    folder: Path, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = DataSet(folder).catalogue[OFFERS]
    assert main(["refresh", "--from", str(given), "--dry-run", "--quiet"]) == 0
    dry = capsys.readouterr().out
    assert "1 table would be replaced." in dry
    assert f"{OFFERS}: " in dry
    assert DataSet(folder).catalogue[OFFERS] == before
    assert main(["refresh", OFFERS, "--from", str(given), "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "1 table was replaced." in out
    after = DataSet(folder).catalogue[OFFERS]
    assert (after.date, after.rows) == ("2026-11-20", len(DataSet(folder)[OFFERS]))
    assert read_changes(folder)[-1].day == "2026-11-29"


def test_a_refused_table_is_exit_code_1_with_its_reason(
    folder: Path, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (given / "latest.json").write_text("<html>")
    assert main(["refresh", "--from", str(given), "--json", "--quiet"]) == 1
    shown = json.loads(capsys.readouterr().out)
    (refused,) = (each for each in shown["tables"] if each["status"] == "refused")
    assert refused["table"] == OFFERS
    assert "expected a JSON object; found “<html>”" in refused["sentence"]


@pytest.mark.soak
def test_since_logs_what_was_changed_by_hand(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "changes.csv").unlink()
    assert main(["refresh", "--since", str(VINTAGE_FOLDER), "--quiet"]) == 0
    assert "ai_models: " in capsys.readouterr().out
    assert {"table", "figure"} == {each.kind for each in read_changes(folder)}


def test_overdue_tables_are_exit_code_1_with_what_renews_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["refresh", "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    overdue = next(line for line in lines if line.startswith(f"{OFFERS}: "))
    assert "days old, expected monthly; compute-forecast refresh" in overdue
    assert any("; by hand: " in line for line in lines)
    assert main(["refresh", "--check", OFFERS, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["stale"][0]["table"] == OFFERS
    assert main(["refresh", "--check", "gpu_prices"]) == 0
    assert capsys.readouterr().out == "No table is overdue.\n"
    assert main(["refresh", "--check", "gpu_price"]) == 1
    assert "gpu_prices" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["--check", "--dry-run"], ["--since", "x", "--from", "y"], ["--since", "x", "ml_chips"]],
)
def test_options_that_contradict_each_other_are_wrong_usage(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["refresh", *words]) == 2
    assert "takes" in capsys.readouterr().err


def test_make_refresh_runs_the_command() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "refresh", "REFRESH=--check"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].endswith("python -m compute_forecast refresh --check")
