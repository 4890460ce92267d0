"""compute-forecast serve: the dashboard, from any folder."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib.util
import os
import runpy
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

from compute_forecast.errors import OK, CommandError

DEFAULT_PORT = 8501
MAX_PORT = 65_535
DEFAULT_ADDRESS = "127.0.0.1"
#: Every network of this machine, by IPv4 alone and by both families.
ANY_ADDRESSES = ("0.0.0.0", "::")
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
            shown = "localhost" if address in (*ANY_ADDRESSES, DEFAULT_ADDRESS) else address
            print(f"Ready: http://{shown}{base}  (Ctrl+C ends it)", flush=True)
            return


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: use 1 to {MAX_PORT}")
    return int(text)
