"""Warnings that the runs themselves give: what was counted, which loss was taken, how far a
prediction lies outside.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from forecasting.arrays import BoolArray, FloatArray
from forecasting.fitting.fit_result import FitResult
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.fitting.warning_kinds import (
    Extrapolation,
    LargeResiduals,
    LossesRise,
    OneRatio,
    OwnFlop,
    ParamsCounted,
)
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN

#: Sizes within this share of each other count as one size.
SAME_SIZE = 0.05
#: Orders of magnitude of compute, parameters or tokens beyond the runs from which a prediction is
#: called far.
FAR_OOM = 1.0
#: Tokens per parameter of nearly all runs within this factor leave the two terms of the law apart
#: by their exponents alone.
NARROWEST_RATIO = 2.0
#: A loss rises when it does by this many standard deviations of the noise, and by this share.
RISING_DEVIATIONS, RISING_SHARE = 6.0, 0.02
#: Runs of one kind lie about a law by less than this, as the root mean square of ln loss.
LARGE_SPREAD = 0.05
#: Groups differ where this share of the spread is left within them; each needs so many runs.
WITHIN_SHARE, MIN_OF_GROUP = 0.5, 4
#: Ways to count parameters differ when they do by this share somewhere.
COUNTED_SHARE = 0.1
#: A run's own count of compute within this factor of 6·N·D is about that.
NEAR_PRODUCT = 1.3


def extrapolation(runs: TrainingRuns, params: float, tokens: float) -> Extrapolation | None:
    """How far a prediction lies outside the runs, in orders of magnitude of parameters, tokens and
    compute; None when near.

    Parameters
    ----------
    runs : TrainingRuns
        The fitted runs.
    params : float
        Parameters of the predicted run; may be infinite.
    tokens : float
        Its training tokens; may be infinite.
    """
    wanted = {
        "params": params,
        "tokens": tokens,
        "training_flop": float(runs.flop_of(params, tokens)),
    }
    beyond = {}
    for name, value in wanted.items():
        seen = np.log10(getattr(runs, name))
        at = math.log10(value) if 0.0 < value < math.inf else math.inf
        beyond[name] = max(at - float(seen.max()), float(seen.min()) - at, 0.0)
    if max(beyond.values()) < FAR_OOM:
        return None
    return Extrapolation(**{f"{name}_oom": value for name, value in beyond.items()})


def distinct_sizes(values: FloatArray) -> int:
    """How many sizes there are when those within 5% of each other count as one."""
    ordered = np.sort(np.log(values))
    count, last = 0, -math.inf
    for value in ordered:
        if value - last > math.log1p(SAME_SIZE):
            count, last = count + 1, value
    return count


def one_ratio(runs: TrainingRuns) -> OneRatio | None:
    """Runs along one line of tokens per parameter tell the sum of the law's two terms, hardly each
    of them.
    """
    low, high = np.quantile(runs.tokens / runs.params, [0.05, 0.95])
    if high > NARROWEST_RATIO * low:
        return None
    return OneRatio(float(low), float(high))


def last_or_lowest(runs: TrainingRuns, noise: float) -> LossesRise | None:
    """Losses that rise with tokens at one model size: the last loss of runs that repeat their data
    or diverge, not their lowest.

    Runs of one size (and one number of unique tokens, where that is a label) form a series; `noise`
    is the spread of ln loss.
    """
    unique = _label(runs, "unique_tokens")
    # Sizes that differ in the fourth digit are one size read off a figure.
    keys = np.round(np.log(np.stack([runs.params] if unique is None else [runs.params, unique])), 3)
    order = np.lexsort([runs.tokens, *keys])
    breaks = np.any(np.diff(keys[:, order], axis=1) != 0.0, axis=0)
    limit = max(RISING_DEVIATIONS * noise, RISING_SHARE)
    series = rising = 0
    worst, worst_row = 0.0, 0
    risen: list[int] = []
    for rows in np.split(order, np.flatnonzero(breaks) + 1):
        if rows.size < 2:
            continue
        series += 1
        log_loss = np.log(runs.loss[rows])
        # Rows of as many tokens come in any order: only a lower loss at fewer tokens counts.
        rise = log_loss - np.minimum.accumulate(log_loss)
        more = runs.tokens[rows] > 1.001 * runs.tokens[rows[0]]
        rise = np.where(more, rise, 0.0)
        if rise.max() <= limit:
            continue
        rising += 1
        risen += (rows[rise > limit] + 1).tolist()
        if rise.max() > worst:
            worst, worst_row = float(rise.max()), int(rows[np.argmax(rise)])
    if not rising:
        return None
    return LossesRise(
        rising=rising,
        series=series,
        worst=worst,
        worst_row=worst_row + 1,
        params=float(runs.params[worst_row]),
        tokens=float(runs.tokens[worst_row]),
        loss=float(runs.loss[worst_row]),
        rows=tuple(sorted(risen)),
    )


def params_counted(fit: FitResult) -> ParamsCounted | None:
    """Whether parameters count embeddings, where the runs tell: from a label non_embedding_params,
    or from training_flop.

    Small models are mostly embeddings, so that alpha depends on the count. Kaplan et al. leave them
    out, Hoffmann et al. count them.
    """
    runs = fit.runs
    by: Literal["non_embedding_params", "training_flop"]
    if (without := _label(runs, "non_embedding_params")) is not None:
        other, by = without, "non_embedding_params"
    elif (flop := _label(runs, "training_flop")) is not None:
        other, by = flop / (FLOP_PER_PARAM_AND_TOKEN * runs.tokens), "training_flop"
    else:
        return None
    ratio = other / runs.params
    small, large = int(np.argmin(runs.params)), int(np.argmax(runs.params))
    if float(ratio.max() / ratio.min()) < 1.0 + COUNTED_SHARE:
        return None
    law = fit.refitted(TrainingRuns(other, runs.tokens, runs.loss))
    return ParamsCounted(
        by=by,
        smallest=float(ratio[small]),
        largest=float(ratio[large]),
        smallest_params=float(runs.params[small]),
        largest_params=float(runs.params[large]),
        alpha=fit.law.alpha,
        alpha_other=law.alpha,
    )


def own_flop(runs: TrainingRuns) -> OwnFlop | None:
    """Whether runs count their compute as something else than 6·N·D, by more than 30%."""
    if runs.flop is None:
        return None
    factor = runs.training_flop / (FLOP_PER_PARAM_AND_TOKEN * runs.params * runs.tokens)
    differing = np.abs(np.log(factor)) > math.log(NEAR_PRODUCT)
    if not differing.any():
        return None
    seen = factor[differing]
    return OwnFlop(len(runs), int(differing.sum()), float(seen.min()), float(seen.max()))


def _label(runs: TrainingRuns, name: str) -> FloatArray | None:
    """A label of numbers above 0 on every run; None where there is none."""
    if name not in runs.labels:
        return None
    try:
        values = np.asarray(runs.labels[name], dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return values if bool((np.isfinite(values) & (values > 0.0)).all()) else None


def large_residuals(runs: TrainingRuns, spread: float) -> LargeResiduals | None:
    """Runs that lie far about their law, and whether groups of them, pooled, are why; None where
    `spread`, the root mean square of their residuals of ln loss, is small.
    """
    if spread <= LARGE_SPREAD:
        return None
    groups = runs.labels.get("group")
    if groups is None:
        return LargeResiduals(spread, LARGE_SPREAD, 0, spread)
    squares, count, parted = 0.0, 0, 0
    for group in dict.fromkeys(groups.tolist()):
        of_group = groups == group
        if of_group.sum() >= MIN_OF_GROUP:
            squares += _squares_about_a_plane(runs, of_group)
            count += int(of_group.sum())
            parted += 1
    within = math.sqrt(squares / count) if count else spread
    if parted < 2 or within > WITHIN_SHARE * spread:
        return LargeResiduals(spread, LARGE_SPREAD, 0, spread)
    return LargeResiduals(spread, LARGE_SPREAD, parted, within)


def _squares_about_a_plane(runs: TrainingRuns, rows: BoolArray) -> float:
    """Squared residuals of ln loss about a plane in ln params and ln tokens."""
    N, D, loss = (np.log(values[rows]) for values in (runs.params, runs.tokens, runs.loss))
    design = np.stack([np.ones(N.size), N, D], axis=1)
    fitted = design @ np.linalg.lstsq(design, loss, rcond=None)[0]
    return float(np.sum((loss - fitted) ** 2))
