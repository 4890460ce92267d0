"""Which uncertain inputs make a range as wide as it is, and how wide it would be were they known.

Input i is drawn as x_i, with the median m_i. Where it alone is drawn, the logarithm of the cost is
L_i = log10 cost(m_1, …, x_i, …, m_n), and its share of the variance is

    share_i = Var(L_i) / Σ_j Var(L_j)

That is exact where the logarithm of the cost is a sum of independent terms, one an input: then
log10 cost = Σ_j L_j + constant and Var(log10 cost) = Σ_j Var(L_j), apart from the chance
correlations of finitely many draws. Where a price is itself a sum (owned chips: hardware and
energy), the shares are those of the inputs moved one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.stats.bands import Range

#: The cost in USD of draws of each input, by name.
CostOf = Callable[[Mapping[str, FloatArray]], FloatArray]


@dataclass(frozen=True)
class Driver:
    """One uncertain input and its share of the variance of the logarithm of the cost.

    `if_known` is the cost with this input at its median, `if_known_with_larger` with those of
    larger shares at theirs too, both in USD.
    """

    name: str
    share: float
    if_known: Range
    if_known_with_larger: Range


def range_drivers(cost_of: CostOf, draws: Mapping[str, FloatArray]) -> tuple[Driver, ...]:
    """The inputs of a cost by their share of the variance of its logarithm, the largest first.

    The shares add up to 1; all are 0 where nothing is uncertain. The formula stands at the head of
    this file.

    Parameters
    ----------
    cost_of : function of a mapping, which gives an array
        The cost in USD, above 0, of an array for each input, shape (draws,).
    draws : mapping of str to array of floats, shape (draws,)
        Independent draws of each input, by its name.
    """
    medians = {name: np.full_like(drawn, np.median(drawn)) for name, drawn in draws.items()}
    variances = {
        name: float(np.var(np.log10(cost_of({**medians, name: drawn}))))
        if np.ptp(drawn) > 0
        else 0.0
        for name, drawn in draws.items()
    }
    total = sum(variances.values()) or 1.0
    by_share = sorted(variances, key=lambda name: -variances[name])
    known: dict[str, FloatArray] = {}
    drivers = []
    for name in by_share:
        known[name] = medians[name]
        drivers.append(
            Driver(
                name,
                variances[name] / total,
                Range.of_draws(cost_of({**draws, name: medians[name]}), "USD"),
                Range.of_draws(cost_of({**draws, **known}), "USD"),
            )
        )
    return tuple(drivers)
