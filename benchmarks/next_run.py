"""Does the advised next run narrow a prediction more than the largest affordable run, or one at random? Simulated.

python -m benchmarks next_run, or python -m benchmarks.next_run [repeats [design …]]
Each repeat draws runs from a known law, asks for advice, simulates the advised run, the compute-optimal run of the whole budget and a
random affordable one, refits, and compares the width of the 90% interval of the target's loss with the width before.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.scaling_designs import TRUTH, simulated
from forecasting.fits.next_run import candidates, next_run
from forecasting.fits.run_set import RunSet
from forecasting.fits.scaling_fit import ScalingFit, fit_scaling_law

BUDGET_FLOP = 1e22
TARGET = (7e10, 1.4e12)
REPLICATES = 400
TRIED = (("isoflop_20", 0.003), ("grid_25", 0.003), ("random_40", 0.003), ("isoflop_60", 0.003), ("isoflop_60", 0.01))


def width(fit: ScalingFit) -> float:
    low, high = fit.forecast(*TARGET).interval(0.9)
    return float(high[0] - low[0])


def with_run(runs: RunSet, params: float, tokens: float, loss: float) -> RunSet:
    return RunSet(np.append(runs.params, params), np.append(runs.tokens, tokens), np.append(runs.loss, loss))


def run(repeats: int = 20, *designs: str) -> None:
    for design, noise in TRIED:
        if designs and design not in designs:
            continue
        errors: dict[str, list[float]] = {"advised": [], "largest": [], "random": []}
        true_loss = TRUTH.loss(*TARGET)
        shrinkage: dict[str, list[float]] = {"advised": [], "largest": [], "random": []}
        for seed in range(repeats):
            rng = np.random.default_rng(seed)
            runs = simulated(design, noise, 0.0, rng)
            fit = fit_scaling_law(runs, bootstrap=REPLICATES, seed=seed)
            advice = next_run(fit, budget_flop=BUDGET_FLOP, target_params=TARGET[0], target_tokens=TARGET[1])
            sizes, amounts = candidates(fit, BUDGET_FLOP)
            pick = int(rng.integers(sizes.size))
            tried = {
                "advised": (advice.params, advice.tokens),
                "largest": fit.law.optimal(BUDGET_FLOP),
                "random": (float(sizes[pick]), float(amounts[pick])),
            }
            before = width(fit)
            for name, (params, tokens) in tried.items():
                loss = TRUTH.loss(params, tokens) * np.exp(noise * rng.standard_normal())
                after = fit_scaling_law(with_run(runs, params, tokens, loss), bootstrap=REPLICATES, seed=seed)
                shrinkage[name].append(1 - width(after) / before)
                errors[name].append(abs(after.law.loss(*TARGET) / true_loss - 1))
            errors.setdefault("before", []).append(abs(fit.law.loss(*TARGET) / true_loss - 1))
        medians = "   ".join(f"{name} {100 * np.median(values):5.1f}%" for name, values in shrinkage.items())
        misses = "   ".join(f"{name} {100 * np.mean(values):.2f}%" for name, values in errors.items())
        gains = {name: np.subtract(shrinkage["advised"], shrinkage[name]) for name in ("largest", "random")}
        better = ", ".join(
            f"{name} by {100 * gain.mean():.1f} ± {100 * gain.std() / np.sqrt(repeats):.1f} points" for name, gain in gains.items()
        )
        print(f"{design:11} noise {noise:<6} median narrowing:  {medians}", flush=True)
        print(f"{'':24} advised narrows more than {better} in the mean")
        print(f"{'':24} mean miss of the target:  {misses}", flush=True)


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]), *sys.argv[2:])
