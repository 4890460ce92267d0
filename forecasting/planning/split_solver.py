"""The best split of a budget between training and answering, for many budgets, laws and supplies at
once.

Maximise  ln C_eq(N, D; U) + s·ln k
subject to  6·N·D·c_train + N^(1 + a)·(input + k·output) ≤ budget,  1 ≤ k ≤ span,

and, where a ceiling on the training compute is given, 6·N·D ≤ ceiling; a is the power of N by which
a parameter gets dearer to serve. In logarithms this is a concave function over a convex set, so it
has one optimum. Without the ceiling the budget gives N, and projected Newton steps find the rest;
with it N = F/(6·D), and one equation in ln D remains. Both are solved for all rows together; rows
that are done drop out.

For the Newton steps M = N^(1 + a) and T = D·N^(−a) take the places of N and D: M·T is N·D, so M
can be taken out of the budget as N can where a is 0, and a linear map keeps what is concave.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.laws.data_limited_quality import DataLimitedQuality, Rows
from forecasting.stats.budget import check_budget
from forecasting.stats.rootfind import find_roots

LN10 = float(np.log(10.0))
MAX_STEPS = 200
LONGEST_STEP = 4.0
#: More training compute, in ln, by which its worth is measured, and how far ln D may move for it.
A_LITTLE, NEARBY = 1e-3, 0.02
#: How far ln D is looked for around the compute-optimal one, and how closely.
WIDE, ROOT_FOUND, ROOT_FOUND_NEARBY = 60.0, 1e-6, 1e-10
#: The same for rough splits, whose ln D is some per mille off.
ROUGH, ROOT_FOUND_ROUGHLY = 15.0, 3e-3
CRUMB = 1e-12
#: Steps stop when the next one would gain less than this, in nats of compute: far below the 1e-6
#: that is asked for.
GAIN_LEFT = 1e-11
#: The same for rough splits.
GAIN_LEFT_ROUGHLY = 1e-4
#: A start must leave more than this share of the budget for training.
SLIGHT = 1e-3


@dataclass(frozen=True, eq=False)
class SplitProblem:
    """Rows of budgets; all of shape (rows,), natural logarithms of USD.

    `log_train` is the cost of 6 FLOP of training, `log_input` and `log_output` what answering all
    requests costs per parameter, or N^(1 + a) of them (−inf: no requests), `size_elasticity` a
    (above −1), `exchange_rate` s, `log_span` the largest ln k, 0 where there is nothing to answer.
    """

    quality: DataLimitedQuality
    log_budget: FloatArray
    log_train: FloatArray
    log_input: FloatArray
    log_output: FloatArray
    size_elasticity: FloatArray
    exchange_rate: FloatArray
    log_span: FloatArray

    def __len__(self) -> int:
        return int(self.log_budget.size)

    def rows(self, chosen: Rows) -> SplitProblem:
        """These rows alone."""
        rest = (
            getattr(self, field.name)[chosen] for field in fields(self) if field.name != "quality"
        )
        return SplitProblem(self.quality.rows(chosen), *rest)

    def replaced(self, **changes: FloatArray) -> SplitProblem:
        """A copy with these arrays in place of its own."""
        return SplitProblem(
            **({field.name: getattr(self, field.name) for field in fields(self)} | changes)
        )

    def inference_usd(self, n: FloatArray, log_k: FloatArray) -> FloatArray:
        """What all answers cost at these ln N and ln k."""
        result: FloatArray = np.exp((1.0 + self.size_elasticity) * n) * (
            np.exp(self.log_input) + np.exp(self.log_output + log_k)
        )
        return result


@dataclass(frozen=True, eq=False)
class Splits:
    """One split a row: ln N, ln D, ln k, the score in orders of magnitude, and what a little more
    text, budget or training compute would add (d score / d log10 of it; 0 where it does not bind).
    """

    n: FloatArray
    d: FloatArray
    log_k: FloatArray
    score: FloatArray
    worth_of_text: FloatArray
    worth_of_budget: FloatArray
    worth_of_ceiling: FloatArray


def best_splits(
    problem: SplitProblem,
    log_ceiling: FloatArray | None = None,
    *,
    near: tuple[FloatArray, FloatArray] | None = None,
    is_rough: bool = False,
) -> Splits:
    """The best split of every row.

    Parameters
    ----------
    problem : SplitProblem
        The rows.
    log_ceiling : array of floats, shape (rows,), or None
        ln of the training FLOP that a run may have at most; None: as many as money buys.
    near : pair of arrays of floats, shape (rows,), or None
        ln N and ln k that are not far from the best, from which fewer steps lead there.
    is_rough : bool
        Whether ln N, ln D and ln k may be some per cent off, those of rows at the ceiling some per
        mille, and what more compute would add there is not asked for.
    """
    start = _start(problem) if near is None else _start_near(problem, *near)
    t, log_k = _newton(problem, start, GAIN_LEFT_ROUGHLY if is_rough else GAIN_LEFT)
    spent, _, _ = _log_spent_per_param(problem, t, log_k)
    n, d = _size_and_text(problem, problem.log_budget - spent, t)
    found = _splits(problem, n, d, log_k)
    if log_ceiling is None:
        return found
    over = np.flatnonzero(n + d + np.log(6.0) > log_ceiling)
    if over.size == 0:
        return found
    part = problem.rows(over)
    capped = splits_at_training_compute(
        part,
        log_ceiling[over],
        start=None if near is None else log_ceiling[over] - np.log(6.0) - near[0][over],
        is_rough=is_rough,
    )
    if is_rough:
        return _replaced_rows(found, over, capped)
    more = splits_at_training_compute(part, log_ceiling[over] + A_LITTLE, near=capped.d)
    capped = replace(
        capped, worth_of_ceiling=np.maximum(more.score - capped.score, 0.0) * LN10 / A_LITTLE
    )
    return _replaced_rows(found, over, capped)


def _replaced_rows(splits: Splits, rows: IntArray, others: Splits) -> Splits:
    arrays = {field.name: getattr(splits, field.name).copy() for field in fields(Splits)}
    for name, array in arrays.items():
        array[rows] = getattr(others, name)
    return Splits(**arrays)


def splits_at_training_compute(
    problem: SplitProblem,
    log_training_flop: FloatArray,
    *,
    start: FloatArray | None = None,
    near: FloatArray | None = None,
    is_rough: bool = False,
) -> Splits:
    """The best split of every row whose training compute is given; what is left of the budget goes
    into answers, up to the span.

    The training must leave something of the budget, and a model is made small enough to answer
    every request once.

    Parameters
    ----------
    problem : SplitProblem
        The rows.
    log_training_flop : array of floats, shape (rows,)
        ln of the training compute in FLOP.
    start : array of floats, shape (rows,), or None
        ln D at which to start; None: the compute-optimal one.
    near : array of floats, shape (rows,), or None
        ln D to look for it close to, and nowhere else; None: anywhere.
    is_rough : bool
        Whether ln D may be some per mille off.
    """
    f = log_training_flop - np.log(6.0)
    # A training that costs the whole budget leaves a crumb, so that every row has a model that it
    # can serve.
    left = np.maximum(-np.expm1(f + problem.log_train - problem.log_budget), CRUMB)
    fixed = _FixedTraining(problem, f, problem.log_budget + np.log(left))
    law = problem.quality
    optimal = f - law.log_g - law.beta / (law.alpha + law.beta) * f
    middle = optimal if near is None else near
    reach, tolerance = (WIDE, ROOT_FOUND) if near is None else (NEARBY, ROOT_FOUND_NEARBY)
    if is_rough:
        reach, tolerance = ROUGH, ROOT_FOUND_ROUGHLY
    once = fixed.text_for(np.zeros(len(problem)))
    lowest = low = np.maximum(middle - reach, once + 1e-12)
    high = np.maximum(middle + reach, low)
    # The slope jumps where the text runs out and where the answers reach the span: between these it
    # is smooth, and Newton steps are few.
    jumps = law.log_unique, fixed.text_for(problem.log_span)
    for jump in jumps:
        for beside in (jump - 0.5 * tolerance, jump + 0.5 * tolerance):
            at = np.clip(beside, low, high)
            falls = fixed.fall(at)[0]
            low, high = np.where(falls <= 0.0, at, low), np.where(falls >= 0.0, at, high)
    d = find_roots(
        fixed.fall,
        low,
        high,
        start=middle if start is None else start,
        tolerance=tolerance,
        of_rows=lambda chosen: fixed.rows(chosen).fall,
    )
    # An optimum at such a place is that place exactly: beside it the score falls at once, elsewhere
    # it is flat.
    for jump in jumps:
        d = np.where(np.abs(d - jump) <= tolerance, np.maximum(jump, lowest), d)
    paid = fixed.log_answers(d)
    found = _splits(problem, f - d, d, np.clip(paid, 0.0, problem.log_span))
    # More money buys answers only, up to the span.
    buying = (paid < problem.log_span) & (problem.log_span > 0.0)
    answers = np.exp(
        np.where(buying, problem.log_budget + fixed.steeper * (d - f) - paid, -np.inf)
        - np.where(buying, problem.log_output, 0.0)
    )
    return replace(found, worth_of_budget=problem.exchange_rate * answers)


@dataclass(frozen=True, eq=False)
class _FixedTraining:
    """Rows whose training is given: ln of its FLOP / 6, `f`, and of the budget that it leaves."""

    problem: SplitProblem
    f: FloatArray
    log_left: FloatArray

    def rows(self, chosen: Rows) -> _FixedTraining:
        """These rows alone."""
        return _FixedTraining(self.problem.rows(chosen), self.f[chosen], self.log_left[chosen])

    @cached_property
    def steeper(self) -> FloatArray:
        """1 + a."""
        return 1.0 + self.problem.size_elasticity

    @cached_property
    def has_demand(self) -> BoolArray:
        """Whether there is anything to answer."""
        result: BoolArray = self.problem.log_span > 0.0
        return result

    @cached_property
    def log_output(self) -> FloatArray:
        """ln of the cost of output, 0 where there is none."""
        return np.where(np.isfinite(self.problem.log_output), self.problem.log_output, 0.0)

    def text_for(self, log_k: FloatArray) -> FloatArray:
        """ln D of the largest model that can write so many passes an answer: −inf where nothing is
        asked for.
        """
        served = np.logaddexp(self.problem.log_input, self.problem.log_output + log_k)
        return np.where(
            np.isfinite(served), self.f - (self.log_left - served) / self.steeper, -np.inf
        )

    def log_answers(self, d: FloatArray) -> FloatArray:
        """ln k that the rest of the budget pays for, above the span where it pays for more."""
        for_output = np.exp(
            np.where(self.has_demand, self.log_left + self.steeper * (d - self.f), 0.0)
        ) - np.exp(self.problem.log_input)
        with np.errstate(divide="ignore"):
            result: FloatArray = np.where(
                self.has_demand, np.log(np.maximum(for_output, 0.0)) - self.log_output, 0.0
            )
        return result

    def fall(self, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        """By how much the score falls with ln D, and the slope of that."""
        slopes = self.problem.quality.slopes(self.f - d, d)
        k = self.log_answers(d)
        paying = (k < self.problem.log_span) & self.has_demand
        prompts = np.exp(np.where(paying, self.problem.log_input - self.log_output - k, -np.inf))
        worth = self.problem.exchange_rate * self.steeper
        first = slopes.d - slopes.n + worth * np.where(paying, 1.0 + prompts, 0.0)
        second = (
            slopes.dd
            - 2.0 * slopes.nd
            + slopes.nn
            - worth * self.steeper * prompts * (1.0 + prompts)
        )
        return -first, -second


def _log_spent_per_param(
    problem: SplitProblem, t: FloatArray, log_k: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """ln of what a unit of M costs (its training on T and its share of all answers), with the
    shares of training and output.
    """
    train, output = t + problem.log_train, problem.log_output + log_k
    total = np.logaddexp(np.logaddexp(train, problem.log_input), output)
    return total, np.exp(train - total), np.exp(output - total)


def _size_and_text(
    problem: SplitProblem, m: FloatArray, t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """ln N and ln D of ln M and ln T."""
    n = m / (1.0 + problem.size_elasticity)
    return n, t + problem.size_elasticity * n


def _splits(problem: SplitProblem, n: FloatArray, d: FloatArray, log_k: FloatArray) -> Splits:
    slopes = problem.quality.slopes(n, d)
    score = (slopes.value + problem.exchange_rate * log_k) / LN10
    a = problem.size_elasticity
    worth_of_budget = (slopes.n + a * slopes.d) / (1.0 + a)
    return Splits(n, d, log_k, score, slopes.unique, worth_of_budget, np.zeros_like(score))


def _start(problem: SplitProblem) -> tuple[FloatArray, FloatArray]:
    """Half of the budget into compute-optimal training, a third into answers of that model."""
    law = problem.quality
    product = problem.log_budget - problem.log_train - np.log(2.0)
    steeper = 1.0 + problem.size_elasticity
    m = steeper * (law.log_g + law.beta / (law.alpha + law.beta) * product)
    t = product - m
    log_k = np.where(
        problem.log_span > 0.0,
        problem.log_budget
        - np.log(3.0)
        - m
        - np.where(problem.log_span > 0.0, problem.log_output, 0.0),
        0.0,
    )
    return t, np.clip(log_k, 0.0, problem.log_span)


def _start_near(
    problem: SplitProblem, n: FloatArray, log_k: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What that size and thinking leave for training; where it is nothing, the usual start."""
    usual_t, usual_k = _start(problem)
    log_k = np.clip(log_k, 0.0, problem.log_span)
    per_m = np.exp(problem.log_budget - (1.0 + problem.size_elasticity) * n)
    left = per_m - np.exp(problem.log_input) - np.exp(problem.log_output + log_k)
    is_paid = left > SLIGHT * per_m
    t = np.log(np.where(is_paid, left, 1.0)) - problem.log_train
    return np.where(is_paid, t, usual_t), np.where(is_paid, log_k, usual_k)


