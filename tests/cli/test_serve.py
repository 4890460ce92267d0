from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from compute_forecast.main import main
from compute_forecast.serve import script
from tests.server.served import free_port, wait_until_healthy

ROOT = Path(__file__).parents[2]


def test_the_script_of_a_checkout_is_its_app_py() -> None:
    assert script() == ROOT / "app.py"


def test_a_taken_port_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    assert f"Port {port} of 127.0.0.1 can't be used" in capsys.readouterr().err


def test_a_missing_dashboard_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert main(["serve"]) == 1
    assert "pip install 'compute-forecast[dashboard]'" in capsys.readouterr().err


@pytest.mark.soak
def test_serve_works_from_any_folder_and_ends_on_a_signal(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "compute_forecast", "serve", "--port", str(port)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COMPUTE_FORECAST_STORE": str(tmp_path / "s")},
    )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
