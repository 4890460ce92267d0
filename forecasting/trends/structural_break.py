"""Did the growth rate change? One kink at an unknown date, with a p-value that holds under serial
dependence; “none found” is an answer.

    log10 y(t) = a + b·t + c·max(0, t − τ) + e

A kink, not a jump: “the trend accelerates” means that growth changes while the level runs on.
Errors are effects of calendar years, an autoregression over the years, plus noise within years. The
statistic is the likelihood ratio of this model with a kink at the best date against the one
without, each with its own best error model (sup-LR, Andrews 1993); its textbook distribution needs
long series, so it is simulated. A plain sup-F would do less well: a kink makes residuals look alike
from year to year, and an error model that believes them finds nothing remarkable in the kink (power
0 on a tripled growth in 16 years of prices; 0.5 here).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.stats.dated_series import checked_series, require_points
from forecasting.stats.estimate import Estimate
from forecasting.trends.block_bootstrap import (
    Blocks,
    Likeness,
    block_weights,
    calendar_blocks,
    likeness_of_neighbours,
    spread_factors,
    stretched,
)

MIN_POINTS = 12
#: A kink is looked for between these shares of the points and of the span.
INNER_SHARE = (0.15, 0.85)
MAX_CANDIDATES = 40
#: How much the error model without a kink weighs in the simulation, against the one with the best
#: kink. The former takes a real kink for restless years and never finds it, the latter is too calm
#: when there is none. With 2/3, 5% tests on 300 series without a kink (12 to 80 years, 60 to 413
#: points, correlation of years 0 to 0.6) reject in 1 to 7.3%.
WEIGHT_OF_NO_BREAK = 2.0 / 3.0

_CORRELATIONS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.85, 0.93)
_SHARES = (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class Break:
    """Whether growth changed: `found` at the level asked for, the best `date` (decimal year),
    slopes before and after in OOM a year.

    Date and slopes are those of the best kink whether or not it is one to believe in;
    `date_estimate`, `before` and `after` hold them with draws: whole years resampled, the kink
    looked for anew in each.
    """

    found: bool
    date: float
    p_value: float
    slope_before: float
    slope_after: float
    date_estimate: Estimate
    before: Estimate
    after: Estimate


def find_break(
    dates: ArrayLike,
    values: ArrayLike,
    *,
    level: float = 0.05,
    simulations: int = 499,
    replicates: int = 300,
    seed: int = 0,
) -> Break:
    """Look for one change of the growth rate.

    Parameters
    ----------
    dates : array-like of datetime64, ISO strings or decimal years, shape (n,)
        Dates in any order, n ≥ 12.
    values : array-like of floats, shape (n,)
        Values above 0.
    level : float
        The share of series without a break in which one may be found, between 0 and 1.
    simulations : int
        How many simulated series the p-value comes from, at least 19.
    replicates : int
        How many resamples the intervals come from, at least 20.
    seed : int
        Seed of both.

    Raises
    ------
    InputError
        For dates, values or numbers that can't be used.
    NotEnoughDataError
        For fewer than 12 points.
    """
    years, numbers = checked_series(dates, values)
    require_points(years)
    if years.size < MIN_POINTS:
        raise NotEnoughDataError(
            int(years.size),
            MIN_POINTS,
            "A change of growth can't be tested with fewer: widen the dates.",
        )
    if not 0.0 < level < 1.0:
        raise InputError("level", level, "Give a share between 0 and 1 (exclusive), such as 0.05.")
    if simulations < 19 or replicates < 20:
        raise InputError(
            "simulations", simulations, "Give at least 19 simulations and 20 replicates."
        )
    rng = np.random.default_rng(seed)
    centre = float(years.mean())
    t, y = years - centre, np.log10(numbers)
    kinks = _candidates(t)
    blocks = calendar_blocks(years)
    once = np.ones((1, blocks.count))
    without, _, _ = _kinked_lines(t, y, np.array([t.max()]), blocks, once)
    residual = y - y.mean() - without[0] * t
    if float(np.abs(residual).max()) <= 1e-9 * max(
        1.0, float(np.ptp(y))
    ):  # rounding: the points lie on one line
        nothing = Estimate(float(without[0]), without)
        middle = float(np.median(kinks)) + centre
        return Break(
            False,
            middle,
            1.0,
            nothing.value,
            nothing.value,
            Estimate(middle, np.array([middle])),
            nothing,
            nothing,
        )

    statistic, chosen = _likelihood_ratios(t, kinks, blocks, *_block_sums(residual, blocks))
    best = float(kinks[chosen[0]])
    bend = np.maximum(0.0, t - best)
    design = np.column_stack([np.ones_like(t), t, bend])
    bent_residual = residual - design @ np.linalg.lstsq(design, residual, rcond=None)[0]
    straight, bent = (
        likeness_of_neighbours(t, residual, blocks),
        likeness_of_neighbours(t, bent_residual, blocks, bend),
    )
    simulated, _ = _likelihood_ratios(
        t, kinks, blocks, *_simulated_sums(blocks, t.size, straight, bent, simulations, rng)
    )
    p_value = (1.0 + float(np.count_nonzero(simulated >= statistic[0]))) / (simulations + 1.0)

    before, after, _ = (
        float(found[0]) for found in _kinked_lines(t, y, np.array([best]), blocks, once)
    )
    drawn = block_weights(rng, blocks, replicates)[:, np.unique(blocks.row, return_index=True)[1]]
    slopes_before, slopes_after, places = _kinked_lines(t, y, kinks, blocks, drawn)
    factors = spread_factors(rng, blocks, bent, replicates) * bent.slope_factor
    return Break(
        found=p_value <= level,
        date=best + centre,
        p_value=p_value,
        slope_before=before,
        slope_after=after,
        date_estimate=Estimate(best + centre, places + centre),
        before=Estimate(before, stretched(slopes_before, before, factors)),
        after=Estimate(after, stretched(slopes_after, after, factors)),
    )


def _candidates(t: FloatArray) -> FloatArray:
    """Dates to try: those that leave 15% of points and of the span on either side, at most 40."""
    low, high = np.quantile(t, INNER_SHARE)
    first, last = t.min() + INNER_SHARE[0] * np.ptp(t), t.min() + INNER_SHARE[1] * np.ptp(t)
    inner = np.unique(t[(t >= max(low, first)) & (t <= min(high, last))])
    if inner.size == 0:
        inner = np.array([float(np.median(t))])
    if inner.size > MAX_CANDIDATES:
        inner = inner[np.linspace(0, inner.size - 1, MAX_CANDIDATES).round().astype(int)]
    return inner


def _block_sums(residual: FloatArray, blocks: Blocks) -> tuple[FloatArray, FloatArray]:
    """What the likelihood needs of one series: its block means, shape (1, blocks), and the squares
    within blocks, shape (1,).
    """
    means = np.bincount(blocks.row, residual) / np.bincount(blocks.row)
    return means[None, :], np.array([float(np.sum((residual - means[blocks.row]) ** 2))])


def _simulated_sums(
    blocks: Blocks,
    points: int,
    straight: Likeness,
    bent: Likeness,
    simulations: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Block means and squares within blocks of series without a break, whose errors are like this
    one's: see WEIGHT_OF_NO_BREAK.
    """
    ours = np.array([[each.correlation, each.between, each.within] for each in (straight, bent)])
    correlation, between, within = np.average(
        ours, axis=0, weights=[WEIGHT_OF_NO_BREAK, 1.0 - WEIGHT_OF_NO_BREAK]
    )
    count = np.bincount(blocks.row)
    apart = np.abs(blocks.number[:, None] - blocks.number)
    root = np.linalg.cholesky(correlation**apart + 1e-9 * np.eye(blocks.count))
    effects = rng.standard_normal((simulations, blocks.count)) @ root.T * np.sqrt(max(between, 0.0))
    means = effects + rng.standard_normal((simulations, blocks.count)) * np.sqrt(within / count)
    spare = points - blocks.count
    return means, within * rng.chisquare(spare, simulations) if spare > 0 else np.zeros(simulations)


