"""make soak: the tests of make test with many more examples, and those marked soak. The load of
many sessions has the machine to itself first; all else then shares its processors, whether or not
the load was borne. The last line says what ran, what came of it and how long it took.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOAD = "tests/server/test_load_and_faults.py"
#: What is run by pytest, one after the other, by its name in the last line.
PARTS: Mapping[str, Sequence[str]] = {
    "load": [LOAD],
    "the rest": [f"--ignore={LOAD}", "--dist=worksteal", "--numprocesses=logical"],
}


@dataclass(frozen=True)
class Outcome:
    """How one part ended: pytest's exit code, its seconds, and how many tests went how."""

    code: int
    seconds: float
    counts: Counter[str] = field(default_factory=Counter)


def run(parts: Mapping[str, Sequence[str]] = PARTS) -> int:
    """Run every part and print the last line; the exit code of the first that failed, or 0."""
    outcomes = {name: _outcome(arguments) for name, arguments in parts.items()}
    print(last_line(outcomes), flush=True)
    return next((each.code for each in outcomes.values() if each.code), 0)


def last_line(outcomes: Mapping[str, Outcome]) -> str:
    """Total time and counts, then those of each part."""
    total = sum((each.counts for each in outcomes.values()), Counter[str]())
    seconds = sum(each.seconds for each in outcomes.values())
    parts = "; ".join(
        f"{name}: {_words(each.counts)} in {_time(each.seconds)}"
        + ("" if each.code in (0, 1) else f", ended with exit code {each.code}")
        for name, each in outcomes.items()
    )
    return f"make soak: {_words(total)} in {_time(seconds)} ({parts})"


def _outcome(arguments: Sequence[str]) -> Outcome:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments]
        environment = os.environ | {"COMPUTE_FORECAST_SOAK": "1"}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        return Outcome(code, time.monotonic() - begun, _counted(report))


def _counted(report: Path) -> Counter[str]:
    """Tests by how they went; none where pytest did not come to its end."""
    counts: Counter[str] = Counter()
    if report.exists():
        for suite in ElementTree.parse(report).iter("testsuite"):
            found = {name: int(suite.get(name, 0)) for name in ("failures", "errors", "skipped")}
            counts["passed"] += int(suite.get("tests", 0)) - sum(found.values())
            counts["failed"] += found["failures"] + found["errors"]
            counts["skipped"] += found["skipped"]
    return counts


def _words(counts: Counter[str]) -> str:
    """Always how many passed and failed, so that a count that is missing is seen."""
    words = [f"{counts[name]:,} {name}" for name in ("passed", "failed")]
    return ", ".join([*words, *([f"{counts['skipped']:,} skipped"] if counts["skipped"] else [])])


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


if __name__ == "__main__":
    sys.exit(run())
