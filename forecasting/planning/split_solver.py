"""The best split of a budget between training and answering, for many budgets, laws and supplies at
once.

Maximise  ln C_eq(N, D; U) + s·ln k   subject to   6·N·D·c_train + N·(input + k·output) ≤ budget,  1
          ≤ k ≤ span,

and, where a ceiling on the training compute is given, 6·N·D ≤ ceiling. In logarithms this is a
concave function over a convex set, so it has one optimum. Without the ceiling the budget gives N,
and projected Newton steps in (ln D, ln k) find the rest; with it N = F/(6·D), and one equation in
ln D remains. Both are solved for all rows together; rows that are done drop out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from forecasting.arrays import FloatArray, IntArray
from forecasting.laws.data_limited_quality import DataLimitedQuality, Rows
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


@dataclass(frozen=True, eq=False)
class SplitProblem:
    """Rows of budgets; all of shape (rows,), natural logarithms of USD.

    `log_train` is the cost of 6 FLOP of training, `log_input` and `log_output` what answering all
    requests costs per parameter (−inf: no requests), `exchange_rate` s, `log_span` the largest ln
    k, 0 where there is nothing to answer.
    """

    quality: DataLimitedQuality
    log_budget: FloatArray
    log_train: FloatArray
    log_input: FloatArray
    log_output: FloatArray
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
    problem: SplitProblem, log_ceiling: FloatArray | None = None, *, is_rough: bool = False
) -> Splits:
    """The best split of every row.

    Parameters
    ----------
    problem : SplitProblem
        The rows.
    log_ceiling : array of floats, shape (rows,), or None
        ln of the training FLOP that a run may have at most; None: as many as money buys.
    is_rough : bool
        Whether ln D and ln k of rows at the ceiling may be some per mille off, and what more
        compute would add there is not asked for.
    """
    d, log_k = _newton(problem)
    n = problem.log_budget - _log_spent_per_param(problem, d, log_k)[0]
    found = _splits(problem, n, d, log_k)
    if log_ceiling is None:
        return found
    over = np.flatnonzero(n + d + np.log(6.0) > log_ceiling)
    if over.size == 0:
        return found
    part = problem.rows(over)
    capped = splits_at_training_compute(part, log_ceiling[over], is_rough=is_rough)
    if is_rough:
        return _replaced_rows(found, over, capped)
    more = splits_at_training_compute(part, log_ceiling[over] + A_LITTLE, capped.d)
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
    near: FloatArray | None = None,
    *,
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
    near : array of floats, shape (rows,), or None
        ln D to look for it close to; None: anywhere.
    is_rough : bool
        Whether ln D may be some per mille off.
    """
    f = log_training_flop - np.log(6.0)
    # A training that costs the whole budget leaves a crumb, so that every row has a model that it
    # can serve.
    left = np.maximum(-np.expm1(f + problem.log_train - problem.log_budget), CRUMB)
    log_left = problem.log_budget + np.log(left)
    served = np.logaddexp(problem.log_input, problem.log_output)
    least = np.where(np.isfinite(served), served + f - log_left, -np.inf)

    def log_answers(d: FloatArray) -> FloatArray:
        """ln k that the rest of the budget pays for, above the span where it pays for more."""
        has_demand = problem.log_span > 0.0
        for_output = np.exp(np.where(has_demand, log_left + d - f, 0.0)) - np.exp(problem.log_input)
        with np.errstate(divide="ignore"):
            result: FloatArray = np.where(
                has_demand,
                np.log(np.maximum(for_output, 0.0)) - np.where(has_demand, problem.log_output, 0.0),
                0.0,
            )
        return result

    prompts_per_output = problem.log_input - np.where(
        np.isfinite(problem.log_output), problem.log_output, 0.0
    )

    def fall(d: FloatArray) -> tuple[FloatArray, FloatArray]:
        """By how much the score falls with ln D, and the slope of that."""
        slopes = problem.quality.slopes(f - d, d)
        k = log_answers(d)
        paying = (k < problem.log_span) & (problem.log_span > 0.0)
        prompts = np.exp(np.where(paying, prompts_per_output - k, -np.inf))
        first = slopes.d - slopes.n + problem.exchange_rate * np.where(paying, 1.0 + prompts, 0.0)
        second = (
            slopes.dd
            - 2.0 * slopes.nd
            + slopes.nn
            - problem.exchange_rate * prompts * (1.0 + prompts)
        )
        return -first, -second

    law = problem.quality
    start = f - law.log_g - law.beta / (law.alpha + law.beta) * f if near is None else near
    reach, tolerance = (WIDE, ROOT_FOUND) if near is None else (NEARBY, ROOT_FOUND_NEARBY)
    if is_rough:
        reach, tolerance = ROUGH, ROOT_FOUND_ROUGHLY
    low = np.maximum(start - reach, least + 1e-12)
    d = find_roots(fall, low, np.maximum(start + reach, low), start=start, tolerance=tolerance)
    # The slope jumps where the text runs out and where the answers reach the span. An optimum at
    # such a place is that place exactly: beside it the score falls at once, elsewhere it is flat.
    span_paid = (
        f - log_left + np.logaddexp(problem.log_input, problem.log_output + problem.log_span)
    )
    for jump in (law.log_unique, span_paid):
        d = np.where(np.abs(d - jump) <= tolerance, np.maximum(jump, low), d)
    paid = log_answers(d)
    found = _splits(problem, f - d, d, np.clip(paid, 0.0, problem.log_span))
    # More money buys answers only, up to the span.
    buying = (paid < problem.log_span) & (problem.log_span > 0.0)
    answers = np.exp(
        np.where(buying, problem.log_budget + d - f - paid, -np.inf)
        - np.where(buying, problem.log_output, 0.0)
    )
    return replace(found, worth_of_budget=problem.exchange_rate * answers)


