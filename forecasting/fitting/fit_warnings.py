"""What a reader should know before trusting a fit: checks that stay silent on clean runs and name
the numbers when they speak.
"""

from __future__ import annotations

import math

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.fitting.fit_result import FitResult
from forecasting.fitting.power_law_problem import LARGEST_EXPONENT, SMALLEST_EXPONENT
from forecasting.fitting.run_warnings import (
    FitWarning,
    Kind,
    distinct_sizes,
    extrapolation,
    last_or_lowest,
    one_ratio,
    params_counted,
)
from forecasting.formatting import in_words, significant

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
#: What a warning means for whoever computes with the law elsewhere, the gravest first; the others
#: do not doubt what the law predicts.
IN_SHORT: dict[Kind, str] = {
    "at_bound": "Its fit lies at the edge of what is allowed: do not extrapolate it.",
    "not_identified": "Its runs do not pin down both exponents: do not take it far beyond them.",
    "starts_disagree": "Its runs allow several laws: do not take it far beyond them.",
    "resamples_failed": "Its ranges are too rough to rely on.",
    "curvature": (
        "Its residuals bend: far beyond its runs it will miss by more than its range says."
    ),
    "few_runs": f"It rests on fewer than {FEW_RUNS} runs: its ranges are not reliable.",
    "cut_before_decay": "Some of its runs may have been stopped early: check them.",
}


def fit_warnings(
    fit: FitResult, target: tuple[float, float] | None = None
) -> tuple[FitWarning, ...]:
    """All warnings of a fit; `target` (params, tokens) adds how far beyond the runs a prediction
    lies.
    """
    found = [
        _few_runs(fit),
        *_not_identified(fit),
        one_ratio(fit.runs),
        _at_bound(fit),
        _starts_disagree(fit),
        _resamples_failed(fit),
        _fewer_resamples(fit),
        _cut_before_decay(fit),
        _curvature(fit),
        last_or_lowest(fit.runs, _noise(fit)),
        params_counted(fit),
    ]
    if target is not None:
        found.append(extrapolation(fit.runs, *target))
    return tuple(warning for warning in found if warning is not None)


def worst_warning_summary(warnings: tuple[FitWarning, ...]) -> str:
    """The gravest of the warnings in one short sentence; empty where none doubts what the law
    predicts.
    """
    kinds = {warning.kind for warning in warnings}
    return next((sentence for kind, sentence in IN_SHORT.items() if kind in kinds), "")


def _noise(fit: FitResult) -> float:
    """The robust standard deviation of ln loss about the law."""
    scale = 1.0 if fit.settings.residuals == "log" else fit._problem.mean_loss
    return 1.4826 * float(np.median(np.abs(fit.residuals))) / scale


def _few_runs(fit: FitResult) -> FitWarning | None:
    n = len(fit.runs)
    if n >= FEW_RUNS:
        return None
    sentence = (
        f"Only {n} runs for {fit._problem.size} coefficients: intervals from fewer than {FEW_RUNS}"
        " runs are not reliable. Add runs."
    )
    return FitWarning("few_runs", sentence, {"runs": n, "needed": FEW_RUNS})


def _not_identified(fit: FitResult) -> list[FitWarning]:
    found = []
    for name, exponent, word in (
        ("params", "alpha", "model sizes"),
        ("tokens", "beta", "amounts of tokens"),
    ):
        values: FloatArray = getattr(fit.runs, name)
        sizes = distinct_sizes(values)
        span = float(np.log10(values.max() / values.min()))
        low, high = fit.estimate(exponent).interval(0.9)
        if sizes < MIN_SIZES:
            sentence = (
                f"The runs have {sizes} different {word} ({in_words(float(values.min()))} to"
                f" {in_words(float(values.max()))}): {exponent} is not identified by fewer than"
                f" {MIN_SIZES}. Add runs of other {word}."
            )
        elif len(fit.draws) > 1 and high > WIDEST_EXPONENT_RATIO * low:
            sentence = (
                f"The runs do not pin down {exponent}: its 90% interval is {significant(low, 2)} to"
                f" {significant(high, 2)}, from {word} that span {span:.1f} orders of magnitude."
                " Add runs over a wider span."
            )
        else:
            continue
        found.append(
            FitWarning(
                "not_identified",
                sentence,
                {f"distinct_{name}": sizes, f"{name}_oom": span, "low": low, "high": high},
            )
        )
    return found


def _at_bound(fit: FitResult) -> FitWarning | None:
    law, mean_loss = fit.law, fit._problem.mean_loss
    shares = _shares(fit)
    at: list[tuple[str, float, str]] = []
    if law.E / mean_loss <= 1e-6:
        at.append(("E", law.E, "no irreducible loss shows in these runs"))
    for name, word in (("A", "parameters"), ("B", "tokens")):
        if shares[name] < MIN_SHARE:
            at.append((name, getattr(law, name), f"the loss does not depend on {word} here"))
    for name in ("alpha", "beta"):
        value = getattr(law, name)
        if _at_edge(value):
            at.append((name, value, "no power of the allowed range fits better"))
    if not at:
        return None
    parts = "; ".join(
        f"{name} = {'0' if name == 'E' else in_words(value)}, {reason}"
        for name, value, reason in at
    )
    sentence = f"The best fit lies at the edge of what is allowed: {parts}. Do not extrapolate it."
    return FitWarning("at_bound", sentence, {name: value for name, value, _ in at})


