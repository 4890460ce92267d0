"""HAProxy before the workers: its configuration, its process, and what it is told while it runs.

It keeps visitors with their worker (a cookie), sends a request to another worker where one does not
answer, and lets a worker's visitors finish while new ones go elsewhere (its state “drain”).
"""

from __future__ import annotations

import csv
import io
import ipaddress
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from dashboard.server.connections import MAX_CONNECTIONS
from dashboard.server.workers.child import ends_with_parent

PROGRAM = "haproxy"
#: Where distributions put it, which the path of a user may lack.
FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
TEMPLATE = Path(__file__).with_name("haproxy.cfg")
LOOPBACK = "127.0.0.1"
#: What a worker is left for health checks and for who asks it by itself.
SPARE_CONNECTIONS = 10
#: Files that HAProxy has open beside two for each connection.
OTHER_FILES = 200
ANSWER_S, LOOK_EVERY_S = 5.0, 0.05
#: What sends by the cookie, and what by the client's address; the second takes over states of the
#: first.
BACKENDS = ("pages", "by_client")
#: The socket at which the supervisor answers for all workers, beside that of HAProxy.
STATUS = "status"
#: How HAProxy names its states: takes all, takes only who was there before, takes nobody.
READY, DRAIN, OFF = "ready", "drain", "maint"


class BalancerError(Exception):
    """HAProxy cannot be used; str() says why and what to do."""


@dataclass(frozen=True)
class Listening:
    """Where visitors come in, and what HAProxy must know of them.

    Parameters
    ----------
    address, port : str, int
        The address, of IPv4 or IPv6, and the port.
    base : str
        The path before every address, such as "/forecast"; "" at the root.
    proxies : tuple of str
        Addresses and networks of proxies that are believed.
    connections_a_client : int
        Connections that one client may hold.
    """

    address: str
    port: int
    base: str = ""
    proxies: tuple[str, ...] = ()
    connections_a_client: int = 200


@dataclass(frozen=True)
class Upstream:
    """A worker's place as HAProxy knows it: its name, such as 2a, port, and state."""

    name: str
    port: int
    state: str = OFF


@dataclass(frozen=True)
class Seen:
    """How many requests and websockets a place answers now, and for how many seconds it has not
    answered HAProxy's checks.
    """

    busy: int
    down_s: float


def program() -> str:
    """The path of HAProxy; raises BalancerError with what to install."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *FOLDERS))
    found = shutil.which(PROGRAM, path=path)
    if found is None:
        raise BalancerError(
            "Several workers need HAProxy, which gives them one address, and it is not installed:"
            " apt install haproxy (Debian, Ubuntu), dnf install haproxy (Fedora), brew install"
            " haproxy (macOS). One worker needs none."
        )
    return found


def configuration(listening: Listening, upstreams: Iterable[Upstream], control: Path) -> str:
    """The text of HAProxy's configuration; `control` is the socket at which it is told more."""
    every = list(upstreams)
    a_worker = MAX_CONNECTIONS - SPARE_CONNECTIONS
    wanted = a_worker * len(every) // 2 + SPARE_CONNECTIONS
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        connections=min(wanted, _most_connections()),
        control=control,
        binds="\n".join(f"    bind {each}" for each in _binds(listening)),
        by_proxy=f"src {' '.join(listening.proxies)}" if listening.proxies else "always_false",
        connections_a_client=listening.connections_a_client,
        connections_a_worker=a_worker,
        base=listening.base,
        status=control.with_name(STATUS),
        pages="\n".join(f"    {_server(each)} cookie {each.name}" for each in every),
        by_client="\n".join(f"    {_server(each)} track pages/{each.name}" for each in every),
    )


def _server(one: Upstream) -> str:
    # A state of drain is told once it runs: at the start it can't be written down.
    disabled = " disabled" if one.state != READY else ""
    return f"server {one.name} {LOOPBACK}:{one.port}{disabled}"


def _binds(listening: Listening) -> list[str]:
    port, address = listening.port, listening.address
    if address == "::":
        # Two sockets: through one for both, clients of IPv4 would look like one network of IPv6.
        return [f"0.0.0.0:{port}", f":::{port} v6only"]
    try:
        is_v6 = isinstance(ipaddress.ip_address(address), ipaddress.IPv6Address)
    except ValueError:
        is_v6 = False
    return [f"{address}:{port} v6only" if is_v6 else f"{address}:{port}"]


def _most_connections() -> int:
    """As many as this process may have files open for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 10**6 if most == resource.RLIM_INFINITY else max(100, (most - OTHER_FILES) // 2)


class Balancer:
    """A running HAProxy, with its files in `folder`, which only this user may read."""

    def __init__(self, listening: Listening, folder: Path) -> None:
        self.listening = listening
        self.program = program()
        self.file, self.control = folder / "haproxy.cfg", folder / "control"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, upstreams: Iterable[Upstream]) -> None:
        """Start it, or start it anew, and wait until it can be told more; raises BalancerError
        where it refuses or ends.
        """
        every = list(upstreams)
        self.file.write_text(configuration(self.listening, every, self.control), encoding="utf-8")
        command = [self.program, "-f", str(self.file)]
        checked = subprocess.run([*command, "-c"], capture_output=True, text=True, check=False)
        if checked.returncode:
            raise BalancerError(f"HAProxy refuses its configuration: {checked.stderr.strip()}")
        self._process = subprocess.Popen(
            [*command, "-db", "-q"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=ends_with_parent,
        )
        while not self._answers:
            if not self.is_running:
                code = self._process.returncode
                raise BalancerError(f"HAProxy ended when it was started (exit code {code}).")
            time.sleep(LOOK_EVERY_S)
        for one in every:
            if one.state == DRAIN:
                self.tell(one)

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def _answers(self) -> bool:
        try:
            return bool(self._say("show version"))
        except OSError:
            return False

    def tell(self, one: Upstream) -> None:
        """Where a worker is and what it takes from now on; raises OSError where HAProxy does not
        answer.
        """
        if one.state != OFF:
            for backend in BACKENDS:
                self._say(f"set server {backend}/{one.name} addr {LOOPBACK} port {one.port}")
        self._say(f"set server {BACKENDS[0]}/{one.name} state {one.state}")

    def seen(self) -> Mapping[str, Seen]:
        """What it knows of each place, by name; nothing where it does not answer."""
        try:
            text = self._say("show stat").lstrip("# ")
        except OSError:
            return {}
        busy: Counter[str] = Counter()
        down: dict[str, float] = {}
        for row in csv.DictReader(io.StringIO(text)):
            if row["pxname"] in BACKENDS and row["svname"] != "BACKEND":
                busy[row["svname"]] += int(row["scur"] or 0)
            if row["pxname"] == BACKENDS[0] and row["status"].startswith("DOWN"):
                down[row["svname"]] = float(row["lastchg"] or 0)
        return {name: Seen(count, down.get(name, 0.0)) for name, count in busy.items()}

    def let_finish(self) -> None:
        """Take no more connections, and end with the last one."""
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGUSR1)

    def end(self) -> None:
        """End it now."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _say(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as spoken:
            spoken.settimeout(ANSWER_S)
            spoken.connect(str(self.control))
            spoken.sendall(f"{command}\n".encode())
            answer = b""
            while part := spoken.recv(65_536):
                answer += part
        return answer.decode()
