"""All tables from a local server that stands in for the sources: time and memory of a refresh.

python -m benchmarks refresh
Each run is a process of its own on a copy of the tables: one in which every source has newer rows,
with the headline figures before and after for each table, one that finds nothing newer, and one
without the figures (tables that the Overview does not read).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from forecasting.data.dataset import BUNDLED_FOLDER, DataSet
from forecasting.data.replacement import WORK_FOLDER
from forecasting.reporting.overview import OverviewScenario
from tests.forecasting.refreshing.source_bodies import EPOCH, bodies, offers
from tests.forecasting.refreshing.source_server import serving

KIB_A_MIB = 1024
RUN = r"""
import json, re, sys, time
from pathlib import Path
def peak():
    status = Path('/proc/self/status').read_text()
    return int(re.search(r'VmHWM:\s+(\d+)', status)[1])
started = time.perf_counter()
from forecasting.refreshing.refresh import refresh
loaded = time.perf_counter()
peak_before = peak()
report = refresh(sys.argv[1], source=sys.argv[2], tables=sys.argv[3:] or None, dry_run=False)
print(json.dumps({
    "import": loaded - started,
    "refresh": time.perf_counter() - loaded,
    "before": peak_before,
    "peak": peak(),
    "outcomes": [each.status for each in report.outcomes],
    "moved": len(report.effects),
}))
"""


def newer(data: DataSet) -> dict[str, bytes]:
    """The sources with newer rows: a new model and chip, later offers."""
    found = bodies(data)
    for name, first in (("notable_ai_models", b"Newest"), ("ml_hardware", b"NVIDIA Newest")):
        path = f"{EPOCH}/{name}.csv"
        row = found[path].splitlines(keepends=True)[-1]
        found[path] += first + row[row.index(b",") :]
    found["/gpurentalprices.com/api/latest.json"] = offers(
        data["chip_rental_prices_2026"], "2026-11-20"
    )
    return found


def run() -> None:
    data = DataSet(BUNDLED_FOLDER)
    aside = [
        name
        for name, info in data.catalogue.items()
        if info.refresh.urls and name not in OverviewScenario.TABLES
    ]
    answers = newer(data)
    size = sum(map(len, answers.values())) / 2**20
    print(f"{len(answers)} addresses, {size:.1f} MiB", flush=True)
    with tempfile.TemporaryDirectory() as place, serving(answers) as server:
        for what, tables in (
            ("newer rows everywhere, with figures", []),
            ("nothing newer", []),
            ("tables that no headline figure reads", aside),
        ):
            folder = Path(place) / ("aside" if tables else "all")
            if not folder.exists():
                ignored = shutil.ignore_patterns(WORK_FOLDER)
                shutil.copytree(BUNDLED_FOLDER, folder, ignore=ignored)
            done = subprocess.run(
                [sys.executable, "-c", RUN, str(folder), server.address, *tables],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            report(what, json.loads(done.stdout.splitlines()[-1]))


def report(what: str, found: Mapping[str, float | list[str]]) -> None:
    outcomes = found["outcomes"]
    assert isinstance(outcomes, list)
    print(
        f"{what:40} {found['refresh']:6.2f} s (import {found['import']:.2f} s),"
        f" peak {float(str(found['peak'])) / KIB_A_MIB:.0f} MiB"
        f" ({float(str(found['before'])) / KIB_A_MIB:.0f} MiB after import);"
        f" {outcomes.count('replaced')} replaced, {outcomes.count('unchanged')} unchanged,"
        f" {outcomes.count('refused')} refused, {found['moved']} moves of figures",
        flush=True,
    )


if __name__ == "__main__":
    run()
