"""compute-forecast serve: the dashboard, from any folder."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib.util
import math
import os
import runpy
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from compute_forecast.errors import OK, CommandError

DEFAULT_PORT = 8501
MAX_PORT = 65_535
DEFAULT_ADDRESS = "127.0.0.1"
#: Every network of this machine, by IPv4 alone and by both families.
ANY_ADDRESSES = ("0.0.0.0", "::")
MAX_WORKERS = 64
DEFAULT_DRAIN_MINUTES, MAX_DRAIN_MINUTES = 10.0, 1440
POLL_EVERY_S = 0.1
MAX_POLLS = 3000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and what is passed on to Streamlit."""
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
    parser.add_argument(
        "--address",
        default=DEFAULT_ADDRESS,
        help=f"default: {DEFAULT_ADDRESS}, this machine alone; 0.0.0.0, or :: for IPv6 too, for"
        " every machine",
    )
    parser.add_argument(
        "--workers",
        type=_workers,
        default=1,
        metavar="N",
        help=f"processes that share the visitors, 1 to {MAX_WORKERS}: as many as the machine has"
        " processors; more than 1 needs HAProxy. Default: 1",
    )
    parser.add_argument(
        "--drain",
        type=_minutes,
        default=DEFAULT_DRAIN_MINUTES,
        metavar="MINUTES",
        help="how long open pages stay with a worker that a restart (SIGHUP) replaces; default:"
        f" {DEFAULT_DRAIN_MINUTES:g}",
    )
    parser.add_argument(
        "streamlit_options",
        nargs="*",
        metavar="-- STREAMLIT_OPTION",
        help="after --, options of streamlit run, such as --server.baseUrlPath=forecast",
    )


def run(arguments: argparse.Namespace) -> int:
    """Be the server until it ends."""
    if importlib.util.find_spec("streamlit") is None:
        raise CommandError(
            "The dashboard is not installed: pip install 'compute-forecast[dashboard]'."
        )
    from dashboard.server.settings_check import check_settings  # which needs what was asked for

    check_settings()
    _check_port(arguments.address, arguments.port)
    # One thread for each numerical library, unless set: sessions already run side by side.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if arguments.workers > 1:
        return _run_workers(arguments)
    print("Starting Compute Forecast …", flush=True)
    told = threading.Thread(
        target=_announce, args=(arguments.address, arguments.port), name="announce", daemon=True
    )
    told.start()
    sys.argv = [
        "streamlit", "run", str(script()),
        f"--server.port={arguments.port}",
        f"--server.address={arguments.address}",
        "--logger.hideWelcomeMessage=true",  # it names the address before the server answers
        *arguments.streamlit_options,
    ]  # fmt: skip
    # In this process, so that a signal to it reaches the server.
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return OK


def _run_workers(arguments: argparse.Namespace) -> int:
    """Be the supervisor of several servers until it ends."""
    if not hasattr(signal, "SIGHUP"):
        raise CommandError("Several workers need Linux or macOS: this system has no SIGHUP.")
    from dashboard.server.logs import set_up_logs
    from dashboard.server.settings import server_settings
    from dashboard.server.workers.balancer import BalancerError, Listening
    from dashboard.server.workers.supervisor import Supervisor
    from dashboard.store.settings import StoreSettings

    if not StoreSettings.from_environment().is_shared:
        raise CommandError(
            "Several workers need a store that all of them read, and DATABASE_URL names a SQLite in"
            " the memory of one: name a file, or PostgreSQL."
        )
    set_up_logs()
    settings = server_settings()
    base = base_path(arguments.streamlit_options)

    def command(port: int) -> list[str]:
        return [
            sys.executable, "-m", "compute_forecast", "serve",
            f"--port={port}",
            f"--address={DEFAULT_ADDRESS}",
            "--",
            *arguments.streamlit_options,
        ]  # fmt: skip

    def announce() -> None:
        where = f"{_shown(arguments.address)}:{arguments.port}{base}"
        print(
            f"Ready: http://{where}  ({arguments.workers} workers; Ctrl+C ends them,"
            f" kill -HUP {os.getpid()} replaces them one after another)",
            flush=True,
        )

    listening = Listening(
        arguments.address,
        arguments.port,
        base,
        tuple(map(str, settings.proxies)),
        settings.connections_a_client,
    )
    print(f"Starting Compute Forecast with {arguments.workers} workers …", flush=True)
    try:
        Supervisor(listening, arguments.workers, command, os.environ, 60.0 * arguments.drain).run(
            announce
        )
    except BalancerError as error:
        raise CommandError(str(error)) from None
    return OK


def base_path(streamlit_options: Sequence[str]) -> str:
    """The path before every address, such as /forecast, from an option or the environment."""
    path = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    for option, following in pairwise([*streamlit_options, ""]):
        name, is_one, value = option.partition("=")
        if name == "--server.baseUrlPath":
            path = value if is_one else following
    return f"/{path.strip('/')}".rstrip("/")


def script() -> Path:
    """The server's script with its settings in .streamlit beside it: app.py of a checkout, or its
    copy in an installed package.
    """
    import dashboard

    package = Path(str(dashboard.__file__)).parent
    for place in (package / "launch" / "app.py", package.parent / "app.py"):
        if place.is_file():
            return place
    raise CommandError(f"app.py is missing from {package}: install compute-forecast again.")


def _check_port(address: str, port: int) -> None:
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.create_server((address, port), family=family):
            pass
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "another program listens there" if taken else error.strerror or error
        other = port + 1 if port < MAX_PORT else DEFAULT_PORT
        raise CommandError(
            f"Port {port} of {address} can't be used ({reason}). Choose another: --port {other}, or"
            f" make run PORT={other}."
        ) from None


def _announce(address: str, port: int) -> None:
    """Print where the dashboard is, once it answers; says nothing where it never does."""
    host = DEFAULT_ADDRESS if address in ANY_ADDRESSES else address
    for _ in range(MAX_POLLS):
        time.sleep(POLL_EVERY_S)
        with contextlib.suppress(OSError):
            socket.create_connection((host, port), timeout=1).close()
            # Only now: an import from two threads at once may find half a module.
            from streamlit import config

            path = str(config.get_option("server.baseUrlPath") or "").strip("/")
            base = f":{port}/{path}".rstrip("/")
            urllib.request.urlopen(f"http://{host}{base}/_stcore/health", timeout=5).close()
            print(f"Ready: http://{_shown(address)}{base}  (Ctrl+C ends it)", flush=True)
            return


def _shown(address: str) -> str:
    """The name under which someone at this machine asks for the address."""
    return "localhost" if address in (*ANY_ADDRESSES, DEFAULT_ADDRESS) else address


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: use 1 to {MAX_PORT}")
    return int(text)


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text} is no number of workers: use 1 to {MAX_WORKERS}")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0.0 <= minutes <= MAX_DRAIN_MINUTES:
        raise argparse.ArgumentTypeError(f"{text} is no time: use 0 to {MAX_DRAIN_MINUTES} minutes")
    return minutes
