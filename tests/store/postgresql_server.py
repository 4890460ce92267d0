"""A PostgreSQL cluster of the tests' own, on this machine, gone when they end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, None where PostgreSQL's server is not installed."""
    found = shutil.which("initdb")
    return FOLDERS[0] if FOLDERS else Path(found).parent if found else None


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a fresh cluster whose programs are in `folder`. PostgreSQL refuses root, which
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
        run(str(folder / "pg_ctl"), "-D", str(data), "-w", "-o", options, "start")
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        with contextlib.suppress(subprocess.SubprocessError):
            run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)
