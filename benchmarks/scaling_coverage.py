"""How often do 90% intervals hold the truth? Runs simulated from a known law, every kind of
interval the fit offers.

python -m benchmarks scaling_coverage              (a few minutes, rough)
python -m benchmarks.scaling_coverage 400          (repeats a cell; standard error of a share of
                                                   0.9: 1.5 points)
python -m benchmarks.scaling_coverage 400 default  (the default kind alone)

Quantities: the coefficients E, α, β, the exponents of N* and of loss in compute, the loss at the
largest run of the grid ("near") and 200 times further in compute ("far"), and N* at Chinchilla's
budget. Intervals of kinds "… curve" are for these; a new run's own interval ("new run") is tried on
a fresh run at "near".
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from benchmarks.scaling_designs import DESIGNS, OUTLYING, TRUTH, simulated
from forecasting.fitting.bias_correction import bias_corrected
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law
from forecasting.stats.estimate import Estimate

LEVEL = 0.9
REPLICATES = 300
NOISES = (0.002, 0.01)
NEAR, FAR = (5e9, 1e11), (7e10, 1.4e12)
CHINCHILLA_FLOP = 5.76e23
COEFFICIENTS = ("E", "alpha", "beta", "params_exponent", "gamma")
ALLOWED = (0.85, 0.95)


def quantities(fit: ScalingFit) -> Iterator[tuple[str, float, float, np.ndarray]]:
    """(name, truth, estimate, draws) of everything that an interval is asked of."""
    for name in COEFFICIENTS:
        yield name, getattr(TRUTH, name), getattr(fit.law, name), fit.draws.column(name)
    for name, place in (("near", NEAR), ("far", FAR)):
        yield name, TRUTH.loss(*place), fit.law.loss(*place), fit.draws.loss(*place)
    best = (law.optimal(CHINCHILLA_FLOP)[0] for law in (TRUTH, fit.law))
    yield "N*", *best, fit.draws.optimal(CHINCHILLA_FLOP)[0]


def hits(
    design: str, noise: float, outliers: float, seed: int, every_kind: bool
) -> Iterator[tuple[str, str, bool]]:
    """(kind, quantity, whether the interval holds the truth) of one simulated set of runs."""
    rng = np.random.default_rng((seed, 20260101))
    runs = simulated(design, noise, outliers, rng)
    for resampling in ("smooth", "counts") if every_kind else ("smooth",):
        fit = fit_scaling_law(runs, bootstrap=REPLICATES, resampling=resampling, seed=seed)
        for name, truth, value, draws in quantities(fit):
            low, high = Estimate(value, bias_corrected(value, draws)).interval(LEVEL)
            yield f"{resampling}, bias-corrected", name, low <= truth <= high
            if every_kind:
                low, high = Estimate(value, draws).interval(LEVEL)
                yield f"{resampling}, percentile", name, low <= truth <= high
                yield f"{resampling}, basic", name, 2 * value - high <= truth <= 2 * value - low
        if resampling == "smooth":
            new_run = TRUTH.loss(*NEAR) * np.exp(noise * rng.standard_normal())
            low_run, high_run = fit.forecast(*NEAR, kind="run", seed=seed).interval(LEVEL)
            yield "smooth, bias-corrected", "new run", bool(low_run[0] <= new_run <= high_run[0])
            if every_kind:
                for name in ("E", "alpha", "beta"):
                    low, high = fit.profile(name).interval(LEVEL)
                    yield "profile", name, low <= getattr(TRUTH, name) <= high


def run(repeats: int = 24, kinds: str = "all") -> None:
    names = [*COEFFICIENTS, "near", "far", "N*", "new run"]
    print(
        f"scaling coverage: share of {100 * LEVEL:.0f}% intervals that hold the truth, %; {repeats}"
        f" repeats a cell, {REPLICATES} resamples"
    )
    print(
        f"{'design, noise, outliers':30}{'kind':24}" + "".join(f"{name[:9]:>10}" for name in names)
    )
    shares: dict[str, list[float]] = defaultdict(list)
    started = time.process_time()
    for design in DESIGNS:
        for noise in NOISES:
            for outliers in (0.0, OUTLYING):
                found: dict[tuple[str, str], list[bool]] = defaultdict(list)
                for seed in range(repeats):
                    for kind, name, hit in hits(design, noise, outliers, seed, kinds == "all"):
                        found[kind, name].append(hit)
                for kind in dict.fromkeys(kind for kind, _ in found):
                    cells = {
                        name: float(np.mean(found[kind, name]))
                        for name in names
                        if (kind, name) in found
                    }
                    shares[kind] += cells.values()
                    row = "".join(
                        f"{100 * cells[name]:10.1f}" if name in cells else f"{'':10}"
                        for name in names
                    )
                    print(f"{f'{design}, {noise:g}, {outliers:g}':30}{kind:24}{row}", flush=True)
    error = 2.0 * np.sqrt(0.9 * 0.1 / repeats)
    print(
        f"within {100 * ALLOWED[0]:.0f} to {100 * ALLOWED[1]:.0f}%, with an allowance of two"
        f" standard errors ({100 * error:.1f} points):"
    )
    for kind, values in shares.items():
        share = np.array(values)
        inside = np.mean((share >= ALLOWED[0]) & (share <= ALLOWED[1]))
        allowed = np.mean((share >= ALLOWED[0] - error) & (share <= ALLOWED[1] + error))
        print(
            f"  {kind:24} mean {100 * share.mean():5.1f}, {100 * share.min():5.1f} to"
            f" {100 * share.max():5.1f}; {100 * inside:3.0f}% of cells inside,"
            f" {100 * allowed:3.0f}% with the allowance"
        )
    print(f"  {time.process_time() - started:.0f} s of CPU time")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 24, sys.argv[2] if len(sys.argv) > 2 else "all")
