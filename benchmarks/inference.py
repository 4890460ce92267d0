"""Train or infer: the map, the allocation over draws of the law, the date of parity; CPU time, and
against a root finder law by law.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

import forecasting as fc
from forecasting.inference.allocation import equal_loss_optimum
from forecasting.inference.answer_surface import LanguageSurface
from forecasting.laws.law_draws import LawDraws

LAWS = 1000
CELLS = 200
DEMANDS = 81
REPEATS = 15
MAX_MS = {"map": 100.0, "allocation": 500.0}


def run() -> None:
    draws = fc.law_in_use("refit", fc.bundled()).draws
    left, weight = losses_left(draws), np.full(LAWS, 1e13)
    scenario = fc.InferenceScenario()
    print(f"train or infer: medians of {REPEATS}, CPU time")
    timed(f"map of {CELLS} × {CELLS} cells", whole_map, MAX_MS["map"])
    timed("forecast of the map, curves, 400 draws of the split", lambda: fc.compute_map(scenario))
    own = timed(
        f"allocation, {LAWS:,} laws",
        lambda: equal_loss_optimum(draws, left, weight),
        MAX_MS["allocation"],
    )
    grid = np.geomspace(1e9, 1e17, DEMANDS)[None, :]
    timed(
        f"allocation, {LAWS:,} laws × {DEMANDS} demands",
        lambda: equal_loss_optimum(draws, left[:, None], grid),
        MAX_MS["allocation"],
    )
    peer = timed(
        f"the same {LAWS:,} laws, one by one with brentq", lambda: one_by_one(draws, left, weight)
    )
    timed(
        f"forecast of serving, {LAWS:,} laws",
        lambda: fc.serve_at_scale(scenario),
        MAX_MS["allocation"],
    )
    timed("forecast of the date, 4,000 draws", lambda: fc.human_parity(scenario))
    params, tokens = equal_loss_optimum(draws, left, weight)
    other_params, other_tokens = one_by_one(draws, left, weight)
    apart = max(
        float(np.abs(params / other_params - 1).max()),
        float(np.abs(tokens / other_tokens - 1).max()),
    )
    print(f"  {peer / own:.0f} times as fast as one by one; the two agree within {apart:.0e}")


def whole_map() -> None:
    """The scores of a whole map of language."""
    one = np.array([[1.0]])
    surface = LanguageSurface(
        LawDraws.of_law(fc.published_law("refit").law), one, 3.0 * one, 0.25, 500.0
    )
    surface.score(*np.meshgrid(np.linspace(21.0, 27.0, CELLS), np.linspace(12.0, 18.0, CELLS)))


def losses_left(draws: LawDraws) -> np.ndarray:
    """What each law's loss has above its floor at its own Chinchilla model of 70 billion
    parameters.
    """
    laws = [draws.law(row) for row in range(len(draws))]
    return np.array([law.loss(70e9, law.tokens_of_optimal_params(70e9)) - law.E for law in laws])


def one_by_one(
    draws: LawDraws, left: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The optimum of every law by a bracketing root finder on ln N."""
    found = []
    for row in range(len(draws)):
        law, over, w = draws.law(row), float(left[row]), float(weight[row])

        def tokens_at(log_params: float, law: fc.ChinchillaLaw = law, over: float = over) -> float:
            return float(
                ((over - law.A * np.exp(-law.alpha * log_params)) / law.B) ** (-1.0 / law.beta)
            )

        def condition(log_params: float, law: fc.ChinchillaLaw = law, w: float = w) -> float:
            tokens = tokens_at(log_params)
            size, data = law.A * np.exp(-law.alpha * log_params), law.B * tokens**-law.beta
            return float(np.log(law.alpha * size) - np.log(law.beta * data) - np.log1p(w / tokens))

        least = np.log(law.A / over) / law.alpha
        at = brentq(condition, least + 1e-9, least + 20.0, xtol=1e-13, rtol=1e-14)
        found.append((np.exp(at), tokens_at(at)))
    params, tokens = np.array(found).T
    return params, tokens


def timed(name: str, function: Callable[[], object], most_ms: float | None = None) -> float:
    """Print and give the median CPU time in ms."""
    function()
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        function()
        times.append(1e3 * (time.process_time() - started))
    median = statistics.median(times)
    allowed = (
        ""
        if most_ms is None
        else f"  (at most {most_ms:.0f} ms: {'ok' if median <= most_ms else 'TOO SLOW'})"
    )
    print(f"  {name:54s} {median:8.2f} ms{allowed}", flush=True)
    return median


if __name__ == "__main__":
    run()
