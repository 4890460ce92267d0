"""Workers behind HAProxy, with a small program in the place of the dashboard: what is tested is
what stands around it. `test_crowd_of_workers.py` has the dashboard itself.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dashboard.metrics import TEXT_FORMAT
from dashboard.server.workers import balancer
from dashboard.server.workers.balancer import READY, Listening, Upstream, configuration
from dashboard.server.workers.status import NO_WORKER, Serving, readiness_of
from dashboard.server.workers.worker import Readiness
from tests.server.served import ROOT, free_port

#: A supervisor over small workers: port, workers, seconds of drain, trusted proxies.
PROGRAM = """
import os, sys, logging
from dashboard.server.workers.balancer import Listening
from dashboard.server.workers.supervisor import Supervisor
logging.basicConfig(level=logging.INFO)
port, number, drain_s, *proxies = sys.argv[1:]
command = lambda own: [sys.executable, "-m", "tests.server.small_worker", str(own)]
listening = Listening("127.0.0.1", int(port), proxies=tuple(proxies), connections_a_client=40)
supervisor = Supervisor(listening, int(number), command, os.environ, float(drain_s), 1.0)
supervisor.run(lambda: print("ready", flush=True))
"""
PATIENCE_S = 60.0


@dataclass
class Site:
    """A running supervisor, its port, and what it has written."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    sockets: list[socket.socket] = field(default_factory=list)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def ask(self, path: str = "/", cookie: str = "", **headers: str) -> tuple[int, Any, str]:
        """Status, what the worker said, and the cookie that a browser has now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers |= {"Cookie": cookie} if cookie else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        cookie = (answer.headers.get("Set-Cookie") or cookie).partition(";")[0]
        said = json.loads(text) if answer.status == 200 else text
        return answer.status, said, cookie

    def metrics(self) -> dict[str, float]:
        """The numbers of all workers, by name and labels."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert answer.headers["Content-Type"] == TEXT_FORMAT
            lines = answer.read().decode().splitlines()
        parts = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in parts}

    def worker_of(self, cookie: str) -> int:
        return int(self.ask("/", cookie)[1]["process"])

    def hold(self, cookie: str) -> tuple[int, socket.socket]:
        """A websocket that stays open, and the process that holds its other end."""
        held = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.sockets.append(held)
        held.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: here\r\nCookie: {cookie}\r\nUpgrade: websocket"
            "\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        said = b""
        while not said.partition(b"\r\n\r\n")[2].endswith(b"\n"):
            part = held.recv(4096)
            assert part, said
            said += part
        assert said.startswith(b"HTTP/1.1 101"), said
        return int(said.partition(b"\r\n\r\n")[2]), held

    def restart(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def kill_balancer(self) -> None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        names = {each: Path(f"/proc/{each}/comm").read_text().strip() for each in children.split()}
        os.kill(int(next(each for each, name in names.items() if name == "haproxy")), 9)

    def sent_to(self) -> dict[int, str]:
        """The workers to which twenty new visitors are sent, and a cookie of each."""
        answers = [self.ask() for _ in range(20)]
        return {int(said["process"]): cookie for status, said, cookie in answers if status == 200}

    def visitors(self) -> dict[int, str]:
        """A visitor of each of the two workers, once both serve: process and cookie."""
        until(lambda: len(self.sent_to()) == 2)
        return self.sent_to()


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, "it did not come to that within a minute"
        time.sleep(0.05)


def answers(site: Site) -> bool:
    try:
        return site.ask()[0] == 200
    except OSError:
        return False


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def supervisor(
    folder: Path, port: int, number: int, drain_s: float, *proxies: str
) -> Iterator[subprocess.Popen[str]]:
    """Its process. What one that is killed leaves behind goes at the end; it is not in `folder`,
    since the path of a socket may not be long.
    """
    with (
        tempfile.TemporaryDirectory() as temporary,
        (folder / "log").open("w") as written,
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(port), str(number), str(drain_s), *proxies],
            cwd=ROOT,
            env=os.environ | {"SMALL_WORKER_FAILS": str(folder / "fails"), "TMPDIR": temporary},
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        ) as process,
    ):
        yield process


