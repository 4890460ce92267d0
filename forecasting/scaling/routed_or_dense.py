"""Routed or dense (Clark et al. 2022, arXiv 2202.01169): up to what size does routing to experts
lower the loss?

One fit a router, each with the dense runs (experts = 1). The crossover exp(−b/c) depends on which
runs are kept by a factor of two and more: read its order of magnitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError
from forecasting.formatting import in_words
from forecasting.laws.routing_law import RoutingLaw, effective_experts, fit_routing_law
from forecasting.scaling.scaling_inputs import RoutedRows, RoutedRunsInputs
from forecasting.scenario import quantity
from forecasting.stats.bands import Bands
from forecasting.stats.estimate import Estimate

Router = Literal["S-Base", "RL-R", "Hash"]
ROUTER_TITLES: dict[Router, str] = {
    "S-Base": "S-Base (optimal transport)",
    "RL-R": "RL-R (reinforcement learning)",
    "Hash": "Hash (fixed by token)",
}
ROWS_TITLES = {
    "one_expert": "One expert per token",
    "half_routed": "… and every second layer routed",
    "all": "All runs",
}
LEVEL = 0.9
DRAWS = 400
#: Saturations tried for every resample: starts and widths of Ê, as logarithms.
SATURATION_STARTS, SATURATION_WIDTHS = np.linspace(-3.0, 2.5, 12), np.linspace(2.5, 9.5, 15)
LARGEST, GRID = 1e13, 70


class RoutingInputs(RoutedRunsInputs):
    """Inputs of routed against dense models."""

    routers: tuple[Router, ...] = quantity(("S-Base", "RL-R", "Hash"), unit="name", label="Routers")
    experts: int = quantity(
        64,
        unit="1",
        label="Experts",
        why="Runs of Clark et al. 2022 have 2 to 512.",
        ge=2,
        le=100_000,
    )


@dataclass(frozen=True, eq=False)
class RouterFit:
    """One router: its law, the dense size from which routing stops helping, and the loss that
    routing saves by size.

    `saved` are bands of 1 − routed/dense loss at the scenario's experts over dense parameters (in
    `saved.x`), `saved_line` the fit itself; `params`, `experts` and `gains` are the measured
    runs, each against the dense law of its size.
    """

    router: Router
    law: RoutingLaw
    crossover: Estimate
    saved: Bands
    saved_line: FloatArray
    params: FloatArray
    experts: FloatArray
    gains: FloatArray

    @property
    def crossover_words(self) -> str:
        """The crossover with its range."""
        return self.crossover.with_range(
            lambda params: in_words(params, 1) if params < LARGEST else "none"
        )


@dataclass(frozen=True, eq=False)
class RoutedOrDense(Answered):
    """Up to what size routing helps: the fit of every chosen router; `largest_run` is the most
    dense parameters that any run has.
    """

    scenario: RoutingInputs
    routers: tuple[RouterFit, ...]
    largest_run: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a router: coefficients, crossover with its 90% interval, what routing saves at the
        largest run.
        """
        rows = []
        for one in self.routers:
            low, high = one.crossover.interval(LEVEL)
            law = one.law
            rows.append(
                {
                    "router": one.router,
                    "runs": one.params.size,
                    "crossover_dense_params": one.crossover.value,
                    "crossover_dense_params_q5": low,
                    "crossover_dense_params_q95": high,
                    "experts": self.scenario.experts,
                    "loss_saved_at_largest_run_share": _saved_share(
                        law, np.array([self.largest_run]), float(self.scenario.experts)
                    )[0],
                    **{
                        name: getattr(law, name)
                        for name in ("a", "b", "c", "d", "e_start", "e_max")
                    },
                }
            )
        return pd.DataFrame(rows)


def routed_or_dense(scenario: RoutingInputs, *, data: DataOrContext | None = None) -> RoutedOrDense:
    """The chosen routers against dense models. Raises InputError where no router is chosen."""
    tables = context_of(data).data
    if not scenario.routers:
        raise InputError("routers", "none", f"Choose at least one of {', '.join(ROUTER_TITLES)}.")
    chosen = dict.fromkeys(scenario.routers)
    rows, experts = scenario.routed_rows, float(scenario.experts)
    fits = tuple(_router_fit(router, rows, experts, scenario.seed, tables) for router in chosen)
    return RoutedOrDense(
        scenario, fits, float(routed_runs(scenario.routers[0], rows, tables)["dense_params"].max())
    )