def _log_spent_per_param(
    problem: SplitProblem, d: FloatArray, log_k: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """ln of what one parameter costs (its training on D tokens and its share of all answers), with
    the shares of training and output.
    """
    train, output = d + problem.log_train, problem.log_output + log_k
    total = np.logaddexp(np.logaddexp(train, problem.log_input), output)
    return total, np.exp(train - total), np.exp(output - total)


def _splits(problem: SplitProblem, n: FloatArray, d: FloatArray, log_k: FloatArray) -> Splits:
    slopes = problem.quality.slopes(n, d)
    score = (slopes.value + problem.exchange_rate * log_k) / LN10
    return Splits(n, d, log_k, score, slopes.unique, slopes.n, np.zeros_like(score))


def _start(problem: SplitProblem) -> tuple[FloatArray, FloatArray]:
    """Half of the budget into compute-optimal training, a third into answers of that model."""
    law = problem.quality
    product = problem.log_budget - problem.log_train - np.log(2.0)
    n = law.log_g + law.beta / (law.alpha + law.beta) * product
    d = product - n
    log_k = np.where(
        problem.log_span > 0.0,
        problem.log_budget
        - np.log(3.0)
        - n
        - np.where(problem.log_span > 0.0, problem.log_output, 0.0),
        0.0,
    )
    return d, np.clip(log_k, 0.0, problem.log_span)


def _newton(problem: SplitProblem) -> tuple[FloatArray, FloatArray]:
    """ln D and ln k of every row's optimum: Newton steps, held inside 1 ≤ k ≤ span, halved while
    they would lower the score.
    """
    d, log_k = _start(problem)
    active = np.arange(len(problem))
    part = problem
    at_d, at_k = d.copy(), log_k.copy()
    value = np.full(len(problem), -np.inf)
    step_d, step_k = np.zeros(len(problem)), np.zeros(len(problem))
    for _ in range(MAX_STEPS):
        try_d, try_k = at_d + step_d, at_k + step_k
        new_value, (f_d, f_k), (f_dd, f_dk, f_kk) = _climb(part, try_d, try_k)
        better = new_value >= value - 1e-13 * np.abs(new_value)
        at_d, at_k = np.where(better, try_d, at_d), np.where(better, try_k, at_k)
        value = np.where(better, new_value, value)
        new_d, new_k = _newton_step(at_k, part.log_span, f_d, f_k, f_dd, f_dk, f_kk)
        done = better & (np.abs(f_d * new_d) + np.abs(f_k * new_k) < GAIN_LEFT)
        step_d, step_k = (
            np.where(better, new_d, 0.5 * step_d),
            np.where(better, new_k, 0.5 * step_k),
        )
        done |= ~better & (np.abs(step_d) + np.abs(step_k) < 1e-12)
        if done.any():
            d[active[done]], log_k[active[done]] = at_d[done], at_k[done]
            keep = np.flatnonzero(~done)
            if keep.size == 0:
                return d, log_k
            active, part = active[keep], part.rows(keep)
            at_d, at_k, value, step_d, step_k = (
                array[keep] for array in (at_d, at_k, value, step_d, step_k)
            )
    d[active], log_k[active] = at_d, at_k
    return d, log_k


def _newton_step(
    log_k: FloatArray,
    span: FloatArray,
    f_d: FloatArray,
    f_k: FloatArray,
    f_dd: FloatArray,
    f_dk: FloatArray,
    f_kk: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """The Newton step of a concave function, ln k held inside its bounds and ln D following it."""
    f_dd = np.minimum(f_dd, -1e-12)
    along_k = np.minimum(f_kk - f_dk * f_dk / f_dd, -1e-12)
    step_k = -(f_k - f_dk * f_d / f_dd) / along_k
    step_k = np.clip(np.clip(step_k, -LONGEST_STEP, LONGEST_STEP), -log_k, span - log_k)
    step_d = np.clip(-(f_d + f_dk * step_k) / f_dd, -LONGEST_STEP, LONGEST_STEP)
    return step_d, step_k


def _climb(
    problem: SplitProblem, d: FloatArray, log_k: FloatArray
) -> tuple[FloatArray, tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray, FloatArray]]:
    """The score in nats where the whole budget is spent, with its gradient and second derivatives
    in (ln D, ln k).
    """
    spent, train, output = _log_spent_per_param(problem, d, log_k)
    q = problem.quality.slopes(problem.log_budget - spent, d)
    value = q.value + problem.exchange_rate * log_k
    gradient = q.d - q.n * train, problem.exchange_rate - q.n * output
    second = (
        q.dd - 2.0 * q.nd * train + q.nn * train**2 - q.n * train * (1.0 - train),
        -q.nd * output + q.nn * train * output + q.n * train * output,
        q.nn * output**2 - q.n * output * (1.0 - output),
    )
    return value, gradient, second
