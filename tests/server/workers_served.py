"""The dashboard as `compute-forecast serve --workers` starts it, for tests that end its workers."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from dashboard.server.settings import WARM_UP
from tests.server.served import ROOT, free_port

START_S = 300.0
SERVES = re.compile(r"Worker (\w+) serves, as process (\d+)\.")


@dataclass(frozen=True)
class Workers:
    """A running command and its address."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    def started(self) -> list[tuple[str, int]]:
        """Places and processes of all that were sent visitors so far, the last ones last."""
        return [(name, int(pid)) for name, pid in SERVES.findall(self.log.read_text())]

    def kill(self, place: str | None = None) -> str:
        """Kill the worker in a place, or in one by chance; gives the place. On a busy machine the
        one that was killed last may not have been replaced yet: then another, or the first that is.
        """
        while not (living := self._living()):
            time.sleep(1.0)
        place = place or random.choice(sorted(living))
        os.kill(living[place], signal.SIGKILL)
        return place

    def _living(self) -> dict[str, int]:
        return {name: pid for name, pid in dict(self.started()).items() if psutil.pid_exists(pid)}

    def restart(self) -> None:
        """Have all workers replaced."""
        self.process.send_signal(signal.SIGHUP)

    def wait_for_starts(self, count: int) -> None:
        """Until so many have been sent visitors since the beginning."""
        until = time.monotonic() + START_S
        while len(self.started()) < count:
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.2)


@contextlib.contextmanager
def workers(
    folder: Path, settings: Mapping[str, str], number: int = 2, drain_minutes: float = 10.0
) -> Iterator[Workers]:
    """The command with so many workers, its log in `folder`, ended with the block."""
    port = free_port()
    command = [
        sys.executable, "-m", "compute_forecast", "serve",
        f"--port={port}",
        f"--workers={number}",
        f"--drain={drain_minutes}",
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {WARM_UP: "quick"} | settings,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    site = Workers(process, f"http://127.0.0.1:{port}", folder / "log")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines[1].startswith(f"Ready: http://localhost:{port}  ({number} workers"), lines
        yield site
    finally:
        process.terminate()
        code = process.wait(timeout=60)
        process.stdout.close()
    assert code == 0


@dataclass
class Polled:
    """How requests were answered that were sent one after another: how many well, and what went
    wrong with each of the others.
    """

    well: int = 0
    failed: list[str] = field(default_factory=list)


@contextlib.contextmanager
def polling(address: str) -> Iterator[Polled]:
    """Ask for the address all the time until the end of the block."""
    polled, over = Polled(), threading.Event()

    def poll() -> None:
        while not over.wait(0.05):
            try:
                with urllib.request.urlopen(address, timeout=60) as answer:
                    answer.read()
                polled.well += 1
            except (OSError, urllib.error.URLError, ValueError) as error:
                polled.failed.append(f"{time.strftime('%X')} {error!r}")

    asking = threading.Thread(target=poll)
    asking.start()
    try:
        yield polled
    finally:
        over.set()
        asking.join()
