"""Solutions of many steps: checking each step against checking whole answers.

A solution has L steps, each right with chance p given that all before it are; it is right if all
are. A verifier of steps accepts a right step with chance t. A wrong step, and every step that
follows one, it accepts with chance f. Cost is counted in steps written, and with
`verification_cost` in judgements as well. With q = p·t + (1−p)·f, ways to search:

    chain             one solution, nothing checked: p^L at L steps
    retried steps     a step is written until accepted, at most m times; then the last one stays
    best of N chains  N whole solutions, the one with most accepted steps is given
    beam              b partial solutions; each is continued m times, b of the accepted
                      continuations go on; one is given at the end
    whole answers     solutions until a verifier of whole answers (t, f) accepts one, at most N

With perfect verifiers and no limit, retried steps take L/p steps, whole answers L·p^(−L): p = 0.9,
L = 30 gives 33 against 708. This is step-wise verification as in Lightman et al. 2023
(arXiv:2305.20050) in its simplest form. All figures are exact, no draws are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError
from forecasting.formatting import counted
from forecasting.inference.selection import BinaryVerifier

MAX_STEPS = 1000
MAX_CANDIDATES = 512
_LOG_FACTORIAL = gammaln(np.arange(max(MAX_STEPS, MAX_CANDIDATES) + 1) + 1.0)


@dataclass(frozen=True, kw_only=True)
class Searched:
    """One way to search at one setting: `accuracy` of the answer given, and the expected `cost` in
    steps.
    """

    way: str
    setting: str
    accuracy: float
    cost: float


@dataclass(frozen=True, kw_only=True)
class StepProblem:
    """A solution of `steps` steps, each right with chance `step_right`; a verifier of steps; the
    cost of a judgement in steps written.
    """

    steps: int
    step_right: float
    verifier: BinaryVerifier
    verification_cost: float = 0.0

    def __post_init__(self) -> None:
        if not (isinstance(self.steps, int | np.integer) and 1 <= self.steps <= MAX_STEPS):
            raise InputError("steps", self.steps, f"Use a whole number from 1 to {MAX_STEPS:,}.")
        if not 0.0 < self.step_right <= 1.0:
            raise InputError("step_right", self.step_right, "Use a share above 0, and at most 1.")
        if not (np.isfinite(self.verification_cost) and self.verification_cost >= 0.0):
            raise InputError("verification_cost", self.verification_cost, "Use 0 or more.")

    @property
    def whole_right(self) -> float:
        """The chance p^L that a whole solution is right."""
        return float(self.step_right**self.steps)

    @property
    def perfect_retried_steps(self) -> float:
        """L/p: steps tried with a perfect verifier of steps."""
        return self.steps / self.step_right

    @property
    def perfect_whole_answers(self) -> float:
        """L·p^(−L): steps written with a perfect verifier of whole answers; may be infinite."""
        with np.errstate(over="ignore"):
            return float(self.steps * np.float64(self.step_right) ** -self.steps)

    def chain(self) -> Searched:
        """One solution, nothing checked."""
        return Searched(
            way="chain", setting="one chain", accuracy=self.whole_right, cost=float(self.steps)
        )

    def retried_steps(self, most_tries: int) -> Searched:
        """Each step is tried until accepted, at most `most_tries` times; then the last one
        stays.
        """
        m = _checked_count("most_tries", most_tries)
        right = float(self.verifier.accuracy([self.step_right], [m])[0, 0])
        # Each step before which all were right, and each after a wrong one, where nothing right is
        # left to be found.
        tries_right = float(self.verifier.tries_until_accepted([self.step_right], [m])[0, 0])
        tries_wrong = float(self.verifier.tries_until_accepted([0.0], [m])[0, 0])
        still_right = right ** np.arange(self.steps)
        cost = float(np.sum(still_right * tries_right + (1.0 - still_right) * tries_wrong)) * (
            1.0 + self.verification_cost
        )
        return Searched(
            way="retried steps",
            setting=f"at most {counted(m, 'try', 'tries')} per step",
            accuracy=right**self.steps,
            cost=cost,
        )

    def retried_steps_ceiling(self) -> float:
        """The accuracy of retried steps with no limit on tries: (p·t/q)^L."""
        return float(self.verifier.ceiling([self.step_right])[0] ** self.steps)

    def best_of_chains(self, chains: int) -> Searched:
        """`chains` whole solutions; the one with most accepted steps is given, ties by lot."""
        n = _checked_count("chains", chains)
        right, wrong = self._accepted_steps
        each = right + wrong
        below = np.concatenate([[0.0], np.cumsum(each)])
        # P(most accepted steps = j) · P(right | j accepted): solutions with as many accepted steps
        # are alike.
        highest = np.minimum(below[1:], 1.0) ** n - np.minimum(below[:-1], 1.0) ** n
        share = np.divide(right, each, out=np.zeros_like(right), where=each > 0.0)
        cost = n * self.steps * (1.0 + self.verification_cost)
        return Searched(
            way="best of N chains",
            setting=counted(n, "chain"),
            accuracy=float(np.sum(highest * share)),
            cost=float(cost),
        )

    def best_of_chains_ceiling(self) -> float:
        """The limit of ever more chains: the share right of those whose every step was accepted."""
        right, wrong = self._accepted_steps
        each = right + wrong
        last = int(np.flatnonzero(each > 0.0)[-1])
        return float(right[last] / each[last])

    def beam(self, width: int, continuations: int) -> Searched:
        """`width` partial solutions, each continued `continuations` times at each step; `width` of
        the accepted go on, one at the end.
        """
        b, m = _checked_count("width", width), _checked_count("continuations", continuations)
        if b * m > MAX_CANDIDATES:
            raise InputError(
                "continuations", m, f"Width times continuations may be {MAX_CANDIDATES} at most."
            )
        going_on = self._kept_right(b, m, b)
        last = self._kept_right(b, m, 1)
        # The chance of each number of right ones among the b partial solutions; at first all are
        # the empty one, which is right.
        state = np.zeros(b + 1)
        state[b] = 1.0
        for _ in range(self.steps - 1):
            state = state @ going_on
        cost = b * m * self.steps * (1.0 + self.verification_cost)
        return Searched(
            way="beam",
            setting=f"width {b:,}, {counted(m, 'continuation')} each",
            accuracy=float((state @ last)[1]),
            cost=float(cost),
        )

    def whole_answers(self, verifier: BinaryVerifier, most_tries: int) -> Searched:
        """Whole solutions until `verifier`, which sees whole answers only, accepts one, at most
        `most_tries`.
        """
        n = _checked_count("most_tries", most_tries)
        accuracy = float(verifier.accuracy([self.whole_right], [n])[0, 0])
        tries = float(verifier.tries_until_accepted([self.whole_right], [n])[0, 0])
        # Judging a whole answer means reading all its steps.
        cost = tries * self.steps * (1.0 + self.verification_cost)
        return Searched(
            way="whole answers",
            setting=f"at most {counted(n, 'answer')}",
            accuracy=accuracy,
            cost=cost,
        )

    @cached_property
    def _accepted_steps(self) -> tuple[FloatArray, FloatArray]:
        """P(right, j steps accepted) and P(wrong, j steps accepted) of a whole solution, j =
        0 … L.
        """
        length, p = self.steps, self.step_right
        t, f = self.verifier.true_positive, self.verifier.false_positive
        right = self.whole_right * _binomial(length, t)
        wrong = np.zeros(length + 1)
        for before in range(length):  # so many right steps, then the first wrong one
            both = np.convolve(_binomial(before, t), _binomial(length - before, f))
            wrong += p**before * (1.0 - p) * both
        return right, wrong

    def _kept_right(self, width: int, continuations: int, kept: int) -> FloatArray:
        """P(j′ of the `kept` are right | j of the `width` are), shape (width + 1, kept + 1).

        Continuations of right partial solutions are accepted with chance q, and an accepted one is
        right with chance p·t/q; those of wrong ones are accepted with chance f. Which of the
        accepted go on is chosen by lot; with too few of them, rejected ones fill up.
        """
        p, t, f = self.step_right, self.verifier.true_positive, self.verifier.false_positive
        q = p * t + (1.0 - p) * f
        # Rounding may leave these a hair above 1.
        right_accepted = min(p * t / q, 1.0) if q > 0.0 else 0.0
        right_rejected = min(p * (1.0 - t) / (1.0 - q), 1.0) if q < 1.0 else 0.0
        result = np.zeros((width + 1, kept + 1))
        for right in range(width + 1):
            ours, theirs = right * continuations, (width - right) * continuations
            # Accepted continuations of right (rows) and of wrong (columns) partial solutions.
            a, w = np.arange(ours + 1)[:, None], np.arange(theirs + 1)[None, :]
            chance = np.outer(_binomial(ours, q), _binomial(theirs, f))
            enough = a + w >= kept
            # Enough accepted: how many of the kept stem from right ones, then how many of those are
            # right.
            stem = np.zeros(kept + 1)
            for count in range(kept + 1):
                stem[count] = float(
                    np.sum(np.where(enough, chance * _drawn(count, a, w, kept), 0.0))
                )
            result[right] += stem @ _thinned(kept, right_accepted)
            for accepted_ours, accepted_theirs in zip(
                *np.nonzero(~enough & (chance > 1e-16)), strict=True
            ):
                accepted = int(accepted_ours + accepted_theirs)
                fill = kept - accepted
                drawn = _drawn(
                    np.arange(fill + 1), ours - accepted_ours, theirs - accepted_theirs, fill
                )
                filled = drawn @ _thinned(fill, right_rejected)
                both = np.convolve(_thinned(int(accepted_ours), right_accepted)[-1], filled)
                result[right, : both.size] += float(chance[accepted_ours, accepted_theirs]) * both
        return result


def _drawn(count: int | IntArray, ours: IntArray, theirs: IntArray, draws: int) -> FloatArray:
    """The hypergeometric chance that `count` of `draws` taken without putting back are of `ours`,
    the rest of `theirs`; else 0.
    """
    rest = draws - count
    possible = (count <= ours) & (rest <= theirs) & (rest >= 0)
    size = ours + theirs
    logs = (
        _LOG_FACTORIAL[ours]
        - _LOG_FACTORIAL[np.minimum(count, ours)]
        - _LOG_FACTORIAL[np.maximum(ours - count, 0)]
        + _LOG_FACTORIAL[theirs]
        - _LOG_FACTORIAL[np.clip(rest, 0, theirs)]
        - _LOG_FACTORIAL[np.maximum(theirs - rest, 0)]
        - _LOG_FACTORIAL[size]
        + _LOG_FACTORIAL[np.minimum(draws, size)]
        + _LOG_FACTORIAL[np.maximum(size - draws, 0)]
    )
    return np.where(possible, np.exp(logs), 0.0)


@lru_cache(maxsize=512)
def _thinned(most: int, chance: float) -> FloatArray:
    """Row n: the binomial distribution of n trials with this chance, shape (most + 1, most + 1); to
    be read only.
    """
    thinned = np.zeros((most + 1, most + 1))
    for n in range(most + 1):
        thinned[n, : n + 1] = _binomial(n, chance)
    return thinned


def _binomial(n: int, chance: float) -> FloatArray:
    """P(k of n trials succeed), k = 0 … n. Not from scipy.stats: that one fails on chances near
    1e-308.
    """
    k = np.arange(n + 1)
    logs = (
        _LOG_FACTORIAL[n]
        - _LOG_FACTORIAL[k]
        - _LOG_FACTORIAL[n - k]
        + xlogy(k, chance)
        + xlog1py(n - k, -chance)
    )
    result: FloatArray = np.exp(logs)
    return result


def _checked_count(name: str, value: int) -> int:
    if not (isinstance(value, int | np.integer) and value >= 1):
        raise InputError(name, value, "Use a whole number of 1 or more.")
    return int(value)
