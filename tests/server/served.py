"""The dashboard as the README starts it, on a port of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dashboard.server.settings import WARM_UP
from tests.examples import SOAK

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def started(port: int, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The server's process; `settings` are environment variables."""
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        f"--server.port={port}",
        "--server.address=127.0.0.1",
    ]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until_healthy(address: str) -> None:
    """Until the server of this address answers; on a busy machine that takes a while."""
    for _ in range(3000):
        with contextlib.suppress(OSError):
            if urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).status == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"nothing healthy at {address} within five minutes")


@contextlib.contextmanager
def served(store: Path, base_path: str = "", warm_up: str = "quick") -> Iterator[str]:
    """The address of a server that keeps its links in `store`, gone at the end. Of its forecasts
    few tests look at the slow ones, which take a processor for half a minute.
    """
    port = free_port()
    settings = {
        "COMPUTE_FORECAST_STORE": str(store),
        "STREAMLIT_SERVER_BASE_URL_PATH": base_path,
        WARM_UP: warm_up,
    }
    process = started(port, settings)
    address = f"http://127.0.0.1:{port}/{base_path}".rstrip("/")
    try:
        wait_until_healthy(address)
        yield address
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def shared_server(folder: Path) -> Iterator[str]:
    """The address of one server for all processes that name the same folder, where it keeps its
    links: the first one to ask starts it, and ends it once no other uses it.
    """
    known = folder / "address"
    with contextlib.ExitStack() as stack:
        users = stack.enter_context((folder / "users").open("a"))
        with _alone(folder / "start"):
            starts = not known.exists()
            if starts:
                ending = stack.enter_context(contextlib.ExitStack())
                # Tests that open a few pages need not wait for all of them.
                warm_up = "quick" if SOAK else "off"
                server = served(folder / "shared.sqlite3", warm_up=warm_up)
                known.write_text(ending.enter_context(server))
            fcntl.flock(users, fcntl.LOCK_SH)  # a process that is killed lets go of it too
        try:
            yield known.read_text()
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if starts:
                with _alone(folder / "start"):
                    fcntl.flock(users, fcntl.LOCK_EX)
                    known.unlink()
                    ending.close()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the file of this path for this process alone."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
