"""A log export of 200 MB and three million rows: reading beside pandas, and its upload to a server
while another session moves a slider.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.servers import ROOT, Server, Session, percentile, served
from benchmarks.timed_pages import PRODUCT
from forecasting.laws.published_laws import published_law

RUNS, STEPS = 300, 10_000
REPEATS = 3
MIB = 2**20
PAUSE_S = 0.1
SLOWEST_S = 0.3
READERS = {
    "pandas": "import io, pandas; pandas.read_csv(io.BytesIO(content), engine='pyarrow')",
    "read_runs": "from forecasting.ingest.runs import read_runs; read_runs(content)",
}


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        write_log(path)
        size = path.stat().st_size
        print(f"log export: {size / MIB:.0f} MiB, {RUNS * STEPS:,} rows of {RUNS} runs")
        times = {name: [_timed(name, path) for _ in range(REPEATS)] for name in READERS}
        best = {
            name: (min(t[0] for t in each), min(t[1] for t in each)) for name, each in times.items()
        }
        for name, (wall, cpu) in best.items():
            print(f"  {name:10s} {wall:.2f} s wall, {cpu:.2f} s CPU (best of {REPEATS})")
        wall, cpu = (best["pandas"][i] / best["read_runs"][i] for i in (0, 1))
        print(
            f"  throughput against pandas with pyarrow: {wall:.2f}× by wall, {cpu:.2f}× by CPU"
            " (asked: ≥ 0.5×)"
        )
        asyncio.run(_beside_another_session(path.read_bytes()))


def write_log(path: Path) -> None:
    """Runs of the refitted Chinchilla law with a little noise, in the columns of a tracker's
    history.
    """
    law, rng = published_law().law, np.random.default_rng(0)
    step = np.arange(1, STEPS + 1)
    with path.open("wb") as file:
        file.write(b"run_name,_step,n_params,train_tokens,train/loss,eval/loss,lr,grad_norm\n")
        for number in range(RUNS):
            size = 10 ** (7 + 3.5 * (number % 20) / 20)
            tokens = size * 10 ** (0.7 + 1.5 * (number // 20) / 15) * step / STEPS
            loss = law.loss(size, tokens) * np.exp(rng.normal(0, 0.003, STEPS))
            rows = pd.DataFrame(
                {
                    "run": f"sweep-{number:04d}",
                    "step": step,
                    "params": int(size),
                    "tokens": tokens.astype(np.int64),
                    "train": loss.round(6),
                    "eval": (1.01 * loss).round(6),
                    "lr": (3e-4 * (1 - step / STEPS)).round(9),
                    "norm": rng.lognormal(0, 0.3, STEPS).round(5),
                }
            )
            rows.to_csv(file, header=False, index=False)


def _timed(name: str, path: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a reader, imports warmed by a small file, in a process of its own."""
    code = (
        "import time, sys; big = open(sys.argv[1], 'rb').read()\n"
        f"def once(content):\n    {READERS[name]}\n"
        "once(big[:100000].rsplit(b'\\n', 1)[0] + b'\\n')\n"
        "wall, cpu = time.perf_counter(), time.process_time(); once(big)\n"
        "print(time.perf_counter() - wall, time.process_time() - cpu)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    wall, cpu = map(float, out.split())
    return wall, cpu


class UploadSession(Session):
    """A session on the page Your runs that can upload."""

    uploader = ""
    session_id = ""
    words = ""

    async def upload(self, server: Server, content: bytes, shown: str) -> tuple[float, float]:
        """Seconds for sending the bytes, and from then until the page says `shown`."""
        file_id = str(uuid.uuid4())
        started = time.perf_counter()
        await asyncio.to_thread(_put, server.port, self.session_id, file_id, content)
        sent = time.perf_counter()
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page_hash
        message.rerun_script.query_string = self.query
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = self.uploader
        info = widget.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = "log.csv", len(content), file_id
        address = f"/_stcore/upload_file/{self.session_id}/{file_id}"
        info.file_urls.file_id, info.file_urls.upload_url, info.file_urls.delete_url = (
            file_id,
            address,
            address,
        )
        await self.socket.send(message.SerializeToString())
        while shown not in self.words:
            self._noted(await self.socket.recv())
        return sent - started, time.perf_counter() - sent

    async def _until_finished(self) -> None:
        self.slider = "none"
        while True:
            message = self._noted(await self.socket.recv())
            if message.WhichOneof("type") == "script_finished":
                return

    def _noted(self, raw: bytes | str) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session_id = message.new_session.initialize.session_id or self.session_id
            self.page_hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "file_uploader":
                self.uploader = element.file_uploader.id
            elif element.WhichOneof("type") == "alert":
                self.words += element.alert.body
        return message


def _put(port: int, session_id: str, file_id: str, content: bytes) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as response:
        cookie = next(
            part
            for part in response.headers.get_all("set-cookie", [])
            if part.startswith("_streamlit_xsrf=")
        ).split(";")[0]
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file";'
        ' filename="log.csv"\r\nContent-Type: text/csv\r\n\r\n'.encode()
    )
    tail = f"\r\n--{boundary}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, blocksize=MIB)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + len(content) + len(tail)),
        "Cookie": cookie,
        "X-Xsrftoken": cookie.split("=", 1)[1],
        "Origin": f"http://127.0.0.1:{port}",
    }
    connection.putrequest("PUT", f"/_stcore/upload_file/{session_id}/{file_id}")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    for part in (head, io.BytesIO(content), tail):
        connection.send(part)
    status = connection.getresponse().status
    if status >= 300:
        raise RuntimeError(f"the upload was answered with {status}")


