"""Memory and time of files made to cost much: many columns, gzip bombs, floods of suffixes, tables
like Epoch AI's. Each is read in a process of its own, and held to the bound of the product: 4 times
the unpacked bytes and 200 MiB, 3 seconds and 1 second per 10 MB.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.servers import ROOT

MIB = 2**20
SIZE = 64 * MIB
MEMORY_FACTOR, MEMORY_MIB = 4.0, 200.0
SECONDS, SECONDS_PER_10_MB = 3.0, 1.0
_CODE = """
import resource, sys, threading, time
import psutil
from forecasting.data.dataset import bundled
from forecasting.errors import ForecastingError
from forecasting.ingest.runs import RunFile
from forecasting.user_runs.own_files import read_own_file
bundled().catalogue, bundled()["ml_chips"], bundled()["chip_rental_prices"]
content = open(sys.argv[1], "rb").read()
def read(content):
    try:
        own = read_own_file(content, name="file", data=bundled())
        own = own.read() if isinstance(own, RunFile) else own
        return getattr(own, "answer", "counts")
    except ForecastingError as error:
        return str(error)[:110]
read(b"params,tokens,loss\\n" + b"1e6,1e9,3\\n" * 9)
process = psutil.Process()
before = most = process.memory_info().rss
done = False
def watch():
    global most
    while not done:
        most = max(most, process.memory_info().rss)
        time.sleep(0.005)
