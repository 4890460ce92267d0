"""Which run to do next: the affordable one whose loss would tell most about the prediction that matters.

advice = next_run(fit, budget_flop=1e21, target_params=7e10, target_tokens=1.4e12)
advice.params, advice.tokens, advice.shrinkage
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from forecasting.errors import InputError
from forecasting.law_inputs import FLOP_PER_PARAM_AND_TOKEN, FloatArray, finite_positive
from forecasting.power_law_newton import minimise
from forecasting.scaling_fit import ScalingFit
from forecasting.units import in_words

#: Sizes and tokens are tried up to this factor above the runs' own. None below: there a law says most if it holds, and holds least.
REACH = 10.0
GRID = 28
#: Draws beyond these quantiles are drawn in, so that a few wild laws do not decide.
TAMED = (0.01, 0.99)
FEWEST_DRAWS = 100
#: How many runs are tried by refitting, at least this factor apart, with how many resamples each.
SHORTLIST, APART, REPLICATES = 10, 2.0, 400


@dataclass(frozen=True, eq=False)
class NextRun:
    """The most telling affordable run.

    `params` and `tokens` of the run, `training_flop` its cost; `shrinkage` the share by which the interval of the target's loss
    narrows when the run is added and all is refitted. `grid_params`, `grid_tokens` and `grid_shrinkage` (one length) hold every run
    considered with the first, rougher estimate of that share.
    """

    params: float
    tokens: float
    shrinkage: float
    grid_params: FloatArray = field(repr=False)
    grid_tokens: FloatArray = field(repr=False)
    grid_shrinkage: FloatArray = field(repr=False)

    @property
    def training_flop(self) -> float:
        """6·N·D of the run."""
        return FLOP_PER_PARAM_AND_TOKEN * self.params * self.tokens

    @property
    def answer(self) -> str:
        """The advice as a sentence."""
        return (
            f"Train {in_words(self.params, 2)} parameters on {in_words(self.tokens, 2)} tokens next "
            f"({in_words(self.training_flop, 2)} FLOP): it should narrow the interval of the target's loss by about "
            f"{100 * self.shrinkage:.0f}%."
        )


def next_run(fit: ScalingFit, *, budget_flop: float, target_params: float, target_tokens: float) -> NextRun:
    """The (N, D) with 6·N·D ≤ `budget_flop` whose loss narrows the interval of the loss at the target most.

    In two steps. From the fit's draws: a new loss y at a candidate, with noise σ² as the residuals have, leaves of the target's
    variance 1 − cov(target, y)²/(var(target)·(var(y) + σ²)) (Gaussian conditioning; c-optimal design in the limit of small intervals).
    The best few by that, and the compute-optimal run of the whole budget, are then added to the runs at their predicted loss and
    refitted with resamples, since one run among few counts for less than theory says; the narrowest interval wins.
    Raises InputError for a budget of 0 or below the smallest run considered, and for fits with fewer than 100 draws.
    """
    budget = float(finite_positive("budget_flop", budget_flop, "FLOP", "1e21"))
    if len(fit.draws) < FEWEST_DRAWS:
        raise InputError("fit", f"with {len(fit.draws)} draws", f"Fit with bootstrap={FEWEST_DRAWS} or more.")
    params, tokens = candidates(fit, budget)
    shrinkage = _conditioned(fit, params, tokens, target_params, target_tokens)
    shortlist = _apart(params, tokens, shrinkage)
    tried = [(float(params[i]), float(tokens[i])) for i in shortlist]
    largest = fit.law.optimal(budget)
    if any(math.isclose(largest[0], size, rel_tol=0.5) for size in params):
        tried.append(largest)
    width = _refitted_width(fit, None, (target_params, target_tokens))
    gains = [1.0 - _refitted_width(fit, run, (target_params, target_tokens)) / width for run in tried]
    best = int(np.argmax(gains))
    return NextRun(*tried[best], max(gains[best], 0.0), params, tokens, shrinkage)


def _conditioned(fit: ScalingFit, params: FloatArray, tokens: FloatArray, target_params: float, target_tokens: float) -> FloatArray:
    """By how much each run's loss would narrow the target's interval, were the draws Gaussian."""
    losses = np.log(fit.draws.loss(np.append(params, target_params), np.append(tokens, target_tokens)))
    low, high = np.quantile(losses, TAMED, axis=0)
    losses = np.clip(losses, low, high)
    losses -= losses.mean(axis=0)
    target = losses[:, -1]
    noise = 1.4826 * float(np.median(np.abs(fit.residuals)))
    if fit.settings.residuals == "loss":
        noise /= float(np.median(fit.runs.loss))
    shared = target @ losses[:, :-1] / len(losses)
    variance = np.mean(losses[:, :-1] ** 2, axis=0) + noise**2
    explained = shared**2 / np.maximum(variance * np.mean(target**2), 1e-300)
    result: FloatArray = 1.0 - np.sqrt(1.0 - np.minimum(explained, 1.0))
    return result


def _apart(params: FloatArray, tokens: FloatArray, shrinkage: FloatArray) -> list[int]:
    """The best few runs that are not neighbours of each other."""
    chosen: list[int] = []
    places = np.log(np.stack([params, tokens], axis=1))
    for i in np.argsort(-shrinkage, kind="stable"):
        if all(np.max(np.abs(places[i] - places[j])) > math.log(APART) for j in chosen):
            chosen.append(int(i))
        if len(chosen) == SHORTLIST:
            break
    return chosen


def _refitted_width(fit: ScalingFit, run: tuple[float, float] | None, target: tuple[float, float]) -> float:
    """The width of the target's 90% interval with one more run, at the loss that the law predicts; the same weights every time."""
    problem, runs = fit._problem, fit.runs
    centre = np.log(np.stack([runs.params, runs.tokens])).mean(axis=1)
    if run is not None:
        place = np.log(np.array(run)) - centre
        losses = np.append(problem.losses, fit.law.loss(*run))
        problem = replace(problem, covariates=np.concatenate([problem.covariates, place[:, None]], axis=1), losses=losses)
    weights = np.random.default_rng(0).standard_exponential((REPLICATES, problem.rows))
    found = minimise(problem, np.repeat(fit._theta[None], REPLICATES, axis=0), weights, tolerance=1e-8)
    low, high = np.quantile(problem.predicted_at(found.theta, np.log(np.array(target)) - centre), [0.05, 0.95])
    return float(high - low)