@contextmanager
def _peak_memory(pid: int) -> Iterator[list[float]]:
    """The largest resident memory of a process while the block runs, in MiB."""
    process, peak, stop = psutil.Process(pid), [0.0], threading.Event()

    def look() -> None:
        while not stop.wait(0.01):
            peak[0] = max(peak[0], process.memory_info().rss / MIB)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield peak
    finally:
        stop.set()
        looker.join()


async def _moves(session: Session, until: asyncio.Event) -> list[float]:
    times = []
    number = 0
    while not until.is_set():
        times.append(
            await session.move(session.target.values[number * 7 % len(session.target.values)])
        )
        number += 1
        await asyncio.sleep(PAUSE_S)
    return times


async def _beside_another_session(content: bytes) -> None:
    with served(PRODUCT) as server:
        await asyncio.sleep(8)
        other = await Session(PRODUCT).open(server.port)
        for value in PRODUCT.values:
            await other.move(value)
        alone_until = asyncio.Event()
        alone = asyncio.create_task(_moves(other, alone_until))
        await asyncio.sleep(5)
        alone_until.set()
        quiet = await alone
        mine = UploadSession(replace(PRODUCT, path="runs", query="v=1"))
        await mine.open(server.port)
        before = psutil.Process(server.pid).memory_info().rss / MIB
        done = asyncio.Event()
        moving = asyncio.create_task(_moves(other, done))
        with _peak_memory(server.pid) as peak:
            sent, answered = await mine.upload(server, content, f"Your {RUNS} runs follow")
            await asyncio.sleep(0.5)
        done.set()
        busy = await moving
        await asyncio.sleep(2)
        after = psutil.Process(server.pid).memory_info().rss / MIB
        await mine.close()
        await other.close()
    file = len(content) / MIB
    print(f"  server: sent in {sent:.1f} s, read, reduced, fitted and shown {answered:.1f} s later")
    print(
        f"  server: {before:.0f} MiB before, {peak[0]:.0f} at the peak, {after:.0f} afterwards: the"
        f" peak adds {(peak[0] - before) / file:.2f}× the file (asked: ≤ 4×)"
    )
    p95 = percentile(busy, 0.95)
    print(
        f"  another session's rerun: p50 {percentile(busy, 0.5) * 1e3:.0f} ms, p95 {p95 * 1e3:.0f}"
        f" ms over {len(busy)} moves meanwhile (asked: ≤ {SLOWEST_S * 1e3:.0f}); alone p50"
        f" {percentile(quiet, 0.5) * 1e3:.0f}, p95 {percentile(quiet, 0.95) * 1e3:.0f} ms"
    )
