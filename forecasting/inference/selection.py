"""Choosing one of N answers: what a verifier, a score, or a vote makes of many tries, and where it
stops helping.

    BinaryVerifier(true_positive=0.8, false_positive=0.2).accuracy([0.3], tries=[1, 3])     # 0.300,
                                                                                            0.505
    BinaryVerifier(true_positive=0.8, false_positive=0.2).ceiling([0.3])                    # 0.632,
                                                                                            however
                                                                                            many
                                                                                            tries

Every selector takes `solve_rates`, the chance p that one try is right, one a problem, and the
numbers of `tries`; `accuracy` has a row a problem and a column a number of tries, `ceiling` the
limit of many tries. Average over problems with `averaged`: accuracy of the mean solve rate is not
the mean accuracy. Tries at one problem count as independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, gammaln, log_ndtr, ndtri, xlog1py, xlogy

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.scenario import Inputs, quantity
from forecasting.stats.dated_series import as_float_array

#: Nodes of the integral over scores; 0.02 standard deviations apart or less.
SCORE_NODES = 1201


class Selector(Protocol):
    """What chooses one of N answers."""

    def accuracy(self, solve_rates: ArrayLike, tries: ArrayLike) -> FloatArray:
        """Chance that the chosen answer is right, shape (problems, len(tries))."""

    def ceiling(self, solve_rates: ArrayLike) -> FloatArray:
        """Its limit for ever more tries, shape (problems,)."""

    @property
    def is_worse_than_chance(self) -> bool:
        """Whether more tries make it worse."""


def averaged(
    selector: Selector, solve_rates: ArrayLike, tries: ArrayLike
) -> tuple[FloatArray, float]:
    """Accuracy averaged over problems at each number of tries, and the average ceiling.

    Parameters
    ----------
    selector : Selector
        What chooses one of the answers.
    solve_rates : array-like of floats, shape (problems,)
        Chance that one try is right, from 0 to 1.
    tries : array-like of whole numbers, shape (numbers of tries,)
        Answers to choose from.
    """
    return selector.accuracy(solve_rates, tries).mean(axis=0), float(
        selector.ceiling(solve_rates).mean()
    )


class VerifierInputs(Inputs):
    """A verifier that accepts or rejects an answer."""

    true_positive: float = quantity(
        0.8,
        unit="share",
        label="Verifier accepts a right answer",
        why="An example: unit tests come close to 1; reading is less reliable.",
        ge=0.0,
        le=1.0,
    )
    false_positive: float = quantity(
        0.05,
        unit="share",
        label="Verifier accepts a wrong answer",
        why="An example. The ceiling of many tries depends on it.",
        ge=0.0,
        le=1.0,
    )


@dataclass(frozen=True, kw_only=True)
class BinaryVerifier:
    """Accepts a right answer with chance `true_positive` (t), a wrong one with `false_positive`
    (f).

    One of the accepted answers is given, or, when none of N is accepted, one of the rejected; with
    q = p·t + (1−p)·f

        acc(N) = (p·t/q)·(1 − (1−q)^N) + p·(1−t)·(1−q)^(N−1)

    so that acc(1) = p; the ceiling is p·t/q, below p where t < f: such a verifier is worse than
    none.
    """

    true_positive: float
    false_positive: float

    def __post_init__(self) -> None:
        for name in ("true_positive", "false_positive"):
            _checked_share(name, getattr(self, name))

    @property
    def is_worse_than_chance(self) -> bool:
        """Whether it accepts wrong answers more readily than right ones."""
        return self.true_positive < self.false_positive

    def accepts(self, solve_rates: FloatArray) -> FloatArray:
        """The chance q that an answer is accepted."""
        return solve_rates * self.true_positive + (1.0 - solve_rates) * self.false_positive

    def accuracy(self, solve_rates: ArrayLike, tries: ArrayLike) -> FloatArray:
        """Chance that the answer given is right, shape (problems, len(tries))."""
        p, n = _checked(solve_rates, tries)
        q = self.accepts(p)[:, None]
        some = -np.expm1(n * _log_rest(q))
        none_before_last = np.where(n == 1.0, 1.0, np.exp((n - 1.0) * _log_rest(q)))
        return (
            self.ceiling(p)[:, None] * some
            + p[:, None] * (1.0 - self.true_positive) * none_before_last
        )

    def ceiling(self, solve_rates: ArrayLike) -> FloatArray:
        """p·t/q, the chance that an accepted answer is right; p where nothing is ever accepted."""
        p = checked_rates(solve_rates)
        q = self.accepts(p)
        return np.where(q > 0.0, p * self.true_positive / np.where(q > 0.0, q, 1.0), p)

    def tries_until_accepted(self, solve_rates: ArrayLike, most: ArrayLike) -> FloatArray:
        """The expected tries when one stops at the first accepted answer, and at `most` at the
        latest: (1 − (1−q)^most)/q.
        """
        p, n = _checked(solve_rates, most)
        q = self.accepts(p)[:, None]
        return np.where(q > 0.0, -np.expm1(n * _log_rest(q)) / np.where(q > 0.0, q, 1.0), n)


@dataclass(frozen=True, kw_only=True)
class ScoreVerifier:
    """Scores answers; the best of N is given. Scores are normal with standard deviation 1, right
    ones `separation` (d′) higher.

    acc(N) = ∫ N·p·φ(s−d′)·[p·Φ(s−d′) + (1−p)·Φ(s)]^(N−1) ds

    With d′ above 0 the ceiling is 1, reached ever more slowly (a normal tail has no end; real
    scores do, so real ceilings are lower); at 0 it stays at p; below 0 it falls to 0.
    """

    separation: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.separation) and abs(self.separation) <= 20.0):
            raise InputError("separation", self.separation, "Use a number from −20 to 20.")

    @property
    def is_worse_than_chance(self) -> bool:
        """Whether it scores wrong answers above right ones."""
        return self.separation < 0.0

    def accuracy(self, solve_rates: ArrayLike, tries: ArrayLike) -> FloatArray:
        """Chance that the answer with the best score is right, shape (problems, len(tries))."""
        p, n = _checked(solve_rates, tries)
        d, reach = self.separation, 8.5 + abs(float(ndtri(1.0 / (1.0 + float(n.max())))))
        s = np.linspace(min(0.0, d) - 8.5, max(0.0, d) + reach, SCORE_NODES)
        density = np.exp(-0.5 * (s - d) ** 2) / np.sqrt(2.0 * np.pi) * (s[1] - s[0])
        # ln of the chance that another answer scores lower, the same for all N: asked once a
        # problem.
        with np.errstate(divide="ignore"):
            lower = np.logaddexp(
                np.log(p)[:, None] + log_ndtr(s - d), np.log1p(-p)[:, None] + log_ndtr(s)
            )
        result = np.empty((p.size, n.size))
        for column, each in enumerate(n):
            result[:, column] = each * p * (np.exp((each - 1.0) * lower) @ density)
        return np.clip(result, 0.0, 1.0)

    def ceiling(self, solve_rates: ArrayLike) -> FloatArray:
        """1, p or 0, by the sign of the separation; 0 and 1 stay what they are."""
        p = checked_rates(solve_rates)
        if self.separation == 0.0:
            return p
        return np.where((p > 0.0) & (p < 1.0), 1.0 if self.separation > 0.0 else 0.0, p)


@dataclass(frozen=True)
class MajorityVote:
    """The more frequent of two answers is given, ties by the toss of a coin: the binomial tail
    beyond one half.

    Real questions have many wrong answers, which split their votes, so that a vote does better than
    this on problems with p below one half.
    """

    @property
    def is_worse_than_chance(self) -> bool:
        """A vote is never worse than chance by itself: it amplifies the majority."""
        return False

    def accuracy(self, solve_rates: ArrayLike, tries: ArrayLike) -> FloatArray:
        """Chance that the answer with most votes is right, shape (problems, len(tries))."""
        p, n = _checked(solve_rates, tries)
        half, q = np.floor(n / 2.0), p[:, None]
        logs = (
            gammaln(n + 1.0)
            - gammaln(half + 1.0)
            - gammaln(n - half + 1.0)
            + xlogy(half, q)
            + xlog1py(n - half, -q)
        )
        tie = np.where(2.0 * half == n, np.exp(logs), 0.0)
        result: FloatArray = betainc(half + 1.0, n - half, q) + 0.5 * tie
        return result

    def ceiling(self, solve_rates: ArrayLike) -> FloatArray:
        """1 for problems solved in more than half of the tries, 0 for those solved in less, one
        half between.
        """
        p = checked_rates(solve_rates)
        return np.where(p == 0.5, 0.5, (p > 0.5).astype(np.float64))


@dataclass(frozen=True)
class PerfectVerifier:
    """Finds a right answer wherever there is one: coverage, 1 − (1−p)^N. No verifier does
    better.
    """

    @property
    def is_worse_than_chance(self) -> bool:
        """Never."""
        return False

    def accuracy(self, solve_rates: ArrayLike, tries: ArrayLike) -> FloatArray:
        """Chance that one of the tries is right, shape (problems, len(tries))."""
        p, n = _checked(solve_rates, tries)
        result: FloatArray = -np.expm1(n * _log_rest(p[:, None]))
        return result

    def ceiling(self, solve_rates: ArrayLike) -> FloatArray:
        """1 wherever a try can be right."""
        return (checked_rates(solve_rates) > 0.0).astype(np.float64)


def checked_rates(solve_rates: ArrayLike) -> FloatArray:
    """Solve rates as a float array, each a share from 0 to 1; raises InputError."""
    p = as_float_array(np.atleast_1d(np.asarray(solve_rates)), "solve_rates")
    bad = ~((p >= 0.0) & (p <= 1.0))
    if bad.any():
        raise InputError(
            "solve_rates", float(p[bad][0]), "Every solve rate must be a share from 0 to 1."
        )
    return p


def _checked(solve_rates: ArrayLike, tries: ArrayLike) -> tuple[FloatArray, FloatArray]:
    n = as_float_array(np.atleast_1d(np.asarray(tries)), "tries")
    bad = ~((n >= 1.0) & (n == np.floor(n)))
    if bad.any():
        raise InputError("tries", float(n[bad][0]), "Give whole numbers of 1 or more.")
    return checked_rates(solve_rates), n


def _log_rest(q: FloatArray) -> FloatArray:
    """ln(1 − q), very low instead of −∞ for q = 1, so that a product with 0 stays 0."""
    result: FloatArray = np.log1p(-np.minimum(q, 1.0 - 1e-16))
    return result


def _checked_share(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise InputError(name, value, "Use a share from 0 to 1.")
