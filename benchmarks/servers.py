"""Start a server, talk to it over Streamlit's websocket without a browser, look at its memory."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Target:
    """What is timed: the path and query of a page of app.py, or a bare app of benchmarks/bare, and
    the label of the slider moved.

    `values` are what the slider takes, in order, `start` the position of the one it opens with;
    `words` the annotation that each of them puts on the chart. `earlier` is what an older checkout
    calls the slider.
    """

    name: str
    path: str
    query: str
    slider: str
    values: tuple[float, ...]
    start: int = 0
    words: tuple[str, ...] = ()
    bare_app: str = ""
    earlier: str = ""

    @property
    def script(self) -> str:
        """The file that serves it."""
        return "benchmarks/bare/serve.py" if self.bare_app else "app.py"


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int
    healthy_after_s: float

    @property
    def memory_mib(self) -> float:
        return psutil.Process(self.pid).memory_full_info().uss / 2**20

    @property
    def cpu_s(self) -> float:
        """Processor time used so far: what a busy machine leaves comparable."""
        used = psutil.Process(self.pid).cpu_times()
        return used.user + used.system


@contextlib.contextmanager
def served(
    target: Target, root: Path = ROOT, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server of the target, from the checkout `root`, until the end of the block; `settings` are
    environment variables.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        target.script,
        f"--server.port={port}",
        "--server.address=127.0.0.1",
    ]
    environment = os.environ | {"PYTHONPATH": str(root), "BARE_APP": target.bare_app}
    environment |= settings or {}
    process = subprocess.Popen(
        command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        while True:
            with contextlib.suppress(OSError):
                if (
                    urllib.request.urlopen(
                        f"http://127.0.0.1:{port}/_stcore/health", timeout=1
                    ).status
                    == 200
                ):
                    break
            if time.perf_counter() - started > 60:
                raise RuntimeError(f"{target.name} did not become healthy")
            time.sleep(0.005)
        yield Server(port, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


class Session:
    """One session over the websocket; remembers the state of the widgets as a browser does, and in
    `words` the texts that the last run sent. `cookie` is what a browser would send with it.
    """

    def __init__(self, target: Target, cookie: str = "") -> None:
        self.target, self.cookie = target, cookie

    async def open(self, port: int) -> Session:
        """Open the page and wait until it has run."""
        await self.begin(port)
        await self._until_finished()
        if not self.slider:
            raise RuntimeError(f"{self.target.name}: no slider “{self.target.slider}” on the page")
        return self

    async def begin(self, port: int) -> None:
        """Ask for the page, and wait for nothing."""
        self.socket = await websockets.connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
            origin=websockets.Origin(f"http://127.0.0.1:{port}"),
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
            compression=None,
            ping_interval=None,
        )
        self.slider, self.page_hash = "", ""
        self.options: list[str] = []
        self.words: list[str] = []
        self.query = self.target.query
        first = BackMsg()
        first.rerun_script.query_string = self.query
        first.rerun_script.page_name = self.target.path
        await self.socket.send(first.SerializeToString())

    async def move(self, value: float) -> float:
        """Move the slider to a value, or a select slider to a position; seconds until the run has
        finished.
        """
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page_hash
        message.rerun_script.query_string = self.query
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = self.slider
        if self.options:
            widget.string_array_value.data.append(self.options[int(value)])
        else:
            widget.double_array_value.data.append(float(value))
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await self._until_finished()
        return time.perf_counter() - started

    async def close(self) -> None:
        await self.socket.close()

    async def _until_finished(self) -> None:
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self.socket.recv())
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                if element.WhichOneof("type") == "slider" and element.slider.label in (
                    self.target.slider,
                    self.target.earlier,
                ):
                    self.slider, self.options = element.slider.id, list(element.slider.options)
                elif element.WhichOneof("type") == "markdown":
                    self.words.append(element.markdown.body)
                elif element.WhichOneof("type") == "alert":
                    self.words.append(element.alert.body)
                elif element.WhichOneof("type") == "exception":
                    raise RuntimeError(
                        f"{self.target.name}: the page failed after a move:"
                        f" {element.exception.message[:200]}"
                    )
            elif kind == "new_session":
                self.words = []
                self.page_hash = message.new_session.page_script_hash
            elif kind == "navigation":
                self.page_hash = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif (
                kind == "script_finished"
                and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            ):
                return


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
