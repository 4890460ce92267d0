"""A Dask scheduler with workers, each a process of its own, started as one would on other
machines.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cluster:
    """The address of the scheduler, and the processes of its workers."""

    address: str
    workers: Sequence[subprocess.Popen[bytes]]


@contextmanager
def cluster(workers: int = 2) -> Iterator[Cluster]:
    """A cluster, gone at the end."""
    pytest.importorskip("distributed")
    from distributed import Client

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    port = address.rpartition(":")[2]
    commands = [[*dask, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    commands += [worker] * workers
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    try:
        with Client(address, timeout=60) as client:
            client.wait_for_workers(workers, timeout=60)
        yield Cluster(address, running[1:])
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(30)
