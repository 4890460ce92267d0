"""Memory and time of files made to cost much: many columns, gzip bombs, floods of suffixes, tables
like Epoch AI's. Each is read in a process of its own, and held to the bound of the product: 4 times
the unpacked bytes and 200 MiB, 3 seconds and 1 second per 10 MB.
"""

from __future__ import annotations

import gzip
import io
import itertools
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
import openpyxl

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


def packed_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Archives, workbooks, Parquet and JSON."""
    table = "params,tokens,loss"
    empty = gzip.compress(b"")
    yield "empty members of gzip", lambda: empty * (8 * MIB // len(empty))
    yield (
        "short members of gzip",
        lambda: gzip.compress((table + "\n").encode()) + gzip.compress(b"1e6,1e9,3\n") * 19_000,
    )
    yield "ZIP of zeros", lambda: zipped({"a.csv": bytes(2_000 * MIB)})
    yield "ZIP of short rows", lambda: zipped({"a.csv": repeated(table, "1,1,1\n", 52 * MIB)})
    cell = "<c><v>1</v></c>"
    yield "workbook of cells", lambda: workbook(f"<row>{cell * 3}</row>", 60 * MIB)
    yield "workbook of a wide row", lambda: workbook(cell, 60 * MIB, "<row>", "</row>")
    yield (
        "workbook of cells far to the right",
        lambda: workbook('<row><c r="XFD1"><v>1</v></c></row>', 60 * MIB),
    )
    yield "workbook of empty rows", lambda: workbook("<row/>", 60 * MIB)
    yield "workbook of empty cells", lambda: workbook(f"<row>{'<c/>' * 3}</row>", 60 * MIB)
    yield (
        "workbook of shared text",
        lambda: workbook(f"<row>{cell * 3}</row>", MIB, shared="<si><t>a</t></si>", times=700_000),
    )
    yield (
        "workbook of styles",
        lambda: workbook(f"<row>{cell * 3}</row>", MIB, styles="<xf/>", times=59_000),
    )
    yield (
        "workbook of too many styles",
        lambda: workbook(f"<row>{cell * 3}</row>", MIB, styles="<xf/>", times=5_000_000),
    )
    yield "Parquet of a repeated row", lambda: parquet(2_000_000, 3)
    yield "Parquet of many repeated rows", lambda: parquet(1_000_000_000, 1)
    yield "Parquet of repeated columns", lambda: parquet(800, 4_990)
    yield "Parquet of long text", lambda: parquet(1_300_000, 3, "x" * 100_000)
    lines = '{"params": 1, "tokens": 1, "loss": 1}\n'
    yield "JSON lines of many keys", lambda: numbered('{"params": 1}', '{{"k{0}": 1}}', 8 * MIB)
    yield (
        "JSON lines of the same many keys",
        lambda: ("{" + ", ".join(f'"k{at}": {at}' for at in range(4_990)) + "}\n").encode() * 900,
    )
    yield "JSON lines, then one long", lambda: lines.encode() + b'{"a": ' + b"[" * SIZE
    yield (
        "JSON lines of one long object",
        lambda: lines.encode() + b"{" + b'"a": 1, ' * (SIZE // 8) + b"}\n",
    )
    yield "JSON nested deeply", lambda: b'{"a":' * (5 * MIB // 5)
    yield "JSON list of empty objects", lambda: b"[" + b"{}," * (5 * MIB // 3) + b"{}]"
    yield "JSON list of small objects", lambda: b"[" + b'{"a":1},' * (5 * MIB // 8) + b'{"a":1}]'
    yield "JSON of long keys", lambda: ('{"' + "k" * 900_000 + '": 1}\n').encode() * 20
    yield (
        "spaces in a log",
        lambda: b"step 1 loss 3\n" * 5 + (b"step loss" + b" " * 1_980 + b"x\n") * 9_000,
    )
    yield (
        "digits in a log",
        lambda: b"step 1 loss 3\n" * 5 + (b"loss 3 step " + b"1" * 1_980 + b"ms\n") * 9_000,
    )
    yield "spaces in a price", lambda: b"chip,usd_per_chip_hour\nH100,1" + b" " * 60_000 + b"x\n"
    yield (
        "spaces in prices",
        lambda: b"chip,usd_per_chip_hour\n" + (b"H100,1" + b" " * 900 + b"x\n") * 9_000,
    )
    yield "chips of no name", lambda: numbered("chip,usd_per_chip_hour", "a{0},2", 60 * 1024)
    yield (
        "digits in names of runs",
        lambda: b"model,tokens,loss\n" + (b"1" * 900_000 + b",1,3\n") * 20,
    )
    yield (
        "key and value",
        lambda: numbered("run,metric,step,value", "a,val/loss{0},{0},3", 4 * MIB - 100),
    )
    yield "quotes", lambda: (table + "\n").encode() + b'"1","1","1"\n' * (SIZE // 12)
    yield "one open quote", lambda: (table + "\n").encode() + b'1,"1,1\n' + b"1,1,1\n" * (SIZE // 6)
    yield "titles", lambda: b"title of it\n" * 25_000 + b"params,tokens,loss\n1e6,1e9,3\n"
    yield (
        "a header of names that repeat",
        lambda: b"x," * 4_980 + b"loss\n" + b"1," * 4_980 + b"3\n",
    )


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(
    row: str,
    size: int,
    before: str = "",
    after: str = "",
    *,
    shared: str = "",
    styles: str = "",
    times: int = 0,
) -> bytes:
    """A workbook whose sheet holds a header and one piece of XML again and again."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["params", "tokens", "loss"])
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = before + row * (size // len(row)) + after
    path = "xl/worksheets/sheet1.xml"
    parts[path] = parts[path].replace(b"</sheetData>", body.encode() + b"</sheetData>")
    if shared:
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        text = f'<sst xmlns="{space}">{shared * times}</sst>'
        parts["xl/sharedStrings.xml"] = text.encode()
        types = parts["[Content_Types].xml"]
        entry = (
            b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
            b'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
        )
        if b"sharedStrings" not in types:
            parts["[Content_Types].xml"] = types.replace(b"</Types>", entry)
    if styles:
        path = "xl/styles.xml"
        parts[path] = parts[path].replace(b"</cellXfs>", (styles * times).encode() + b"</cellXfs>")
    return zipped(parts)


def parquet(rows: int, columns: int, text: str = "") -> bytes:
    """Rows that are all alike, which take hardly any room."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.array([text]) if text else pa.array([1.0])
    out = io.BytesIO()
    names = ["params", "tokens", "loss", *(f"x{at}" for at in range(columns))][:columns]
    schema = pa.schema([(name, pa.dictionary(pa.int32(), words.type)) for name in names])
    with pq.ParquetWriter(out, schema) as writer:
        for start in range(0, rows, 10_000_000):
            count = min(10_000_000, rows - start)
            column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), words)
            writer.write_table(pa.table([column] * columns, schema=schema))
    return out.getvalue()


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


def size_unpacked(content: bytes) -> int:
    """Bytes of the file unpacked, of archives at most as many as any file may have."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            return len(content) if size > 256 * MIB else size
    packed = content[:2] == b"\x1f\x8b" and len(content) < MIB
    return len(gzip.decompress(content)) if packed else len(content)


def run(only: str = "") -> None:
    for name, make in itertools.chain(hostile_files(), packed_files()):
        if only not in name:
            continue
        content = make()
        unpacked = size_unpacked(content)
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
