"""A Dask scheduler with workers, each a process of its own, started as one would on other
machines.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from distributed import Client

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cluster:
    """The address of the scheduler, and the processes of its workers."""

    address: str
    workers: Sequence[subprocess.Popen[bytes]]

    @contextmanager
    def losing_a_worker(self) -> Iterator[None]:
        """One worker is killed as soon as it computes something; that it was is asserted."""
        from distributed import Client

        # Connected before the work begins, which else may be over by then.
        client = Client(self.address, timeout=60, set_as_default=False)
        killer = threading.Thread(target=self._kill_one_at_work, args=(client,), daemon=True)
        killer.start()
        try:
            yield
            killer.join(30)
        finally:
            client.close()
        assert sum(worker.poll() is not None for worker in self.workers) == 1

    def _kill_one_at_work(self, client: Client) -> None:
        while True:
            names = {
                address: int(about["name"])
                for address, about in client.scheduler_info(n_workers=-1)["workers"].items()
            }
            busy = [address for address, tasks in client.processing().items() if tasks]
            if busy and busy[0] in names:
                self.workers[names[busy[0]]].kill()
                return
            time.sleep(0.02)


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
    commands += [[*worker, "--name", str(number)] for number in range(workers)]
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
