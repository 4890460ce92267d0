"""Which run to do next: the affordable one whose loss would tell most about the prediction that matters.

advice = next_run(fit, budget_flop=1e21, target_params=7e10, target_tokens=1.4e12)
advice.params, advice.tokens, advice.shrinkage
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from forecasting.core.errors import InputError
from forecasting.core.estimate import quantile_of
from forecasting.core.units import in_words
from forecasting.fits.bias_correction import bias_corrected
from forecasting.fits.fit_bootstrap import LEAST_SHAPE
from forecasting.fits.power_law_newton import minimise
from forecasting.fits.scaling_fit import ScalingFit
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, FloatArray, finite_positive, positive

#: Sizes and tokens are tried up to this factor above the runs' own. None below: there a law says most if it holds, and holds least.
REACH = 10.0
LEAST_OF_BUDGET = 0.1
GRID = 28
#: Draws beyond these quantiles are drawn in, so that a few wild laws do not decide.
TAMED = (0.01, 0.99)
FEWEST_DRAWS = 100
#: How many runs are tried by refitting, and at least this factor apart.
SHORTLIST, APART = 6, 2.0
#: The run that spends the whole budget at the optimum is advised unless another narrows by this much more: less is noise.
CLEARLY = 0.02
#: Each with the losses at these quantiles of what it may turn out to have,
OUTCOMES = (0.15, 0.5, 0.85)
TAILS = np.linspace(0.05, 0.3, 6)
#: and with this many resamples: as many as make so many cells, within these ends.
REPLICATE_CELLS, REPLICATES = 100_000, (100, 600)


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
    The best few by that, and the compute-optimal run of the whole budget, are then added to the runs with several of the losses that
    they may turn out to have, and refitted with resamples, since one run among few counts for less than theory says; the interval that
    is narrowest on average wins.
    Raises InputError for a budget of 0 or below the smallest run considered, and for fits with fewer than 100 draws.
    """
    budget = float(finite_positive("budget_flop", budget_flop, "FLOP", "1e21"))
    if len(fit.draws) < FEWEST_DRAWS:
        raise InputError("fit", f"with {len(fit.draws)} draws", f"Fit with bootstrap={FEWEST_DRAWS} or more.")
    target = (
        float(positive("target_params", target_params, "parameters", "7e10")),
        float(positive("target_tokens", target_tokens, "tokens", "1.4e12")),
    )
    params, tokens = candidates(fit, budget)
    shrinkage = _conditioned(fit, params, tokens, *target)
    shortlist = _apart(params, tokens, shrinkage)
    tried = [(float(params[i]), float(tokens[i])) for i in shortlist]
    largest = fit.law.optimal(budget)
    if any(math.isclose(largest[0], size, rel_tol=0.5) for size in params):
        tried.append(largest)
    width = _expected_width(fit, None, target)
    gains = [1.0 - _expected_width(fit, run, target) / width for run in tried]
    best = int(np.argmax(gains))
    if tried[-1] == largest and gains[-1] > 0.0 and gains[best] < gains[-1] + CLEARLY:
        best = len(tried) - 1
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


def _expected_width(fit: ScalingFit, run: tuple[float, float] | None, target: tuple[float, float]) -> float:
    """The mean width of the target's interval after one more run (None: as it is), over losses that the run may turn out to have.

    It is the mean of the 90% and narrower intervals, down to 40%, which a few hundred resamples tell better than the 90% one alone.
    Intervals are made as those of the fit: leverage-adjusted weights, bias-corrected. All runs compared share their random numbers.
    """
    problem, runs = fit._problem, fit.runs
    centre = np.log(np.stack([runs.params, runs.tokens])).mean(axis=1)
    outcomes = np.array([np.nan])
    if run is not None:
        place = np.log(np.array(run)) - centre
        outcomes = fit.forecast(*run, kind="run").quantile(OUTCOMES)[:, 0]
        problem = replace(
            problem, covariates=np.concatenate([problem.covariates, place[:, None]], axis=1), losses=np.append(runs.loss, 1.0)
        )
    replicates = int(np.clip(REPLICATE_CELLS / problem.rows, *REPLICATES))
    weights = np.ones((replicates + 1, problem.rows))
    weights[1:] = _weights(1.0 - problem.leverage(fit._theta), replicates, len(runs))
    at = np.log(np.array(target)) - centre
    widths = []
    for loss in outcomes:
        known = problem if run is None else replace(problem, losses=np.append(runs.loss, loss))
        found = minimise(known, np.repeat(fit._theta[None], len(weights), axis=0), weights, tolerance=1e-7)
        predicted = known.predicted_at(found.theta, at)
        draws = bias_corrected(predicted[0], predicted[1:])
        widths.append(float(np.mean(quantile_of(draws, 1.0 - TAILS) - quantile_of(draws, TAILS))))
    return float(np.mean(widths))


def _weights(shapes: FloatArray, replicates: int, rows: int) -> FloatArray:
    """Gamma weights of those shapes and mean 1 from the same normal variates whatever the shapes (Wilson & Hilferty 1931).

    The first `rows` rows get the same variates whether or not another row follows them.
    """
    rng = np.random.default_rng(0)
    normal = rng.standard_normal((replicates, rows))
    if shapes.size > rows:
        normal = np.concatenate([normal, rng.standard_normal((replicates, shapes.size - rows))], axis=1)
    shape = np.maximum(shapes, LEAST_SHAPE)
    weights = np.maximum(1.0 - 1.0 / (9.0 * shape) + normal / (3.0 * np.sqrt(shape)), 0.0) ** 3
    result: FloatArray = weights / weights.mean(axis=1, keepdims=True)
    return result


def candidates(fit: ScalingFit, budget_flop: float) -> tuple[FloatArray, FloatArray]:
    """The runs considered, as (params, tokens): a log grid from the smallest run to ten times the largest, within the budget.

    Their tokens per parameter stay among those of the runs (5% to 95%), and their compute above the runs' median (or a tenth of a smaller
    budget): on paper a run far to one side, or one more small run, tells most about an exponent, in practice the law holds least there.
    """
    runs = fit.runs
    sizes = np.geomspace(runs.params.min(), runs.params.max() * REACH, GRID)
    amounts = np.geomspace(runs.tokens.min(), runs.tokens.max() * REACH, GRID)
    params, tokens = (axis.ravel() for axis in np.meshgrid(sizes, amounts, indexing="ij"))
    # The runs that spend the whole budget are candidates too, at every size.
    params, tokens = np.append(params, sizes), np.append(tokens, budget_flop / (FLOP_PER_PARAM_AND_TOKEN * sizes))
    usual = np.quantile(runs.tokens / runs.params, [0.05, 0.95]) * [0.999, 1.001]
    inside = (tokens >= amounts[0]) & (tokens / params >= usual[0]) & (tokens / params <= usual[1])
    flop = FLOP_PER_PARAM_AND_TOKEN * params * tokens
    worthwhile = flop >= min(float(np.median(runs.training_flop)), LEAST_OF_BUDGET * budget_flop)
    affordable = inside & worthwhile & (flop <= budget_flop * (1.0 + 1e-9))
    if not affordable.any():
        least = FLOP_PER_PARAM_AND_TOKEN * float(sizes[0] * amounts[0])
        raise InputError(
            "budget_flop", budget_flop, f"The smallest run considered takes {in_words(math.ceil(least))} FLOP: give at least that."
        )
    return params[affordable], tokens[affordable]
