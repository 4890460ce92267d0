"""A fitted law with the runs, settings and draws it came from: what checks and warnings look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import UnknownNameError
from forecasting.fitting.bias_correction import bias_corrected
from forecasting.fitting.power_law_fit import (
    DEFAULT_DELTA,
    BestFit,
    LossFunction,
    best_fit,
    checked_loss_function,
)
from forecasting.fitting.power_law_problem import PowerLawProblem, ResidualsIn
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_draws import DERIVED, NAMES, LawDraws
from forecasting.stats.estimate import Estimate

MIN_RUNS = 6


@dataclass(frozen=True, eq=False)
class FitSettings:
    """How a fit was made: `delta` counts for "huber" alone; `shared_exponent` holds α = β (the
    over-training form).
    """

    loss_function: LossFunction = "huber"
    delta: float = DEFAULT_DELTA
    residuals: ResidualsIn = "log"
    shared_exponent: bool = False


@dataclass(frozen=True, eq=False)
class FitResult:
    """A fitted law and how it was found.

    `law` is the optimum, `objective` its summed loss function; `draws` are the bootstrap's laws. Of
    `tried_starts` starts `agreeing_starts` end at the same objective (within 1e-6 of it).
    `failed_replicates` of the bootstrap converged from no start and hold the best found.
    `lowered_from` is the number of resamples asked for where the time allowed fewer, else None.
    """

    law: ChinchillaLaw
    objective: float
    runs: TrainingRuns
    settings: FitSettings
    draws: LawDraws = field(repr=False)
    tried_starts: int
    agreeing_starts: int
    converged: bool
    failed_replicates: int
    lowered_from: int | None
    _problem: PowerLawProblem = field(repr=False)
    _theta: FloatArray = field(repr=False)
    _starts: FloatArray = field(repr=False)

    def estimate(self, name: str) -> Estimate:
        """E, A, B, alpha, beta, G, K, gamma or params_exponent, with its draws, corrected
        for bias.
        """
        if name not in NAMES + DERIVED:
            raise UnknownNameError("name", name, NAMES + DERIVED)
        value = float(getattr(self.law, name))
        return Estimate(value, bias_corrected(value, self.draws.column(name)))

    @cached_property
    def residuals(self) -> FloatArray:
        """Of each run, ln of the law's loss over the measured one, or for residuals="loss" their
        difference.
        """
        result: FloatArray = self._problem.residuals_of(self._theta[None])[0]
        return result

    def refitted(self, runs: TrainingRuns) -> ChinchillaLaw:
        """The law fitted in the same way to other runs, without draws."""
        return fit_once(runs, self.settings)[0]


def fit_once(runs: TrainingRuns, settings: FitSettings) -> tuple[ChinchillaLaw, BestFit]:
    """The law fitted to these runs, with the fit that found it; raises NotEnoughDataError."""
    runs.require(MIN_RUNS - settings.shared_exponent)
    delta = checked_loss_function(settings.loss_function, settings.delta, settings.residuals)
    log_sizes = np.log(np.stack([runs.params, runs.tokens]))
    centred = log_sizes - log_sizes.mean(axis=1, keepdims=True)
    best = best_fit(
        PowerLawProblem(centred, runs.loss, delta, settings.residuals, settings.shared_exponent)
    )
    return law_draws(best.problem, best.theta[None], runs).law(0), best


def law_draws(problem: PowerLawProblem, theta: FloatArray, runs: TrainingRuns) -> LawDraws:
    """The laws of parameter vectors that hold for centred log sizes.

    Parameters
    ----------
    problem : PowerLawProblem
        The fit, of two terms.
    theta : array of floats, shape (laws, q)
        The parameters, a row a law.
    runs : TrainingRuns
        The runs on whose mean ln parameters and ln tokens the sizes are centred.
    """
    centre = np.log(np.stack([runs.params, runs.tokens])).mean(axis=1)
    a, alpha, b, beta, E = problem.full(theta).T.copy()
    return LawDraws(E, np.exp(a + alpha * centre[0]), np.exp(b + beta * centre[1]), alpha, beta)
