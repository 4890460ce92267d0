"""Fits of the Chinchilla form to training runs, with intervals, checks and warnings.

fit = fit_scaling_law(runs, delta=1e-3, bootstrap=4000, seed=0)
fit.law.loss(params=7e9, tokens=2e12), fit.interval("alpha", 0.95), fit.warnings
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, UnknownNameError
from forecasting.fitting.bias_correction import bias_corrected
from forecasting.fitting.fit_bootstrap import MAX_REPLICATES, Resampling, replicates_within
from forecasting.fitting.fit_bootstrap import bootstrap as bootstrap_replicates
from forecasting.fitting.fit_result import MIN_RUNS, FitResult, FitSettings, fit_once, law_draws
from forecasting.fitting.fit_warnings import fit_warnings
from forecasting.fitting.held_out import HeldOutCheck, held_out_check
from forecasting.fitting.power_law_fit import (
    DEFAULT_DELTA,
    LossFunction,
    checked_loss_function,
)
from forecasting.fitting.power_law_problem import ResidualsIn
from forecasting.fitting.profile_interval import PROFILED, Profile, profile_of
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.fitting.warning_kinds import FitWarning
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, positive
from forecasting.laws.overtraining_law import OverTrainingLaw
from forecasting.stats.estimate import Estimate
from forecasting.stats.quantiles import quantile_of

IntervalKind = Literal["bias_corrected", "percentile", "basic"]
#: Chosen by coverage on synthetic runs with known truth, see benchmarks/scaling_coverage.py.
DEFAULT_INTERVAL: IntervalKind = "bias_corrected"
DEFAULT_RESAMPLING: Resampling = "smooth"


@dataclass(frozen=True, eq=False)
class LossForecast:
    """The predicted loss of runs: `loss` by the fitted law, `draws` (draws, points) of the curve or
    of a new run, nats per token.
    """

    loss: FloatArray
    draws: FloatArray = field(repr=False)
    kind: Literal["curve", "run"]

    def quantile(self, q: ArrayLike) -> FloatArray:
        """The loss that a share `q` (0 to 1) of the draws stays below: shape q.shape +
        (points,).
        """
        return quantile_of(self.draws, q)

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """The ends of the central interval that holds `level` of the draws, each of length
        points.
        """
        tail = (1.0 - level) / 2.0
        low, high = self.quantile([tail, 1.0 - tail])
        return low, high


@dataclass(frozen=True, eq=False)
class ScalingFit(FitResult):
    """A fitted scaling law with everything needed to judge it: intervals, profiles, forecasts,
    checks and warnings.
    """

    _without_draws: ScalingFit | None = field(default=None, repr=False)

    def resampled(
        self,
        bootstrap: int,
        *,
        bootstrap_by: str | ArrayLike = "row",
        resampling: Resampling = DEFAULT_RESAMPLING,
        most_seconds: float | None = None,
        seed: int = 0,
    ) -> ScalingFit:
        """This fit with the laws of other resamples as its draws; the optimum is not sought anew.

        Parameters
        ----------
        bootstrap : int
            How many resamples, from 0.
        bootstrap_by : str or array
            Column of the runs whose groups are resampled, or the groups; "row": each run alone.
        resampling : str
            Kind of weights, as fit_scaling_law takes them.
        most_seconds : float or None
            Time after which fewer resamples are taken, with a warning.
        seed : int
            Seed of the resamples.

        Raises
        ------
        InputError
            For a number of resamples that is out of bounds.
        UnknownNameError
            For another kind of weights.
        """
        if not isinstance(bootstrap, int) or not 0 <= bootstrap <= MAX_REPLICATES:
            raise InputError(
                "bootstrap",
                bootstrap,
                f"Give a whole number of resamples from 0 to {MAX_REPLICATES:,}.",
            )
        if resampling not in get_args(Resampling):
            raise UnknownNameError("resampling", resampling, get_args(Resampling))
        draws, failed, lowered_from = LawDraws.of_law(self.law), 0, None
        clusters = self.runs.clusters(bootstrap_by)
        if most_seconds is not None:
            affordable = replicates_within(
                most_seconds,
                len(self.runs),
                loss_function=self.settings.loss_function,
                delta=self.settings.delta,
            )
            if affordable < bootstrap:
                bootstrap, lowered_from = affordable, bootstrap
        if bootstrap:
            rng = np.random.default_rng(seed)
            replicates = bootstrap_replicates(
                self._problem, self._theta, self._starts, bootstrap, clusters, resampling, rng
            )
            draws = law_draws(self._problem, replicates.theta, self.runs)
            failed = replicates.failed
        return replace(
            self,
            draws=draws,
            failed_replicates=failed,
            lowered_from=lowered_from,
            _without_draws=self._without_draws or self,
        )

    @property
    def overtraining_law(self) -> OverTrainingLaw:
        """The law in compute and tokens per parameter; raises InputError unless α = β was held."""
        return OverTrainingLaw.from_chinchilla(self.law)

    def interval(
        self, name: str, level: float = 0.95, kind: IntervalKind = DEFAULT_INTERVAL
    ) -> tuple[float, float]:
        """The central interval of a coefficient.

        Parameters
        ----------
        name : str
            The coefficient: a column of the draws, such as "alpha".
        level : float
            The share of the draws inside, between 0 and 1.
        kind : str
            "bias_corrected" (Efron 1981), plain "percentile" of the draws as in most published
            intervals, or "basic" (reflected at the estimate).
        """
        if kind not in get_args(IntervalKind):
            raise UnknownNameError("kind", kind, get_args(IntervalKind))
        estimate = self.estimate(name)
        if kind == "bias_corrected":
            return estimate.interval(level)
        low, high = Estimate(estimate.value, self.draws.column(name)).interval(level)
        return (
            (low, high)
            if kind == "percentile"
            else (2.0 * estimate.value - high, 2.0 * estimate.value - low)
        )

    def profile(self, name: str) -> Profile:
        """The profile of E, alpha or beta: how much worse the best fit gets when it is held at
        other values. A second opinion.
        """
        if name not in PROFILED or self.settings.shared_exponent:
            raise UnknownNameError("name", name, () if self.settings.shared_exponent else PROFILED)
        return profile_of(self._problem, self._theta, name)

    def product_flop(self, training_flop: ArrayLike) -> FloatArray:
        """6·N·D, the law's compute, of the best run that takes `training_flop` as the runs' authors
        count it; the same where they count 6·N·D. Of the shape of `training_flop`.
        """
        flop = np.asarray(training_flop, dtype=np.float64)
        if self.runs.flop is None:
            return flop
        product = flop
        # The factor depends on the size, which depends on it.
        for _ in range(2):
            with np.errstate(all="ignore"):
                size = self.law.G * (product / FLOP_PER_PARAM_AND_TOKEN) ** self.law.params_exponent
            product = flop / self.runs.flop_factor.at(size)
        return product

    def optimal(self, training_flop: float) -> tuple[Estimate, Estimate]:
        """Compute-optimal parameters and tokens at `training_flop`, with their draws, corrected for
        bias.
        """
        values = self.law.optimal(training_flop)
        params, tokens = (
            Estimate(float(value), bias_corrected(value, draws))
            for value, draws in zip(values, self.draws.optimal(training_flop), strict=True)
        )
        return params, tokens

    def forecast(
        self,
        params: ArrayLike | None = None,
        tokens: ArrayLike | None = None,
        *,
        training_flop: ArrayLike | None = None,
        kind: Literal["curve", "run"] = "curve",
        seed: int = 0,
    ) -> LossForecast:
        """The loss at sizes, or at the compute-optimal points of a compute.

        Parameters
        ----------
        params : number, array-like of floats, shape (points,), or None
            Parameters of the runs; None: unlimited.
        tokens : number, array-like of floats, shape (points,), or None
            Their training tokens, broadcast with `params`; None: unlimited.
        training_flop : number, array-like of floats, shape (points,), or None
            Compute in FLOP, in place of params and tokens.
        kind : str
            "curve" is the law itself; "run" a new run, which scatters about it as the fitted runs
            do (residuals scaled by √(n/(n − p))).
        seed : int
            Seed of that scatter.

        Raises
        ------
        InputError
            When nothing, or both a compute and a size, is given.
        UnknownNameError
            For another kind.
        """
        if kind not in ("curve", "run"):
            raise UnknownNameError("kind", kind, ("curve", "run"))
        if (training_flop is None) == (params is None and tokens is None):
            raise InputError(
                "training_flop",
                str(training_flop),
                "Give params and tokens, or training_flop alone.",
            )
        if training_flop is not None:
            flop = np.atleast_1d(positive("training_flop", training_flop, "FLOP", "5.76e23"))
            loss, draws = (
                np.atleast_1d(self.law.loss_at_compute(flop)),
                self.draws.loss_at_compute(flop),
            )
        else:
            N = np.atleast_1d(np.asarray(np.inf if params is None else params, dtype=np.float64))
            D = np.atleast_1d(np.asarray(np.inf if tokens is None else tokens, dtype=np.float64))
            loss, draws = np.atleast_1d(self.law.loss(N, D)), self.draws.loss(N, D)
        draws = bias_corrected(loss, draws)
        if kind == "run":
            rng = np.random.default_rng(seed)
            inflation = np.sqrt(len(self.runs) / max(len(self.runs) - self._problem.size, 1))
            scatter = rng.choice(self.residuals, size=draws.shape) * inflation
            draws = (
                draws * np.exp(-scatter) if self.settings.residuals == "log" else draws - scatter
            )
        return LossForecast(loss, draws, kind)

    @cached_property
    def condition_number(self) -> float:
        """Of the Jacobian with columns scaled to length 1: above 30 the data hardly tell
        coefficients apart, above 1000 they don't.
        """
        metric = self._problem.derivatives(self._theta[None], np.ones((1, len(self.runs)))).metric[
            0
        ]
        scale = np.sqrt(np.maximum(np.diag(metric), 1e-300))
        values = np.linalg.eigvalsh(metric / np.outer(scale, scale))
        return float(np.sqrt(values[-1] / max(values[0], 1e-300)))

    @cached_property
    def held_out(self) -> HeldOutCheck | None:
        """The law refitted without the largest fifth of the runs (by compute) and tried on them;
        None with too few runs left.
        """
        if self._without_draws is not None:
            return self._without_draws.held_out
        return held_out_check(self.runs, self.refitted)

    @cached_property
    def warnings(self) -> tuple[FitWarning, ...]:
        """What a reader should know before trusting this fit, as sentences with the numbers
        seen.
        """
        return fit_warnings(self)

    def warnings_for(self, params: float, tokens: float) -> tuple[FitWarning, ...]:
        """The same with what an extrapolation to (params, tokens) adds."""
        return fit_warnings(self, (params, tokens))


def fit_scaling_law(
    runs: object,
    *,
    delta: float = DEFAULT_DELTA,
    loss_function: LossFunction = "huber",
    residuals: ResidualsIn = "log",
    shared_exponent: bool = False,
    bootstrap: int = 4000,
    bootstrap_by: str | ArrayLike = "row",
    resampling: Resampling = DEFAULT_RESAMPLING,
    most_seconds: float | None = None,
    seed: int = 0,
) -> ScalingFit:
    """Fits the Chinchilla form to runs by the summed Huber loss of the residuals of ln L (Hoffmann
    et al. 2022).

    Starts come from variable projection on a grid of exponents; damped Newton steps with the exact
    Hessian do the rest. Draws are refits to reweighted runs, or clusters of runs.

    Parameters
    ----------
    runs : TrainingRuns, or a table of them
        Columns params, tokens and loss (nats per token), a row a run.
    delta : float
        δ of the Huber loss, above 0, in the unit of the residuals.
    loss_function : str
        "huber", "least_squares" or "least_absolute".
    residuals : str
        "log" of ln L, or "loss" of L itself in nats per token.
    shared_exponent : bool
        Whether α = β is held.
    bootstrap : int
        How many resamples, at most 100,000; 0: none, the draws are then the law alone.
    bootstrap_by : str, or array-like of labels, shape (runs,)
        "row", or what whole clusters are drawn by: "params", "tokens", a label column, or labels.
    resampling : str
        Weights of the resamples: "smooth" (Bayesian bootstrap) or "counts" (rows drawn with
        replacement, as in published intervals).
    most_seconds : float or None
        Lowers the resamples to what a slow core does in that time (see replicates_within; a warning
        says so); None: as many as asked for.
    seed : int
        Seed of the resamples.

    Raises
    ------
    NotEnoughDataError
        For fewer than 6 usable runs (5 with a shared exponent).
    InputError
        For runs that can't tell.
    """
    checked_loss_function(loss_function, delta, residuals)
    table = TrainingRuns.of(runs)
    settings = FitSettings(loss_function, float(delta), residuals, shared_exponent)
    law, best = fit_once(table, settings)
    optimum = ScalingFit(
        law=law,
        objective=best.objective,
        runs=table,
        settings=settings,
        draws=LawDraws.of_law(law),
        tried_starts=best.tried,
        agreeing_starts=best.agreeing,
        converged=best.converged,
        failed_replicates=0,
        lowered_from=None,
        _problem=best.problem,
        _theta=best.theta,
        _starts=best.starts,
    )
    return optimum.resampled(
        bootstrap,
        bootstrap_by=bootstrap_by,
        resampling=resampling,
        most_seconds=most_seconds,
        seed=seed,
    )


__all__ = [
    "DEFAULT_INTERVAL",
    "DEFAULT_RESAMPLING",
    "MAX_REPLICATES",
    "MIN_RUNS",
    "FitSettings",
    "IntervalKind",
    "LossForecast",
    "ScalingFit",
    "fit_scaling_law",
    "replicates_within",
]
