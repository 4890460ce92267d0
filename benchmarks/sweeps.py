"""A sweep of plans on a Dask cluster of this machine with one worker and with two: time, processor
time, what a task costs beside its plans, and what that lets more workers give.

SWEEP_PLANS=10000 SWEEP_FOLDER=/var/tmp/sweeps python -m benchmarks sweeps

SWEEP_PLANS    how many plans, 300 by default
SWEEP_FOLDER   where results and times are kept: given again, a measurement that was stopped goes on
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from compute_forecast.sweep import PageForecast
from forecasting.data.dataset import bundled
from forecasting.sweeps import sweep as sweeps
from forecasting.sweeps.parts import Part, Parts
from forecasting.sweeps.scenario_rows import ScenarioRows
from tests.forecasting.dask_cluster import Cluster, cluster

PLANS_A_TASK = 100
MORE_WORKERS = (4, 16, 64, 256)
#: Plans for each worker before the clock starts: it imports, and fits the trends.
WARM_UP_PLANS = 4
#: How long the processor time of an idle cluster is measured, in seconds.
IDLE_S = 5.0


@dataclass(frozen=True)
class Measured:
    """A sweep by `workers`: seconds by the clock, and of processor time in the workers for plans
    (`plans_s`), in this process and in the scheduler.
    """

    workers: int
    tasks: int
    clock_s: float
    plans_s: float
    client_s: float
    scheduler_s: float

    @property
    def overhead_s(self) -> float:
        """What a task took a worker beside the processor time of its plans, in seconds."""
        return (self.clock_s * self.workers - self.plans_s) / self.tasks


class TimedPlan:
    """A plan of the sweep, with the processor time that it took in the column `cpu_s`."""

    def __init__(self) -> None:
        self.forecast = PageForecast("plan", "table")

    def __call__(self, values: Mapping[str, Any]) -> pd.DataFrame:
        """The table of one plan."""
        start = time.process_time()
        table = self.forecast(values)
        return table.assign(cpu_s=(time.process_time() - start) / len(table))


def run() -> None:
    """Print both measurements and the table of more workers."""
    plans = int(os.environ.get("SWEEP_PLANS", "300"))
    with _folder() as folder:
        one, two = (_measured(folder, plans, workers) for workers in (1, 2))
    print(f"sweep of {plans:,} plans, {PLANS_A_TASK} a task")
    for each in (one, two):
        print(
            f"  {each.workers} worker{'s' if each.workers > 1 else ''}: {each.clock_s:.1f} s,"
            f" {each.plans_s / plans:.3f} s of processor time a plan,"
            f" {1e3 * each.overhead_s:.0f} ms a task beside its plans"
        )
    efficiency = one.clock_s / (2 * two.clock_s)
    print(f"  efficiency from one to two workers {efficiency:.2f} (asked: at least 0.85)")
    slower = two.plans_s / one.plans_s
    print(f"  a plan takes {slower:.2f} times the processor time beside another worker")
    shared = max(two.client_s, two.scheduler_s) / two.tasks
    print(
        f"  a task takes {1e3 * two.client_s / two.tasks:.0f} ms of the process that started the"
        f" sweep and {1e3 * two.scheduler_s / two.tasks:.0f} ms of the scheduler"
    )
    print("extrapolated from these, not measured; a machine or core for each worker:")
    for tasks, words in ((one.tasks, f"{plans:,} plans"), (10_000, "a million plans")):
        for workers in MORE_WORKERS:
            seconds, share = _extrapolated(one, two, shared, tasks, workers)
            print(f"  {words}, {workers} workers: {seconds:,.0f} s, efficiency {share:.2f}")


def _extrapolated(
    one: Measured, two: Measured, shared_s: float, tasks: int, workers: int
) -> tuple[float, float]:
    """Seconds and efficiency: each worker takes its share of the tasks, whole ones, unless the
    process that all of them need takes longer.
    """
    a_task = one.plans_s / one.tasks + max(one.overhead_s, two.overhead_s, 0.0)
    seconds = max(-(-tasks // workers) * a_task, tasks * shared_s)
    return seconds, tasks * a_task / (workers * seconds)


def _measured(folder: Path, plans: int, workers: int) -> Measured:
    """One sweep; the times of a part of it that was stopped are added."""
    output = folder / f"{plans}-plans-{workers}-workers.parquet"
    times = output.with_suffix(".json")
    known = json.loads(times.read_text()) if times.exists() else {}
    if not output.exists():
        with cluster(workers) as running:
            known = _swept(running, plans, workers, output, times, known)
    cpu = pd.read_parquet(output, columns=["cpu_s"])["cpu_s"]
    return Measured(workers, -(-plans // PLANS_A_TASK), plans_s=float(cpu.sum()), **known)


def _swept(
    running: Cluster, plans: int, workers: int, output: Path, times: Path, known: dict[str, float]
) -> dict[str, float]:
    from distributed import Client

    warm = _scenarios(WARM_UP_PLANS * workers)
    sweeps.sweep_rows(
        ScenarioRows(warm), TimedPlan(), about={}, rows_a_part=WARM_UP_PLANS, dask=running.address
    )
    write, join = Parts.write, Parts.join
    with Client(running.address, timeout=60) as client:

        def clocks() -> dict[str, float]:
            scheduler = client.run_on_scheduler(time.process_time)
            return {
                "clock_s": time.monotonic(),
                "client_s": time.process_time(),
                "scheduler_s": scheduler,
            }

        idle_from = clocks()
        time.sleep(IDLE_S)
        start = clocks()
        # What both processes take while nothing is to be done grows with time, not with tasks.
        idle = {name: (start[name] - idle_from[name]) / IDLE_S for name in start}

        def keep() -> None:
            now = clocks()
            took = {name: now[name] - start[name] for name in now}
            took |= {
                name: max(0.0, took[name] - idle[name] * took["clock_s"])
                for name in ("client_s", "scheduler_s")
            }
            known_now = {name: known.get(name, 0.0) + took[name] for name in took}
            times.write_text(json.dumps(known_now))

        def written(parts: Parts, part: Part) -> None:
            write(parts, part)
            keep()

        def joined(parts: Parts, count: int) -> tuple[int, list[tuple[int, str]]]:
            keep()  # writing the output is no work of the workers
            return join(parts, count)

        with patch.object(Parts, "write", written), patch.object(Parts, "join", joined):
            sweeps.sweep_rows(
                ScenarioRows(_scenarios(plans)),
                TimedPlan(),
                about={"tables": sweeps.fingerprint_of(bundled())},
                output=output,
                rows_a_part=PLANS_A_TASK,
                dask=running.address,
            )
    kept: dict[str, float] = json.loads(times.read_text())
    return kept


def _scenarios(count: int) -> pd.DataFrame:
    """Plans of other budgets and demands, with the same draws."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "budget_usd": 10 ** rng.uniform(7.0, 9.5, count),
            "requests_per_day": 10 ** rng.uniform(4.0, 8.0, count),
        }
    )


@contextmanager
def _folder() -> Iterator[Path]:
    given = os.environ.get("SWEEP_FOLDER")
    if given:
        Path(given).mkdir(parents=True, exist_ok=True)
        yield Path(given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
