"""compute-forecast store: what it prints, its exit code, and what it mends."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from compute_forecast.main import main
from dashboard.store import Saved, Share, StoreSettings

SHARE = Share("cost", "v=1", "It costs $1.", "0032533d", "cost.1", {"result": b"numbers"})


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The SQLite file of the store."""
    place = tmp_path / "shared.sqlite3"
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(place))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return place


def saved_in(file: Path) -> Saved:
    store = StoreSettings(file=file).open()
    saved = store.save(SHARE)
    store.close()
    return saved


def damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE contents SET data = X'00'")


def test_a_whole_store_is_said_to_be_whole(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved_in(file)
    assert main(["store", "check", "--quiet"]) == 0
    said = capsys.readouterr().out
    assert str(file) in said
    assert "1 links with 1 parts (0.0 MiB) read: all are as they were saved." in said


def test_a_damaged_link_is_named_and_restored_from_a_backup(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = saved_in(file)
    backup = tmp_path / "backup.sqlite3"
    backup.write_bytes(file.read_bytes())
    damage(file)
    assert main(["store", "check", "--quiet"]) == 1
    said = capsys.readouterr().out
    assert f"of {saved.id} is not what was saved." in said
    assert "1 problems left, 1 links damaged" in said
    assert main(["store", "check", "--quiet", "--repair", "--backup", str(backup)]) == 0
    assert "is not what was saved. Repaired." in capsys.readouterr().out
    store = StoreSettings(file=file).open()
    assert store.open(saved.id).answer == SHARE.answer
    store.close()


def test_the_whole_report_is_printed_as_json(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = saved_in(file)
    damage(file)
    assert main(["store", "check", "--quiet", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["damaged_links"] == [saved.id]
    assert [problem["mended"] for problem in report["problems"]] == [False]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["store", "check"], 1, "There is no store at"),
        (["store", "check", "--backup", "x"], 2, "give --repair too"),
        (["store"], 2, "action"),
    ],
)
def test_what_cannot_be_done_is_said(
    file: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, sentence: str
) -> None:
    assert main(words) == code
    assert sentence in capsys.readouterr().err
    assert not file.exists()


def test_a_backup_that_is_not_there_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved_in(file)
    damage(file)
    assert main(["store", "check", "--quiet", "--repair", "--backup", "/no/such/file"]) == 1
    assert "The backup /no/such/file can't be read" in capsys.readouterr().err