def undetermined(fit: FitResult) -> str:
    """Why these runs determine no law, and what to do, in a sentence; empty where they do.

    Where a term of the law is absent or its exponent at the edge of what is allowed, the best split
    of a budget lies at none or without limit: the fit is then no law to compute with.
    """
    shares = _shares(fit)
    flat = [
        word
        for term, exponent, word in (("A", "alpha", "parameters"), ("B", "beta", "tokens"))
        if shares[term] < MIN_SHARE or getattr(fit.law, exponent) <= 2 * SMALLEST_EXPONENT
    ]
    steep = [
        word
        for exponent, word in (("alpha", "parameters"), ("beta", "tokens"))
        if getattr(fit.law, exponent) >= 0.999 * LARGEST_EXPONENT
    ]
    steep = [word for word in steep if word not in flat]
    if not flat and not steep:
        return ""
    seen = [f"the loss does not fall with {' or with '.join(flat)}"] if flat else []
    seen += (
        [f"the loss falls with {' and with '.join(steep)} more steeply than any law of this kind"]
        if steep
        else []
    )
    words = " and ".join([*flat, *steep])
    return (
        f"These runs do not determine a law: {', and '.join(seen)} as a power would. Check that the"
        f" loss column holds a loss (an accuracy rises), and add runs over a wider span of {words}."
    )


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


def _at_edge(exponent: float) -> bool:
    return exponent <= 2 * SMALLEST_EXPONENT or exponent >= 0.999 * LARGEST_EXPONENT


def _probability(chance: float) -> str:
    return "under 0.001" if chance < 0.001 else f"of {significant(chance, 1)}"


def _starts_disagree(fit: FitResult) -> FitWarning | None:
    if fit.converged and fit.agreeing_starts >= max(2, 0.05 * fit.tried_starts):
        return None
    seen = f"{fit.agreeing_starts} of {fit.tried_starts} starts"
    sentence = f"Only {seen} end at the best fit: the runs allow several laws. Compare the draws."
    return FitWarning(
        "starts_disagree", sentence, {"agreeing": fit.agreeing_starts, "tried": fit.tried_starts}
    )


def _resamples_failed(fit: FitResult) -> FitWarning | None:
    if fit.failed_replicates <= 0.02 * len(fit.draws):
        return None
    share = fit.failed_replicates / len(fit.draws)
    sentence = (
        f"{100 * share:.0f}% of the resamples have no clear best fit: the intervals are too rough"
        " to rely on. Add runs."
    )
    return FitWarning(
        "resamples_failed", sentence, {"failed": fit.failed_replicates, "resamples": len(fit.draws)}
    )


def _fewer_resamples(fit: FitResult) -> FitWarning | None:
    if fit.lowered_from is None:
        return None
    drawn = len(fit.draws) if len(fit.draws) > 1 else 0
    kept = (
        f"only {drawn:,} were drawn: the ends of intervals are rougher"
        if drawn
        else "none was drawn: there are no intervals"
    )
    sentence = (
        f"{fit.lowered_from:,} resamples of {len(fit.runs):,} runs would take longer than this fit"
        f" may, so {kept}. Fewer runs, or the fit in a notebook, give finer ones."
    )
    return FitWarning("fewer_resamples", sentence, {"resamples": drawn, "asked": fit.lowered_from})


def _cut_before_decay(fit: FitResult) -> FitWarning | None:
    """Runs stopped before the learning rate had decayed end high, and are the short ones: little
    data for their size.

    Besiroglu et al. 2024 left out the five highest losses of the Chinchilla runs for it. One-sided:
    as many runs as far below the law would be noise.
    """
    excess = (
        -fit.residuals
        if fit.settings.residuals == "log"
        else np.log(fit.runs.loss / (fit.runs.loss + fit.residuals))
    )
    spread = 1.4826 * float(np.median(np.abs(excess)))
    limit = max(OUTLYING_DEVIATIONS * spread, OUTLYING_SHARE)
    ratio = fit.runs.tokens / fit.runs.params
    short = ratio <= np.quantile(ratio, _TOP_SHARE_OF_DATA)
    suspected = np.flatnonzero((excess > limit) & short)
    if not suspected.size or suspected.size <= int((excess < -limit).sum()):
        return None
    worst = int(suspected[np.argmax(excess[suspected])])
    runs = "run ends" if suspected.size == 1 else "runs end"
    sentence = (
        f"{suspected.size} short {runs} more than {100 * limit:.0f}% above the law (the worst"
        f" {100 * math.expm1(excess[worst]):.0f}%: {in_words(float(fit.runs.params[worst]))}"
        f" parameters, {in_words(float(fit.runs.tokens[worst]))} tokens, loss"
        f" {significant(float(fit.runs.loss[worst]))}), as runs do that stop before their learning"
        " rate has decayed, or that the law does not describe. Check them, or leave them out."
    )
    numbers = {
        "suspected": int(suspected.size),
        "worst_excess": float(excess[worst]),
        "worst_row": worst + 1,
        "limit": limit,
    }
    return FitWarning("cut_before_decay", sentence, numbers)


def _curvature(fit: FitResult) -> FitWarning | None:
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
    size = float(np.std(fitted))
    sentence = (
        "The residuals bend: squares of ln params and ln tokens explain"
        f" {100 * explained / (explained + rest):.0f}% of them (by chance with a probability"
        f" {_probability(chance)}, were the law right), about {100 * size:.2f}% of the loss. Far"
        " extrapolation will miss by more than the interval says."
    )
    return FitWarning(
        "curvature",
        sentence,
        {"chance": chance, "share_explained": explained / (explained + rest), "typical_bend": size},
    )


__all__ = [
    "FitWarning",
    "distinct_sizes",
    "extrapolation",
    "fit_warnings",
    "undetermined",
    "worst_warning_summary",
]
