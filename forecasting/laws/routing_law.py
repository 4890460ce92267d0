"""Routed against dense models (Clark et al. 2022, Unified Scaling Laws for Routed Language Models,
arXiv 2202.01169, 2022-02-02).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.laws.law_inputs import as_given, positive
from forecasting.stats.budget import check_budget
from forecasting.stats.dated_series import as_float_array

MIN_RUNS = 8


@dataclass(frozen=True)
class RoutingLaw:
    r"""A law of routed and dense models (Clark et al. 2022).

    .. math:: \ln L = a\ln N + b\ln\hat E + c\ln N\,\ln\hat E + d

    .. math::
        \frac{1}{\hat E} = \frac{1}{E-1+\big(\frac{1}{E_{start}}-\frac{1}{E_{max}}\big)^{-1}} +
        \frac{1}{E_{max}}

    L is the loss in nats per token of a model that has N parameters when dense, and E experts. Ê
    are the experts saturated at both ends, with 1 ≤ `e_start` < `e_max`; dense models have E = 1.
    Routing stops helping at N = exp(−b/c). Methods take numbers or arrays that broadcast, and raise
    InputError for values that are not above 0.
    """

    a: float
    b: float
    c: float
    d: float
    e_start: float
    e_max: float

    def effective_experts(self, experts: ArrayLike) -> Any:
        """Ê of a number of experts (1: dense)."""
        return as_given(
            effective_experts(
                positive("experts", experts, "experts", "64"), self.e_start, self.e_max
            )
        )

    def loss(self, params: ArrayLike, experts: ArrayLike) -> Any:
        """The loss of a model that is `params` parameters when dense, with `experts` experts."""
        log_n = np.log(positive("params", params, "parameters", "1.3e9"))
        log_e = np.log(self.effective_experts(experts))
        return as_given(np.exp(self.a * log_n + self.b * log_e + self.c * log_n * log_e + self.d))

    @property
    def crossover_params(self) -> float:
        """exp(−b/c), the dense size from which more experts no longer lower the loss; infinite
        where they always do.
        """
        return math.exp(min(-self.b / self.c, 700.0)) if self.c > 0.0 else math.inf


def fit_routing_law(params: ArrayLike, experts: ArrayLike, losses: ArrayLike) -> RoutingLaw:
    """Fits one router's runs together with the dense runs by least squares on ln loss.

    a, b, c, d are linear for given saturation, so that only (e_start, e_max) are sought: on a grid,
    then by simplex.

    Parameters
    ----------
    params : array-like of floats, shape (runs,)
        Parameters when dense, above 0.
    experts : array-like of floats, shape (runs,)
        Experts, 1: dense.
    losses : array-like of floats, shape (runs,)
        Losses in nats per token, above 0.

    Raises
    ------
    NotEnoughDataError
        For fewer than 8 runs.
    InputError
        Where no run is routed.
    """
    from scipy.optimize import minimize

    N, experts_used, L = (
        as_float_array(v, name)
        for v, name in ((params, "params"), (experts, "experts"), (losses, "losses"))
    )
    if N.size < MIN_RUNS:
        raise NotEnoughDataError(
            int(N.size), MIN_RUNS, "Add runs with parameters, experts and loss."
        )
    if np.all(experts_used == experts_used[0]):
        raise InputError(
            "experts",
            float(experts_used[0]),
            "All runs have the same number of experts: add dense runs (1) and routed ones.",
        )
    for name, values in (("params", N), ("experts", experts_used), ("losses", L)):
        positive(name, values, name, "1")
    log_n, log_l = np.log(N), np.log(L)

    def solved(saturation: FloatArray) -> tuple[float, FloatArray]:
        check_budget()
        start, width = 1.0 + math.exp(saturation[0]), math.exp(saturation[1])
        log_e = np.log(effective_experts(experts_used, start, start + width))
        columns = np.stack([log_n, log_e, log_n * log_e, np.ones(N.size)], axis=1)
        coefficients = np.linalg.lstsq(columns, log_l, rcond=None)[0]
        return float(np.sum((columns @ coefficients - log_l) ** 2)), coefficients

    grid = [np.array([s, w]) for s in np.linspace(-4.0, 2.5, 8) for w in np.linspace(2.0, 9.0, 8)]
    first = min(grid, key=lambda point: solved(point)[0])
    best = minimize(
        lambda point: solved(np.clip(point, -12.0, 12.0))[0],
        first,
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-14},
    )
    saturation = np.clip(best.x, -12.0, 12.0)
    a, b, c, d = (float(value) for value in solved(saturation)[1])
    start = 1.0 + math.exp(saturation[0])
    return RoutingLaw(a, b, c, d, start, start + math.exp(saturation[1]))


def effective_experts(experts: Any, start: Any, most: Any) -> Any:
    """Ê of a number of experts, saturated at both ends; numbers or arrays that broadcast.

    Parameters
    ----------
    experts : number or array
        Experts, 1: dense.
    start : number or array
        e_start, above 1: below it more experts hardly count.
    most : number or array
        e_max, what Ê comes to for ever more experts.
    """
    return 1.0 / (1.0 / (experts - 1.0 + 1.0 / (1.0 / start - 1.0 / most)) + 1.0 / most)
