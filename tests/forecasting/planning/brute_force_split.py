"""The best split by brute force: grids that close in on the best point, on the law as it is
written, without any derivative.
"""

from __future__ import annotations

import numpy as np

from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.repeated_data_law import RepeatedDataLaw

POINTS = 41


def brute_force_score(
    law: ChinchillaLaw,
    *,
    unique_tokens: float,
    budget_usd: float,
    usd_per_6_flop: float,
    input_usd_per_param: float,
    output_usd_per_param: float,
    exchange_rate: float,
    span: float,
) -> float:
    """The highest log10 C_eq + s·log10 k on ever finer grids of tokens and k; the budget gives the
    parameters.
    """
    repeated = RepeatedDataLaw(law)

    def scores(log_tokens: np.ndarray, log_k: np.ndarray) -> np.ndarray:
        tokens, k = 10.0 ** log_tokens[:, None], 10.0 ** log_k[None, :]
        params = budget_usd / (
            usd_per_6_flop * tokens + input_usd_per_param + k * output_usd_per_param
        )
        over = repeated.loss(params, np.broadcast_to(tokens, params.shape), unique_tokens) - law.E
        return -np.log10(over / law.K) / law.gamma + exchange_rate * np.log10(k)

    low_d, high_d, low_k, high_k = 0.0, 30.0, 0.0, float(np.log10(span))
    best = -np.inf
    for _ in range(24):
        grid_d, grid_k = np.linspace(low_d, high_d, POINTS), np.linspace(low_k, high_k, POINTS)
        found = scores(grid_d, grid_k)
        best = max(best, float(found.max()))
        at_d, at_k = np.unravel_index(int(found.argmax()), found.shape)
        # The function is concave but slanted: the next grid keeps a few steps around the best
        # point.
        reach_d, reach_k = 8 * (high_d - low_d) / (POINTS - 1), 8 * (high_k - low_k) / (POINTS - 1)
        low_d, high_d = grid_d[at_d] - reach_d, grid_d[at_d] + reach_d
        low_k, high_k = (
            max(0.0, grid_k[at_k] - reach_k),
            min(float(np.log10(span)), grid_k[at_k] + reach_k),
        )
    return best