def candidates(fit: ScalingFit, budget_flop: float) -> tuple[FloatArray, FloatArray]:
    """The runs considered, as (params, tokens): a log grid from the smallest run to ten times the largest, within the budget.

    Their tokens per parameter stay among those of the runs (5% to 95%): on paper a run far to one side tells most about an exponent,
    in practice the law holds least there.
    """
    runs = fit.runs
    sizes = np.geomspace(runs.params.min(), runs.params.max() * REACH, GRID)
    amounts = np.geomspace(runs.tokens.min(), runs.tokens.max() * REACH, GRID)
    params, tokens = (axis.ravel() for axis in np.meshgrid(sizes, amounts, indexing="ij"))
    # The runs that spend the whole budget are candidates too, at every size.
    params, tokens = np.append(params, sizes), np.append(tokens, budget_flop / (FLOP_PER_PARAM_AND_TOKEN * sizes))
    usual = np.quantile(runs.tokens / runs.params, [0.05, 0.95]) * [0.999, 1.001]
    inside = (tokens >= amounts[0]) & (tokens / params >= usual[0]) & (tokens / params <= usual[1])
    affordable = inside & (FLOP_PER_PARAM_AND_TOKEN * params * tokens <= budget_flop * (1.0 + 1e-9))
    if not affordable.any():
        least = FLOP_PER_PARAM_AND_TOKEN * float(sizes[0] * amounts[0])
        raise InputError(
            "budget_flop", budget_flop, f"The smallest run considered takes {in_words(math.ceil(least))} FLOP: give at least that."
        )
    return params[affordable], tokens[affordable]
