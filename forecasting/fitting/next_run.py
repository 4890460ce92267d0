"""Which run to do next: the affordable one whose loss would tell most about the prediction that
matters.

advice = next_run(fit, budget_flop=1e21, target_params=7e10, target_tokens=1.4e12)
advice.params, advice.tokens, advice.shrinkage

A c-optimal design (Elfving 1952; Atkinson, Donev & Tobias 2007): near the fitted law the variance
of the target's loss is cᵀM⁻¹c, with c the derivatives of its residual by the parameters and M the
sum of j·jᵀ over the runs, j those of each run. One more run takes (cᵀM⁻¹j)²/(1 + jᵀM⁻¹j) of it
away. The noise of runs cancels, and so does what the loss function makes of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.fitting.scaling_fit import ScalingFit
from forecasting.formatting import in_words
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, finite_positive, positive

#: Sizes and tokens are tried up to this factor above the runs' own. None below: there a law says
#: most if it holds, and holds least.
REACH = 10.0
MIN_OF_BUDGET = 0.1
GRID = 28
#: The compute-optimal run of the whole budget is advised unless another narrows by this much more:
#: less is nothing that anyone would see.
CLEARLY = 0.01
#: Below this narrowing the advice is that one run tells little.
LITTLE = 0.02
#: What keeps exponents that the runs do not tell apart from infinite variance, as a share of one
#: run's information.
RIDGE = 1e-9
#: Stands for unlimited tokens or parameters.
UNLIMITED = 1e300


@dataclass(frozen=True, eq=False)
class NextRun(Answered):
    """The most telling affordable run.

    `params` and `tokens` of the run, `training_flop` its cost, counted as that of the fitted runs;
    `shrinkage` the share by which the interval of the target's loss should narrow when the run is
    added and all is refitted.
    `grid_params`, `grid_tokens` and `grid_shrinkage` (one length) hold every run considered with
    its share.
    """

    params: float
    tokens: float
    training_flop: float
    shrinkage: float
    grid_params: FloatArray = field(repr=False)
    grid_tokens: FloatArray = field(repr=False)
    grid_shrinkage: FloatArray = field(repr=False)

    @property
    def tells_little(self) -> bool:
        """Whether this run hardly narrows the interval, and no other does so by a point more."""
        return self.shrinkage < LITTLE


def next_run(
    fit: ScalingFit, *, budget_flop: float, target_params: float, target_tokens: float
) -> NextRun:
    """The (N, D) whose loss narrows the interval of the loss at the target most, of those that take
    at most `budget_flop`, counted as by the fitted runs.

    That of the largest c-optimal gain among `candidates`; the compute-optimal run of the whole
    budget where none is clearly better. For a target on the compute-optimal path that is nearly
    always so; for one trained on many more tokens per parameter it is not.

    Parameters
    ----------
    fit : ScalingFit
        The fit to the runs so far.
    budget_flop : float
        What the run may take at most, in FLOP.
    target_params : float
        Parameters of the model whose loss is asked for; may be infinite.
    target_tokens : float
        Its training tokens; may be infinite.

    Raises
    ------
    InputError
        For a budget of 0 or below that of the smallest run.
    """
    budget = float(finite_positive("budget_flop", budget_flop, "FLOP", "1e21"))
    target_params = float(positive("target_params", target_params, "parameters", "7e10"))
    target_tokens = float(positive("target_tokens", target_tokens, "tokens", "1.4e12"))
    limited = math.isfinite(target_params) and math.isfinite(target_tokens)
    params, tokens = candidates(fit, budget, target_tokens / target_params if limited else None)
    shrinkage = narrowing(fit, params, tokens, target_params, target_tokens)
    best = int(np.argmax(shrinkage))
    largest = np.flatnonzero(params == fit.law.optimal(float(fit.product_flop(budget)))[0])
    if largest.size and shrinkage[best] < shrinkage[largest[-1]] + CLEARLY:
        best = int(largest[-1])
    return NextRun(
        float(params[best]),
        float(tokens[best]),
        float(fit.runs.flop_of(params[best], tokens[best])),
        float(shrinkage[best]),
        params,
        tokens,
        shrinkage,
    )


def narrowing(
    fit: ScalingFit,
    params: FloatArray,
    tokens: FloatArray,
    target_params: float,
    target_tokens: float,
) -> FloatArray:
    """The share by which one more run of each size should narrow the interval of the loss at the
    target: shape (m,).

    Parameters
    ----------
    fit : ScalingFit
        The fit to the runs so far.
    params, tokens : arrays of floats, shape (m,)
        Sizes of the m possible runs.
    target_params : float
        Parameters of the model whose loss is asked for; may be infinite.
    target_tokens : float
        Its training tokens; may be infinite.
    """
    problem, runs = fit._problem, fit.runs
    centre = np.log(np.stack([runs.params, runs.tokens])).mean(axis=1, keepdims=True)
    sizes = np.stack([np.append(params, target_params), np.append(tokens, target_tokens)])
    places = np.log(np.minimum(sizes, UNLIMITED)) - centre
    known = problem.jacobian(fit._theta)
    scale = np.maximum(np.linalg.norm(known, axis=0), 1e-300)
    known = known / scale
    asked = problem.jacobian(fit._theta, places) / scale
    spread = np.linalg.inv(known.T @ known + RIDGE * np.eye(problem.size))
    reach = asked @ spread
    target = asked[-1]
    shared = reach[:-1] @ target
    alone = 1.0 + np.einsum("mq,mq->m", reach[:-1], asked[:-1])
    result: FloatArray = 1.0 - np.sqrt(
        np.clip(1.0 - shared**2 / (alone * (reach[-1] @ target)), 0.0, 1.0)
    )
    return result


def candidates(
    fit: ScalingFit, budget_flop: float, target_tokens_per_param: float | None
) -> tuple[FloatArray, FloatArray]:
    """The runs considered, as (params, tokens): a log grid from the smallest run to ten times the
    largest, within the budget.

    Their tokens per parameter stay among those of the runs (5% to 95%) or go from there towards the
    target's. Their compute is above the runs' median, or above a tenth of a smaller budget, and
    never below the smallest run's: on paper a run far to a side that nobody asks about, or one more
    of the smallest, tells most about an exponent, in practice the law holds least there.

    Parameters
    ----------
    fit : ScalingFit
        The fit to the runs so far.
    budget_flop : float
        What a run may take at most, in FLOP as the fitted runs count it.
    target_tokens_per_param : float or None
        Tokens per parameter of the target; None: one of the two is infinite.
    """
    runs = fit.runs
    sizes = np.geomspace(runs.params.min(), runs.params.max() * REACH, GRID)
    amounts = np.geomspace(runs.tokens.min(), runs.tokens.max() * REACH, GRID)
    params, tokens = (axis.ravel() for axis in np.meshgrid(sizes, amounts, indexing="ij"))
    # The runs that spend the whole budget are candidates too, at every size and at the
    # compute-optimal one.
    best = fit.law.optimal(float(fit.product_flop(budget_flop)))
    all_of_it = runs.six_n_d(budget_flop, sizes) / (FLOP_PER_PARAM_AND_TOKEN * sizes)
    params = np.concatenate([params, sizes, best[:1]])
    tokens = np.concatenate([tokens, all_of_it, best[1:]])
    ratio = tokens / params
    usual = np.quantile(runs.tokens / runs.params, [0.05, 0.95])
    allowed = (
        usual if target_tokens_per_param is None else np.append(usual, target_tokens_per_param)
    )
    inside = (ratio >= 0.999 * allowed.min()) & (ratio <= 1.001 * allowed.max())
    inside &= (
        (params >= sizes[0])
        & (params <= sizes[-1])
        & (tokens >= amounts[0])
        & (tokens <= amounts[-1])
    )
    flop = runs.flop_of(params, tokens)
    smallest = float(runs.training_flop.min())
    worthwhile = flop >= max(
        smallest, min(float(np.median(runs.training_flop)), MIN_OF_BUDGET * budget_flop)
    ) * (1.0 - 1e-9)
    affordable = inside & worthwhile & (flop <= budget_flop * (1.0 + 1e-9))
    if not affordable.any():
        least = in_words(float(np.min(flop[inside & (flop >= smallest)], initial=math.inf)), 2)
        raise InputError(
            "budget_flop",
            budget_flop,
            f"Runs smaller than those done are not considered; the smallest takes {least} FLOP:"
            " give at least that.",
        )
    return params[affordable], tokens[affordable]
