"""Repeated sampling: the share of problems that at least one of k tries solves (pass@k, or
coverage), estimated from counts.

    pass@k = mean_i [1 − C(n_i − c_i, k) / C(n_i, k)]

unbiased for k ≤ n (Chen et al. 2021, arXiv:2107.03374; Brown et al. 2024, arXiv:2407.21787).

>>> pass_at_k(samples=[10, 10], correct=[1, 0], k=5)
0.25
"""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.ingest.sample_counts import ProblemCounts, checked_counts
from forecasting.stats.dated_series import as_float_array


@overload
def pass_at_k(*, samples: ArrayLike, correct: ArrayLike, k: int) -> float: ...
@overload
def pass_at_k(*, samples: ArrayLike, correct: ArrayLike, k: ArrayLike) -> float | FloatArray: ...
def pass_at_k(*, samples: ArrayLike, correct: ArrayLike, k: ArrayLike) -> float | FloatArray:
    """The mean over problems of the unbiased pass@k; one number for one `k`, an array for several.

    Parameters
    ----------
    samples : number or array-like, shape (problems,)
        Tries at each problem, or one number for all.
    correct : array-like, shape (problems,)
        How many of them were right.
    k : int or array-like of whole numbers, shape (ks,)
        Tries, from 1 to the fewest samples: beyond them nothing unbiased can be said, and a law is
        needed (see coverage_laws).

    Raises
    ------
    InputError
        For other counts or a `k` that is out of range.
    """
    n, c = checked_counts(samples, correct)
    ks = _checked_tries(k, float(n.min()))
    result = pass_at_k_by_problem(n, c, ks).mean(axis=0)
    return float(result[0]) if np.ndim(k) == 0 else result


def pass_at_k_by_problem(n: FloatArray, c: FloatArray, k: FloatArray) -> FloatArray:
    """1 − C(n−c, k)/C(n, k) of each problem and each k, shape (problems, ks), to about ten digits
    even where n is in the millions.

    The logarithm of the ratio is a second difference of ln Γ, in which the large parts cancel. So
    they are cancelled by hand: with N = n + 1, u = c/N, v = k/N and ψ(w) = (1−w)·ln(1−w) + w,
    Stirling's series leaves N·[ψ(u) + ψ(v) − ψ(u+v)] and small terms.

    Parameters
    ----------
    n : array of floats, shape (problems,)
        Tries at each problem, whole numbers.
    c : array of floats, shape (problems,)
        How many of them were right.
    k : array of floats, shape (ks,)
        The tries asked for, from 1 to the smallest n.
    """
    size = (n + 1.0)[:, None]
    left = (
        size - c[:, None] - k
    )  # n + 1 − c − k: below 1, no choice of k tries avoids every right one
    none_right = left >= 1.0
    u, v = c[:, None] / size, k / size
    both = np.where(none_right, u + v, 0.5)
    log_u, log_v, log_both = np.log1p(-u), np.log1p(-v), np.log1p(-both)
    large = size * ((1.0 - u) * log_u + (1.0 - v) * log_v - (1.0 - both) * log_both)
    small = -0.5 * (log_u + log_v - log_both)
    last = _stirling_rest(np.where(none_right, left, 1.0))
    rest = (
        _stirling_rest(size - c[:, None]) + _stirling_rest(size - k) - last - _stirling_rest(size)
    )
    solved: FloatArray = np.where(none_right, -np.expm1(np.minimum(large + small + rest, 0.0)), 1.0)
    return solved


def coverage_of(counts: ProblemCounts, k: FloatArray) -> FloatArray:
    """The unbiased coverage of the counts at each of the `k`."""
    shares: FloatArray = pass_at_k_by_problem(counts.samples, counts.correct, k).mean(axis=0)
    return shares


def tries_grid(most: float, count: int = 20) -> FloatArray:
    """About `count` whole numbers of tries from 1 to `most`, evenly spread on a logarithmic
    scale.
    """
    return np.unique(np.rint(np.geomspace(1.0, max(1.0, most), count)))


def _stirling_rest(x: FloatArray) -> FloatArray:
    """ln Γ(x) − [(x − ½)·ln x − x + ½·ln 2π] for x ≥ 1."""
    square = 1.0 / (x * x)
    series: FloatArray = (
        1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))
    ) / x
    few = x < 12.0
    if few.any():
        small = x[few]
        series[few] = gammaln(small) - (
            (small - 0.5) * np.log(small) - small + 0.5 * np.log(2.0 * np.pi)
        )
    return series


def _checked_tries(k: ArrayLike, fewest: float) -> FloatArray:
    ks = as_float_array(np.atleast_1d(np.asarray(k)), "k")
    bad = ~((ks >= 1.0) & (ks == np.floor(ks)))
    if bad.any():
        raise InputError("k", f"{ks[bad][0]:g}", "Give whole numbers of 1 or more.")
    if (ks > fewest).any():
        raise InputError(
            "k",
            f"{ks.max():,.0f}",
            f"The problem with the fewest samples has {fewest:,.0f}, and no unbiased estimate"
            f" exists beyond them. Use {fewest:,.0f} or less, or extrapolate with a coverage law.",
        )
    return ks
