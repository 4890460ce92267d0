"""Does the advised next run narrow a prediction more than the largest affordable run, or one at
random? Simulated.

python -m benchmarks next_run, or python -m benchmarks.next_run [repeats [first seed [design …]]]
Each repeat draws runs from a known law and asks for advice on a target at two budgets. The advised
run, the compute-optimal run of the whole budget and a random one of those considered are then
simulated, with the same noise and with its opposite, all is refitted, and the width of the 90%
interval of the target's loss is compared with the width before. "At best" is what the best run
considered would bring by the true law: where it is no more than the largest run brings, there is
nothing to gain over it.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from benchmarks.scaling_designs import TRUTH, simulated
from forecasting.fitting.next_run import narrowing, next_run
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw

#: What is to be predicted: (parameters, tokens).
TARGETS = {"compute-optimal 70B on 1.4T": (7e10, 1.4e12), "over-trained 7B on 15T": (7e9, 1.5e13)}
BUDGETS_FLOP = (1e21, 1e22)
REPLICATES = 400
TRIED = (
    ("isoflop_20", 0.003),
    ("grid_25", 0.003),
    ("random_40", 0.003),
    ("isoflop_60", 0.003),
    ("isoflop_60", 0.01),
)
NAMES = ("advised", "largest", "random")

Pair = tuple[float, float]


def width(fit: ScalingFit, target: Pair) -> float:
    low, high = fit.forecast(*target).interval(0.9)
    return float(high[0] - low[0])


def with_run(runs: TrainingRuns, params: float, tokens: float, loss: float) -> TrainingRuns:
    return TrainingRuns(
        np.append(runs.params, params), np.append(runs.tokens, tokens), np.append(runs.loss, loss)
    )


def narrowed(fit: ScalingFit, run: Pair, target: Pair, error: float, seed: int) -> float:
    """By which share the interval narrows with the run, its loss off by the error on ln loss, and
    by its opposite.
    """
    widths = [
        width(
            fit_scaling_law(
                with_run(fit.runs, *run, TRUTH.loss(*run) * np.exp(signed)),
                bootstrap=REPLICATES,
                seed=seed,
            ),
            target,
        )
        for signed in (error, -error)
    ]
    return 1.0 - float(np.mean(widths)) / width(fit, target)


def under(law: ChinchillaLaw, fit: ScalingFit) -> ScalingFit:
    """The fit as if it had found `law`."""
    a, b = (
        np.log(law.A) - law.alpha * np.log(fit.runs.params).mean(),
        np.log(law.B) - law.beta * np.log(fit.runs.tokens).mean(),
    )
    return replace(fit, law=law, _theta=np.array([a, law.alpha, b, law.beta, law.E]))


def compared(shares: dict[str, list[float]]) -> str:
    """The mean advantage of the advised run over the others and twice its standard error, in
    points.
    """
    gains = {name: np.subtract(shares["advised"], shares[name]) for name in ("largest", "random")}
    parts = [
        f"than {name} by {100 * gain.mean():+.1f} ±"
        f" {200 * gain.std(ddof=1) / np.sqrt(gain.size):.1f}"
        for name, gain in gains.items()
    ]
    return ", ".join(parts) + " points (2 s.e.)"


def run(repeats: int = 20, first_seed: int = 10_000, *designs: str) -> None:
    pooled: dict[str, dict[str, list[float]]] = {
        title: {name: [] for name in NAMES} for title in TARGETS
    }
    for design, noise in TRIED:
        if designs and design not in designs:
            continue
        shares = {
            (title, flop): {name: [] for name in (*NAMES, "promised", "at best")}
            for title in TARGETS
            for flop in BUDGETS_FLOP
        }
        for seed in range(first_seed, first_seed + repeats):
            rng = np.random.default_rng(seed)
            fit = fit_scaling_law(
                simulated(design, noise, 0.0, rng), bootstrap=REPLICATES, seed=seed
            )
            for (title, flop), found in shares.items():
                target = TARGETS[title]
                advice = next_run(
                    fit, budget_flop=flop, target_params=target[0], target_tokens=target[1]
                )
                pick = int(rng.integers(advice.grid_params.size))
                error = noise * float(rng.standard_normal())
                largest = fit.law.optimal(flop)
                found["largest"].append(narrowed(fit, largest, target, error, seed))
                same = (advice.params, advice.tokens) == largest
                found["advised"].append(
                    found["largest"][-1]
                    if same
                    else narrowed(fit, (advice.params, advice.tokens), target, error, seed)
                )
                found["random"].append(
                    narrowed(
                        fit,
                        (float(advice.grid_params[pick]), float(advice.grid_tokens[pick])),
                        target,
                        error,
                        seed,
                    )
                )
                found["promised"].append(advice.shrinkage)
                found["at best"].append(
                    float(
                        narrowing(
                            under(TRUTH, fit), advice.grid_params, advice.grid_tokens, *target
                        ).max()
                    )
                )
        for (title, flop), found in shares.items():
            means = "  ".join(
                f"{name} {100 * np.mean(values):4.1f}%" for name, values in found.items()
            )
            print(
                f"{design:10} noise {noise:<5} {title:27} {flop:.0e} FLOP  mean narrowing: {means}",
                flush=True,
            )
            print(f"{'':21} advised narrows more {compared(found)}", flush=True)
            for name in NAMES:
                pooled[title][name] += found[name]
    for title, found in pooled.items():
        print(f"All, {title}: {compared(found)}")
    everything = {
        name: [share for found in pooled.values() for share in found[name]] for name in NAMES
    }
    print(f"All: {compared(everything)}")


if __name__ == "__main__":
    run(*map(int, sys.argv[1:3]), *sys.argv[3:])
