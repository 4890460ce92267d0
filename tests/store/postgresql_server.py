"""A PostgreSQL cluster of the tests' own, on this machine, gone when they end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, None where PostgreSQL's server is not installed."""
    found = shutil.which("initdb")
    return FOLDERS[0] if FOLDERS else Path(found).parent if found else None


@dataclass(frozen=True)
class Cluster:
    """The address of a cluster, and what stops it at once and starts it again."""

    address: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """A fresh cluster whose programs are in `folder`. PostgreSQL refuses root, which
    then hands over to its own user.
    """
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="compute-forecast-pg-"))
    home.chmod(0o777)
    data = home / "data"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])

    def run(*command: str) -> None:
        # Not captured by pipes: the server would hold them open.
        with (home / "log.txt").open("ab") as log:
            subprocess.run(
                [*as_user, *command], cwd=home, check=True, stdout=log, stderr=log, timeout=120
            )

    try:
        run(
            str(folder / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-U",
            "tester",
        )
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c"
            " max_connections=60 -c fsync=off"
        )
        control = (str(folder / "pg_ctl"), "-D", str(data))
        cluster = Cluster(
            f"postgresql://tester@127.0.0.1:{port}/postgres",
            stop=lambda: run(*control, "-m", "immediate", "stop"),
            start=lambda: run(*control, "-w", "-o", options, "start"),
        )
        cluster.start()
        yield cluster
    finally:
        with contextlib.suppress(subprocess.SubprocessError):
            run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)
