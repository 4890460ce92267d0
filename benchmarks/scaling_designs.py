"""Synthetic training runs with a known law, for the benchmarks of the scaling fit."""

from __future__ import annotations

import numpy as np

from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw

TRUTH = ChinchillaLaw(E=1.8172, A=477.8, B=2143.4, alpha=0.3473, beta=0.3672)
DESIGNS = ("isoflop_20", "grid_25", "random_40", "isoflop_60", "isoflop_240")
OUTLYING = 0.05


def sizes(design: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(params, tokens) of a design; its number is that of its runs."""
    if design == "grid_25":
        return np.tile(np.geomspace(5e7, 5e9, 5), 5), np.repeat(np.geomspace(1e9, 1e11, 5), 5)
    if design == "random_40":
        return 10 ** rng.uniform(7.5, 9.5, 40), 10 ** rng.uniform(9, 11, 40)
    budgets, spread = {
        "isoflop_20": (np.geomspace(1e18, 3e20, 5), np.array([0.25, 0.6, 1.6, 4.0])),
        "isoflop_60": (np.geomspace(6e18, 3e21, 6), np.geomspace(0.15, 6, 10)),
        "isoflop_240": (np.geomspace(6e18, 3e21, 8), np.geomspace(0.1, 8, 30)),
    }[design]
    flop = np.repeat(budgets, spread.size)
    params = np.sqrt(flop / 120) * np.tile(spread, budgets.size)
    return params, flop / (6 * params)


def simulated(
    design: str, noise: float, outliers: float, rng: np.random.Generator, law: ChinchillaLaw = TRUTH
) -> TrainingRuns:
    """Runs of `law` with Gaussian noise on ln loss; a share `outliers` of them ends about ten
    deviations too high.
    """
    params, tokens = sizes(design, rng)
    error = noise * rng.standard_normal(params.size)
    high = rng.random(params.size) < outliers
    error[high] += 10 * noise * np.abs(rng.standard_normal(int(high.sum())))
    return TrainingRuns(params, tokens, law.loss(params, tokens) * np.exp(error))
