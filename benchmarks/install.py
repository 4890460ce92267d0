"""What a newcomer waits for: size of the wheel, its installation in a clean environment with pip
and uv, the import of `forecasting` and the first forecast.

python -m benchmarks install
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.packaging.built import built_wheel

REPEATS = 7
MAX_IMPORT_S = 0.6
FORECAST = "fc.model_cost(fc.CostScenario(model='GPT-3'))"
#: Seconds and CPU seconds of a statement, after those of what stands before it.
TIMED = (
    "import time; {before}; wall, cpu = time.perf_counter(), time.process_time(); {statement};"
    "print(time.perf_counter() - wall, time.process_time() - cpu)"
)


def run() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        wheel = built_wheel(folder)
        size = wheel.stat().st_size / 2**20
        print(f"wheel: {size:.2f} MiB, built in {time.perf_counter() - start:.1f} s")
        for extra in ("", "[dashboard]"):
            _install_with_pip(folder / f"pip{extra}", f"{wheel}{extra}", extra)
            _install_with_uv(folder / f"uv{extra}", f"{wheel}{extra}", extra)
        python = folder / "pip" / "bin" / "python"
        _print_times(python, "import forecasting", "pass", "import forecasting as fc")
        _print_times(python, "the first forecast", "import forecasting as fc", FORECAST)
        _print_times(python, "the second", f"import forecasting as fc; {FORECAST}", FORECAST)
        command = [str(folder / "pip" / "bin" / "compute-forecast"), "cost", "--json"]
        times = [_seconds(command) for _ in range(REPEATS)]
        print(f"compute-forecast cost --json: {statistics.median(times):.2f} s, start to end")


def _install_with_pip(place: Path, what: str, extra: str) -> None:
    for cached, option in (("nothing", "--no-cache-dir"), ("downloads", "")):
        shutil.rmtree(place, ignore_errors=True)
        made = _seconds([sys.executable, "-m", "venv", str(place)])
        command = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", option, what]
        seconds = _seconds([*filter(None, command)])
        _print_installation("pip install", extra, seconds, made, cached)


def _install_with_uv(place: Path, what: str, extra: str) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv is None:
        print("uv: not found")
        return
    for cached, option in (("nothing", "--no-cache"), ("downloads", "")):
        shutil.rmtree(place, ignore_errors=True)
        made = _seconds([uv, "venv", "--quiet", "--python", sys.executable, str(place)])
        command = [uv, "pip", "install", "--quiet", "--compile-bytecode", option]
        python = ["--python", str(place / "bin" / "python")]
        seconds = _seconds([*filter(None, command), *python, what])
        _print_installation("uv pip install", extra, seconds, made, cached)


def _print_installation(how: str, extra: str, seconds: float, made: float, cached: str) -> None:
    print(
        f"{how} compute-forecast{extra}: {seconds:.1f} s and {made:.1f} s for the environment,"
        f" {cached} cached"
    )


def _print_times(python: Path, what: str, before: str, statement: str) -> None:
    code = TIMED.format(before=before, statement=statement)
    lines = [_output([str(python), "-c", code]) for _ in range(REPEATS)]
    wall, cpu = (statistics.median(float(line.split()[i]) for line in lines) for i in (0, 1))
    asked = f"   (asked: {MAX_IMPORT_S} s)" if statement.startswith("import") else ""
    print(f"{what}: {wall:.3f} s, {cpu:.3f} s of CPU, median of {REPEATS}{asked}")


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    _output(command)
    return time.perf_counter() - start


def _output(command: Sequence[str]) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            command, cwd=empty, env=environment, capture_output=True, text=True, check=True
        )
    return done.stdout
