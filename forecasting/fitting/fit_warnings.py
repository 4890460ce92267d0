"""What to know before trusting a fit: checks that find nothing on clean runs, and return what they
find with its figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.fitting.fit_result import FitResult
from forecasting.fitting.power_law_problem import LARGEST_EXPONENT, SMALLEST_EXPONENT
from forecasting.fitting.run_warnings import (
    distinct_sizes,
    extrapolation,
    large_residuals,
    last_or_lowest,
    one_ratio,
    own_flop,
    params_counted,
)
from forecasting.fitting.warning_kinds import (
    AtBound,
    Curvature,
    CutBeforeDecay,
    FewerResamples,
    FewRuns,
    FewSizes,
    FitWarning,
    Outliers,
    Quantity,
    ResamplesFailed,
    StartsDisagree,
    Undetermined,
    WideExponent,
)

MIN_SIZES = 4
#: An exponent whose 90% interval spans more than this factor is not known to any use.
WIDEST_EXPONENT_RATIO = 5.0
#: Below this many runs intervals are not reliable (see benchmarks/scaling_coverage.py).
FEW_RUNS = 20
CURVATURE_CHANCE = 0.002
#: A term that is nowhere more than this share of the mean loss is absent.
MIN_SHARE = 1e-4
#: A run is suspected of having been stopped early when its loss lies this many robust standard
#: deviations, and this share, above the law.
OUTLYING_DEVIATIONS, OUTLYING_SHARE = 6.0, 0.06
_TOP_SHARE_OF_DATA = 0.25
#: A larger share of runs far off the law are no outliers.
MAX_OUTLIER_SHARE = 0.1
#: What groups of runs that differ from each other, fitted together, bring about.
EXPLAINED_BY_POOLING = (WideExponent, Curvature, Outliers)
#: The term and the exponent of the law that belong to each quantity.
_TERMS: dict[Quantity, tuple[str, str]] = {"params": ("A", "alpha"), "tokens": ("B", "beta")}


def fit_warnings(
    fit: FitResult, target: tuple[float, float] | None = None
) -> tuple[FitWarning, ...]:
    """All warnings of a fit; `target` (params, tokens) adds how far beyond the runs a prediction
    lies. Groups that were pooled come first and stand for what they explain: residuals that are
    large, bent or far off, and exponents that these runs would not pin down.
    """
    cut = _cut_before_decay(fit)
    large = large_residuals(fit.runs, _spread(fit))
    pooled = large is not None and large.groups > 0
    found = [
        large if pooled else None,
        _few_runs(fit),
        *_not_identified(fit),
        one_ratio(fit.runs),
        _at_bound(fit),
        _starts_disagree(fit),
        _resamples_failed(fit),
        _fewer_resamples(fit),
        cut,
        _outliers(fit, () if cut is None else cut.rows),
        _curvature(fit),
        last_or_lowest(fit.runs, _noise(fit)),
        params_counted(fit),
        own_flop(fit.runs),
        None if pooled else large,
    ]
    if target is not None:
        found.append(extrapolation(fit.runs, *target))
    return tuple(
        warning
        for warning in found
        if warning is not None and not (pooled and isinstance(warning, EXPLAINED_BY_POOLING))
    )


def _noise(fit: FitResult) -> float:
    """The robust standard deviation of ln loss about the law."""
    scale = 1.0 if fit.settings.residuals == "log" else fit._problem.mean_loss
    return 1.4826 * float(np.median(np.abs(fit.residuals))) / scale


def _spread(fit: FitResult) -> float:
    """The root mean square of the residuals of ln loss."""
    scale = 1.0 if fit.settings.residuals == "log" else fit._problem.mean_loss
    return float(np.sqrt(np.mean(np.square(fit.residuals)))) / scale


def _few_runs(fit: FitResult) -> FewRuns | None:
    n = len(fit.runs)
    return FewRuns(n, fit._problem.size, FEW_RUNS) if n < FEW_RUNS else None


def _not_identified(fit: FitResult) -> list[FitWarning]:
    found: list[FitWarning] = []
    for name, (_, exponent) in _TERMS.items():
        values: FloatArray = getattr(fit.runs, name)
        smallest, largest = float(values.min()), float(values.max())
        sizes = distinct_sizes(values)
        low, high = fit.estimate(exponent).interval(0.9)
        if sizes < MIN_SIZES:
            found.append(FewSizes(name, sizes, smallest, largest, MIN_SIZES))
        elif len(fit.draws) > 1 and high > WIDEST_EXPONENT_RATIO * low:
            span_oom = float(np.log10(largest / smallest))
            found.append(WideExponent(name, low, high, span_oom))
    return found


def _at_bound(fit: FitResult) -> AtBound | None:
    law, shares = fit.law, _shares(fit)
    at = [("E", law.E)] if law.E / fit._problem.mean_loss <= 1e-6 else []
    at += [(name, getattr(law, name)) for name in ("A", "B") if shares[name] < MIN_SHARE]
    exponents = [(name, getattr(law, name)) for name in ("alpha", "beta")]
    at += [(name, value) for name, value in exponents if _is_least(value) or _is_largest(value)]
    return AtBound(tuple(at)) if at else None


def undetermined(fit: FitResult) -> Undetermined | None:
    """Why these runs determine no law; None where they do.

    Where a term of the law is absent or its exponent at the edge of what is allowed, the best split
    of a budget lies at none or without limit: the fit is then no law to compute with.
    """
    shares = _shares(fit)
    flat: list[Quantity] = []
    steep: list[Quantity] = []
    for name, (term, exponent) in _TERMS.items():
        power = getattr(fit.law, exponent)
        if shares[term] < MIN_SHARE or _is_least(power):
            flat.append(name)
        elif _is_largest(power):
            steep.append(name)
    return Undetermined(tuple(flat), tuple(steep)) if flat or steep else None


def _shares(fit: FitResult) -> dict[str, float]:
    """The largest part that each term of the law has in the loss of a run, as a share of the mean
    loss.
    """
    law, runs = fit.law, fit.runs
    terms = {
        "A": np.log(law.A) - law.alpha * np.log(runs.params),
        "B": np.log(law.B) - law.beta * np.log(runs.tokens),
    }
    return {
        name: float(np.exp(np.max(term) - np.log(fit._problem.mean_loss)))
        for name, term in terms.items()
    }


def _is_least(exponent: float) -> bool:
    return exponent <= 2 * SMALLEST_EXPONENT


def _is_largest(exponent: float) -> bool:
    return exponent >= 0.999 * LARGEST_EXPONENT


def _starts_disagree(fit: FitResult) -> StartsDisagree | None:
    if fit.converged and fit.agreeing_starts >= max(2, 0.05 * fit.tried_starts):
        return None
    return StartsDisagree(fit.agreeing_starts, fit.tried_starts)


def _resamples_failed(fit: FitResult) -> ResamplesFailed | None:
    if fit.failed_replicates <= 0.02 * len(fit.draws):
        return None
    return ResamplesFailed(fit.failed_replicates, len(fit.draws))


def _fewer_resamples(fit: FitResult) -> FewerResamples | None:
    if fit.lowered_from is None:
        return None
    drawn = len(fit.draws) if len(fit.draws) > 1 else 0
    return FewerResamples(drawn, fit.lowered_from, len(fit.runs))


def _cut_before_decay(fit: FitResult) -> CutBeforeDecay | None:
    """Runs stopped before the learning rate had decayed end high, and are the short ones: little
    data for their size.

    Besiroglu et al. 2024 left out the five highest losses of the Chinchilla runs for it. One-sided:
    as many runs as far below the law would be noise.
    """
    excess = _excess(fit)
    limit = _outlying(excess)
    ratio = fit.runs.tokens / fit.runs.params
    short = ratio <= np.quantile(ratio, _TOP_SHARE_OF_DATA)
    suspected = np.flatnonzero((excess > limit) & short)
    if not suspected.size or suspected.size <= int((excess < -limit).sum()):
        return None
    worst = int(suspected[np.argmax(excess[suspected])])
    return CutBeforeDecay(
        suspected=int(suspected.size),
        limit=limit,
        worst_excess=float(excess[worst]),
        worst_row=worst + 1,
        params=float(fit.runs.params[worst]),
        tokens=float(fit.runs.tokens[worst]),
        loss=float(fit.runs.loss[worst]),
        rows=tuple((suspected + 1).tolist()),
    )


def _outliers(fit: FitResult, known: Sequence[int]) -> Outliers | None:
    """Single runs far off the law, without the `known` ones, which another warning names. Many such
    runs are no outliers: then the law does not describe them.
    """
    excess = _excess(fit)
    limit = _outlying(excess)
    far = np.flatnonzero(np.abs(excess) > limit)
    far = far[~np.isin(far + 1, known)]
    if not far.size or far.size > MAX_OUTLIER_SHARE * excess.size:
        return None
    worst = int(far[np.argmax(np.abs(excess[far]))])
    return Outliers(
        limit=limit,
        worst_excess=float(excess[worst]),
        params=float(fit.runs.params[worst]),
        tokens=float(fit.runs.tokens[worst]),
        loss=float(fit.runs.loss[worst]),
        rows=tuple((far + 1).tolist()),
    )


def _excess(fit: FitResult) -> FloatArray:
    """By how much the ln loss of each run lies above the law."""
    if fit.settings.residuals == "log":
        return -fit.residuals
    law: FloatArray = fit.runs.loss + fit.residuals
    return np.log(fit.runs.loss / law)


def _outlying(excess: FloatArray) -> float:
    """How far off the law a run is an outlier, in ln loss."""
    spread = 1.4826 * float(np.median(np.abs(excess)))
    return max(OUTLYING_DEVIATIONS * spread, OUTLYING_SHARE)


def _curvature(fit: FitResult) -> Curvature | None:
    """Whether squares and the product of ln N and ln D explain the residuals: an F test, outliers
    drawn in to three deviations.
    """
    from scipy.special import fdtrc

    r = fit.residuals
    n = r.size
    x, y = (column / max(float(np.std(column)), 1e-12) for column in fit._problem.covariates)
    law = fit.law
    parts = np.stack(
        [law.A * fit.runs.params**-law.alpha, law.B * fit.runs.tokens**-law.beta, np.full(n, law.E)]
    )
    if fit.settings.residuals == "log":
        parts = parts / parts.sum(axis=0)
    known = np.stack([parts[0], parts[0] * x, parts[1], parts[1] * y, parts[2]], axis=1)
    extra = np.stack([x * x, y * y, x * y], axis=1)
    freedom = n - known.shape[1] - extra.shape[1]
    if freedom < 8:
        return None
    spread = 1.4826 * float(np.median(np.abs(r))) + 1e-300
    drawn_in = np.clip(r, -3.0 * spread, 3.0 * spread)
    without = drawn_in - known @ np.linalg.lstsq(known, drawn_in, rcond=None)[0]
    both = np.concatenate([known, extra], axis=1)
    fitted = both @ np.linalg.lstsq(both, drawn_in, rcond=None)[0]
    rest = float(np.sum((drawn_in - fitted) ** 2))
    explained = float(np.sum(without**2)) - rest
    if explained <= 0.0 or float(np.sum(without**2)) < 1e-20 * n:
        return None
    statistic = explained / extra.shape[1] / (rest / freedom)
    chance = float(fdtrc(extra.shape[1], freedom, statistic))
    if chance >= CURVATURE_CHANCE:
        return None
    return Curvature(chance, explained / (explained + rest), float(np.std(fitted)))


__all__ = [
    "distinct_sizes",
    "extrapolation",
    "fit_warnings",
    "undetermined",
]