def _newton(
    problem: SplitProblem, start: tuple[FloatArray, FloatArray], gain_left: float
) -> tuple[FloatArray, FloatArray]:
    """ln T and ln k of every row's optimum: Newton steps, held inside 1 ≤ k ≤ span, halved while
    they would lower the score.
    """
    t, log_k = (x.copy() for x in start)
    active = np.arange(len(problem))
    part = problem
    at_t, at_k = t.copy(), log_k.copy()
    value = np.full(len(problem), -np.inf)
    step_t, step_k = np.zeros(len(problem)), np.zeros(len(problem))
    for _ in range(MAX_STEPS):
        check_budget()
        try_t, try_k = at_t + step_t, at_k + step_k
        new_value, (f_t, f_k), (f_tt, f_tk, f_kk) = _climb(part, try_t, try_k)
        better = new_value >= value - 1e-13 * np.abs(new_value)
        at_t, at_k = np.where(better, try_t, at_t), np.where(better, try_k, at_k)
        value = np.where(better, new_value, value)
        new_t, new_k = _newton_step(at_k, part.log_span, f_t, f_k, f_tt, f_tk, f_kk)
        done = better & (np.abs(f_t * new_t) + np.abs(f_k * new_k) < gain_left)
        step_t, step_k = (
            np.where(better, new_t, 0.5 * step_t),
            np.where(better, new_k, 0.5 * step_k),
        )
        done |= ~better & (np.abs(step_t) + np.abs(step_k) < 1e-12)
        if done.any():
            t[active[done]], log_k[active[done]] = at_t[done], at_k[done]
            keep = np.flatnonzero(~done)
            if keep.size == 0:
                return t, log_k
            active, part = active[keep], part.rows(keep)
            at_t, at_k, value, step_t, step_k = (
                array[keep] for array in (at_t, at_k, value, step_t, step_k)
            )
    t[active], log_k[active] = at_t, at_k
    return t, log_k