def _likelihood_ratios(
    t: FloatArray, kinks: FloatArray, blocks: Blocks, means: FloatArray, within: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Log likelihood gained by the best kink, and which one it is, for each of R series given by
    `means` (R, blocks) and `within` (R).

    Both models choose their error model from a grid: correlation of block effects, and their share
    of a point's variance; the overall variance drops out. The normal likelihood of the points
    splits into that of block means and of what is left within.
    """
    count = np.bincount(blocks.row).astype(np.float64)
    line = np.column_stack([np.ones(blocks.count), np.bincount(blocks.row, t) / count])
    bends = np.column_stack(
        [np.bincount(blocks.row, np.maximum(0.0, t - kink)) / count for kink in kinks]
    )
    apart = np.abs(blocks.number[:, None] - blocks.number)
    points = t.size
    straight, bent = np.full(len(means), -np.inf), np.full(len(means), -np.inf)
    chosen = np.zeros(len(means), dtype=np.intp)
    everyone = np.arange(len(means))
    for correlation in _CORRELATIONS:
        alike = correlation**apart
        for share in _SHARES:
            if share == 0.0 and correlation > 0.0:
                continue  # no effects, so that their correlation changes nothing
            root = np.linalg.cholesky(share * alike + np.diag((1.0 - share) / count))
            whiten = np.linalg.inv(root)
            basis, _ = np.linalg.qr(whiten @ line)
            units = whiten @ bends
            units -= basis @ (basis.T @ units)
            units /= np.maximum(np.sqrt(np.sum(units**2, axis=0)), 1e-12)
            white = means @ whiten.T
            squares = (
                np.sum(white**2, axis=1)
                - np.sum((white @ basis) ** 2, axis=1)
                + within / (1.0 - share)
            )
            gains = (white @ units) ** 2
            best = gains.argmax(axis=1)
            size = 2.0 * float(np.log(np.diag(root)).sum()) + (points - blocks.count) * float(
                np.log1p(-share)
            )
            tiny = (
                1e-12 * squares + 1e-300
            )  # a likelihood without bound means that nothing but rounding is left
            without = -0.5 * (size + points * np.log(np.maximum(squares, tiny)))
            with_kink = -0.5 * (
                size + points * np.log(np.maximum(squares - gains[everyone, best], tiny))
            )
            chosen = np.where(with_kink > bent, best, chosen)
            straight, bent = np.maximum(straight, without), np.maximum(bent, with_kink)
    return bent - straight, chosen


def _kinked_lines(
    t: FloatArray, y: FloatArray, kinks: FloatArray, blocks: Blocks, drawn: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Slopes before and after, and the place of the least-squares kink among `kinks`, each of
    length R.

    `drawn` says how often each block counts, shape (R, blocks). All R × kinks regressions at once,
    from sums over blocks.
    """
    member = np.zeros((blocks.count, t.size))
    member[blocks.row, np.arange(t.size)] = 1.0
    bends = np.maximum(0.0, t[:, None] - kinks)
    n, t1, t2, y1, ty = (
        drawn @ (member @ np.column_stack([np.ones_like(t), t, t * t, y, t * y]))
    ).T[:, :, None]
    h1, ht, hh, hy = (
        drawn @ (member @ part)
        for part in (bends, bends * t[:, None], bends**2, bends * y[:, None])
    )
    tt, t_y = t2 - t1 * t1 / n, ty - t1 * y1 / n
    t_h, h_y = ht - t1 * h1 / n, hy - h1 * y1 / n
    left = hh - h1 * h1 / n - t_h**2 / tt
    pull = h_y - t_h * t_y / tt
    usable = left > 1e-9 * np.maximum(hh, 1e-300)
    change = np.divide(pull, left, out=np.zeros_like(pull), where=usable)
    best = (change * pull).argmax(axis=1)
    rows = np.arange(len(drawn))
    bend = change[rows, best]
    before = (t_y[:, 0] - t_h[rows, best] * bend) / tt[:, 0]
    return before, before + bend, kinks[best]
