"""The tables of a running server replaced while sessions move a slider: sessions dropped, and the
slowest rerun.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import Server, Session, Target, percentile, served
from benchmarks.timed_pages import PRODUCT
from forecasting.data.catalogue import CATALOGUE_FILE
from forecasting.data.dataset import TABLES_VARIABLE, DataSet, tables_folder
from forecasting.data.replacement import locked, replace_files
from forecasting.data.schema import sha256_of

SESSIONS = 8
PAUSE_S = 1.0
BEFORE_S, AFTER_S = 15.0, 45.0
WITHIN_S = 60.0
PAGE: Target = PRODUCT
#: Tables that lose their last row, each with its new date in the catalogue.
NEWER = {"ai_models": "2027-01", "ml_chips": "2027-01", "us_consumer_prices": "2026-12"}
MARK = "Data to January 2027"


@dataclass
class Swap:
    """What was seen: seconds of reruns before the tables were replaced and after, sessions whose
    run failed or whose socket closed, seconds until a new session had the newer tables, and the
    last words of the sessions that were open.
    """

    before_s: list[float] = field(default_factory=list)
    after_s: list[float] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    taken_up_after_s: float = float("inf")
    open_words: list[str] = field(default_factory=list)
    new_words: str = ""
    old_query: str = ""


def run() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = copied(Path(temporary))
        with served(PAGE, settings={TABLES_VARIABLE: str(folder)}) as server:
            time.sleep(20)  # until the server has warmed its caches
            swap = asyncio.run(swapped(server, folder))
    print(f"{SESSIONS} sessions that move a slider each second, tables replaced in between")
    print(f"  sessions dropped                {len(swap.dropped)}")
    print(f"  newer tables in a new session   {swap.taken_up_after_s:.1f} s after the replacement")
    for when, times in (("before", swap.before_s), ("after", swap.after_s)):
        print(
            f"  reruns {when:6}  {len(times):4}, p50 {1000 * percentile(times, 0.5):.0f} ms,"
            f" p95 {1000 * percentile(times, 0.95):.0f} ms, slowest {1000 * max(times):.0f} ms"
        )


def copied(folder: Path) -> Path:
    """A copy of the tables in use."""
    return Path(
        shutil.copytree(tables_folder(), folder / "tables", ignore=shutil.ignore_patterns(".*"))
    )


def newer_files(folder: Path) -> dict[str, bytes]:
    """The files of newer tables, with their catalogue."""
    package = json.loads((folder / CATALOGUE_FILE).read_bytes())
    contents = {}
    for resource in package["resources"]:
        if resource["name"] in NEWER:
            lines = (folder / resource["path"]).read_bytes().splitlines(keepends=True)[:-1]
            contents[resource["path"]] = content = b"".join(lines)
            resource |= {
                "date": NEWER[resource["name"]],
                "rows": len(DataSet(folder)[resource["name"]]) - 1,
                "sha256": sha256_of(content),
            }
    return contents | {CATALOGUE_FILE: json.dumps(package).encode()}


def replace(folder: Path) -> None:
    """Put newer tables into the folder, as a refresh does."""
    with locked(folder):
        replace_files(folder, newer_files(folder))


async def swapped(
    server: Server,
    folder: Path,
    *,
    sessions: int = SESSIONS,
    before_s: float = BEFORE_S,
    after_s: float = AFTER_S,
) -> Swap:
    """Replace the tables `before_s` after the sessions have opened, and go on for `after_s` once a
    new session has the newer ones.
    """
    swap, times = Swap(), list[float]()
    moving = True

    async def move(session: Session, first: int) -> None:
        place = first
        try:
            while moving:
                times.append(await session.move(PAGE.values[place % len(PAGE.values)]))
                place += 1
                await asyncio.sleep(PAUSE_S)
            await session.move(PAGE.values[place % len(PAGE.values)])
            swap.open_words.append(" ".join(session.words))
        except Exception as error:
            swap.dropped.append(str(error))

    opened = [await Session(PAGE).open(server.port) for _ in range(sessions)]
    tasks = [asyncio.create_task(move(each, place)) for place, each in enumerate(opened)]
    await asyncio.sleep(before_s)
    swap.before_s, swap.old_query = list(times), opened[0].query
    await asyncio.to_thread(replace, folder)
    replaced_at = time.perf_counter()
    while time.perf_counter() - replaced_at < WITHIN_S:
        new = await Session(PAGE).open(server.port)
        swap.new_words = " ".join(new.words)
        await new.close()
        if MARK in swap.new_words:
            swap.taken_up_after_s = time.perf_counter() - replaced_at
            break
        await asyncio.sleep(1.0)
    await asyncio.sleep(after_s)
    swap.after_s = times[len(swap.before_s) :]
    moving = False
    await asyncio.gather(*tasks)
    for each in opened:
        with suppress(Exception):
            await each.close()
    return swap
