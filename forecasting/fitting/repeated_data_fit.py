"""Repeated-data laws brought to measured runs: E, A and B refitted, exponents and R* kept as
published.

Muennighoff's own coefficients predict the losses of their runs 8% too low (cause unknown), so that
the law must be refitted before it is laid over the runs.

fit = fit_repeated_data_law(bundled()["runs_repeated_data"])
fit.law.loss(params=7e9, tokens=2e12, unique_tokens=5e11), fit.answer
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from forecasting.answers import Answered
from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import InputError
from forecasting.fitting.fit_bootstrap import resampled
from forecasting.fitting.power_law_fit import DEFAULT_DELTA, checked_loss_function
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.laws.published_laws import published_law
from forecasting.laws.repeated_data_law import RepeatedDataLaw, worth_of
from forecasting.stats.budget import check_budget
from forecasting.stats.dated_series import as_float_array
from forecasting.stats.estimate import Estimate

MIN_RUNS = 6
_STEPS = 120


@dataclass(frozen=True, eq=False)
class RepeatedDataFit(Answered):
    """A repeated-data law with E, A and B fitted to runs; exponents and R* are those of
    `published`.

    `draws` are the base laws of the resamples, `residuals` ln of predicted over measured loss by
    `law`, `residuals_before` the same by `published`, `objective` the summed loss function.
    """

    law: RepeatedDataLaw
    published: RepeatedDataLaw
    runs: TrainingRuns
    unique_tokens: FloatArray
    objective: float
    draws: LawDraws = field(repr=False)
    residuals: FloatArray = field(repr=False)
    residuals_before: FloatArray = field(repr=False)

    def estimate(self, name: str) -> Estimate:
        """E, A or B, with its draws (alpha and beta: as published)."""
        return Estimate(float(getattr(self.law.base, name)), self.draws.column(name))

    @property
    def bias_before(self) -> float:
        """The median of ln(predicted/measured) by the published coefficients: below 0 they predict
        too low.
        """
        return float(np.median(self.residuals_before))

    @property
    def median_error(self) -> float:
        """The median size of ln(predicted/measured) by the refitted law."""
        return float(np.median(np.abs(self.residuals)))


def fit_repeated_data_law(
    runs: object,
    *,
    published: RepeatedDataLaw | None = None,
    delta: float = DEFAULT_DELTA,
    bootstrap: int = 200,
    bootstrap_by: str | ArrayLike = "row",
    seed: int = 0,
) -> RepeatedDataFit:
    """Fits E, A and B of a repeated-data law to runs by the summed Huber loss of ln L residuals; α,
    β and R* are kept.

    How many parameters the text feeds depends on A/B, so all three are solved for together:
    reweighted least squares with damped steps, all resamples at once.

    Parameters
    ----------
    runs : TrainingRuns, or a table of them
        Columns params, tokens, loss (nats per token) and unique_tokens, a row a run.
    published : RepeatedDataLaw or None
        Gives what is kept and where the search starts; None: Muennighoff et al. 2023.
    delta : float
        δ of the Huber loss, in ln L, above 0.
    bootstrap : int
        How many resamples; 0: none.
    bootstrap_by : str, or array-like of labels, shape (runs,)
        "row", or what whole clusters are drawn by: "params", "tokens", a label column, or labels.
    seed : int
        Seed of the resamples.

    Raises
    ------
    NotEnoughDataError
        For fewer than 6 runs.
    InputError
        Without unique_tokens.
    """
    checked_loss_function("huber", delta, "log")
    table = TrainingRuns.of(runs)
    table.require(MIN_RUNS)
    if "unique_tokens" not in table.labels:
        raise InputError(
            "runs",
            "without unique_tokens",
            "Add a column unique_tokens: the distinct tokens of each run.",
        )
    unique = as_float_array(table.labels["unique_tokens"], "unique_tokens")
    if not (unique > 0.0).all():
        raise InputError(
            "unique_tokens",
            float(unique[~(unique > 0.0)][0]),
            "Give the distinct tokens of each run, above 0.",
        )
    if not isinstance(bootstrap, int) or bootstrap < 0:
        raise InputError("bootstrap", bootstrap, "Give a whole number of resamples of 0 or more.")
    start = published
    if start is None:
        named = published_law("muennighoff").law
        assert isinstance(named, RepeatedDataLaw)
        start = named
    problem = _Problem.of(table, unique, start)
    first = np.array([[math.log(start.base.A), math.log(start.base.B), start.base.E]])
    theta = _solved(problem, first, np.ones((1, len(table))), delta)
    theta = _polished(problem, theta[0], delta)[None]
    draws = theta
    if bootstrap:
        weights = resampled(
            len(table),
            bootstrap,
            table.clusters(bootstrap_by),
            "smooth",
            np.random.default_rng(seed),
        )
        draws = _solved(
            problem, np.repeat(theta, bootstrap, axis=0), weights.astype(np.float64), delta
        )
    law = RepeatedDataLaw(problem.base(theta[0]), start.r_d_star, start.r_n_star)
    before = np.log(start.loss(table.params, table.tokens, unique) / table.loss)
    return RepeatedDataFit(
        law=law,
        published=start,
        runs=table,
        unique_tokens=unique,
        objective=float(_objective(problem.residuals(theta), 1.0, delta)[0]),
        draws=problem.laws(draws),
        residuals=problem.residuals(theta)[0],
        residuals_before=before,
    )


@dataclass(frozen=True, eq=False)
class _Problem:
    """The runs as the law sees them: `data_term` is D′^−β, `supply` the unique tokens to the power
    β/α, of which G makes fed parameters.
    """

    law: RepeatedDataLaw
    params: FloatArray
    data_term: FloatArray
    supply: FloatArray
    log_loss: FloatArray

    @classmethod
    def of(cls, runs: TrainingRuns, unique: FloatArray, law: RepeatedDataLaw) -> _Problem:
        base = law.base
        data = np.asarray(law.effective_tokens(runs.tokens, unique))
        supply = np.minimum(unique, runs.tokens) ** (base.beta / base.alpha)
        return cls(law, runs.params, data**-base.beta, supply, np.log(runs.loss))

    def base(self, theta: FloatArray) -> ChinchillaLaw:
        return self.laws(theta[None]).law(0)

    def laws(self, theta: FloatArray) -> LawDraws:
        base = self.law.base
        kept = (np.full(len(theta), getattr(base, name)) for name in NAMES[3:])
        return LawDraws(theta[:, 2].copy(), np.exp(theta[:, 0]), np.exp(theta[:, 1]), *kept)

    def residuals(self, theta: FloatArray) -> FloatArray:
        return self.with_slopes(theta)[0]

    def with_slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Residuals (replicates, n) and their slopes by ln A, ln B and E (replicates, n, 3)."""
        alpha, beta = self.law.base.alpha, self.law.base.beta
        log_a, log_b, floor = (theta[:, k : k + 1] for k in range(3))
        log_g = (math.log(alpha / beta) + log_a - log_b) / (alpha + beta)
        fed = np.exp((1.0 + beta / alpha) * log_g) * self.supply
        used = np.minimum(fed, self.params)
        worth = np.asarray(worth_of(self.params, used, self.law.r_n_star))
        size_term = np.exp(log_a) * worth**-alpha
        data_term = np.exp(log_b) * self.data_term
        loss = floor + size_term + data_term
        # How N′ moves with G, where the text feeds fewer parameters than there are.
        excess = self.params / used
        decay = (
            np.exp(-(excess - 1.0) / self.law.r_n_star)
            if math.isfinite(self.law.r_n_star)
            else np.ones_like(excess)
        )
        spread = (
            self.law.r_n_star * (1.0 - decay) if math.isfinite(self.law.r_n_star) else excess - 1.0
        )
        by_g = np.where(
            fed < self.params, (1.0 + spread - excess * decay) * used * (1.0 + beta / alpha), 0.0
        )
        shift = size_term * alpha * by_g / worth / (alpha + beta)
        slopes = (
            np.stack([size_term - shift, data_term + shift, np.ones_like(loss)], axis=2)
            / loss[:, :, None]
        )
        return np.log(loss) - self.log_loss, slopes


