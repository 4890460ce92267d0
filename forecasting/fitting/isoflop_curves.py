r"""The curves of IsoFLOP budgets: loss against model size at one compute each, in a form that may
lean, and where each is lowest.

At one compute Chinchilla's law (Hoffmann et al. 2022, equation 2) is a sum of two exponentials in
z = ln N, as tokens fall in proportion to 1/N:

.. math:: L(z) = e + u\,e^{-\alpha z} + v\,e^{\beta z},
   \qquad z^* = \frac{\ln(\alpha u / \beta v)}{\alpha + \beta}

e, u and v are each budget's own (so is a slope in ln C where its compute varies); the shape (α, β)
is shared by all budgets. For small α and β this is a parabola; a parabola itself cannot lean, so
that sizes far from the best one move its lowest point.

Neither the shape nor how far from the lowest loss sizes count is fixed beforehand. Every shape of a
grid is fitted in every window. Noise is that of the widest window whose outer runs do not break
with the curve of the inner ones; by it all fits are averaged with their likelihood, a window paying
for every run that it leaves out as for a coefficient (Schwarz 1978). Draws choose a window and a
shape by these weights, then coefficients about their fit, so that intervals count both choices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import BoolArray, FloatArray, IntArray

#: Exponents tried on each side: from nearly a parabola to steeper than any published law.
_EXPONENTS = np.geomspace(0.08, 0.9, 9)
SHAPES: FloatArray = np.array([(alpha, beta) for alpha in _EXPONENTS for beta in _EXPONENTS])
#: Windows about the run of lowest loss, in orders of magnitude of size to either side.
WINDOWS_OOM: FloatArray = np.array([0.35, 0.5, 0.75, 1.0, 1.5, np.inf])
#: A window holds at least so many of a budget's sizes, as far as there are.
MIN_SIZES_IN_WINDOW = 5
#: Runs further out break with a window's curve when chance would let them with less than this
#: probability.
BREAK_CHANCE = 0.01
#: What is left of a budget's spread of compute is taken out by a slope, where it is above this (in
#: ln) and runs are enough.
MIN_SPREAD, MIN_FOR_SLOPE = 0.005, 8
#: The noise of budgets that differ is drawn towards the common one as by so many runs at most.
MAX_PRIOR_FREEDOM = 1000.0
_SMALLEST_VARIANCE = 1e-18


@dataclass(frozen=True, eq=False)
class Budget:
    """The runs of one compute: ln of sizes less their mean, ln of compute less its mean, losses."""

    log_params: FloatArray
    log_flop: FloatArray
    loss: FloatArray

    @property
    def span(self) -> tuple[float, float]:
        """The smallest and the largest size."""
        return float(self.log_params.min()), float(self.log_params.max())

    @property
    def lowest(self) -> float:
        """The size of the lowest loss measured."""
        return float(self.log_params[np.argmin(self.loss)])

    def window(self, oom: float) -> BoolArray:
        """Which runs lie within so many orders of magnitude of the lowest loss, or are nearest."""
        distance = np.abs(self.log_params - self.lowest)
        sizes = np.sort(np.abs(np.unique(self.log_params) - self.lowest))
        nearest = sizes[min(MIN_SIZES_IN_WINDOW, sizes.size) - 1]
        inside: BoolArray = distance <= max(oom * np.log(10.0), nearest * (1.0 + 1e-9))
        return inside


@dataclass(frozen=True, eq=False)
class BudgetCurves:
    """The fits of one budget in each window w and shape s: `coefficients` (w, s, k), of which the
    first three are e, u and v, `roots` (w, s, k, k) with the covariance roots·rootsᵀ at unit
    variance, sums of `squares` (w, s) of the relative residuals, and the runs `used` (w).
    """

    coefficients: FloatArray
    roots: FloatArray
    squares: FloatArray
    used: IntArray

    @property
    def columns(self) -> int:
        """How many coefficients are fitted."""
        return int(self.coefficients.shape[-1])

    def lowest(self, window: IntArray, shape: IntArray, noise: FloatArray) -> FloatArray:
        """The lowest point of fits with noise added along their covariance: −∞ or ∞ where the curve
        only rises or falls, NaN where it has a highest point.

        Parameters
        ----------
        window, shape : arrays of int, shape (draws,)
            Which fit each draw is about.
        noise : array of floats, shape (draws, k)
            Independent, of the noise's size.
        """
        moved = np.einsum("dij,dj->di", self.roots[window, shape], noise)
        return lowest_point(self.coefficients[window, shape] + moved, SHAPES[shape])


@dataclass(frozen=True, eq=False)
class JointFit:
    """All budgets fitted together: `weights` (w, s) of windows and shapes; of each budget b the
    lowest point's `values` (b) and `draws` (b, n), which may be infinite, the same from the
    narrowest window (`near_values`, `near_draws`), and the relative `noise` (b).
    """

    curves: tuple[BudgetCurves, ...]
    weights: FloatArray
    values: FloatArray
    draws: FloatArray
    near_values: FloatArray
    near_draws: FloatArray
    noise: FloatArray

    @property
    def best(self) -> tuple[int, int]:
        """The window and the shape of most weight."""
        window, shape = np.unravel_index(int(np.argmax(self.weights)), self.weights.shape)
        return int(window), int(shape)


def lowest_point(coefficients: FloatArray, shapes: FloatArray) -> FloatArray:
    """Where curves (…, 3 or more) of shapes (…, 2) are lowest; see BudgetCurves.lowest."""
    falling, rising = coefficients[..., 1], coefficients[..., 2]
    alpha, beta = shapes[..., 0], shapes[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.log(alpha * falling / (beta * rising)) / (alpha + beta)
    up, down = rising > 0.0, falling > 0.0
    result: FloatArray = np.where(
        up & down,
        inside,
        np.where(up & ~down, -np.inf, np.where(down & ~up, np.inf, np.nan)),
    )
    return result


def joint_fit(budgets: Sequence[Budget], draws: int, rng: np.random.Generator) -> JointFit:
    """Fits all budgets with one shape and averages over shapes and windows.

    Parameters
    ----------
    budgets : sequence of Budget
        Each of at least 5 runs of 4 sizes.
    draws : int
        How many draws of the lowest points.
    rng : numpy.random.Generator
        Source of the draws.
    """
    curves = tuple(_curves(budget) for budget in budgets)
    squares = np.stack([each.squares for each in curves])
    used = np.stack([each.used for each in curves])
    columns = np.array([each.columns for each in curves])
    left_out = sum(budget.loss.size for budget in budgets) - used.sum(axis=0)
    window, shape = _widest_unbroken(squares.sum(axis=0), used.sum(axis=0), int(columns.sum()))
    variance, freedom, pooled = _noise(squares[:, window, shape], used[:, window] - columns)
    total = float(freedom[0]) if pooled else max(float(np.sum(used[:, window] - columns)) - 2.0, 1)
    deviance = (squares / variance[:, None, None]).sum(axis=0)
    # Student's t: the variance is itself an estimate.
    log_weight = (
        -0.5 * total * np.log1p((deviance - deviance.min()) / max(float(deviance.min()), total))
    )
    # What a run left out costs in log likelihood (Schwarz 1978).
    log_weight -= 0.5 * math.log(sum(budget.loss.size for budget in budgets)) * left_out[:, None]
    weights = np.exp(log_weight - log_weight.max())
    weights /= weights.sum()
    windows, shapes = np.divmod(rng.choice(weights.size, draws, p=weights.ravel()), len(SHAPES))
    common = np.sqrt(total / rng.chisquare(total, draws))
    points, near, values, near_values = [], [], [], []
    for budget, fits, v, f in zip(budgets, curves, variance, freedom, strict=True):
        scale = common if pooled else np.sqrt(f / rng.chisquare(f, draws))
        noise = np.sqrt(v) * scale[:, None] * rng.standard_normal((draws, fits.columns))
        points.append(fits.lowest(windows, shapes, noise))
        near.append(fits.lowest(np.zeros_like(windows), shapes, noise))
        each = _held(lowest_point(fits.coefficients, SHAPES), budget)
        values.append(float(np.sum(each * weights)))
        near_values.append(float(np.sum(each[0] * weights.sum(axis=0))))
    return JointFit(
        curves,
        weights,
        np.array(values),
        np.stack(points),
        np.array(near_values),
        np.stack(near),
        np.sqrt(variance),
    )


def held(points: FloatArray, budget: Budget, rng: np.random.Generator) -> FloatArray:
    """Draws of a lowest point, those far outside the sizes run half their span beyond them; those
    of a curve without one at either end.

    Parameters
    ----------
    points : array of floats, shape (draws,)
        The draws, in ln N less the mean; may be infinite or NaN.
    budget : Budget
        The runs whose sizes they are held near.
    rng : numpy.random.Generator
        Tosses for the end.
    """
    sides = np.where(rng.random(points.shape) < 0.5, -np.inf, np.inf)
    return _held(np.where(np.isnan(points), sides, points), budget)


def _held(points: FloatArray, budget: Budget) -> FloatArray:
    low, high = budget.span
    half = 0.5 * (high - low)
    result: FloatArray = np.clip(
        np.nan_to_num(points, nan=0.0, posinf=np.inf, neginf=-np.inf), low - half, high + half
    )
    return result


def _curves(budget: Budget) -> BudgetCurves:
    has_slope = budget.loss.size >= MIN_FOR_SLOPE and float(np.std(budget.log_flop)) > MIN_SPREAD
    fits: list[tuple[FloatArray, FloatArray, FloatArray, int]] = []
    before: BoolArray | None = None
    for oom in WINDOWS_OOM:
        inside = budget.window(float(oom))
        # Windows grow: one that holds the same runs as another follows it.
        if before is None or not np.array_equal(inside, before):
            fit = _fit_of_shapes(budget, inside, has_slope)
        fits.append(fit)
        before = inside
    coefficients, roots, squares, used = zip(*fits, strict=True)
    return BudgetCurves(
        np.stack(coefficients), np.stack(roots), np.stack(squares), np.array(used, dtype=np.intp)
    )


def _fit_of_shapes(
    budget: Budget, inside: BoolArray, has_slope: bool
) -> tuple[FloatArray, FloatArray, FloatArray, int]:
    """Least squares of the runs inside for every shape: coefficients, roots of their covariance,
    sums of squares, and how many runs.
    """
    z, loss = budget.log_params[inside], budget.loss[inside]
    columns = [
        np.ones((len(SHAPES), z.size)),
        np.exp(-SHAPES[:, :1] * z),
        np.exp(SHAPES[:, 1:] * z),
    ]
    if has_slope:
        columns.append(np.broadcast_to(budget.log_flop[inside], columns[0].shape))
    # Noise is a share of the loss.
    q, r = np.linalg.qr(np.stack(columns, axis=2) / loss[:, None])
    projected, roots = q.sum(axis=1), np.linalg.pinv(r)
    squares = np.maximum(z.size - np.sum(projected**2, axis=1), 0.0)
    return np.einsum("sij,sj->si", roots, projected), roots, squares, z.size


def _widest_unbroken(squares: FloatArray, used: IntArray, columns: int) -> tuple[int, int]:
    """The widest window, and its best shape, up to which runs further out lie about the curve no
    further than those inside (Chow's test of predictions, 1960); `squares` (w, s), runs `used` (w).
    """
    from scipy.special import fdtrc

    shapes = squares.argmin(axis=1)
    least = np.maximum(squares[np.arange(len(squares)), shapes], _SMALLEST_VARIANCE)
    widest = 0
    for wider in range(1, len(least)):
        more = int(used[wider] - used[widest])
        freedom = max(int(used[widest]) - columns - 2, 1)
        excess = max(float(least[wider] - least[widest]), 0.0) / max(more, 1)
        if more and float(fdtrc(more, freedom, excess * freedom / least[widest])) < BREAK_CHANCE:
            break
        widest = wider
    return widest, int(shapes[widest])


def _noise(squares: FloatArray, freedom: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """The variance of each budget's noise with its degrees of freedom, and whether it is pooled.

    Where budgets differ by no more than chance it is one variance; else each is drawn towards the
    common one by the moments of ln s² (Smyth 2004).
    """
    from scipy.special import digamma, polygamma

    total = float(freedom.sum())
    # The shape takes two.
    own = freedom * max(total - 2.0, 1.0) / total
    common = max(float(squares.sum()) / float(own.sum()), _SMALLEST_VARIANCE)
    extra = 0.0
    if squares.size > 2:
        logs = np.log(np.maximum(squares / own, _SMALLEST_VARIANCE))
        centred = logs - digamma(own / 2.0) + np.log(own / 2.0)
        extra = float(np.var(centred, ddof=1) - np.mean(polygamma(1, own / 2.0)))
    if extra <= 0.0:
        return np.full(squares.shape, common), np.full(squares.shape, float(own.sum())), True
    grid = np.geomspace(0.5, MAX_PRIOR_FREEDOM, 400)
    prior = float(grid[np.argmin(np.abs(polygamma(1, grid / 2.0) - extra))])
    prior = min(prior, float(own.sum()))
    return (prior * common + squares) / (prior + own), prior + own, False
