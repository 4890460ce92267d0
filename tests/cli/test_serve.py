from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from compute_forecast.main import main
from compute_forecast.serve import base_path, script
from dashboard.server.settings import WARM_UP
from tests.server.served import free_port

ROOT = Path(__file__).parents[2]


def test_the_script_of_a_checkout_is_its_app_py() -> None:
    assert script() == ROOT / "app.py"


def test_a_taken_port_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert f"Port {port} of 127.0.0.1 can't be used (another program listens there)" in said
    assert f"make run PORT={port + 1}" in said


def test_a_missing_dashboard_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert main(["serve"]) == 1
    assert "pip install 'compute-forecast[dashboard]'" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "65", "two", "1.5", "-1"])
def test_a_number_of_workers_that_is_none_is_wrong_usage(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--workers", number]) == 2
    assert f"{number} is no number of workers: use 1 to 64" in capsys.readouterr().err


@pytest.mark.parametrize("minutes", ["-1", "nan", "soon", "1441"])
def test_a_time_to_drain_that_is_none_is_wrong_usage(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", f"--drain={minutes}"]) == 2
    assert f"{minutes} is no time: use 0 to 1440 minutes" in capsys.readouterr().err


def test_workers_without_haproxy_are_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    assert main(["serve", "--workers", "2", "--port", str(free_port())]) == 1
    assert "apt install haproxy (Debian, Ubuntu)" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_workers_that_could_not_share_links_are_refused(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["serve", "--workers", "2", "--port", str(free_port())]) == 1
    assert "a store that all of them read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "variable", "base"),
    [
        ([], "", ""),
        ([], "/forecast/", "/forecast"),
        (["--server.baseUrlPath=a/b"], "forecast", "/a/b"),
        (["--server.maxUploadSize=9", "--server.baseUrlPath", "/a"], "", "/a"),
    ],
)
def test_workers_are_asked_below_the_path_that_streamlit_is_given(
    options: list[str], variable: str, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", variable)
    assert base_path(options) == base


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "DATABASE_URL is not the address of a database"),
        ("postgresql://a:b@c:port/d", "DATABASE_URL is not the address of a database"),
        ("mysql://a@b/c", "DATABASE_URL names mysql: only PostgreSQL and SQLite"),
    ],
)
def test_an_address_of_a_database_that_is_none_ends_the_start_with_a_sentence(
    address: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    assert main(["serve", "--port", str(free_port())]) == 1
    assert words in capsys.readouterr().err


def test_serve_works_from_any_folder_names_its_address_and_ends_on_a_signal(
    tmp_path: Path,
) -> None:
    port = free_port()
    settings = {
        "PYTHONPATH": str(ROOT),
        "COMPUTE_FORECAST_STORE": str(tmp_path / "s"),
        "STREAMLIT_SERVER_BASE_URL_PATH": "forecast",
        WARM_UP: "off",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "compute_forecast", "serve", "--port", str(port)],
        cwd=tmp_path,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        address = f"http://localhost:{port}/forecast"
        assert lines == ["Starting Compute Forecast …\n", f"Ready: {address}  (Ctrl+C ends it)\n"]
        assert urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).status == 200
    finally:
        process.terminate()
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
        process.stdout.close()