thread = threading.Thread(target=watch)
thread.start()
cpu = time.process_time()
said = read(content)
cpu = time.process_time() - cpu
done = True
thread.join()
print(f"{cpu}\\t{(most - before) / 2**20}\\t{said}")
"""


def repeated(header: str, rows: str | bytes, size: int = SIZE) -> bytes:
    """A header and the rows again and again, up to a size in bytes."""
    block = rows if isinstance(rows, bytes) else rows.encode()
    return header.encode() + b"\n" + block * max((size - len(header)) // len(block), 1)


def numbered(header: str, row: str, size: int = SIZE) -> bytes:
    """A header and rows that differ: `{}` stands for the number of the row."""
    block = "".join(row.format(at) + "\n" for at in range(200_000)).encode()
    return header.encode() + b"\n" + (block * (size // len(block) + 1))[:size]


def hostile_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name and maker of each file."""
    rng = np.random.default_rng(0)
    columns = 4_990
    wide = ",".join(["1"] * columns) + "\n"
    names = ["params", "tokens", "loss"]
    yield (
        "columns of a table",
        lambda: repeated(
            ",".join([*names, *(f"x{i}" for i in range(columns - 3))]), wide, 16 * MIB
        ),
    )
    yield (
        "columns of losses",
        lambda: repeated(
            ",".join(["params", "tokens", *(f"train/loss {i}" for i in range(columns - 2))]),
            wide,
            16 * MIB,
        ),
    )
    yield (
        "columns of curves",
        lambda: repeated(
            ",".join(["Step", *(f"7M-{i} - val_loss" for i in range(columns - 1))]), wide, 16 * MIB
        ),
    )
    yield (
        "columns of sizes",
        lambda: repeated(",".join(["tokens", *(f"{i + 1}M" for i in range(columns - 1))]), wide),
    )
    yield (
        "two columns of sizes",
        lambda: repeated("tokens,1M,2M", "1,1,1\n"),
    )
    table, log = ",".join(names), "run,step,params,tokens,loss"
    packed = 52 * MIB
    yield "gzip of short rows", lambda: gzip.compress(repeated(table, "1,1,1\n", packed))
    yield "gzip of empty rows", lambda: gzip.compress(repeated(table, ",,\n", packed))
    yield "gzip of line ends", lambda: gzip.compress(repeated(table, "\n", packed))
    yield "gzip of long rows", lambda: gzip.compress(repeated(table, "1,1,1,1\n", packed))
    yield "gzip of a log", lambda: gzip.compress(repeated(log, "a,1,1,1,1\n", packed))
    yield "log backwards", lambda: repeated(log, "b,2,1,1,1\na,1,1,1,1\n")
    yield (
        "log at the limit of short rows",
        lambda: repeated(log, "b,2,1,1,1\na,1,1,1,1\n", 19_900_000),
    )
    yield (
        "log of 30 bytes a row",
        lambda: repeated(
            log, "b,2000,100000000000,1000000,1\na,100,1.111111111,1.111111,1.1\n", 190 * MIB
        ),
    )
    yield "log of text steps", lambda: repeated("step,params,tokens,loss", "9,1,1,1\n8,2,1,1\n")
    yield "a name a row", lambda: numbered(log, "{0},1,1,1,{0}")
    yield (
        "suffixes",
        lambda: (
            "params,tokens,loss\n"
            + "".join(
                f"{a:.5f}B,{b:.3f}T,3\n" for a, b in rng.uniform(1, 9, (SIZE // 18, 2)).tolist()
            )
        ).encode(),
    )
    yield (
        "suffixes of a log",
        lambda: (
            "run,params,tokens,loss,step\n"
            + "".join(
                f"aaaa,{a:.6f}B,{b:.6f}T,3.00,1k\n"
                for a, b in rng.uniform(1, 9, (SIZE // 32, 2)).tolist()
            )
        ).encode(),
    )
    yield "words", lambda: numbered(table, "7x{0},{0}yy,z{0}")
    yield "spaced powers", lambda: numbered(table, "1.{0} × 10^9,7.{0} tn tokens,3.{0} nats")
    yield "commas", lambda: numbered(table, '"1,234,{0}","7,{0}","{0},1"')
    yield "open quote", lambda: repeated(table, "1,1,1\n") + b'1,"1,1\n' + b"1,1,1\n" * 1000
    yield "quoted line ends", lambda: repeated(table, '"1\n",1,1\n')
    yield "utf-16", lambda: repeated(table, "1,1,1\n", SIZE // 2).decode().encode("utf-16")
    yield "latin-1", lambda: repeated(table, b"1,\xe9,1\n")
    epoch = (
        "Model,Publication date,Training compute (FLOP),Domain,Organization,Parameters,"
        "Epochs,Confidence,Link,Hardware quantity,Training hardware"
    )
    yield "table like Epoch AI's", lambda: numbered(epoch, "{0},2024-01-01,{0},,,1,1,,,,")
    yield "empty table like Epoch AI's", lambda: repeated(epoch, ",,,,,,,,,,\n")
    yield "prices", lambda: numbered("chip,usd_per_chip_hour", "H100,{0}")
    yield "prices of no chip", lambda: numbered("chip,usd_per_chip_hour", "{0},2")
    yield "counts", lambda: numbered("problem,samples,correct", "{0},2,1")


def measured(content: bytes) -> tuple[float, float, str]:
    """CPU seconds, MiB on top of the process, and what the reader said."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        out = subprocess.run(
            [sys.executable, "-c", _CODE, file.name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if out.returncode:
        return float("nan"), float("nan"), out.stderr[-300:]
    cpu, memory, said = out.stdout.rstrip("\n").split("\t", 2)
    return float(cpu), float(memory), said


def run(only: str = "") -> None:
    for name, make in hostile_files():
        if only not in name:
            continue
        content = make()
        unpacked = len(gzip.decompress(content)) if content[:2] == b"\x1f\x8b" else len(content)
        cpu, memory, said = measured(content)
        most_s = SECONDS + SECONDS_PER_10_MB * unpacked / 1e7
        most_mib = MEMORY_FACTOR * unpacked / MIB + MEMORY_MIB
        fine = cpu <= most_s and memory <= most_mib
        print(
            f"{'' if fine else 'BEYOND '}{name}: {len(content) / MIB:.2f} MiB,"
            f" {unpacked / MIB:.0f} unpacked; {cpu:.1f} s of {most_s:.1f},"
            f" {memory:.0f} MiB of {most_mib:.0f}: {said}",
            flush=True,
        )