def _newton_step(
    log_k: FloatArray,
    span: FloatArray,
    f_t: FloatArray,
    f_k: FloatArray,
    f_tt: FloatArray,
    f_tk: FloatArray,
    f_kk: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """The Newton step of a concave function, ln k held inside its bounds and ln T following it."""
    f_tt = np.minimum(f_tt, -1e-12)
    along_k = np.minimum(f_kk - f_tk * f_tk / f_tt, -1e-12)
    step_k = -(f_k - f_tk * f_t / f_tt) / along_k
    step_k = np.clip(np.clip(step_k, -LONGEST_STEP, LONGEST_STEP), -log_k, span - log_k)
    step_t = np.clip(-(f_t + f_tk * step_k) / f_tt, -LONGEST_STEP, LONGEST_STEP)
    return step_t, step_k


def _climb(
    problem: SplitProblem, t: FloatArray, log_k: FloatArray
) -> tuple[FloatArray, tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray, FloatArray]]:
    """The score in nats where the whole budget is spent, with its gradient and second derivatives
    in (ln T, ln k).
    """
    spent, train, output = _log_spent_per_param(problem, t, log_k)
    q = problem.quality.slopes(*_size_and_text(problem, problem.log_budget - spent, t))
    value = q.value + problem.exchange_rate * log_k
    # Derivatives in ln M: ln N goes up by 1/(1 + a) of it, ln D by a/(1 + a).
    of_n = 1.0 / (1.0 + problem.size_elasticity)
    of_d = problem.size_elasticity * of_n
    q_m = of_n * q.n + of_d * q.d
    q_mt = of_n * q.nd + of_d * q.dd
    q_mm = of_n * (of_n * q.nn + of_d * q.nd) + of_d * q_mt
    gradient = q.d - q_m * train, problem.exchange_rate - q_m * output
    second = (
        q.dd - 2.0 * q_mt * train + q_mm * train**2 - q_m * train * (1.0 - train),
        -q_mt * output + q_mm * train * output + q_m * train * output,
        q_mm * output**2 - q_m * output * (1.0 - output),
    )
    return value, gradient, second