def routed_runs(router: str, rows: RoutedRows, data: DataSet) -> pd.DataFrame:
    """The router's runs and the dense ones, a row a run.

    Parameters
    ----------
    router : str
        The router, as the table names it.
    rows : str
        The runs: "one_expert" a token, "half_routed" of these with every other layer routed, or
        "all".
    data : DataSet
        The tables.
    """
    table = data["runs_routed_vs_dense"]
    keep = table["router"].isin([router, "Dense"])
    if rows != "all":
        keep &= table["k"] == 1.0
    if rows == "half_routed":
        keep &= table["routing_frequency"] == 0.5
    return table[keep]


def _saved_share(law: RoutingLaw, params: FloatArray, experts: float) -> FloatArray:
    """1 − loss with `experts` over loss when dense, at dense sizes `params`."""
    shares: FloatArray = 1.0 - law.loss(params, experts) / law.loss(params, 1.0)
    return shares


def _router_fit(
    router: Router, rows: RoutedRows, experts: float, seed: int, data: DataSet
) -> RouterFit:
    runs = routed_runs(router, rows, data)
    params, used, losses = (
        runs[name].to_numpy(dtype=np.float64)
        for name in ("dense_params", "experts", "loss_validation")
    )
    law, coefficients, saturations = _fitted(router, rows, seed, data)
    b, c = coefficients[:, 1], coefficients[:, 2]
    with np.errstate(divide="ignore", over="ignore"):
        crossings = np.where(c > 0.0, np.exp(np.minimum(-b / np.maximum(c, 1e-12), 700.0)), np.inf)
    grid = np.geomspace(params.min(), LARGEST, GRID)
    start, most = saturations.T
    change = np.log(effective_experts(experts, start, most)) - np.log(
        effective_experts(1.0, start, most)
    )
    saved = 1.0 - np.exp(change[:, None] * (b[:, None] + c[:, None] * np.log(grid)))
    routed = used > 1.0
    return RouterFit(
        router=router,
        law=law,
        crossover=Estimate(law.crossover_params, crossings),
        saved=Bands.of_draws(grid, saved),
        saved_line=_saved_share(law, grid, experts),
        params=params[routed],
        experts=used[routed],
        gains=1.0 - losses[routed] / np.asarray(law.loss(params[routed], 1.0)),
    )


@cached_with
def _fitted(
    router: str, rows: RoutedRows, seed: int, data: DataSet
) -> tuple[RoutingLaw, FloatArray, FloatArray]:
    """The router's law, and coefficients and saturations of its refits to reweighted runs."""
    runs = routed_runs(router, rows, data)
    params, used, losses = (
        runs[name].to_numpy(dtype=np.float64)
        for name in ("dense_params", "experts", "loss_validation")
    )
    return fit_routing_law(params, used, losses), *_resampled(
        params, used, losses, np.random.default_rng(seed)
    )


def _resampled(
    params: FloatArray, experts: FloatArray, losses: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Coefficients (draws, 4) and saturations (draws, 2) of refits to reweighted runs; a grid of
    saturations is tried for each.
    """
    log_n, log_l = np.log(params), np.log(losses)
    weights = rng.standard_exponential((DRAWS, params.size))
    best, total = np.full(DRAWS, np.inf), weights @ log_l**2
    coefficients, saturations = np.empty((DRAWS, 4)), np.empty((DRAWS, 2))
    for log_start in SATURATION_STARTS:
        for log_width in SATURATION_WIDTHS:
            start = 1.0 + math.exp(log_start)
            most = start + math.exp(log_width)
            log_e = np.log(effective_experts(experts, start, most))
            # The 4 × 4 normal equations of all resamples at once; centring keeps them well
            # conditioned.
            centre = np.array([log_n.mean(), log_e.mean()])
            x, y = log_n - centre[0], log_e - centre[1]
            design = np.stack([x, y, x * y, np.ones(params.size)], axis=1)
            gram = (
                weights @ (design[:, :, None] * design[:, None, :]).reshape(params.size, 16)
            ).reshape(DRAWS, 4, 4)
            moment = weights @ (design * log_l[:, None])
            solved = np.linalg.solve(gram, moment[..., None])[..., 0]
            misfit = total - np.sum(solved * moment, axis=1)
            better = misfit < best
            best[better] = misfit[better]
            u, v, w, level = solved[better].T
            coefficients[better] = np.stack(
                [
                    u - w * centre[1],
                    v - w * centre[0],
                    w,
                    level - u * centre[0] - v * centre[1] + w * centre[0] * centre[1],
                ],
                axis=1,
            )
            saturations[better] = start, most
    return coefficients, saturations