def _objective(residuals: FloatArray, weights: FloatArray | float, delta: float) -> FloatArray:
    inside = np.clip(residuals, -delta, delta)
    result: FloatArray = (weights * inside * (residuals - 0.5 * inside)).sum(axis=1)
    return result


def _solved(problem: _Problem, theta: FloatArray, weights: FloatArray, delta: float) -> FloatArray:
    """The least sum of each row of weights, by reweighted least squares with damped steps that
    never go uphill.
    """
    theta = theta.copy()
    damping = np.full(len(theta), 1e-3)
    residuals, slopes = problem.with_slopes(theta)
    objective = _objective(residuals, weights, delta)
    active: BoolArray = np.ones(len(theta), dtype=bool)
    for _ in range(_STEPS):
        check_budget()
        pull = weights * np.minimum(1.0, delta / np.maximum(np.abs(residuals), 1e-300))
        gradient = np.einsum("rn,rnk->rk", pull * residuals, slopes)
        metric = np.einsum("rn,rnk,rnj->rkj", pull, slopes, slopes)
        metric += damping[:, None, None] * np.einsum("rkk->rk", metric)[:, :, None] * np.eye(3)
        step = np.linalg.solve(metric, gradient[..., None])[..., 0]
        there = theta - np.clip(step, -1.0, 1.0)
        there[:, 2] = np.maximum(there[:, 2], 0.0)
        new_residuals, new_slopes = problem.with_slopes(there)
        new = _objective(new_residuals, weights, delta)
        better = new < objective
        active = ~better | (objective - new > 1e-9 * objective)
        theta[better], residuals[better], slopes[better] = (
            there[better],
            new_residuals[better],
            new_slopes[better],
        )
        objective = np.where(better, new, objective)
        damping = np.where(better, damping * 0.3, np.minimum(damping * 8.0, 1e6))
        if not (active & (damping < 1e6)).any():
            break
    return theta


def _polished(problem: _Problem, theta: FloatArray, delta: float) -> FloatArray:
    from scipy.optimize import minimize

    scale = np.array([0.02, 0.02, 0.01])

    def value(x: FloatArray) -> float:
        check_budget()
        at = theta + scale * x
        return (
            math.inf
            if at[2] < 0.0
            else float(_objective(problem.residuals(at[None]), 1.0, delta)[0])
        )

    found = minimize(
        value,
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-14, "maxfev": 600},
    )
    result: FloatArray = theta + scale * found.x
    return result


__all__ = ["RepeatedDataFit", "fit_repeated_data_law"]
