"""The plan's engine: seconds and memory of 1,000 draws over 10 years on one core, the parts of a
page's first number, the solver alone.

python -m benchmarks plan
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from dashboard.ui.progressive import FEW_DRAWS
from forecasting.planning.cluster import cluster
from forecasting.planning.generations import generations
from forecasting.planning.goal_seek import goal_seek
from forecasting.planning.plan import plan
from forecasting.planning.plan_inputs import log_ceiling, plan_inputs, split_problem
from forecasting.planning.plan_scenario import PRESETS, PlanScenario, preset
from forecasting.planning.split_solver import best_splits
from forecasting.planning.value_of_information import what_matters

DRAWS, YEARS = 1000, 10
REPEATS = 7


def run() -> None:
    scenario = PlanScenario(draws=DRAWS, first_year=2026, last_year=2026 + YEARS - 1)
    plan(scenario)
    print(f"plan: {DRAWS:,} draws × {YEARS} years, CPU time of one core, median of {REPEATS}")
    print(
        f"  whole plan (best split and two simpler plans)  {cpu_ms(lambda: plan(scenario)):7.1f} ms"
        "   (asked: 1,000)"
    )
    inputs = plan_inputs(scenario)
    problem, ceiling = split_problem(scenario, inputs), log_ceiling(inputs)
    print(
        "  drawing the inputs                            "
        f" {cpu_ms(lambda: plan_inputs(scenario)):7.1f} ms"
    )
    print(
        "  best splits without ceilings                  "
        f" {cpu_ms(lambda: best_splits(problem)):7.1f} ms"
    )
    print(
        "  best splits under chips and power             "
        f" {cpu_ms(lambda: best_splits(problem, ceiling)):7.1f} ms"
    )
    print("utilisation in answers by the model of serving, against figures of one's own")
    for draws in (DRAWS, FEW_DRAWS):
        modelled = scenario.replaced(draws=draws)
        own = modelled.replaced(answer_mfu="own")
        by_model, by_own = cpu_ms(lambda s=modelled: plan(s)), cpu_ms(lambda s=own: plan(s))
        print(
            f"  {draws:5,} draws {by_model:6.1f} ms, {by_own:6.1f} ms: ×{by_model / by_own:.2f}"
            "   (asked: 1.2)"
        )
    tracemalloc.start()
    plan(scenario)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"  most memory at once                            {peak / 2**20:7.1f} MiB  (asked: 200)")
    print(f"presets, {FEW_DRAWS} draws first, then {DRAWS:,}")
    for name in PRESETS:
        few, many = preset(name).replaced(draws=FEW_DRAWS), preset(name)
        first, final, inside = (
            cpu_ms(lambda s=few: plan(s)),
            cpu_ms(lambda s=many: plan(s)),
            first_number_inside(few, many),
        )
        print(
            f"  {name:12s} {first:6.1f} ms, {final:6.1f} ms; first medians inside the final 80%"
            f" band: {inside:.0%}"
        )
    print("other sections, default scenario")
    for function in (goal_seek, what_matters, generations, cluster):
        print(f"  {function.__name__:14s} {cpu_ms(lambda f=function: f(PlanScenario())):7.1f} ms")


def cpu_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return 1e3 * statistics.median(times)


def first_number_inside(few: PlanScenario, many: PlanScenario) -> float:
    """Share of all quantities and years whose first median lies in the final 80% band."""
    first, final = plan(few), plan(many)
    inside = []
    for name, bands in final.bands.items():
        low, high = bands.interval(0.8)
        median = first.bands[name].median
        inside.append((median >= low - 1e-9 * np.abs(low)) & (median <= high + 1e-9 * np.abs(high)))
    return float(np.mean(inside))