@contextlib.contextmanager
def site_of(
    folder: Path, number: int, drain_s: float, *proxies: str, ends: int = 0
) -> Iterator[Site]:
    """A site of so many workers, which ends with this code at the end of the block."""
    port = free_port()
    with supervisor(folder, port, number, drain_s, *proxies) as process:
        site = Site(process, port, folder)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", site.log
            yield site
        finally:
            for each in site.sockets:
                each.close()
            process.terminate()
            code = process.wait(timeout=40)
    assert code == ends


@pytest.fixture(scope="module")
def one_site(haproxy: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of(tmp_path_factory.mktemp("site"), 2, 600.0) as running:
        yield running


@pytest.fixture
def site(one_site: Site) -> Iterator[Site]:
    """The site of all tests, without sockets of the ones before."""
    yield one_site
    while one_site.sockets:
        one_site.sockets.pop().close()


def test_a_visitor_stays_with_a_worker_and_new_ones_are_shared_out(site: Site) -> None:
    visitors = site.visitors()
    assert len(visitors) == 2
    for process, cookie in visitors.items():
        assert {site.worker_of(cookie) for _ in range(5)} == {process}
        assert site.hold(cookie)[0] == process


def test_questions_to_the_api_go_to_one_worker_and_set_no_cookie(site: Site) -> None:
    said = [site.ask("/api/v1/plan") for _ in range(10)]
    assert len({each["process"] for _, each, _ in said}) == 1
    assert {cookie for *_, cookie in said} == {""}


def test_a_browser_that_keeps_no_cookie_finds_its_session_by_its_address(site: Site) -> None:
    processes = {site.hold("")[0] for _ in range(4)}
    processes |= {site.ask("/_stcore/upload_file/session/file")[1]["process"] for _ in range(4)}
    processes |= {site.ask("/media/file.csv")[1]["process"] for _ in range(4)}
    assert len(processes) == 1


def test_a_page_opened_while_no_worker_is_there_comes_by_itself(site: Site) -> None:
    visitors = site.visitors()
    fails = site.folder / "fails"
    fails.touch()
    for process in visitors:
        os.kill(process, signal.SIGKILL)
    status, said, _ = site.ask()
    assert status == 503
    assert b"http-equiv=refresh content=2" in said
    fails.unlink()
    assert set(site.visitors()).isdisjoint(visitors)


def test_what_a_client_invents_of_its_address_is_not_passed_on(site: Site) -> None:
    _, said, _ = site.ask(**{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert said["x-forwarded-for"] == ["127.0.0.1"]
    assert said["x-forwarded-proto"] == ["http"]


def test_what_a_named_proxy_says_of_the_client_is_passed_on(haproxy: str, tmp_path: Path) -> None:
    with site_of(tmp_path, 2, 600.0, "127.0.0.0/8") as site:
        headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        _, said, _ = site.ask(**headers)
        assert said["x-forwarded-for"] == ["203.0.113.9", "127.0.0.1"]
        assert said["x-forwarded-proto"] == ["https"]
        workers = {
            site.ask("/api/v1/plan", **{"X-Forwarded-For": f"203.0.113.{k}"})[1]["process"]
            for k in range(20)
        }
        assert len(workers) == 2


def test_metrics_and_readiness_are_for_this_machine_alone(site: Site) -> None:
    assert site.ask("/ready")[0] == 200
    assert site.ask("/ready", **{"X-Forwarded-For": "203.0.113.9"})[0] == 404
    assert site.ask("/metrics", **{"X-Forwarded-For": "203.0.113.9"})[0] == 404


def test_metrics_are_those_of_all_workers_and_one_that_is_replaced_lets_no_number_fall(
    site: Site,
) -> None:
    before = site.visitors()
    found = site.metrics()
    assert {int(value) for name, value in found.items() if "worker=" in name} == set(before)
    assert found["compute_forecast_workers"] == found["compute_forecast_workers_answering"] == 2
    killed = next(iter(before))
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in site.metrics().values())
    until(lambda: site.metrics()["compute_forecast_workers_answering"] == 2)
    after = site.metrics()
    assert [name for name in found if name not in after] == []
    starts = "compute_forecast_worker_starts_total"
    assert after[starts] == found[starts] + 1


def test_readiness_names_each_worker_that_visitors_are_sent_to(site: Site) -> None:
    status, said, cookie = site.ask("/ready")
    assert (status, cookie) == (200, "")
    assert (said["ready"], said["store"], said["warm"]) == (True, "answers", True)
    assert len(said["workers"]) == 2


@pytest.mark.parametrize(
    ("said", "ready", "sentence"),
    [
        ([Readiness(True, "answers", True, True)] * 2, True, "answers"),
        ([Readiness(True, "answers", True, True), Readiness()], False, Readiness().store),
        ([Readiness(False, "The disk is full.", True, True)], False, "The disk is full."),
        ([], False, NO_WORKER),
    ],
)
def test_all_are_ready_where_each_is(said: list[Readiness], ready: bool, sentence: str) -> None:
    serving = {
        f"{number}a": SimpleNamespace(readiness=lambda _within_s, each=each: each)
        for number, each in enumerate(said, 1)
    }
    found = readiness_of(cast(Serving, serving))
    assert (found["ready"], found["store"]) == (ready, sentence)


def test_connections_of_one_client_are_limited_over_all_workers(site: Site) -> None:
    opened = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(60)]
    refused = 0
    for each in opened:
        each.settimeout(5)
        with contextlib.suppress(OSError):
            each.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            refused += not each.recv(10)
            continue
        refused += 1
    assert 20 <= refused < 30
    for each in opened:
        each.close()
    until(lambda: all(answers(site) for _ in range(20)))


def test_a_worker_that_is_killed_is_replaced_and_its_visitor_answered_meanwhile(site: Site) -> None:
    visitors = site.visitors()
    (killed, cookie), (other, _) = visitors.items()
    os.kill(killed, signal.SIGKILL)
    status, said, new = site.ask("/", cookie)
    assert (status, said["process"]) == (200, other)
    assert new != cookie
    assert killed not in site.visitors()
    assert "has ended (-9) and is started again" in site.log


def test_a_request_that_its_worker_did_not_live_to_answer_goes_to_another(site: Site) -> None:
    visitors = site.visitors()
    (killed, cookie), (other, _) = visitors.items()
    seen = []
    asking = threading.Thread(target=lambda: seen.append(site.ask("/slow", cookie)))
    asking.start()
    time.sleep(0.4)
    os.kill(killed, signal.SIGKILL)
    asking.join()
    assert (seen[0][0], seen[0][1]["process"]) == (200, other)


@pytest.mark.soak  # HAProxy asks for half a minute before it gives a worker up
def test_a_worker_that_lives_and_does_not_answer_is_replaced(site: Site) -> None:
    (stopped, cookie), _ = site.visitors().items()
    os.kill(stopped, signal.SIGSTOP)
    until(lambda: not lives(stopped))
    assert "does not answer and is killed" in site.log
    assert stopped not in site.visitors()
    assert site.ask("/", cookie)[0] == 200


def test_a_balancer_that_is_killed_is_started_again_where_workers_are(site: Site) -> None:
    before = site.visitors()
    site.kill_balancer()
    until(lambda: answers(site))
    for process, cookie in before.items():
        assert site.worker_of(cookie) == process


def test_a_balancer_that_is_killed_while_a_worker_drains_sends_new_visitors_elsewhere(
    site: Site,
) -> None:
    before = site.visitors()
    kept, stays = next(iter(before.items()))
    site.hold(stays)
    served = site.log.count(" serves, as process ")
    site.restart()
    until(lambda: site.log.count(" serves, as process ") == served + 2)
    assert lives(kept)
    site.kill_balancer()
    until(lambda: answers(site))
    assert set(site.visitors()).isdisjoint(before)
    # Its socket went with the balancer: nobody is left with it.
    until(lambda: not lives(kept))


def test_a_restart_fails_no_request_and_lets_open_pages_finish(site: Site) -> None:
    before = site.visitors()
    kept, stays = next(iter(before.items()))
    process, held = site.hold(stays)
    assert process == kept
    served = site.log.count(" serves, as process ")
    over = threading.Event()
    statuses: list[int] = []

    def poll(cookie: str) -> None:
        while not over.is_set():
            statuses.append(site.ask("/", cookie)[0])

    def poll_in_one_connection() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        while not over.wait(0.02):
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()

    pollers = [threading.Thread(target=poll, args=(cookie,)) for cookie in ("", *before.values())]
    pollers.append(threading.Thread(target=poll_in_one_connection))
    for each in pollers:
        each.start()
    site.restart()
    until(lambda: site.log.count(" serves, as process ") == served + 2)
    # Who has a page open stays, new visitors go to the successors, and who has none open with the
    # other worker is not waited for.
    assert set(site.sent_to()).isdisjoint(before)
    assert site.worker_of(stays) == kept
    over.set()
    for each in pollers:
        each.join()
    until(lambda: [lives(each) for each in before].count(True) == 1)
    assert lives(kept)
    held.close()
    until(lambda: not lives(kept))
    status, said, _ = site.ask("/", stays)
    assert status == 200
    assert said["process"] not in before
    assert len(statuses) > 50
    assert set(statuses) == {200}


def test_a_page_that_stays_open_beyond_the_limit_is_moved(haproxy: str, tmp_path: Path) -> None:
    with site_of(tmp_path, 2, 1.0) as site:
        _, _, cookie = site.ask()
        process, held = site.hold(cookie)
        site.restart()
        assert held.recv(1) == b""
        until(lambda: not lives(process))
        assert site.worker_of(cookie) != process


def test_a_restart_whose_workers_cannot_start_is_given_up(site: Site) -> None:
    before = site.visitors()
    fails = site.folder / "fails"
    fails.touch()
    site.restart()
    until(lambda: "The restart is given up" in site.log)
    assert set(site.visitors()) == set(before)
    fails.unlink()
    site.restart()
    until(lambda: set(site.sent_to()).isdisjoint(before))


def test_workers_end_with_a_supervisor_that_is_killed(haproxy: str, tmp_path: Path) -> None:
    with site_of(tmp_path, 2, 600.0, ends=-signal.SIGKILL) as site:
        workers = set(site.visitors())
        site.process.kill()
        until(lambda: not any(map(lives, workers)))
        until(lambda: not answers(site))


def test_workers_that_never_start_are_a_sentence(haproxy: str, tmp_path: Path) -> None:
    (tmp_path / "fails").touch()
    with supervisor(tmp_path, free_port(), 2, 600.0) as process:
        assert process.wait(timeout=60) == 1
    said = (tmp_path / "log").read_text()
    assert re.search(r"Worker \d ended before it was ready \(exit code 3\)", said)


@pytest.mark.parametrize(
    "listening",
    [
        Listening("127.0.0.1", 8501),
        Listening("::", 8501, "/forecast", ("10.0.0.0/8", "fd00::/8"), 7),
        Listening("::1", 8501),
        Listening("localhost", 8501),
    ],
)
def test_haproxy_takes_the_configuration_without_a_warning(
    listening: Listening, haproxy: str, tmp_path: Path
) -> None:
    upstreams = [Upstream("1a", 40_001, READY), Upstream("1b", 1), Upstream("2a", 40_002, READY)]
    text = configuration(listening, upstreams, tmp_path / "control")
    (tmp_path / "haproxy.cfg").write_text(text)
    done = subprocess.run(
        [haproxy, "-c", "-f", str(tmp_path / "haproxy.cfg")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_connections_are_no_more_than_files_may_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstreams = [Upstream("1a", 40_001, READY), Upstream("1b", 1)]
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, 1024))
    text = configuration(Listening("127.0.0.1", 8501), upstreams, tmp_path / "control")
    assert "maxconn 412\n" in text


def test_a_missing_haproxy_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balancer.shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(balancer.BalancerError, match="apt install haproxy"):
        balancer.program()
