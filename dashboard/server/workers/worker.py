"""One process of the server, on a port of its own of this machine."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.server.workers.child import ends_with_parent

LOOPBACK = "127.0.0.1"
ANSWER_S = 2.0
#: How long the start of a worker waits for a store that does not answer: pages need none.
STORE_S = 30.0

#: The command of a worker on a port.
Command = Callable[[int], Sequence[str]]


@dataclass(frozen=True)
class Readiness:
    """What a worker says at /ready: whether visitors can be sent to it, what its store says, and
    whether it has computed its default forecasts; and whether it answers at all.
    """

    is_ready: bool = False
    store: str = "This worker does not answer."
    is_warm: bool = False
    answers: bool = False


@dataclass
class Worker:
    """The process, its port, and when it was started, by the monotonic clock in seconds."""

    process: subprocess.Popen[bytes]
    port: int
    base: str
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, command: Command, environment: Mapping[str, str], base: str) -> Worker:
        """Start one on a free port. Called from the main thread alone: Linux takes the end of the
        thread that started a process for the end of its parent.
        """
        port = _free_port()
        process = subprocess.Popen(
            command(port),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # where it is to be found, which is said for all of them
            process_group=0,
            preexec_fn=ends_with_parent,
        )
        return cls(process, port, base)

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    @property
    def age_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started

    def readiness(self, within_s: float = ANSWER_S) -> Readiness:
        """What it says of itself."""
        try:
            said = json.loads(self._answer("/ready", within_s) or "{}")
            return Readiness(said["ready"], said["store"], said["warm"], answers=True)
        except (ValueError, KeyError):
            return Readiness()

    def metrics(self, within_s: float) -> str | None:
        """Its metrics; None where it does not answer."""
        answer = self._answer("/metrics", within_s)
        return None if answer is None else answer.decode()

    def _answer(self, path: str, within_s: float) -> bytes | None:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=within_s)
        try:
            connection.request("GET", f"{self.base}{path}")
            return connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def is_ready(self, *, warm: bool) -> bool:
        """Whether visitors can be sent to it, and where asked also whether it is warm."""
        said = self.readiness()
        can_serve = said.answers and (said.is_ready or self.age_s > STORE_S)
        return can_serve and (said.is_warm or not warm)


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])
