"""The server's own weekly refresh: off unless asked for, and once a week for all servers."""

from __future__ import annotations

import logging
import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.server import weekly_refresh
from dashboard.server.weekly_refresh import (
    COMMAND,
    VARIABLE,
    WEEK_S,
    claimed,
    is_weekly,
    refresh_when_due,
)
from forecasting.data.replacement import locked
from forecasting.errors import InputError
from tests.vintage import VINTAGE_FOLDER

NOW = 1_800_000_000.0


def test_it_is_off_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not is_weekly()
    threads = threading.active_count()
    weekly_refresh.start(tmp_path)
    assert threading.active_count() == threads
    monkeypatch.setenv(VARIABLE, "weekly")
    assert is_weekly()


def test_another_word_is_refused_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(VARIABLE, "hourly")
    with pytest.raises(InputError, match=r"hourly.*weekly"):
        is_weekly()
    weekly_refresh.start(tmp_path)
    assert "Write “weekly”" in caplog.text


def test_a_week_is_claimed_once(tmp_path: Path) -> None:
    assert claimed(tmp_path, NOW)
    assert not claimed(tmp_path, NOW + WEEK_S - 1.0)
    assert claimed(tmp_path, NOW + WEEK_S)


def test_of_many_servers_at_once_one_claims_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: claimed(tmp_path, NOW), range(32)))
    assert found.count(True) == 1


def test_a_folder_that_another_process_refreshes_is_left_alone(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert not claimed(tmp_path, NOW)


def test_the_command_runs_once_on_the_folder_and_its_words_go_to_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code = "import os; print('on', os.environ['COMPUTE_FORECAST_TABLES']); raise SystemExit(1)"
    command = (sys.executable, "-c", code)
    with caplog.at_level(logging.WARNING):
        assert refresh_when_due(tmp_path, command)
        assert not refresh_when_due(tmp_path, command)
    assert caplog.text.count(f"on {tmp_path}") == 1


def test_the_servers_command_is_the_refresh_of_the_folder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(shutil.copytree(VINTAGE_FOLDER, tmp_path / "tables"))
    given = tmp_path / "given"
    given.mkdir()
    with caplog.at_level(logging.INFO, "dashboard.server.weekly_refresh"):
        # From an empty folder, so that nothing is downloaded.
        assert refresh_when_due(folder, (*COMMAND, "--from", str(given)))
    (line,) = caplog.messages
    assert "Weekly refresh of" in line
    assert "error:" not in line.lower()
