"""The serving model against measured throughput: errors by generation and scenario, beside the two
constants that were used before; efficiencies fitted without a chip or a model and tried on it; and
seconds of a forecast and of a frontier.

python -m benchmarks serving
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.data.dataset import bundled
from forecasting.serving.hardware import EFFICIENCIES, KNOWN_FACTOR, Efficiency
from forecasting.serving.latency_frontier import latency_frontier
from forecasting.serving.measured_throughput import MeasuredCase, measured_cases
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Traffic
from forecasting.serving.serve import ServeScenario, serve
from forecasting.serving.serving_tables import served_models, serving_chips

#: Efficiencies that a fit tries, evenly on a log scale.
COMPUTE = MEMORY = np.geomspace(0.1, 1.0, 25)
#: What was asked of unseen chips and models: the median of |ln| at most, the shares within ×1.5 and
#: ×2 at least, and how many the 80% range holds.
ASKED = "asked: 0.25 a chip, 0.30 a model; 70%, 88%; 75–85%"
#: The constants of before: input and output utilisation of the FP16 peak.
OLD_INPUT, OLD_OUTPUT = 0.40, 0.05
BAND = KNOWN_FACTOR


def run() -> None:
    cases = thinned(measured_cases(bundled()))
    measured = np.log([case.tokens_per_s_per_chip for case in cases])
    shipped = np.log([float(case.modelled_tokens_per_s_per_chip()) for case in cases])
    can = np.isfinite(shipped)
    print(f"{len(cases)} measurements, one of each cell and lengths; {can.sum()} can be served")
    print("ln(modelled/measured)           rows  median  |median|  ×1.5   ×2    80% range holds")
    row("shipped efficiencies", (shipped - measured)[can])
    old = np.log([old_speed(case) for case in cases])
    row("constants of before", old - measured)
    for name in EFFICIENCIES:
        of = np.array([case.served.chip.generation == name for case in cases])
        row(f"  {name}", (shipped - measured)[can & of])
    for scenario in sorted({case.scenario for case in cases}):
        of = np.array([case.scenario == scenario for case in cases])
        row(f"  {scenario}", (shipped - measured)[can & of])
    grid = grid_logs(cases)
    for title, key in (
        ("unseen chip, generation known", lambda case: case.served.chip.name),
        ("unseen model", lambda case: case.served.model.name),
    ):
        row(title, held_out(cases, grid, measured, key))
    print(ASKED)
    speed()


def row(title: str, errors: FloatArray) -> None:
    """A line of the table."""
    if not errors.size:
        return
    within = [(np.abs(errors) <= np.log(factor)).mean() for factor in (1.5, 2.0, BAND)]
    print(
        f"{title:30} {errors.size:5}  {np.median(errors):6.2f}  {np.median(np.abs(errors)):8.2f}"
        f"  {within[0]:4.0%}  {within[1]:4.0%}  {within[2]:6.0%}"
    )


def thinned(cases: Sequence[MeasuredCase]) -> list[MeasuredCase]:
    """The median measurement of each cell and lengths."""
    cells: dict[object, list[MeasuredCase]] = {}
    for case in cases:
        lengths = (
            round(float(case.traffic.tokens_in), -1),
            round(float(case.traffic.tokens_out), -2),
        )
        cells.setdefault((*case.cell, lengths, case.batch), []).append(case)
    return [
        sorted(alike, key=lambda case: case.tokens_per_s_per_chip)[len(alike) // 2]
        for alike in cells.values()
    ]


def old_speed(case: MeasuredCase) -> float:
    """Tokens a second and chip by the constants of before."""
    flop_per_s = case.served.chip.flop_per_s["fp16"]
    flop = 2.0 * case.served.model.active_params
    seconds = flop * (case.traffic.tokens_in / OLD_INPUT + case.traffic.tokens_out / OLD_OUTPUT)
    return case.traffic.tokens_out * flop_per_s / seconds


def grid_logs(cases: Sequence[MeasuredCase]) -> FloatArray:
    """The logarithm of the modelled speed of each case at each pair of efficiencies, shape
    (cases, pairs).
    """
    pairs = Efficiency(np.repeat(COMPUTE, MEMORY.size), np.tile(MEMORY, COMPUTE.size))
    return np.log(
        [
            np.broadcast_to(case.modelled_tokens_per_s_per_chip(pairs), COMPUTE.size * MEMORY.size)
            for case in cases
        ]
    )


def held_out(
    cases: Sequence[MeasuredCase],
    grid: FloatArray,
    measured: FloatArray,
    key: Callable[[MeasuredCase], str],
) -> FloatArray:
    """Errors of the cases of each key, with the efficiencies of their generation that fit all other
    cases best: the least mean absolute logarithm, each cell weighing the same.
    """
    keys = np.array([key(case) for case in cases])
    generations = np.array([case.served.chip.generation for case in cases])
    cells = [case.cell for case in cases]
    weights = np.array([1.0 / cells.count(cell) for cell in cells])
    misses = np.abs(grid - measured[:, None])
    errors = []
    for generation in EFFICIENCIES:
        for left in np.unique(keys[generations == generation]):
            rest = (generations == generation) & (keys != left)
            if rest.sum() < 3:
                continue
            total = np.nansum(weights[rest, None] * misses[rest], axis=0)
            shared = np.nansum(weights[rest, None] * np.isfinite(misses[rest]), axis=0)
            best = int(np.argmin(total / shared))
            mine = (generations == generation) & (keys == left)
            errors.append(grid[mine, best] - measured[mine])
    joined = np.concatenate(errors)
    return joined[np.isfinite(joined)]


def speed() -> None:
    """Milliseconds of one forecast, and of the frontier of 200 batches on all chips."""
    scenario = ServeScenario()
    serve(scenario)
    print(f"one forecast {cpu_ms(lambda: serve(scenario)):.1f} ms (asked: 3)")
    model = served_models(bundled())["Llama-3.3-70B"]
    chips = list(serving_chips(bundled()).values())
    every = (chips * 2)[:30]

    def frontiers() -> None:
        for chip in every:
            served = ServedOn(model=model, chip=chip, precision="fp8")
            frontier = latency_frontier(served, Traffic(tokens_in=1000, tokens_out=300), chips=8)
            frontier.tpot_s, frontier.tokens_per_s_per_chip  # noqa: B018

    print(f"200 batches on {len(every)} chips {cpu_ms(frontiers):.1f} ms (asked: 50)")


def cpu_ms(work: Callable[[], object], repeats: int = 7) -> float:
    """The median CPU time, in milliseconds."""
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        taken.append(1000.0 * (time.process_time() - started))
    return float(np.median(taken))
